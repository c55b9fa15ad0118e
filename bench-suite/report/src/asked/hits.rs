//! Hits: how many look-ups in a bounded cache find their entry.

use formats::observation::{Collector, Found};

use super::{NAMED, Said, figures, part, silent};
use crate::map_result::MapResult;
use crate::number;
use crate::prose::spread;
use crate::view::WorkloadResults;

/// The caches that find least and most, and what they find when a phase comes again.
pub(super) fn hits(workload: &WorkloadResults<'_>) -> Said {
    if !workload.is_bounded() {
        return Ok(
            "Entries are not bounded here, so there is none that a cache would have dropped.".to_owned()
        );
    }
    let rates = figures(workload, |result| result.figures.hit_rate());
    let told = rates.len();
    let spread = spread(rates, number::percent, ["least", "most"]).ok_or(Collector::Throughput)?;
    Ok(format!(
        "Of the look-ups so many find their entry: {spread}{}.{} Counted{}.",
        silent(workload, told),
        again(workload).unwrap_or_default(),
        part(workload)
    ))
}

/// What is found in the last phase of a name against the first one, of the caches that lose most; `None` where no phase
/// comes again.
fn again(workload: &WorkloadResults<'_>) -> Option<String> {
    let phases = &workload.tape?.header.phases;
    let comes_again = |first: usize| {
        let last = phases.iter().rposition(|phase| phase.name == phases[first].name)?;
        (phases[first].counts && last > first).then_some((first, last))
    };
    let (first, last) = (0..phases.len()).find_map(comes_again)?;
    let in_both = |result: &MapResult<'_>| Some((rate(result, first)?, rate(result, last)?));
    let mut rates = figures(workload, in_both);
    rates.sort_by(|(_, one), (_, other)| (one.1 - one.0).total_cmp(&(other.1 - other.0)));
    let told: Vec<String> = rates
        .iter()
        .take(NAMED)
        .map(|(map, (before, after))| {
            format!("{map} {} to {}", number::percent(*before), number::percent(*after))
        })
        .collect();
    (!told.is_empty())
        .then(|| format!(" From the first phase `{}` to the last: {}.", phases[first].name, told.join("; ")))
}

/// The hit rate in one phase, all rounds together.
fn rate(result: &MapResult<'_>, phase: usize) -> Option<f64> {
    let rounds = result.found.values().filter_map(|found| found.get(phase));
    rounds.sum::<Found>().hit_rate()
}
