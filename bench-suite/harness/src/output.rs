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

/// A cell that is longer does not widen its column.
const WIDEST: usize = 60;

/// Rows under a heading, as text columns or as a Markdown table. A row is a line, whatever is in its cells.
pub(crate) fn table(format: Format, head: &[&str], rows: &[Vec<String>]) -> String {
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
        cells.chain([head[column].chars().count()]).filter(|&width| width <= WIDEST).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        shown_line(padded.collect::<Vec<_>>().join("  ").trim_end()) + "\n"
    };
    let mut text = line(&mut head.iter().copied());
    for row in &rows {
        text += &line(&mut row.iter().map(String::as_str));
    }
    text
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
        let text = table(Format::Text, &["h", "head"], &evil);
        assert_eq!(
            text,
            format!("h              head\na\\n\\u{{1b}}[31m  {}\nb              y\n", "x".repeat(100))
        );
        let markdown = table(Format::Markdown, &["h", "head"], &rows);
        assert_eq!(markdown, "| h | head |\n| --- | --- |\n| a | b\\|c |\n| long | x |\n");
    }
}
