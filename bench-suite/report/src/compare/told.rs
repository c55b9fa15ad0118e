//! A comparison of two sessions in words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use formats::session::Manifest;
use formats::shown::shown;

use super::{Change, Comparison, Row};
use crate::markdown::cell;
use crate::measured;
use crate::number::{self, NONE};
use crate::prose::plural;

/// In what two sessions were measured with they differ.
pub(super) fn measured_with(one: &Manifest, other: &Manifest) -> Vec<String> {
    let machine = |manifest: &Manifest| {
        let machine = &manifest.machine;
        format!("{} ({}, {})", machine.host, machine.cpu, plural(machine.cores, "core"))
    };
    let mut said: Vec<String> = [
        ("machine", machine(one), machine(other)),
        ("kernel", one.machine.kernel.clone(), other.machine.kernel.clone()),
        ("clock", one.machine.clock.clone(), other.machine.clock.clone()),
        ("compiler", one.toolchain.clone(), other.toolchain.clone()),
        ("revision", one.revision.clone(), other.revision.clone()),
        ("programs", digests(one), digests(other)),
    ]
    .into_iter()
    .filter(|(_, a, b)| a != b)
    .map(|(what, a, b)| format!("{what}: {} → {}", known(&a), known(&b)))
    .collect();
    let [before, after] = [one, other].map(versions);
    let moved = before.iter().filter_map(|(map, version)| {
        let now = after.get(map).filter(|now| *now != version)?;
        Some(format!("{map}: {version} → {now}"))
    });
    said.extend(moved);
    said
}

fn known(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}

fn digests(manifest: &Manifest) -> String {
    let digests: BTreeSet<&str> =
        manifest.programs.iter().map(|program| program.digest.get(..8).unwrap_or(&program.digest)).collect();
    digests.into_iter().collect::<Vec<_>>().join(" ")
}

fn versions(manifest: &Manifest) -> BTreeMap<&str, &str> {
    let maps = manifest.programs.iter().flat_map(|program| &program.maps);
    maps.map(|map| (map.name.as_str(), map.version.as_str())).collect()
}

/// What moved, the worse first; how much did not; what the two were measured with.
pub(super) fn text(comparison: &Comparison, markdown: bool, all: bool) -> String {
    let plain = |text: &str| if markdown { cell(text) } else { shown(text) };
    let [first, second] = &comparison.sessions;
    let mut out = format!("{} → {}\n", plain(first), plain(second));
    for line in comparison.measured_with.iter().chain(&comparison.not_compared) {
        // Writing to a string does not fail.
        let _ = writeln!(out, "- {}", plain(line));
    }
    let _ = writeln!(out, "\n{}", plain(&conclusion(comparison)));
    let mut rows: Vec<&Row> = comparison
        .rows
        .iter()
        .filter(|row| all || matches!(row.change, Change::Worse | Change::Better))
        .collect();
    rows.sort_by_key(|row| row.change);
    if !rows.is_empty() {
        out.push('\n');
        out += &table(&rows, markdown);
    }
    out
}

fn conclusion(comparison: &Comparison) -> String {
    let count = |change: Change| comparison.rows.iter().filter(|row| row.change == change).count();
    let rows = plural(comparison.rows.len(), "figure");
    let moved = format!("{} worse, {} better", count(Change::Worse), count(Change::Better));
    let still = format!("{} unchanged or not told from noise", count(Change::None));
    let few = match count(Change::Unknown) {
        0 => String::new(),
        few => format!(", {few} with too few rounds for an interval"),
    };
    let timed = if comparison.same_machine {
        " Rounds of two sessions do not take turns, so what the machine did in between is in the ratios of times; a gate \
         compares builds in turns."
    } else {
        ""
    };
    format!("{rows}: {moved}, {still}{few}.{timed}")
}

const HEAD: [&str; 7] = ["workload", "map", "figure", "first", "second", "ratio", "change"];

fn table(rows: &[&Row], markdown: bool) -> String {
    let lines: Vec<[String; 7]> =
        std::iter::once(HEAD.map(str::to_owned)).chain(rows.iter().map(|row| cells(row, markdown))).collect();
    let mut out = String::new();
    if markdown {
        for (at, line) in lines.iter().enumerate() {
            let _ = writeln!(out, "| {} |", line.join(" | "));
            if at == 0 {
                out.push_str("|---|---|---|--:|--:|--:|---|\n");
            }
        }
        return out;
    }
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 7] = std::array::from_fn(width);
    for line in &lines {
        let pad = |(at, text): (usize, &String)| {
            let width = widths[at];
            if (3..6).contains(&at) { format!("{text:>width$}") } else { format!("{text:<width$}") }
        };
        let padded: Vec<String> = line.iter().enumerate().map(pad).collect();
        let _ = writeln!(out, "{}", padded.join("  ").trim_end());
    }
    out
}

fn cells(row: &Row, markdown: bool) -> [String; 7] {
    let plain = |text: &str| if markdown { cell(text) } else { shown(text) };
    let [first, second] = row.amounts.map(|amount| measured::text(row.figure, amount));
    let ratio = row.ratio.map_or_else(|| NONE.to_owned(), number::factor);
    let ratio = match row.interval {
        Some((low, high, _)) => {
            format!("{ratio} ({}–{})", number::factor_digits(low), number::factor_digits(high))
        }
        None => ratio,
    };
    let change = match row.change {
        Change::Worse => "worse",
        Change::Better => "better",
        Change::None => "no difference shown",
        Change::Unknown => "too few rounds",
    };
    [
        plain(&row.workload),
        plain(&row.map),
        row.figure.name().to_owned(),
        first,
        second,
        ratio,
        change.to_owned(),
    ]
}
