//! Folded stacks: `outer;inner count` lines.

use std::collections::BTreeMap;

/// How often a function was on the processor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    /// Its name, without generic arguments and traits.
    pub(crate) name: String,
    /// Samples that hit itself.
    pub(crate) itself: u64,
    /// Samples in which it was anywhere on the stack.
    pub(crate) total: u64,
}

/// The lines in the order of their stacks.
pub(super) fn sorted(folded: &str) -> String {
    let mut lines: Vec<&str> = folded.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.sort_unstable();
    lines.iter().fold(String::new(), |text, line| text + line + "\n")
}

/// The stacks as a person reads them: without generic arguments and traits, equal stacks added up, sorted. Lines without
/// a count are left out.
pub(super) fn readable(folded: &str) -> Vec<String> {
    let mut stacks: BTreeMap<String, u64> = BTreeMap::new();
    for (frames, count) in parsed(folded) {
        *stacks.entry(frames.join(";")).or_default() += count;
    }
    stacks.into_iter().map(|(stack, count)| format!("{stack} {count}")).collect()
}

/// All functions, those that ran most first.
pub(crate) fn functions(folded: &str) -> Vec<Function> {
    let mut by_name: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (mut frames, count) in parsed(folded) {
        if let Some(last) = frames.last() {
            by_name.entry(last.clone()).or_default().0 += count;
        }
        // A function that calls itself is on the stack once.
        frames.sort_unstable();
        frames.dedup();
        for frame in frames {
            by_name.entry(frame).or_default().1 += count;
        }
    }
    let mut functions: Vec<Function> =
        by_name.into_iter().map(|(name, (itself, total))| Function { name, itself, total }).collect();
    functions.sort_by(|a, b| b.itself.cmp(&a.itself).then(b.total.cmp(&a.total)).then(a.name.cmp(&b.name)));
    functions
}

fn parsed(folded: &str) -> impl Iterator<Item = (Vec<String>, u64)> {
    folded.lines().filter_map(|line| {
        let (stack, count) = line.trim().rsplit_once(' ')?;
        // No profile has more samples or bytes than this; sums stay far from overflow.
        let count = count.parse::<u64>().ok()?.min(1 << 48);
        let frames = split(stack).map(|frame| printable(&without_generics(frame.trim()))).collect();
        (count > 0).then_some((frames, count))
    })
}

/// Frames of a stack. A `;` within brackets, as in `[u8; 8]`, is part of a name.
fn split(stack: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    stack.split(move |letter| {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ';' && depth == 0
    })
}

/// `a::B<K,V>::c::<T>` becomes `a::B::c`, and `<a::B<T> as Trait>::c`, too.
fn without_generics(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut dropped = 0_u32;
    let mut previous = ' ';
    for letter in name.chars() {
        let opens = letter == '<' && (previous.is_alphanumeric() || previous == '_' || out.ends_with("::"));
        match letter {
            '<' if dropped > 0 || opens => dropped += 1,
            '>' if dropped > 0 && previous != '-' => dropped -= 1,
            _ if dropped > 0 => {}
            _ => out.push(letter),
        }
        previous = letter;
    }
    // `a::<T>::b` and `a::<T>` leave colons behind.
    without_traits(out.replace("::::", "::").trim_end_matches("::"), 0)
}

/// Traits within traits that are looked into.
const DEEPEST: u32 = 8;

/// `<a::B as Trait>::c` becomes `a::B::c`, and `<a::B>::c`, too.
fn without_traits(name: &str, level: u32) -> String {
    let Some(rest) = name.strip_prefix('<').filter(|_| level < DEEPEST) else { return name.to_owned() };
    let mut depth = 1_u32;
    let mut as_at = None;
    let mut previous = ' ';
    for (at, letter) in rest.char_indices() {
        match letter {
            '<' => depth += 1,
            '>' if previous != '-' => depth -= 1,
            ' ' if depth == 1 && rest[at..].starts_with(" as ") => as_at = as_at.or(Some(at)),
            _ => {}
        }
        if depth == 0 {
            return without_traits(&rest[..as_at.unwrap_or(at)], level + 1) + &rest[at + 1..];
        }
        previous = letter;
    }
    name.to_owned()
}

/// Letters that XML can carry and a reader can see.
pub(crate) fn printable(text: &str) -> String {
    let allowed = |letter: char| !letter.is_control() && letter != '\u{fffe}' && letter != '\u{ffff}';
    text.chars().map(|letter| if allowed(letter) { letter } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_lose_their_generic_arguments() {
        for (name, short) in [
            ("std::collections::HashMap<K,V,S>::insert", "std::collections::HashMap::insert"),
            ("core::ptr::read::<(u64, u64)>", "core::ptr::read"),
            ("a::<T>::b", "a::b"),
            ("<hashbrown::map::HashMap<K,V> as Map>::take", "hashbrown::map::HashMap::take"),
            ("<<a::B as C>::D as e::F<u8>>::g", "a::B::D::g"),
            ("<a::B>::c", "a::B::c"),
            ("<a as", "<a as"),
            ("f<fn(u8) -> u8>::g", "f::g"),
            ("malloc", "malloc"),
        ] {
            assert_eq!(without_generics(name), short);
        }
    }

    #[test]
    fn equal_stacks_are_added_up() {
        assert_eq!(readable("a;f<u8> 2\nbad\na;f<u16> 3\n\n"), ["a;f 5"]);
        assert_eq!(readable("a;f<[u8; 8]>;g 1"), ["a;f;g 1"]);
    }

    #[test]
    fn time_is_told_by_itself_and_in_total() {
        let found = functions("play;insert;probe 6\nplay;insert 1\nplay;play 3\n");
        let find = |name: &str| found.iter().find(|one| one.name == name).map(|one| (one.itself, one.total));
        assert_eq!(find("probe"), Some((6, 6)));
        assert_eq!(find("insert"), Some((1, 7)));
        assert_eq!(find("play"), Some((3, 10)));
        assert_eq!(found[0].name, "probe");
    }

    proptest! {
        #[test]
        fn any_text_can_be_folded(text in "(?s).{0,200}", name in "[<>:a-z; \\[\\]-]{0,40}") {
            for line in readable(&format!("{text}\n{name} 5")) {
                prop_assert!(!line.chars().any(char::is_control));
            }
            functions(&text);
            sorted(&text);
        }
    }
}
