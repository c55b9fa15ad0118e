//! What an operation costs in the end and what it cost at first: quarters of the longest phase that counts.

use std::collections::BTreeMap;

use formats::observation::{PhaseTimes, Throughput};

use crate::map_result::MapResult;
use crate::number;

/// ns an operation in each round that nothing interrupted, in the first or in the last quarter of the longest phase
/// that counts.
pub(crate) fn by_round(result: &MapResult<'_>, is_last: bool) -> BTreeMap<u32, f64> {
    let Some(at) = longest(result) else { return BTreeMap::new() };
    let sound = result.rounds::<Throughput>().filter(|(round, _)| result.figures.speeds.contains_key(round));
    let quarter = |phases: &[PhaseTimes]| quarter(phases.get(at)?, is_last);
    sound.filter_map(|(round, seen)| Some((round, quarter(result.counted(&seen.phases))?))).collect()
}

/// The last quarter over the first, in each round.
pub(crate) fn late_over_early(result: &MapResult<'_>) -> BTreeMap<u32, f64> {
    let (early, late) = (by_round(result, false), by_round(result, true));
    let ratio = |(round, late): (u32, f64)| {
        let early = early.get(&round).filter(|early| **early > 0.0)?;
        Some((round, late / early))
    };
    late.into_iter().filter_map(ratio).collect()
}

/// The place of the longest phase among those that count.
pub(crate) fn longest(result: &MapResult<'_>) -> Option<usize> {
    let phases = result.counted(&result.first::<Throughput>()?.phases);
    phases.iter().enumerate().max_by_key(|(_, phase)| ops(phase)).map(|(at, _)| at)
}

fn ops(phase: &PhaseTimes) -> u64 {
    number::total(phase.threads.iter().flatten().map(|slice| &slice.ops))
}

/// ns an operation in the first or last quarter of the slices of each thread.
fn quarter(phase: &PhaseTimes, is_last: bool) -> Option<f64> {
    let (mut ops, mut wall_ns) = (0.0, 0.0);
    for slices in &phase.threads {
        let few = slices.len() / 4;
        let part = if is_last { &slices[slices.len() - few..] } else { &slices[..few] };
        ops += part.iter().map(|slice| slice.ops as f64).sum::<f64>();
        wall_ns += part.iter().map(|slice| slice.wall_ns as f64).sum::<f64>();
    }
    (ops > 0.0).then(|| wall_ns / ops)
}

#[cfg(test)]
mod tests {
    use formats::observation::Slice;

    use super::*;

    #[test]
    fn an_operation_of_the_last_quarter_is_told_from_one_of_the_first() {
        let slices: Vec<Slice> =
            (0..9).map(|at| Slice { ops: 10, wall_ns: 100 * (at + 1), cpu_ns: 0 }).collect();
        let phase = PhaseTimes { phase: "same_key".into(), wall_ns: 0, threads: vec![slices] };
        assert_eq!((quarter(&phase, false), quarter(&phase, true)), (Some(15.0), Some(85.0)));
        let short = PhaseTimes { threads: vec![phase.threads[0][..3].to_vec()], ..phase };
        assert_eq!(quarter(&short, true), None, "three slices have no quarter");
    }
}
