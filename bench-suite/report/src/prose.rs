//! Counts and names in sentences.

use std::cmp::Ordering;

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

/// The least and the greatest of some figures in a sentence, each with the maps that have it. Maps whose figures read
/// alike are tied: all of them are named, or all at once. `None` without a figure.
pub(crate) fn spread<'a, T: Copy + PartialOrd>(
    figures: impl IntoIterator<Item = (&'a str, T)>,
    text: impl Fn(T) -> String,
    [least, most]: [&str; 2],
) -> Option<String> {
    let mut figures: Vec<(&str, T)> = figures.into_iter().collect();
    figures.sort_by(|a, b| a.1.partial_cmp(&b.1).unwrap_or(Ordering::Equal));
    let ends = [*figures.first()?, *figures.last()?];
    let [low, high] = ends.map(|(_, figure)| text(figure));
    if let [(only, _)] = figures.as_slice() {
        return Some(format!("{only}: {low}"));
    }
    if low == high {
        return Some(format!("{low} in every map"));
    }
    let tied = |end: &str| -> Vec<&str> {
        figures.iter().filter(|(_, figure)| text(*figure) == end).map(|(map, _)| *map).collect()
    };
    let [lowest, highest] = [&low, &high].map(|end| listed(&tied(end), TIED));
    Some(format!("{low} ({lowest}, {least}) to {high} ({highest}, {most})"))
}

/// The maps with the most of something, of which none has nothing; those with as many are all named.
pub(crate) fn leading<'a>(figures: impl IntoIterator<Item = (&'a str, u64)>) -> Option<(String, u64)> {
    let figures: Vec<(&str, u64)> = figures.into_iter().collect();
    let most = figures.iter().map(|(_, count)| *count).max().filter(|most| *most > 0)?;
    let tied: Vec<&str> = figures.iter().filter(|(_, count)| *count == most).map(|(map, _)| *map).collect();
    Some((listed(&tied, TIED), most))
}

/// Names of tied maps that are told.
const TIED: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_are_ties() {
        let said = |figures: &[(&'static str, f64)]| {
            spread(figures.iter().copied(), |figure| format!("{figure:.1}"), ["least", "most"])
        };
        assert_eq!(said(&[]), None);
        assert_eq!(said(&[("a", 1.0)]).unwrap(), "a: 1.0");
        assert_eq!(said(&[("a", 1.0), ("b", 2.0)]).unwrap(), "1.0 (a, least) to 2.0 (b, most)");
        assert_eq!(
            said(&[("a", 2.0), ("b", 1.04), ("c", 1.0)]).unwrap(),
            "1.0 (c and b, least) to 2.0 (a, most)"
        );
        assert_eq!(said(&[("a", 1.0), ("b", 1.01)]).unwrap(), "1.0 in every map");
        assert_eq!(leading([("a", 3), ("b", 1), ("c", 3)]), Some(("a and c".to_owned(), 3)));
        assert_eq!(leading([("a", 0)]), None);
    }

    #[test]
    fn sentences_are_grammatical() {
        assert_eq!([plural(1, "map"), plural(2, "pass")], ["1 map", "2 passes"]);
        assert_eq!(listed(&["a", "b", "c"], 3), "a, b and c");
        assert_eq!(listed(&["a", "b", "c"], 2), "a, b and 1 more");
        assert_eq!(listed(&[], 2), "none");
    }
}
