//! What a recording was taken for, and what it comes to.

use std::fmt::Write;

use formats::tape::Kind;

use super::Import;
use super::keep::value_size;
use crate::output::{self, Format};

/// Operations that are shown.
const FIRST: usize = 10;
/// Rows and columns of the chart.
const HEIGHT: u64 = 8;
const WIDTH: usize = 67;

pub(super) fn describe(import: &Import) -> String {
    let mut text = format!("{}: {}, because\n", import.args.file.display(), import.trace.format.name());
    text += &output::bullets(Format::Text, import.guess.why.iter().cloned());
    text += &records(import);
    text += &operations(import);
    text += "the first operations\n";
    let first = import.drawn().threads.iter().flatten().take(FIRST).map(|op| format!("{op:?}"));
    text += &output::bullets(Format::Text, first);
    text += &chart(&import.executed.live, import.executed.peak_live.unwrap_or(0));
    text
}

fn records(import: &Import) -> String {
    let facts = &import.recording.facts;
    let mut lines = vec![format!("{} records, {} keys", facts.records, facts.keys)];
    if facts.ignored > 0 {
        lines.push(format!("{} lines ask nothing of a map", facts.ignored));
    }
    if facts.dropped > 0 {
        lines.push(format!("{} operations were dropped while it was recorded: it has gaps", facts.dropped));
    }
    if let Some(share) = facts.recorded_share {
        lines.push(format!("a share of {share} of the keys was recorded"));
    }
    if let Some(seconds) = facts.seconds() {
        lines.push(format!(
            "{seconds} s; played as fast as the map can, its times are not kept; pace = \"recorded\" keeps them{}",
            rate(import, seconds)
        ));
    }
    if let Some(mean) = facts.mean_size() {
        lines.push(match value_size(import) {
            Some(size) => format!("{mean} bytes a value on average: values = {{ boxed = {size} }}"),
            None => format!(
                "{mean} bytes a value on average; a value may have 8 to 1048576, so sizes are left out"
            ),
        });
    }
    if let Some(capacity) = import.capacity {
        let whose = if import.args.capacity.is_some() { "" } else { ", a tenth of the keys (--capacity)" };
        lines.push(format!("requests, played through a cache of {capacity} entries{whose}"));
    }
    if let Some(share) = import.trace.sample {
        lines.push(format!(
            "a sample of {share} of the keys with their whole histories: entries, table and heap are smaller by as much, \
             and so is the cache; a few keys asked for all the time may be in it or not"
        ));
    }
    output::bullets(Format::Text, lines)
}

/// By which schedule as many operations would take as long.
fn rate(import: &Import, seconds: f64) -> String {
    let operations: u64 = import.executed.kinds.iter().sum();
    let rate = operations as f64 / seconds;
    if (1.0..=1e6).contains(&rate) {
        format!(", and pace = {{ per_second = {rate:.0} }} would spread them evenly over as long")
    } else {
        String::new()
    }
}

fn operations(import: &Import) -> String {
    let executed = &import.executed;
    let hits = executed.hits.unwrap_or_default();
    let rows: Vec<Vec<String>> = Kind::ALL
        .iter()
        .enumerate()
        .filter(|&(index, _)| executed.kinds[index] > 0)
        .map(|(index, kind)| {
            let (count, hit) = (executed.kinds[index], hits[index]);
            let share = format!("{:.1} %", 100.0 * hit as f64 / count as f64);
            vec![kind.name().into(), count.to_string(), hit.to_string(), share]
        })
        .collect();
    let mut text = output::table(Format::Text, &["kind", "operations", "of a live entry", "hit rate"], &rows);
    let inserts = executed.kinds[Kind::Insert as usize];
    let again = inserts.saturating_sub(hits[Kind::Insert as usize]).saturating_sub(import.drawn().distinct);
    let _ = writeln!(text, "  {} keys are inserted; {again} inserts bring one back", import.drawn().distinct);
    text
}

/// Live entries over the operations, as bars of text.
fn chart(live: &[u64], peak: u64) -> String {
    let mut text = format!("live entries over the operations, {peak} at most\n");
    if peak == 0 || live.is_empty() {
        return text;
    }
    let width = WIDTH.min(live.len());
    let columns: Vec<u64> = (0..width)
        .map(|column| {
            let from = column * live.len() / width;
            let until = ((column + 1) * live.len() / width).max(from + 1);
            live[from..until].iter().copied().max().unwrap_or(0)
        })
        .collect();
    for row in (0..HEIGHT).rev() {
        let label = if row + 1 == HEIGHT { peak } else { peak * (row + 1) / HEIGHT };
        let marks = columns.iter().map(|&live| {
            // Eighths of this row that the column fills.
            let eighths = (live * HEIGHT * 8 / peak).saturating_sub(row * 8).min(8);
            char::from_u32(if eighths == 0 {
                u32::from(' ')
            } else {
                0x2580 + u32::try_from(eighths).unwrap_or(8)
            })
            .unwrap_or(' ')
        });
        let marks: String = marks.collect();
        let _ = writeln!(text, "{label:>11} {}", marks.trim_end());
    }
    let _ = writeln!(text, "{:>11} {}", 0, "─".repeat(width));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_rises_and_falls_with_the_entries() {
        let live: Vec<u64> = (0..=8).chain((0..8).rev()).collect();
        let text = chart(&live, 8);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], format!("{:>11} {}█", 8, " ".repeat(8)));
        assert_eq!(lines[8], format!("{:>11}  {}", 1, "█".repeat(15)));
        assert!(lines[9].ends_with(&"─".repeat(17)));
        assert_eq!(chart(&[], 0).lines().count(), 1);
    }
}
