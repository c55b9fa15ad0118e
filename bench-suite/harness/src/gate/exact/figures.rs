//! From what the collectors saw to figures that are compared.

use std::collections::{BTreeMap, BTreeSet};

use formats::baseline::Figures;
use formats::gate::{Metric, NotCompared};
use formats::observation::{Allocations, Calls, Collector, Events, Reading, Slots};
use formats::run::{Failure, Outcome, Run};

use super::unseeded;

/// Where exact figures come from.
pub(super) fn collectors() -> Vec<Collector> {
    let gives = |collector: &Collector| Metric::all().any(|metric| metric.collector() == Some(*collector));
    Collector::ALL.into_iter().filter(gives).collect()
}

/// The figures of one reading.
fn metrics(reading: &Reading) -> BTreeMap<Metric, u64> {
    Metric::all().filter_map(|metric| Some((metric, figure(metric, reading)?))).collect()
}

/// One figure; `None` where the reading does not have it.
fn figure(metric: Metric, reading: &Reading) -> Option<u64> {
    let allocations = || <&Allocations>::try_from(reading).ok();
    let calls = || <&Calls>::try_from(reading).ok();
    let windows = || {
        let slots = <&Slots>::try_from(reading).ok().filter(|seen| seen.unavailable.is_none());
        slots.map(|seen| seen.windows.iter())
    };
    match metric {
        Metric::Allocations => Some(allocations()?.phases.iter().map(|phase| phase.allocations).sum()),
        Metric::Frees => Some(allocations()?.phases.iter().map(|phase| phase.frees).sum()),
        Metric::AllocatedBytes => Some(allocations()?.phases.iter().map(|phase| phase.bytes).sum()),
        Metric::PeakBytes => Some(allocations()?.peak_bytes),
        Metric::EndBytes => Some(allocations()?.end_bytes),
        Metric::DrainedBytes => Some(allocations()?.drained_bytes),
        Metric::DroppedBytes => Some(allocations()?.dropped_bytes),
        Metric::RehashedEntries => Some(calls()?.rehashed()),
        Metric::KeyComparisons => Some(calls()?.comparisons()),
        Metric::ReusedSlots => Some(windows()?.map(|window| window.reused).sum()),
        Metric::RecycledSlots => Some(windows()?.map(|window| window.recycled).sum()),
        Metric::DeadSlots => windows()?.filter_map(|window| window.dead).max(),
        Metric::Instructions => None,
        Metric::Event(kind) => {
            let events = <&Events>::try_from(reading).ok()?;
            events.kinds.iter().find(|seen| seen.kind == kind).map(|seen| seen.count)
        }
    }
}

/// The figures of some runs. A kind of event that only some seeds saw happened 0 times for the others; any other
/// figure must be there for every seed.
pub(super) fn of<'a>(runs: impl Iterator<Item = &'a Run>, seeds: &[u64]) -> Figures {
    let mut by_seed: BTreeMap<(&str, &str, Metric), BTreeMap<u64, u64>> = BTreeMap::new();
    for run in runs {
        let named = unseeded(&run.pass.workload);
        let (Some(observation), Some((workload, seed))) = (run.observation(), named) else { continue };
        for (metric, value) in metrics(&observation.reading) {
            by_seed.entry((workload, &run.pass.map, metric)).or_default().insert(seed, value);
        }
    }
    let mut figures = Figures::new();
    for ((workload, map, metric), values) in by_seed {
        let unseen = matches!(metric, Metric::Event(_)).then_some(0);
        let all: Option<Vec<u64>> = seeds.iter().map(|seed| values.get(seed).copied().or(unseen)).collect();
        if let Some(all) = all {
            let maps = figures.entry(workload.into()).or_default();
            maps.entry(map.into()).or_default().insert(metric, all);
        }
    }
    figures
}

/// What could not be looked at, once for each map and reason; the workload is named unless it goes for all.
pub(super) fn unseen(runs: &[Run]) -> Vec<NotCompared> {
    let all: BTreeSet<&str> = runs.iter().filter_map(|run| Some(unseeded(&run.pass.workload)?.0)).collect();
    let mut reasons: BTreeMap<(&str, String), BTreeSet<&str>> = BTreeMap::new();
    for run in runs {
        let why = match &run.outcome {
            Outcome::Failed(Failure::Unavailable { why }) => Some(why),
            Outcome::Failed(_) => None,
            Outcome::Measured(observation) => match &observation.reading {
                Reading::Slots(slots) => slots.unavailable.as_ref(),
                _ => None,
            },
        };
        if let (Some(why), Some((workload, _))) = (why, unseeded(&run.pass.workload)) {
            let why = format!("{}: {why}", run.pass.collector.name());
            reasons.entry((&run.pass.map, why)).or_default().insert(workload);
        }
    }
    let mut rows = Vec::new();
    for ((map, why), workloads) in reasons {
        let workloads = if workloads == all { BTreeSet::from([""]) } else { workloads };
        rows.extend(workloads.into_iter().map(|workload| NotCompared {
            workload: workload.into(),
            map: map.into(),
            why: why.clone(),
            fails: false,
        }));
    }
    rows
}

#[cfg(test)]
mod tests {
    use formats::run::Pass;

    use super::*;

    fn run(workload: &str, map: &str, why: &str) -> Run {
        let pass = Pass { workload: workload.into(), map: map.into(), collector: Collector::Calls, round: 0 };
        Run::new(pass, String::new(), 0.0, Outcome::Failed(Failure::Unavailable { why: why.into() }))
    }

    #[test]
    fn what_goes_for_every_workload_is_said_once() {
        let runs = [
            run("a@1#1", "m", "blind"),
            run("a@1#2", "m", "blind"),
            run("b#1", "m", "blind"),
            run("b#1", "n", "dumb"),
        ];
        let rows = unseen(&runs);
        let said: Vec<_> =
            rows.iter().map(|row| (row.workload.as_str(), row.map.as_str(), row.why.as_str())).collect();
        assert_eq!(said, [("", "m", "calls: blind"), ("b", "n", "calls: dumb")]);
    }
}
