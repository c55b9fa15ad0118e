//! What is counted beside the time: blocks, comparisons, how far is looked, waits for locks.

use formats::observation::{Collector, Contention, KindProbes, PhaseProbes, Probes, Waits};

use super::{Said, figures, part, silent};
use crate::map_result::MapResult;
use crate::measured::calls;
use crate::number;
use crate::prose::{listed, spread};
use crate::view::WorkloadResults;

pub(super) fn allocations(workload: &WorkloadResults<'_>) -> Said {
    let blocks = figures(workload, |result| result.figures.allocations_per_op);
    let told = blocks.len();
    let spread = spread(blocks, number::rate, ["fewest", "most"]).ok_or(Collector::Allocations)?;
    Ok(format!(
        "Blocks allocated an operation: {spread}{}. Counted{}.",
        silent(workload, told),
        part(workload)
    ))
}

pub(super) fn comparisons(workload: &WorkloadResults<'_>) -> Said {
    let compared = figures(workload, |result| calls(result, |phase| phase.comparisons));
    let told = compared.len();
    let spread = spread(compared, number::rate, ["fewest", "most"]).ok_or(Collector::Calls)?;
    Ok(format!(
        "Keys are compared, for an operation that names one: {spread} times{}. Counted{}.",
        silent(workload, told),
        part(workload)
    ))
}

/// How far a look-up of an absent key looks, as a multiple of one that finds its key: units differ between maps, their
/// quotient does not.
pub(super) fn misses(workload: &WorkloadResults<'_>) -> Said {
    if workload.candidates().all(|result| result.first::<Probes>().is_none()) {
        return Err(Collector::Probes);
    }
    let mean = |phases: &[PhaseProbes], found: bool| {
        let kinds = || phases.iter().flat_map(|phase| &phase.kinds);
        let of = || kinds().filter(|one| one.found == found && !is_insert(one));
        let ops: f64 = of().map(|one| one.ops() as f64).sum();
        (ops > 0.0).then(|| of().map(|one| one.sum() as f64).sum::<f64>() / ops)
    };
    let quotient = |result: &MapResult<'_>| {
        let phases = result.counted(&result.first::<Probes>()?.phases);
        Some(mean(phases, false)? / mean(phases, true).filter(|hit| *hit > 0.0)?)
    };
    let quotients = figures(workload, quotient);
    let told = quotients.len();
    Ok(match spread(quotients, number::factor, ["least", "most"]) {
        None => "Misses: the load has none, or no hit to hold them against.".to_owned(),
        Some(spread) => format!(
            "A miss looks as far as a hit, times: {spread}{}. Counted{}.",
            silent(workload, told),
            part(workload)
        ),
    })
}

/// An insert of a new key finds nothing and is no miss.
fn is_insert(one: &KindProbes) -> bool {
    one.kind == formats::tape::Kind::Insert
}

/// How long threads wait for locks, and which maps cannot tell.
pub(super) fn contention(workload: &WorkloadResults<'_>) -> Said {
    if workload.candidates().all(|result| result.first::<Contention>().is_none()) {
        return Err(Collector::Contention);
    }
    let waited = figures(workload, |result| {
        let seen = result.first::<Contention>()?;
        let waits = seen.threads.iter().copied().reduce(Waits::and)?;
        (seen.ops > 0).then(|| waits.wait_ns as f64 / seen.ops as f64)
    });
    let unseen: Vec<&str> = workload
        .candidates()
        .filter(|result| result.first::<Contention>().is_some())
        .filter(|result| waited.iter().all(|(map, _)| *map != result.map))
        .map(|result| result.map)
        .collect();
    let unseen = if unseen.is_empty() {
        String::new()
    } else {
        format!("; the locks of {} are out of sight", listed(&unseen, super::NAMED))
    };
    Ok(match spread(waited, number::nanos, ["least", "most"]) {
        None => "Waiting for locks: those of the maps that played are out of sight.".to_owned(),
        Some(spread) => format!(
            "Threads wait for locks, an operation: {spread}{unseen}. One pass, which claims no order between maps."
        ),
    })
}
