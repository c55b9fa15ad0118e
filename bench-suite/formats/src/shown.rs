//! Names and texts from outside, as a person sees them in a terminal or a log.

use std::fmt::Write;

/// The text in one line, with nothing in it that a terminal obeys: line breaks, escape sequences and marks that turn the
/// direction of writing are shown as Rust would write them. Letters of any script stay.
#[must_use]
pub fn shown(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, letter| {
        if is_obeyed(letter) {
            out.extend(letter.escape_default());
        } else {
            out.push(letter);
        }
        out
    })
}

/// A file of many lines, as [`shown`] has one of them: line ends and tabs stay.
#[must_use]
pub fn shown_text(text: String) -> String {
    escaped(text, |letter, out| out.extend(letter.escape_default()))
}

/// JSON, in which whatever a terminal obeys stands as JSON writes it in a text: read back, it is the same.
#[must_use]
pub fn shown_json(json: String) -> String {
    // All of them are one unit of UTF-16.
    escaped(json, |letter, out| {
        // Writing to memory does not fail.
        let _ = write!(out, "\\u{:04x}", u32::from(letter));
    })
}

fn escaped(text: String, escape: impl Fn(char, &mut String)) -> String {
    let goes = |letter: char| is_obeyed(letter) && !matches!(letter, '\n' | '\t');
    // Nearly always nothing does, in files of megabytes.
    let Some(first) = text.find(goes) else { return text };
    let mut out = text[..first].to_owned();
    for letter in text[first..].chars() {
        if goes(letter) {
            escape(letter, &mut out);
        } else {
            out.push(letter);
        }
    }
    out
}

/// A line of output that may begin with a name: the same as [`shown`], and no CI service that looks for commands at the
/// beginning of a line finds one.
#[must_use]
pub fn shown_line(text: &str) -> String {
    let shown = shown(text);
    let is_command = ["::", "##["].iter().any(|command| shown.trim_start().starts_with(command));
    if is_command { format!("| {shown}") } else { shown }
}

/// Whether a letter is an order rather than a sign.
#[must_use]
pub fn is_obeyed(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn orders_are_shown_and_letters_stay() {
        assert_eq!(shown("go-swiss ✗ 名前 'a' \"b\" ../c"), "go-swiss ✗ 名前 'a' \"b\" ../c");
        assert_eq!(shown("a\n::error::b\u{1b}]0;t\u{7}"), r"a\n::error::b\u{1b}]0;t\u{7}");
        assert_eq!(shown("\u{202e}txt.exe\u{2028}"), r"\u{202e}txt.exe\u{2028}");
    }

    #[test]
    fn a_file_keeps_its_lines_and_json_its_texts() {
        let text = "a\tb\nname \u{1b}[31m\u{7f}\u{85}\u{202e}\r\n";
        assert_eq!(shown_text(text.into()), "a\tb\nname \\u{1b}[31m\\u{7f}\\u{85}\\u{202e}\\r\n");
        let json = serde_json::to_string_pretty(&[text]).unwrap();
        let shown = shown_json(json);
        assert!(!shown.chars().any(|letter| letter != '\n' && is_obeyed(letter)), "{shown}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&shown).unwrap(), [text]);
    }

    #[test]
    fn no_line_is_a_command() {
        assert_eq!(shown_line("[1/2] a\n::error::b"), r"[1/2] a\n::error::b");
        assert_eq!(shown_line(" ::error title=x::y"), "|  ::error title=x::y");
        assert_eq!(shown_line("##[command]"), "| ##[command]");
        assert_eq!(shown_line("std::vec"), "std::vec");
    }

    proptest! {
        #[test]
        fn what_is_shown_is_one_line_without_orders(text in "(?s).{0,40}") {
            prop_assert!(!shown(&text).chars().any(is_obeyed));
        }
    }
}
