//! From what the collectors saw to figures that are compared.

use std::collections::{BTreeMap, BTreeSet};

use formats::baseline::Figures;
use formats::gate::{Metric, NotCompared};
use formats::observation::Reading;
use formats::run::{Failure, Outcome, Run};

use super::unseeded;

/// The figures of one reading.
fn metrics(reading: &Reading) -> BTreeMap<Metric, u64> {
    match reading {
        Reading::Allocations(seen) => BTreeMap::from([
            (Metric::Allocations, seen.phases.iter().map(|phase| phase.allocations).sum()),
            (Metric::Frees, seen.phases.iter().map(|phase| phase.frees).sum()),
            (Metric::AllocatedBytes, seen.phases.iter().map(|phase| phase.bytes).sum()),
            (Metric::PeakBytes, seen.peak_bytes),
            (Metric::EndBytes, seen.end_bytes),
            (Metric::DrainedBytes, seen.drained_bytes),
            (Metric::DroppedBytes, seen.dropped_bytes),
        ]),
        Reading::Slots(seen) if seen.unavailable.is_none() => {
            let mut metrics = BTreeMap::from([
                (Metric::ReusedSlots, seen.windows.iter().map(|window| window.reused).sum()),
                (Metric::RecycledSlots, seen.windows.iter().map(|window| window.recycled).sum()),
            ]);
            let dead = seen.windows.iter().filter_map(|window| window.dead).max();
            metrics.extend(dead.map(|dead| (Metric::DeadSlots, dead)));
            metrics
        }
        Reading::Events(seen) => {
            seen.kinds.iter().map(|kind| (Metric::Event(kind.kind), kind.count)).collect()
        }
        Reading::Calls(seen) => BTreeMap::from([
            (Metric::RehashedEntries, seen.rehashed()),
            (Metric::KeyComparisons, seen.comparisons()),
        ]),
        _ => BTreeMap::new(),
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

/// What could not be looked at, once for each workload and map.
pub(super) fn unseen(runs: &[Run]) -> Vec<NotCompared> {
    let reason = |run: &Run| {
        let why = match &run.outcome {
            Outcome::Failed(Failure::Unavailable { why }) => why.clone(),
            Outcome::Failed(_) => return None,
            Outcome::Measured(observation) => match &observation.reading {
                Reading::Slots(slots) => slots.unavailable.clone()?,
                _ => return None,
            },
        };
        let (workload, _) = unseeded(&run.pass.workload)?;
        Some((workload.to_string(), run.pass.map.clone(), format!("{}: {why}", run.pass.collector.name())))
    };
    let reasons: BTreeSet<_> = runs.iter().filter_map(reason).collect();
    let row = |(workload, map, why)| NotCompared { workload, map, why, fails: false };
    reasons.into_iter().map(row).collect()
}
