//! Whether an operation costs in the end what it did at first: cycle against cycle where phases come again, else the
//! last quarter of the longest phase against its first.

use std::collections::BTreeMap;

use formats::observation::{Collector, PhaseTimes, Throughput};

use super::{NAMED, Said, part};
use crate::map_result::{MapResult, ns_per_op};
use crate::ratio::{MIN_ROUNDS, Ratio};
use crate::view::WorkloadResults;
use crate::{number, quarter};

/// How the cost at the end compares with that at the beginning, in one map and one phase.
struct Drift<'a> {
    map: &'a str,
    phase: &'a str,
    /// Whether these are whole phases that come again, or parts of one.
    is_cycle: bool,
    ratio: Ratio,
}

/// Which maps become dearer or cheaper, and of how many the rounds show nothing.
pub(super) fn drift(workload: &WorkloadResults<'_>) -> Said {
    if workload.candidates().all(|result| result.first::<Throughput>().is_none()) {
        return Err(Collector::Throughput);
    }
    if workload.is_paced() {
        return Ok("First against last: a schedule sets the pace, so throughput does not tell.".to_owned());
    }
    let mut all: Vec<Drift<'_>> = workload.candidates().flat_map(of_map).collect();
    let Some(rounds) = all.iter().map(|one| one.ratio.rounds).max() else {
        return Ok("First against last: the load is too short to be cut into quarters.".to_owned());
    };
    let what = if all.iter().any(|one| one.is_cycle) {
        "From the first phase to the last one of the same name".to_owned()
    } else {
        format!("From the first quarter of {} to the last", all[0].phase)
    };
    if all.iter().all(|one| one.ratio.interval.is_none()) {
        return Ok(format!(
            "{what}: {rounds} rounds, and a difference needs {MIN_ROUNDS}, so none is claimed."
        ));
    }
    all.sort_by(|a, b| b.ratio.estimate.total_cmp(&a.ratio.estimate));
    let dearer: Vec<&Drift<'_>> =
        all.iter().filter(|one| is_shown(one) && one.ratio.estimate > 1.0).collect();
    let cheaper: Vec<&Drift<'_>> =
        all.iter().rev().filter(|one| is_shown(one) && one.ratio.estimate < 1.0).collect();
    let same = all.len() - dearer.len() - cheaper.len();
    let parts = [("dearer in", dearer), ("cheaper in", cheaper)];
    let mut told: Vec<String> = parts
        .iter()
        .filter(|(_, some)| !some.is_empty())
        .map(|(said, some)| format!("{said} {}", tell(some)))
        .collect();
    if same > 0 {
        told.push(format!("{same} of {} comparisons show no difference", all.len()));
    }
    let by_chance: f64 =
        all.iter().filter_map(|one| one.ratio.interval).map(|interval| 1.0 - interval.confidence).sum();
    Ok(format!(
        "{what} an operation becomes {}. Medians of {rounds} paired rounds{}; by chance about {} would show one.",
        told.join("; "),
        part(workload),
        number::significant(by_chance)
    ))
}

fn is_shown(one: &Drift<'_>) -> bool {
    one.ratio.differs()
}

fn tell(some: &[&Drift<'_>]) -> String {
    let one = |drift: &&Drift<'_>| {
        let phase = if drift.is_cycle { format!("{}, ", drift.phase) } else { String::new() };
        let ends = drift.ratio.interval.map_or_else(String::new, |interval| {
            let [low, high] = [interval.low, interval.high].map(number::factor_digits);
            format!(", {low}–{high}")
        });
        format!("{} ({phase}{}{ends})", drift.map, number::factor(drift.ratio.estimate))
    };
    let told: Vec<String> = some.iter().take(NAMED).map(one).collect();
    let more = some.len().saturating_sub(told.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", told.join(", "))
}

fn of_map<'a>(result: &MapResult<'a>) -> Vec<Drift<'a>> {
    let cycles = cycles(result);
    if cycles.is_empty() { quarters(result).into_iter().collect() } else { cycles }
}

/// Phases of one name, the last against the first.
fn cycles<'a>(result: &MapResult<'a>) -> Vec<Drift<'a>> {
    let mut by_name: BTreeMap<&'a str, (usize, usize)> = BTreeMap::new();
    let phases = result.first::<Throughput>().map_or(&[][..], |seen| result.counted(&seen.phases));
    for (at, phase) in phases.iter().enumerate() {
        by_name.entry(&phase.phase).or_insert((at, at)).1 = at;
    }
    let of_place = |at: usize| by_round(result, |phases| ns_per_op(phases.get(at..=at)?));
    let drift = |(phase, (first, last)): (&'a str, (usize, usize))| {
        let ratio = Ratio::paired(&of_place(last), &of_place(first))?;
        (first < last).then_some(Drift { map: result.map, phase, is_cycle: true, ratio })
    };
    by_name.into_iter().filter_map(drift).collect()
}

/// The last quarter of the longest phase against its first.
fn quarters<'a>(result: &MapResult<'a>) -> Option<Drift<'a>> {
    let phases = result.counted(&result.first::<Throughput>()?.phases);
    let longest = phases.get(quarter::longest(result)?)?;
    let ratio = Ratio::paired(&quarter::by_round(result, true), &quarter::by_round(result, false))?;
    Some(Drift { map: result.map, phase: &longest.phase, is_cycle: false, ratio })
}

/// A figure of the phases that count in each round that nothing interrupted.
fn by_round(result: &MapResult<'_>, figure: impl Fn(&[PhaseTimes]) -> Option<f64>) -> BTreeMap<u32, f64> {
    let sound = result.rounds::<Throughput>().filter(|(round, _)| result.figures.speeds.contains_key(round));
    sound.filter_map(|(round, seen)| Some((round, figure(result.counted(&seen.phases))?))).collect()
}
