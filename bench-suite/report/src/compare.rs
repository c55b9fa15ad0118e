//! Two sessions beside each other: what moved from the first to the second, and what they were measured with.
//!
//! ```text
//! Session A + Session B ─▶ what they were measured with: machine, revision, compiler, maps, tapes
//!                       ─▶ times: ratios of B to A, each with its interval; on one machine only
//!                       ─▶ figures that are the same on every run: compared as they are, where the tape is the same
//! ```

mod told;

#[cfg(test)]
mod tests;

use formats::figure::Figure;
use formats::session::{Manifest, Session};
use schemars::JsonSchema;
use serde::Serialize;

use crate::map_result::MapResult;
use crate::measured;
use crate::ratio::{Ratio, median};
use crate::view::{View, WorkloadResults};

/// What two sessions have in common and in what they differ.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Comparison {
    /// The names of the sessions: the earlier one first, as they were given.
    pub sessions: [String; 2],
    /// Whether both were measured on one machine; else times are not compared.
    pub same_machine: bool,
    /// In what they were measured with they differ, a sentence each.
    pub measured_with: Vec<String>,
    /// Every figure of every map and load that both have.
    pub rows: Vec<Row>,
    /// What only one of them has, or what is not compared, a sentence each.
    pub not_compared: Vec<String>,
}

/// A figure of one map under one load in both sessions.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Row {
    /// The workload.
    pub workload: String,
    /// The map.
    pub map: String,
    /// The figure.
    pub figure: Figure,
    /// What it is in the first and in the second session: the median over the rounds.
    pub amounts: [f64; 2],
    /// The second over the first; `None` where one of them is 0.
    pub ratio: Option<f64>,
    /// Where the ratio lies, with its confidence, for figures of which every run gives another.
    pub interval: Option<(f64, f64, f64)>,
    /// What is said of it.
    pub change: Change,
}

/// What is said of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is another one, and less is better.
    Worse,
    /// It is another one, and is better for it.
    Better,
    /// It is the same, or the interval of its ratio holds 1.
    None,
    /// There are too few rounds for an interval.
    Unknown,
}

/// The figures that are compared.
const FIGURES: [Figure; 16] = [
    Figure::Throughput,
    Figure::P50,
    Figure::P99,
    Figure::P999,
    Figure::Peak,
    Figure::End,
    Figure::Drained,
    Figure::Dropped,
    Figure::BytesPerEntry,
    Figure::AllocationsPerOp,
    Figure::HashesPerOp,
    Figure::ComparisonsPerOp,
    Figure::InstructionsPerOp,
    Figure::Hits,
    Figure::Reused,
    Figure::Dead,
];

/// Figures that differ by less are the same: they are sums of fractions.
const EQUAL: f64 = 1e-9;

/// Compares two sessions.
#[must_use]
pub fn compare(first: &Session, second: &Session) -> Comparison {
    let [a, b] = [first, second].map(View::new);
    let [one, other] = [&first.manifest, &second.manifest];
    let same_machine = is_same_machine(one, other);
    let mut comparison = Comparison {
        sessions: [one.id.clone(), other.id.clone()],
        same_machine,
        measured_with: told::measured_with(one, other),
        rows: Vec::new(),
        not_compared: Vec::new(),
    };
    if !same_machine {
        let why = "the sessions were measured on different machines: only figures that a tape determines are compared";
        comparison.not_compared.push(why.to_owned());
    }
    for load in &a.workloads {
        match b.workloads.iter().find(|other| other.name == load.name) {
            Some(other) => of_load(&mut comparison, load, other),
            None => comparison.not_compared.push(format!("{}: only in the first", load.name)),
        }
    }
    let only = |load: &&WorkloadResults<'_>| !a.workloads.iter().any(|other| other.name == load.name);
    let second = b.workloads.iter().filter(only).map(|load| format!("{}: only in the second", load.name));
    comparison.not_compared.extend(second);
    comparison
}

/// What two sessions say beside each other, in lines for a terminal or in Markdown; `all`: also what did not change.
#[must_use]
pub fn text(comparison: &Comparison, markdown: bool, all: bool) -> String {
    told::text(comparison, markdown, all)
}

fn is_same_machine(one: &Manifest, other: &Manifest) -> bool {
    let [a, b] = [&one.machine, &other.machine];
    (&a.host, &a.cpu, a.cores) == (&b.host, &b.cpu, b.cores)
}

fn of_load(comparison: &mut Comparison, a: &WorkloadResults<'_>, b: &WorkloadResults<'_>) {
    let same_tape = match (a.tape, b.tape) {
        (Some(one), Some(other)) => one.id == other.id,
        _ => false,
    };
    if !same_tape {
        comparison.not_compared.push(format!("{}: the two played different tapes", a.name));
        return;
    }
    let mut alone: Vec<&str> = Vec::new();
    for mine in a.results.iter().filter(|result| result.is_measured()) {
        match b.results.iter().find(|other| other.map == mine.map && other.is_measured()) {
            Some(other) => {
                let exact = a.threads() == 1;
                let rows = FIGURES
                    .into_iter()
                    .filter(|figure| if figure.is_timed() { comparison.same_machine } else { exact });
                let rows: Vec<Row> = rows.filter_map(|figure| row(a.name, figure, mine, other)).collect();
                comparison.rows.extend(rows);
            }
            None => alone.push(mine.map),
        }
    }
    let new = b.results.iter().filter(|other| other.is_measured());
    alone.extend(
        new.map(|other| other.map)
            .filter(|map| !a.results.iter().any(|one| one.map == *map && one.is_measured())),
    );
    if !alone.is_empty() {
        let maps = crate::prose::listed(&alone, 6);
        comparison.not_compared.push(format!("{}: only one of the two has {maps}", a.name));
    }
}

fn row(workload: &str, figure: Figure, a: &MapResult<'_>, b: &MapResult<'_>) -> Option<Row> {
    let [before, after] = [a, b].map(|result| measured::by_round(figure, result));
    let amounts = [median(before.values().copied())?, median(after.values().copied())?];
    let (ratio, interval, change) = if figure.is_timed() {
        let ratio = Ratio::unpaired(after.into_values(), before.into_values())?;
        let interval = ratio.interval.map(|interval| (interval.low, interval.high, interval.confidence));
        let change = match (ratio.interval.is_some(), ratio.differs()) {
            (false, _) => Change::Unknown,
            (true, false) => Change::None,
            (true, true) => direction(figure, ratio.estimate > 1.0),
        };
        (Some(ratio.estimate), interval, change)
    } else {
        let ratio = (amounts[0] > 0.0 && amounts[1] > 0.0).then(|| amounts[1] / amounts[0]);
        let same = (amounts[0] - amounts[1]).abs() <= EQUAL * amounts[0].abs().max(amounts[1].abs());
        let change = if same { Change::None } else { direction(figure, amounts[1] > amounts[0]) };
        (ratio, None, change)
    };
    Some(Row {
        workload: workload.to_owned(),
        map: a.map.to_owned(),
        figure,
        amounts,
        ratio,
        interval,
        change,
    })
}

const fn direction(figure: Figure, is_more: bool) -> Change {
    let more_is_better = matches!(figure, Figure::Throughput | Figure::Hits | Figure::Reused);
    if is_more == more_is_better { Change::Better } else { Change::Worse }
}
