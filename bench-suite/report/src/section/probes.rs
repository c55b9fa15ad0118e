//! Probe lengths: how far an operation has to look, and whether it has to look farther in a later phase.

mod lengths;

use std::collections::BTreeMap;

use formats::observation::{Collector, KindProbes, PhaseProbes, ProbeUnit, Probes};
use formats::tape::Kind;
use maud::{Markup, html};

use super::{Files, WorkloadSection, farthest, heights, series};
use crate::chart::figure::{Table, figure};
use crate::chart::frame::Axis;
use crate::chart::line::{Lines, Shape};
use crate::chart::scale::{Scale, Unit};
use crate::csv_file::csv_file;
use crate::map_result::MapResult;
use crate::number::{self, NONE};
use crate::prose::{listed, plural};
use crate::view::{View, WorkloadResults};

pub(super) const SECTION: WorkloadSection =
    WorkloadSection { anchor: "probes", title: "Probe lengths", shows: &[Collector::Probes], render, files };

/// From which factor on phases of one name are said to differ.
const NOTABLE: f64 = 1.25;

/// What is looked for: an operation, and whether its key is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    /// A look-up, a remove or an update of a key that is there.
    Hit,
    /// The same of a key that is not.
    Miss,
    /// An insert of a new key.
    Insert,
}

impl Look {
    const ALL: [Self; 3] = [Self::Hit, Self::Miss, Self::Insert];

    const fn of(one: &KindProbes) -> Self {
        match (one.kind, one.found) {
            (_, true) => Self::Hit,
            (Kind::Insert, false) => Self::Insert,
            (_, false) => Self::Miss,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Insert => "insert",
        }
    }
}

/// The mean over the operations of these phases; `None` where there is none.
fn mean<'a>(phases: impl IntoIterator<Item = &'a PhaseProbes>, look: Look) -> Option<f64> {
    let (mut ops, mut sum) = (0.0, 0.0);
    for one in phases.into_iter().flat_map(|phase| &phase.kinds).filter(|one| Look::of(one) == look) {
        ops += one.ops() as f64;
        sum += one.sum() as f64;
    }
    (ops > 0.0).then(|| sum / ops)
}

fn render(_: &View<'_>, workload: &WorkloadResults<'_>) -> Markup {
    let seen: Vec<(&MapResult<'_>, &Probes)> =
        workload.results.iter().filter_map(|result| Some((result, result.first::<Probes>()?))).collect();
    if seen.is_empty() {
        return html! {};
    }
    let drifts: Vec<Drift<'_>> = seen.iter().flat_map(|(result, seen)| drifts(result, seen)).collect();
    html! {
        p .finding { (finding(&seen)) " " (drift_finding(&drifts)) }
        (table(&seen).markup())
        (lengths::figure(workload, &seen))
        (over_phases(workload))
        p .note {
            "Counted, not timed: identical on every run. Groups are compared whole (8 slots in Go's maps, 16 in hashbrown and \
             std), buckets are those of a chain, nodes those of a trie. What is gone to while a table is rebuilt is not in it. \
             A miss is a look-up, remove or update of an absent key, an insert one of a new key, " (workload.load()) ". A map \
             that is not here cannot tell."
        }
    }
}

fn table(seen: &[(&MapResult<'_>, &Probes)]) -> Table {
    let mut table = Table::new(["map", "unit", "per hit", "per miss", "per insert", "longest"]);
    for (result, seen) in seen {
        let phases = result.counted(&seen.phases);
        let means = Look::ALL.map(|look| mean(phases, look));
        let means = means.map(|mean| mean.map_or_else(|| NONE.to_owned(), |mean| format!("{mean:.3}")));
        let longest = phases.iter().flat_map(|phase| &phase.kinds).map(KindProbes::longest).max();
        let [hit, miss, insert] = means;
        let longest = longest.map_or_else(|| NONE.to_owned(), number::count);
        table.row([result.map.to_owned(), seen.unit.name().to_owned(), hit, miss, insert, longest]);
    }
    table
}

/// Of each unit, the map that has to look farthest: units are not compared.
fn finding(seen: &[(&MapResult<'_>, &Probes)]) -> String {
    let mut farthest: BTreeMap<ProbeUnit, (f64, Look, Vec<&str>)> = BTreeMap::new();
    for (result, seen) in seen.iter().filter(|(result, _)| result.is_candidate) {
        for look in Look::ALL {
            let Some(mean) = mean(result.counted(&seen.phases), look) else { continue };
            let most = farthest.entry(seen.unit).or_insert((mean, look, Vec::new()));
            if mean > most.0 {
                *most = (mean, look, Vec::new());
            }
            if mean >= most.0 && !most.2.contains(&result.map) && most.1 == look {
                most.2.push(result.map);
            }
        }
    }
    let told = farthest.iter().map(|(unit, (mean, look, maps))| {
        format!("{mean:.2} {}s per {} ({})", unit.name(), look.name(), listed(maps, 3))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { String::new() } else { format!("Farthest: {}.", told.join("; ")) }
}

/// Phases of one name in which a map has to look farther at one time than at another.
struct Drift<'a> {
    map: &'a str,
    phase: &'a str,
    look: Look,
    unit: ProbeUnit,
    /// The mean of each, in order.
    means: Vec<f64>,
}

impl Drift<'_> {
    /// The longest mean over the shortest.
    fn factor(&self) -> f64 {
        let ends = self
            .means
            .iter()
            .fold((f64::MAX, 0.0_f64), |(low, high), mean| (low.min(*mean), high.max(*mean)));
        ends.1 / ends.0.max(f64::MIN_POSITIVE)
    }
}

fn drifts<'a>(result: &MapResult<'a>, seen: &'a Probes) -> Vec<Drift<'a>> {
    let mut by_name: BTreeMap<&str, Vec<&PhaseProbes>> = BTreeMap::new();
    for phase in result.counted(&seen.phases) {
        by_name.entry(&phase.phase).or_default().push(phase);
    }
    let of_name = |(phase, cycles): (&'a str, Vec<&PhaseProbes>)| {
        Look::ALL.map(|look| {
            let means = cycles.iter().filter_map(|cycle| mean([*cycle], look)).collect();
            Drift { map: result.map, phase, look, unit: seen.unit, means }
        })
    };
    by_name.into_iter().flat_map(of_name).filter(|drift| drift.means.len() > 1).collect()
}

/// The phases of one name that differ most; nothing where no phase comes again.
fn drift_finding(drifts: &[Drift<'_>]) -> String {
    if drifts.is_empty() {
        return String::new();
    }
    let mut notable: Vec<&Drift<'_>> = drifts.iter().filter(|drift| drift.factor() >= NOTABLE).collect();
    if notable.is_empty() {
        return "In every map each cycle looks as far as the others, within 25 %.".to_owned();
    }
    notable.sort_by(|a, b| b.factor().total_cmp(&a.factor()));
    let told = notable.iter().take(3).map(|drift| {
        let Drift { map, phase, look, unit, means } = drift;
        let (first, last) = (means[0], means[means.len() - 1]);
        let (at, most) = means.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap_or((0, &first));
        let cycles = plural(means.len(), "cycle");
        format!(
            "{map}, {phase}: {first:.2} {}s per {} in the first of {cycles}, {last:.2} in the last, at most {most:.2} in \
             cycle {}",
            unit.name(),
            look.name(),
            at + 1
        )
    });
    format!("Cycles differ: {}.", told.collect::<Vec<_>>().join("; "))
}

/// The mean of all looks in each phase, where there are phases enough for a line.
fn over_phases(workload: &WorkloadResults<'_>) -> Markup {
    const FEWEST: usize = 3;
    let points = |result: &MapResult<'_>| {
        let phases = result.first::<Probes>().map_or(&[][..], |seen| &seen.phases);
        let mut played = 0.0;
        let of_phase = |phase: &PhaseProbes| {
            played += phase.ops as f64;
            let (ops, sum) = phase
                .kinds
                .iter()
                .fold((0.0, 0.0), |(ops, sum), one| (ops + one.ops() as f64, sum + one.sum() as f64));
            (ops > 0.0).then(|| (played, sum / ops))
        };
        let points: Vec<(f64, f64)> = phases.iter().filter_map(of_phase).collect();
        if result.counted(phases).len() < FEWEST { Vec::new() } else { points }
    };
    let lines = series(workload, points);
    if lines.is_empty() {
        return html! {};
    }
    let id = format!("{}-probes-phases", workload.anchor);
    let bands = workload.phases();
    let mut data = Table::new(["map", "first phase", "last phase", "most in a phase"]);
    for line in &lines {
        let most = line.points.iter().fold(0.0, |most: f64, point| most.max(point.1));
        let ends = [line.points[0].1, line.points[line.points.len() - 1].1, most];
        data.row(std::iter::once(line.name.to_owned()).chain(ends.map(|mean| format!("{mean:.3}"))));
    }
    let chart = Lines {
        id: &id,
        title: &format!("Probe lengths over {}", workload.name),
        description: "One line for each map: the mean of each phase, at its end.",
        width: 1140.0,
        x: Axis { label: "operations", unit: Unit::Count, scale: Scale::exact(0.0, farthest(&lines)) },
        y: Axis {
            label: "places an operation",
            unit: Unit::Count,
            scale: Scale::from_zero(heights(&lines), Unit::Count),
        },
        bands: &bands,
        limits: Vec::new(),
        shape: Shape::Straight,
        series: lines,
    };
    figure(&id, "Places gone to, phase by phase", "", &chart.draw(), &data)
}

fn files(_: &WorkloadResults<'_>, result: &MapResult<'_>) -> Files {
    result.first::<Probes>().map(|seen| ("probes.csv".to_owned(), lengths(seen))).into_iter().collect()
}

/// Every probe length of every kind in every phase, in the order of the tape.
fn lengths(seen: &Probes) -> Vec<u8> {
    let rows = seen.phases.iter().enumerate().flat_map(|(at, phase)| {
        phase.kinds.iter().flat_map(move |one| {
            one.lengths.iter().map(move |(length, ops)| {
                [
                    at.to_string(),
                    phase.phase.clone(),
                    one.kind.name().to_owned(),
                    one.found.to_string(),
                    length.to_string(),
                    ops.to_string(),
                ]
            })
        })
    });
    csv_file(["phase_number", "phase", "kind", "found", &format!("{}s", seen.unit.name()), "ops"], rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drift(map: &'static str, means: &[f64]) -> Drift<'static> {
        let (phase, look, unit) = ("get", Look::Miss, ProbeUnit::Group);
        Drift { map, phase, look, unit, means: means.into() }
    }

    #[test]
    fn a_cycle_that_looks_farther_is_named_and_even_ones_are_not() {
        let told = drift_finding(&[drift("even", &[1.0, 1.1]), drift("tired", &[1.0, 4.0, 2.0])]);
        let said = "tired, get: 1.00 groups per miss in the first of 3 cycles, 2.00 in the last, at most 4.00 in cycle 2";
        assert_eq!(told, format!("Cycles differ: {said}."));
        let even = drift_finding(&[drift("even", &[1.0, 1.1])]);
        assert_eq!(even, "In every map each cycle looks as far as the others, within 25 %.");
        assert_eq!(drift_finding(&[]), "");
    }

    #[test]
    fn an_insert_of_a_key_that_is_there_is_a_hit() {
        let kind = |kind, found| KindProbes { kind, found, lengths: vec![(2, 3)] };
        let phase = PhaseProbes {
            phase: "churn".into(),
            ops: 9,
            kinds: vec![kind(Kind::Insert, true), kind(Kind::Insert, false), kind(Kind::Remove, false)],
        };
        for look in Look::ALL {
            assert_eq!(mean([&phase], look), Some(2.0), "{look:?}");
        }
    }
}
