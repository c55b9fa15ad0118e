//! What goes to stdout: data, in the format asked for.

use std::io::{ErrorKind, IsTerminal, Write};

use anyhow::{Context, Result};
use clap::ValueEnum;
use formats::shown::{shown, shown_line};

/// The format of the data on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For reading in a terminal.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For pull requests and wikis.
    Markdown,
}

/// Writes to stdout. A reader that has seen enough (`| head`) is no error.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done.context("stdout cannot be written to"),
    }
}

/// Whether stdout is a terminal that may be coloured.
pub(crate) fn coloured() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|said| said.is_empty())
}

/// A column that is folded is no narrower.
const NARROWEST: usize = 12;
/// Columns of a terminal where nobody knows better.
const USUAL: usize = 80;

/// How wide a table of text may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    /// As wide as the terminal; where there is none, as wide as its cells.
    Terminal,
    /// As wide as the terminal; where there is none, as wide as most are: for prose.
    Page,
}

impl Width {
    fn columns(self) -> usize {
        let seen =
            || rustix::termios::tcgetwinsize(std::io::stdout()).ok().map(|size| usize::from(size.ws_col));
        match seen().filter(|columns| *columns > 0) {
            Some(columns) => columns.max(2 * NARROWEST),
            None if self == Self::Page => USUAL,
            None => usize::MAX,
        }
    }
}

/// Rows under a heading, as text columns or as a Markdown table. In Markdown a row is a line, whatever is in its cells;
/// in text cells are folded where the row is wider than the terminal.
pub(crate) fn table(format: Format, head: &[&str], rows: &[Vec<String>]) -> String {
    table_within(format, head, rows, Width::Terminal.columns())
}

/// The same for tables with sentences in them.
pub(crate) fn page(format: Format, head: &[&str], rows: &[Vec<String>]) -> String {
    table_within(format, head, rows, Width::Page.columns())
}

fn table_within(format: Format, head: &[&str], rows: &[Vec<String>], columns: usize) -> String {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| shown(cell)).collect()).collect();
    if format == Format::Markdown {
        let line = |cells: &mut dyn Iterator<Item = String>| {
            format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
        };
        let mut text = line(&mut head.iter().map(ToString::to_string));
        text += &line(&mut head.iter().map(|_| "---".to_string()));
        for row in &rows {
            text += &line(&mut row.iter().map(|cell| cell.replace('|', "\\|")));
        }
        return text;
    }
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths = fitted((0..head.len()).map(width).collect(), columns);
    let heading: Vec<String> = head.iter().map(ToString::to_string).collect();
    std::iter::once(&heading).chain(&rows).map(|row| folded(row, &widths)).collect()
}

/// The widths of columns so that a row fits, the widest made narrower first.
fn fitted(mut widths: Vec<usize>, columns: usize) -> Vec<usize> {
    let room = columns.saturating_sub(2 * widths.len().saturating_sub(1));
    for _ in room..widths.iter().sum() {
        if let Some(widest) = widths.iter_mut().max().filter(|widest| **widest > NARROWEST) {
            *widest -= 1;
        }
    }
    widths
}

/// A row on as many lines as its longest cell takes.
fn folded(row: &[String], widths: &[usize]) -> String {
    let cells: Vec<Vec<String>> = row.iter().zip(widths).map(|(cell, width)| wrapped(cell, *width)).collect();
    let lines = cells.iter().map(Vec::len).max().unwrap_or(0);
    let line = |at: usize| {
        let cell = |lines: &Vec<String>| lines.get(at).cloned().unwrap_or_default();
        let padded = cells.iter().zip(widths).map(|(lines, &width)| format!("{:width$}", cell(lines)));
        shown_line(padded.collect::<Vec<_>>().join("  ").trim_end()) + "\n"
    };
    (0..lines).map(line).collect()
}

/// A text in lines of at most so many letters, broken at spaces, and within a word that is longer than a line.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    if text.chars().count() <= width {
        return vec![text.into()];
    }
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let letters: Vec<char> = word.chars().collect();
        if used > 0 && used + 1 + letters.len() <= width {
            used += 1 + letters.len();
            if let Some(line) = lines.last_mut() {
                line.push(' ');
                line.push_str(word);
            }
            continue;
        }
        for piece in letters.chunks(width.max(1)) {
            if used > 0 {
                lines.push(String::new());
            }
            used = piece.len();
            if let Some(line) = lines.last_mut() {
                line.extend(piece);
            }
        }
    }
    lines
}

/// One line for each, set off from the text around.
pub(crate) fn bullets(format: Format, lines: impl IntoIterator<Item = String>) -> String {
    let bullet = if format == Format::Markdown { "- " } else { "  " };
    lines.into_iter().flat_map(|line| [bullet.into(), line, "\n".into()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_aligned_or_markdown() {
        let rows = vec![vec!["a".into(), "b|c".into()], vec!["long".into(), "x".into()]];
        assert_eq!(table(Format::Text, &["h", "head"], &rows), "h     head\na     b|c\nlong  x\n");
        let evil = vec![vec!["a\n\u{1b}[31m".into(), "x".repeat(100)], vec!["b".into(), "y".into()]];
        let text = table_within(Format::Text, &["h", "head"], &evil, usize::MAX);
        assert_eq!(
            text,
            format!("h              head\na\\n\\u{{1b}}[31m  {}\nb              y\n", "x".repeat(100))
        );
        let markdown = table(Format::Markdown, &["h", "head"], &rows);
        assert_eq!(markdown, "| h | head |\n| --- | --- |\n| a | b\\|c |\n| long | x |\n");
    }

    #[test]
    fn a_row_is_folded_to_the_width() {
        let rows = vec![vec!["name".into(), "a sentence that is longer than the line".into(), "12".into()]];
        let text = table_within(Format::Text, &["what", "why", "n"], &rows, 30);
        assert_eq!(
            text,
            "what  why                   n\nname  a sentence that is    12\n      longer than the line\n"
        );
        assert_eq!(wrapped(&"x".repeat(25), 10), ["x".repeat(10), "x".repeat(10), "x".repeat(5)]);
        assert_eq!(fitted(vec![50, 50, 4], 64), [28, 28, 4]);
        assert_eq!(fitted(vec![12, 12], 3), [12, 12], "no narrower than can be read");
    }
}
