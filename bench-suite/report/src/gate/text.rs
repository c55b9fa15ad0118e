//! For a terminal. Whatever matters is said in words; colour only repeats it.

use std::fmt::Write;

use formats::expectation::Outcome;
use formats::gate::{Build, Conclusion, Control, Design, Gate, NotCompared, Rule};

use super::finding::{Figure, Finding, Status, findings, ratio, time_title, with_status};
use super::summary_line::summary_line;
use crate::expected;
use crate::flame::printable;
use crate::number;
use crate::prose::plural;

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";

/// What a gate found, the gravest first. The last line is the verdict in words, with the exit code.
#[must_use]
pub fn text(gate: &Gate, colour: bool) -> String {
    let paint = Paint { colour };
    let found = findings(gate);
    let mut out = String::new();
    for line in sides(gate) {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{}", printable(&line));
    }
    for status in Status::ALL.into_iter().filter(|status| *status != Status::Unchanged) {
        out += &block(status, &with_status(&found, status), paint);
    }
    out += &unchanged(&with_status(&found, Status::Unchanged));
    out += &list("Expectations", &expectations(gate));
    out += &list("Not compared", &unsettled(gate));
    out += &list("Controls", &controls(gate));
    out += &list("Rule", &[rule(&gate.rule), designs(gate)].concat());
    let code = match gate.conclusion {
        Conclusion::Passed => GREEN,
        Conclusion::Inconclusive => YELLOW,
        _ => RED,
    };
    out + "\n" + &paint.over(code, &summary_line(gate)) + "\n"
}

#[derive(Clone, Copy)]
struct Paint {
    colour: bool,
}

impl Paint {
    fn over(self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[1;{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// What was compared with what, when, for how long.
pub(crate) fn sides(gate: &Gate) -> [String; 2] {
    [
        format!("Gate: {} against {}", side(&gate.head), side(&gate.base)),
        format!(
            "{}, {}; {} of time, {}",
            gate.started,
            duration(gate.seconds),
            plural(gate.timing.len(), "comparison"),
            plural(gate.exact.len(), "exact figure")
        ),
    ]
}

fn side(side: &Build) -> String {
    if side.revision.is_empty() || side.revision == side.name {
        side.name.clone()
    } else {
        format!("{} ({})", side.name, side.revision)
    }
}

/// `3.9 s`, `1 min 14 s`.
fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return number::NONE.to_owned();
    }
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    let minutes = (seconds / 60.0).floor();
    format!("{minutes:.0} min {:.0} s", (seconds - minutes * 60.0).floor())
}

fn block(status: Status, found: &[Finding<'_>], paint: Paint) -> String {
    if found.is_empty() {
        return String::new();
    }
    let code = match status {
        Status::Regressed => RED,
        Status::Improved | Status::Unchanged => GREEN,
        _ => YELLOW,
    };
    let rows: Vec<[String; 5]> = found.iter().map(row).collect();
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3].map(width);
    let mut out = format!("\n{}\n", paint.over(code, status.title()));
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(line, "  {cell:width$}");
        }
        let _ = writeln!(out, "{line}  {}", row[4]);
    }
    out
}

fn row(one: &Finding<'_>) -> [String; 5] {
    [one.workload.to_owned(), one.map.to_owned(), one.title(), one.change(), one.evidence()]
        .map(|cell| printable(&cell))
}

/// How many did not move, and between which ratios their times lie.
fn unchanged(found: &[Finding<'_>]) -> String {
    if found.is_empty() {
        return String::new();
    }
    format!("\nUnchanged\n  {}\n", unchanged_in_words(found))
}

/// The same in a sentence, for the other forms.
pub(super) fn unchanged_in_words(found: &[Finding<'_>]) -> String {
    let ratios = || {
        found.iter().filter_map(|one| match one.figure {
            Figure::Timing(one) => Some(one.ratio),
            Figure::Exact(_) => None,
        })
    };
    let times = ratios().count();
    let exact = plural(found.len() - times, "exact figure");
    if times == 0 {
        return exact;
    }
    let (low, high) = ratios().fold((f64::MAX, f64::MIN), |(low, high), one| (low.min(one), high.max(one)));
    format!("{} with ratios from {} to {}, {exact}", plural(times, "time"), ratio(low), ratio(high))
}

fn list(title: &str, lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("  {}\n", printable(line))).collect();
    if lines.is_empty() { String::new() } else { format!("\n{title}\n{}", lines.concat()) }
}

pub(super) fn not_compared(one: &NotCompared) -> String {
    let name = |name: &str, all: &str| if name.is_empty() { all.to_owned() } else { name.to_owned() };
    format!(
        "{} on {}: {}{}",
        name(&one.map, "every map"),
        name(&one.workload, "every workload"),
        one.why,
        if one.fails { " (fails the gate)" } else { "" }
    )
}

/// What became of the expectations: those that did not hold, a sentence each, and how many did.
pub(crate) fn expectations(gate: &Gate) -> Vec<String> {
    let open = gate.expectations.iter().filter(|one| one.outcome != Outcome::Held);
    let mut said: Vec<String> = open.map(expected::sentence).collect();
    said.extend((!gate.expectations.is_empty()).then(|| expected::tally(&gate.expectations)));
    said
}

/// What has no verdict, a sentence each.
pub(crate) fn unsettled(gate: &Gate) -> Vec<String> {
    gate.not_compared.iter().map(not_compared).collect()
}

/// The controls, a sentence each.
pub(crate) fn controls(gate: &Gate) -> Vec<String> {
    let said = |one: &Control| {
        format!("{}: {}; {}", one.kind.name(), if one.passed { "passed" } else { "FAILED" }, one.said)
    };
    gate.controls.iter().map(said).collect()
}

/// The rule in force, a sentence each.
pub(crate) fn rule(rule: &Rule) -> Vec<String> {
    let looks: Vec<String> = rule.looks.iter().map(ToString::to_string).collect();
    let seeds: Vec<String> = rule.seeds.iter().map(ToString::to_string).collect();
    let mut said = Vec::new();
    if rule.comparisons > 0 {
        said.push(format!(
            "times: {} share an alpha of {}; a difference of {} must be found, one of {} is none",
            plural(rule.comparisons as usize, "comparison"),
            number::percent(rule.alpha),
            number::percent(rule.delta),
            number::percent(rule.tolerance)
        ));
        said.push(format!(
            "interim analyses (looks) after {} pairs of fresh processes, {} slices each, the first {} left out of the median",
            looks.join(", "),
            rule.slices,
            rule.discarded
        ));
    }
    if !seeds.is_empty() {
        said.push(format!("exact figures for seeds {}", seeds.join(", ")));
    }
    said
}

/// How times were measured: a reader of a ratio must know in which regime it holds.
pub(crate) fn designs(gate: &Gate) -> Vec<String> {
    let mut said = Vec::new();
    for design in [Design::Turns, Design::Abba] {
        let mut metrics: Vec<&str> = Vec::new();
        for one in gate.timing.iter().filter(|one| one.design == design) {
            if !metrics.contains(&time_title(one.metric)) {
                metrics.push(time_title(one.metric));
            }
        }
        if metrics.is_empty() {
            continue;
        }
        let how = match design {
            Design::Turns => {
                "two processes take turns on one core, so both find caches that the other has used"
            }
            Design::Abba => "whole processes one after the other, in the order A B B A",
        };
        said.push(format!("{}: {how}", metrics.join(", ")));
    }
    if !said.is_empty() {
        said.push("no time holds the filling that a tape begins with, unless nothing follows it".to_owned());
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::gate::gate;

    #[test]
    fn colour_only_repeats_what_words_say() {
        let (plain, coloured) = (text(&gate(), false), text(&gate(), true));
        assert!(!plain.contains('\u{1b}') && coloured.contains("\u{1b}[1;31mRegressed\u{1b}[0m"));
        let mut bare = coloured;
        for code in [RED, GREEN, YELLOW] {
            bare = bare.replace(&format!("\u{1b}[1;{code}m"), "");
        }
        assert_eq!(bare.replace("\u{1b}[0m", ""), plain);
    }

    #[test]
    fn what_regressed_comes_first_and_the_verdict_last() {
        let text = text(&gate(), false);
        let places: Vec<usize> =
            ["\nRegressed\n", "\nRegressed, advisory\n", "\nInconclusive\n", "\nImproved\n", "\nUnchanged\n"]
                .map(|title| text.find(title).unwrap())
                .into();
        assert!(places.is_sorted(), "{text}");
        assert!(text.lines().last().unwrap().starts_with("GATE: REGRESSED (exit 3): "));
    }

    #[test]
    fn names_cannot_drive_the_terminal() {
        let mut gate = gate();
        gate.head.name = "\u{1b}[2J\r\nGATE: PASSED".into();
        gate.timing[3].map = "\u{1b}]0;x\u{7}".into();
        gate.controls[0].said = "a\r\nGATE: PASSED (exit 0)".into();
        let text = text(&gate, false);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\r']));
        assert_eq!(text.lines().filter(|line| line.starts_with("GATE:")).count(), 1);
    }

    #[test]
    fn durations_are_told_in_minutes_from_one_on() {
        assert_eq!([duration(3.94), duration(74.2), duration(f64::NAN)], ["3.9 s", "1 min 14 s", "–"]);
    }
}
