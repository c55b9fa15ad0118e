//! Names from outside in Markdown.

use formats::shown::{is_obeyed, shown};

/// Text that Markdown takes as text, on one line.
pub(crate) fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' | '\t' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '~' | '!' | '@' => {
                out.push('\\');
                out.push(letter);
            }
            _ if is_obeyed(letter) => out.extend(letter.escape_default()),
            _ => out.push(letter),
        }
    }
    out
}

/// Text within backticks.
pub(crate) fn code(text: &str) -> String {
    shown(&text.replace(['`', '\n', '\r'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out_of_their_cell() {
        assert_eq!(cell("a|b\n<img>[x](y)\u{1b}"), "a\\|b &lt;img&gt;\\[x\\](y)\\u{1b}");
    }
}
