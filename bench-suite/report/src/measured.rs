//! What was measured of a figure on which somebody put a bound, and how it is told.

use std::collections::BTreeMap;

use formats::figure::{Figure, Unit};
use formats::observation::{Calls, Heap, Instructions, PhaseCalls};

use crate::held::{Moments, SinceFresh};
use crate::map_result::{Landed, MapResult};
use crate::{number, quarter};

/// The figure of each round in which it was measured; where every round gives the same, one is there.
pub(crate) fn by_round(figure: Figure, result: &MapResult<'_>) -> BTreeMap<u32, f64> {
    let figures = &result.figures;
    let held = |bytes: fn(Moments) -> u64| once(figures.moments.map(|held| bytes(held) as f64));
    let percentile = |at: usize| {
        let by_round = figures.percentiles_by_round.iter();
        by_round.filter_map(|(round, quoted)| Some((*round, quoted[at]? as f64))).collect()
    };
    match figure {
        Figure::Throughput => figures.speeds.clone(),
        Figure::NsPerOp => figures.speeds.iter().map(|(round, speed)| (*round, 1e9 / speed)).collect(),
        Figure::LateOverEarly => quarter::late_over_early(result),
        Figure::P50 => percentile(0),
        Figure::P99 => percentile(1),
        Figure::P999 => percentile(2),
        Figure::Max => percentile(3),
        Figure::Peak => held(|held| held.peak),
        Figure::End => held(|held| held.end),
        Figure::Drained => held(|held| held.drained),
        Figure::Dropped => held(|held| held.dropped),
        Figure::PeakOverFresh => {
            once(since_fresh(result).map(|bytes| bytes.peak as f64 / bytes.fresh as f64))
        }
        Figure::BytesPerEntry => once(figures.bytes_per_entry),
        Figure::AllocationsPerOp => once(figures.allocations_per_op),
        Figure::HashesPerOp => once(calls(result, |phase| phase.hashes)),
        Figure::ComparisonsPerOp => once(calls(result, |phase| phase.comparisons)),
        Figure::InstructionsPerOp => once(result.first().and_then(Instructions::per_op)),
        Figure::Hits => figures.hits.clone(),
        Figure::Reused => once(figures.landed.map(Landed::reuse)),
        Figure::Dead => once(figures.dead),
    }
}

/// Calls of what keys are made to do, for each operation that names a key, in the phases that count.
pub(crate) fn calls(result: &MapResult<'_>, count: fn(&PhaseCalls) -> u64) -> Option<f64> {
    let phases = result.counted(&result.first::<Calls>()?.phases);
    let sum = |figure: fn(&PhaseCalls) -> u64| phases.iter().map(|phase| figure(phase) as f64).sum::<f64>();
    let ops = sum(|phase| phase.key_ops);
    (ops > 0.0).then(|| sum(count) / ops)
}

/// What is in `peak/fresh` and `late/early`, in each round: an amount, and what it became.
pub(crate) struct Parts {
    /// Of both.
    pub(crate) unit: Unit,
    /// At first.
    pub(crate) before: BTreeMap<u32, f64>,
    /// Later.
    pub(crate) after: BTreeMap<u32, f64>,
}

/// The names of the parts of a figure that compares what was later with what was at first, the first one first.
pub(crate) fn names_of_parts(figure: Figure) -> Option<[&'static str; 2]> {
    match figure {
        Figure::PeakOverFresh | Figure::LateOverEarly => {
            figure.name().split_once('/').map(|(late, early)| [early, late])
        }
        _ => None,
    }
}

/// The parts of such a figure.
pub(crate) fn parts(figure: Figure, result: &MapResult<'_>) -> Option<Parts> {
    match figure {
        Figure::PeakOverFresh => {
            let bytes = since_fresh(result)?;
            let part = |bytes: u64| once(Some(bytes as f64));
            Some(Parts { unit: Unit::Bytes, before: part(bytes.fresh), after: part(bytes.peak) })
        }
        Figure::LateOverEarly => {
            let quarter = |is_last| quarter::by_round(result, is_last);
            Some(Parts { unit: Unit::Time, before: quarter(false), after: quarter(true) })
        }
        _ => None,
    }
}

fn since_fresh(result: &MapResult<'_>) -> Option<SinceFresh> {
    SinceFresh::of(result.first::<Heap>()?, result.heap_samples())
}

fn once(figure: Option<f64>) -> BTreeMap<u32, f64> {
    figure.map(|figure| (0, figure)).into_iter().collect()
}

/// An amount of a figure as a person reads it.
pub(crate) fn text(figure: Figure, amount: f64) -> String {
    text_in(figure.unit(), amount)
}

/// An amount in a unit as a person reads it.
pub(crate) fn text_in(unit: Unit, amount: f64) -> String {
    match unit {
        Unit::Rate => format!("{}/s", number::approx(amount)),
        Unit::Time => number::nanos(amount),
        Unit::Bytes => number::bytes(amount),
        Unit::Share => number::percent(amount),
        Unit::Number => number::rate(amount),
    }
}

/// The least and the greatest of some amounts, or the one that both are.
pub(crate) fn range(figure: Figure, amounts: &[f64]) -> String {
    let ends = [amounts.iter().copied().reduce(f64::min), amounts.iter().copied().reduce(f64::max)];
    let [low, high] = ends.map(|end| text(figure, end.unwrap_or_default()));
    if low == high { low } else { format!("{low} to {high}") }
}
