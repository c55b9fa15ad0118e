//! Counts and names in sentences.

/// Names in a sentence: `a, b and c`, cut after `most`.
pub(crate) fn listed(names: &[&str], most: usize) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => (*one).to_owned(),
        _ if names.len() > most => format!("{} and {} more", names[..most].join(", "), names.len() - most),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `1 map`, `2 maps`, `2 passes`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    let ending = match count {
        1 => "",
        _ if noun.ends_with('s') => "es",
        _ => "s",
    };
    format!("{} {noun}{ending}", crate::number::count(count as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_grammatical() {
        assert_eq!([plural(1, "map"), plural(2, "pass")], ["1 map", "2 passes"]);
        assert_eq!(listed(&["a", "b", "c"], 3), "a, b and c");
        assert_eq!(listed(&["a", "b", "c"], 2), "a, b and 1 more");
        assert_eq!(listed(&[], 2), "none");
    }
}
