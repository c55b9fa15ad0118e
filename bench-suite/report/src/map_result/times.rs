//! Times of slices and phases, and what they come to.

use formats::observation::PhaseTimes;

/// Slices that took less in all are too short for the clocks to agree, ns.
const SHORTEST_NS: f64 = 1e6;

/// Processor time over wall time of the slices of one thread; `None` of several threads, which wait for each other, and
/// of what is too short for the clocks to agree.
pub(super) fn processor_share(phases: &[PhaseTimes]) -> Option<f64> {
    phases.iter().all(|phase| phase.threads.len() == 1).then_some(())?;
    let slices = phases.iter().flat_map(|phase| &phase.threads[0]);
    let (wall, cpu) = slices
        .fold((0.0, 0.0), |(wall, cpu), slice| (wall + slice.wall_ns as f64, cpu + slice.cpu_ns as f64));
    (wall >= SHORTEST_NS && cpu > 0.0).then(|| cpu / wall)
}

/// Operations of all threads over the wall time of these phases.
pub(crate) fn ops_per_second(phases: &[PhaseTimes]) -> Option<f64> {
    let slices = phases.iter().flat_map(|phase| phase.threads.iter().flatten());
    let ops: f64 = slices.map(|slice| slice.ops as f64).sum();
    let wall_ns: f64 = phases.iter().map(|phase| phase.wall_ns as f64).sum();
    (ops > 0.0 && wall_ns > 0.0).then(|| ops * 1e9 / wall_ns)
}

/// Time in which the operations of these phases ran over their number, ns: what a collector does between slices is
/// not in it.
pub(crate) fn ns_per_op(phases: &[PhaseTimes]) -> Option<f64> {
    let slices = || phases.iter().flat_map(|phase| phase.threads.iter().flatten());
    let ops: f64 = slices().map(|slice| slice.ops as f64).sum();
    let wall_ns: f64 = slices().map(|slice| slice.wall_ns as f64).sum();
    (ops > 0.0).then(|| wall_ns / ops)
}
