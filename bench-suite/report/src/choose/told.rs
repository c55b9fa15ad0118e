//! A choice in words.

use std::collections::BTreeMap;
use std::fmt::Write;

use formats::shown::shown;

use super::{Chosen, FrontRow, Remark};
use crate::markdown::{cell, code};
use crate::number::{self, NONE};
use crate::prose::listed;

const HEAD: [&str; 6] = ["map", "load", "op/s", "p99.9", "peak", "after a drain"];

pub(super) fn text(chosen: &Chosen, markdown: bool) -> String {
    let mut out = String::new();
    let plain = |text: &str| if markdown { cell(text) } else { shown(text) };
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "{}",
        if markdown { format!("**{}**", plain(&chosen.said)) } else { plain(&chosen.said) }
    );
    if let Some(command) = &chosen.command {
        let command = if markdown { format!("`{}`", code(command)) } else { shown(command) };
        let _ = writeln!(out, "\nWhat would tell more: {command}");
    }
    if !chosen.front.is_empty() {
        let front = "No map that meets the needs is better in everything than one of these:";
        let _ = write!(out, "\n{front}\n\n{}", table(&chosen.front, markdown));
    }
    for (title, remarks) in [
        ("Behind one of them", &chosen.behind),
        ("Missed", &chosen.missed),
        ("Not decided", &chosen.undecided),
        ("Left out", &chosen.left_out),
    ] {
        if !remarks.is_empty() {
            let _ = writeln!(out, "\n{title}:\n{}", remarked(remarks, &plain));
        }
    }
    out
}

/// One line for each reason, with the maps that it holds for.
fn remarked(remarks: &[Remark], plain: &dyn Fn(&str) -> String) -> String {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for Remark { map, why } in remarks {
        by_reason.entry(why).or_default().push(map);
    }
    let line = |(why, maps): (&str, Vec<&str>)| format!("- {}: {}", plain(&listed(&maps, 8)), plain(why));
    by_reason.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

fn table(rows: &[FrontRow], markdown: bool) -> String {
    let bytes =
        |bytes: Option<u64>| bytes.map_or_else(|| NONE.to_owned(), |bytes| number::bytes(bytes as f64));
    let some = |figure: Option<f64>, text: fn(f64) -> String| figure.map_or_else(|| NONE.to_owned(), text);
    let cells = |row: &FrontRow| {
        [
            if markdown { cell(&row.map) } else { shown(&row.map) },
            if markdown { cell(&row.workload) } else { shown(&row.workload) },
            some(row.ops_per_second, number::approx),
            some(row.p999_ns, number::nanos),
            bytes(row.peak_bytes),
            bytes(row.drained_bytes),
        ]
    };
    let lines: Vec<[String; 6]> =
        std::iter::once(HEAD.map(str::to_owned)).chain(rows.iter().map(cells)).collect();
    let mut out = String::new();
    if markdown {
        for (at, line) in lines.iter().enumerate() {
            let _ = writeln!(out, "| {} |", line.join(" | "));
            if at == 0 {
                out.push_str("|---|---|--:|--:|--:|--:|\n");
            }
        }
        return out;
    }
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 6] = std::array::from_fn(width);
    for line in &lines {
        let pad = |(at, text): (usize, &String)| {
            let width = widths[at];
            if at < 2 { format!("{text:<width$}") } else { format!("{text:>width$}") }
        };
        let padded: Vec<String> = line.iter().enumerate().map(pad).collect();
        let _ = writeln!(out, "{}", padded.join("  ").trim_end());
    }
    out
}
