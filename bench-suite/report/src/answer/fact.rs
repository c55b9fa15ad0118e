//! What a reviewer must know of a session, found by rule and told the strongest first.

use std::collections::BTreeMap;

use formats::observation::{Heap, Latency};
use formats::run::Failure;
use formats::subject::Fact as Stated;

use super::Fact;
use super::against::{leaked, p999, peak};
use crate::growth::doubled;
use crate::map_result::MapResult;
use crate::number;
use crate::prose::{listed, plural};
use crate::ratio::{Ratio, median};
use crate::view::{View, WorkloadResults};

/// Facts that are told, and those of one rule.
const MOST: usize = 5;
const OF_ONE_RULE: usize = 2;

/// From which factor on a map is much slower than the reference, its tail much longer than those of the others, its
/// peak much larger.
const SLOWER: f64 = 10.0;
const LONGER: f64 = 20.0;
const LARGER: f64 = 4.0;
/// A single operation that is told: so many times the usual longest one, and longer than any timer tick.
const STALL: f64 = 100.0;
const STALL_NS: f64 = 1e6;

/// What a rule found of one map under one load.
struct Found {
    /// How much it stands out; comparable between rules.
    weight: f64,
    text: String,
    figure: String,
}

/// A rule: what it finds of a map under a load, beside the others.
type Rule = fn(&WorkloadResults<'_>, &MapResult<'_>, &[&MapResult<'_>]) -> Option<Found>;

const RULES: [Rule; 6] = [failed, leaking, slow, tailed, stalled, large];

/// The strongest facts of a session.
pub(super) fn strongest(view: &View<'_>) -> Vec<Fact> {
    let mut ranked: Vec<(usize, f64, Fact)> =
        RULES.iter().enumerate().flat_map(|(at, rule)| by_map(view, at, *rule)).collect();
    ranked.extend(growing(view).map(|found| (RULES.len(), found.weight, fact(found.text, found.figure))));
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut told = BTreeMap::<usize, usize>::new();
    ranked.retain(|(rule, ..)| {
        let count = told.entry(*rule).or_default();
        *count += 1;
        *count <= OF_ONE_RULE
    });
    ranked.into_iter().take(MOST).map(|(.., fact)| fact).collect()
}

fn fact(text: String, figure: String) -> Fact {
    Fact { text, figure }
}

/// Of each map the load on which a rule finds the most, and on how many others it finds something.
fn by_map(view: &View<'_>, at: usize, rule: Rule) -> Vec<(usize, f64, Fact)> {
    let mut by_map: BTreeMap<&str, Vec<Found>> = BTreeMap::new();
    for workload in &view.workloads {
        let maps: Vec<&MapResult<'_>> = workload.results.iter().filter(|map| is_told_of(map)).collect();
        for map in &maps {
            let others: Vec<&MapResult<'_>> = maps.iter().copied().filter(|one| one.map != map.map).collect();
            by_map.entry(map.map).or_default().extend(rule(workload, map, &others));
        }
    }
    let strongest = |mut found: Vec<Found>| {
        found.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let more = found.len().saturating_sub(1);
        let more =
            if more > 0 { format!(", and so on {}", plural(more, "more load")) } else { String::new() };
        let first = found.into_iter().next()?;
        Some((at, first.weight, fact(format!("{}{more}.", first.text), first.figure)))
    };
    by_map.into_values().filter_map(strongest).collect()
}

/// Maps that are to be told of: all that keep entries, canaries too if somebody played them, but no map of which a rule
/// was changed to see what that costs.
fn is_told_of(map: &MapResult<'_>) -> bool {
    !map.is_null && !map.states(Stated::Altered)
}

fn figure(workload: &WorkloadResults<'_>, section: &str) -> String {
    format!("{}-{section}", workload.anchor)
}

/// A pass failed: the more, the worse it says of the map.
fn failed(workload: &WorkloadResults<'_>, map: &MapResult<'_>, _: &[&MapResult<'_>]) -> Option<Found> {
    let weight = |failure: &Failure| -> f64 {
        match failure {
            Failure::WrongAnswer { .. } => 1e9,
            Failure::Crash { .. } => 1e8,
            Failure::Timeout { .. } => 1e7,
            Failure::InvalidOutput { .. } | Failure::Unavailable { .. } => 1e6,
        }
    };
    let (pass, worst) = map.failures.iter().max_by(|a, b| weight(a.1).total_cmp(&weight(b.1)))?;
    let (count, collector) = (plural(map.failures.len(), "pass"), pass.collector.name());
    let text = format!("{} fails {count} of {} ({collector}: {worst})", map.map, workload.name);
    Some(Found { weight: weight(worst), text, figure: "verdict".to_owned() })
}

/// It holds memory after it was dropped.
fn leaking(workload: &WorkloadResults<'_>, map: &MapResult<'_>, _: &[&MapResult<'_>]) -> Option<Found> {
    let (held, peak) = (leaked(map)?, map.figures.moments?.peak.max(1));
    let share = held as f64 / peak as f64;
    let text = format!(
        "{} holds {} after it was dropped on {}, {} of its peak: a leak, or memory that is given back late",
        map.map,
        number::bytes(held as f64),
        workload.name,
        number::percent(share)
    );
    let figure = if map.first::<Heap>().is_some() {
        figure(workload, "given-back")
    } else {
        figure(workload, "memory")
    };
    Some(Found { weight: 150.0 * share.min(1.0), text, figure })
}

/// The rounds show that it is much slower than the reference.
fn slow(workload: &WorkloadResults<'_>, map: &MapResult<'_>, _: &[&MapResult<'_>]) -> Option<Found> {
    let ratio: Ratio = map.figures.speed_ratio.filter(Ratio::differs)?;
    let slower = 1.0 / ratio.estimate;
    let text = || {
        let (factor, reference) = (number::factor(ratio.estimate), workload.reference);
        format!("{} runs at {factor} of the speed of {reference} on {}", map.map, workload.name)
    };
    (slower >= SLOWER).then(|| Found { weight: slower, text: text(), figure: figure(workload, "maps") })
}

/// Its p99.9 is far above that of the middle one of the others.
fn tailed(workload: &WorkloadResults<'_>, map: &MapResult<'_>, others: &[&MapResult<'_>]) -> Option<Found> {
    let (mine, usual) = (p999(map)?, median(others.iter().filter_map(|one| p999(one)))?);
    let factor = mine / usual.max(1.0);
    let text = || {
        format!(
            "The p99.9 of {} is {} on {}, {} the median of the others{}",
            map.map,
            number::nanos(mine),
            workload.name,
            number::factor(factor),
            rounds(map)
        )
    };
    (factor >= LONGER).then(|| Found { weight: factor, text: text(), figure: figure(workload, "latency") })
}

/// Its longest operation is far longer than the middle one of the longest of the others.
fn stalled(workload: &WorkloadResults<'_>, map: &MapResult<'_>, others: &[&MapResult<'_>]) -> Option<Found> {
    let longest = |one: &MapResult<'_>| {
        // The longest of the round in which it was shortest: a pause of the machine comes once.
        let rounds = one.figures.percentiles_by_round.values().filter_map(|quoted| quoted[3]);
        rounds.min().map(|ns| ns as f64)
    };
    let (mine, usual) = (longest(map)?, median(others.iter().filter_map(|one| longest(one)))?);
    let factor = mine / usual.max(1.0);
    let text = || {
        format!(
            "The longest operation of {} takes {} on {}, {} the median of the others{}",
            map.map,
            number::nanos(mine),
            workload.name,
            number::factor(factor),
            rounds(map)
        )
    };
    // Below the tail in weight: it is one operation.
    let found = || Found { weight: factor / 4.0, text: text(), figure: figure(workload, "latency") };
    (factor >= STALL && mine >= STALL_NS).then(found)
}

/// From how few rounds a tail is known.
fn rounds(map: &MapResult<'_>) -> &'static str {
    if map.each::<Latency>().count() > 1 { "" } else { ", in a single round" }
}

/// It holds far more at its peak than the middle one of the others.
fn large(workload: &WorkloadResults<'_>, map: &MapResult<'_>, others: &[&MapResult<'_>]) -> Option<Found> {
    let (mine, usual) = (peak(map)?, median(others.iter().filter_map(|one| peak(one)))?);
    let factor = mine / usual.max(f64::from(1 << 16));
    let text = || {
        format!(
            "{} holds {} at the peak of {}, {} the median of the others",
            map.map,
            number::bytes(mine),
            workload.name,
            number::factor(factor)
        )
    };
    (factor >= LARGER).then(|| Found { weight: factor, text: text(), figure: figure(workload, "memory") })
}

/// Tables that double although no more entries live: one fact of all maps, those first that do it under most loads.
fn growing(view: &View<'_>) -> Option<Found> {
    let mut loads: BTreeMap<&str, Vec<&WorkloadResults<'_>>> = BTreeMap::new();
    for workload in &view.workloads {
        let maps = workload.results.iter().filter(|map| is_told_of(map) && doubled(map).is_some());
        maps.for_each(|map| loads.entry(map.map).or_default().push(workload));
    }
    let mut ranked: Vec<(&str, Vec<&WorkloadResults<'_>>)> = loads.into_iter().collect();
    ranked.sort_by_key(|(_, of)| std::cmp::Reverse(of.len()));
    let (first, most) = ranked.first()?;
    let (count, place) = (most.len(), most.first()?);
    let names: Vec<&str> =
        ranked.iter().take_while(|(_, of)| of.len() == count).map(|(map, _)| *map).collect();
    let step = doubled(place.results.iter().find(|map| map.map == *first)?)?;
    let of = if count == 1 {
        format!("on {}", place.name)
    } else {
        format!("on {count} of {}", plural(view.workloads.len(), "load"))
    };
    let fewer = ranked.len() - names.len();
    let fewer =
        if fewer > 0 { format!("; {} on fewer loads", plural(fewer, "other map")) } else { String::new() };
    let [from, to] = [step.from, step.to].map(|bytes| number::bytes(bytes as f64));
    Some(Found {
        weight: 10.0 * count as f64,
        text: format!(
            "{}: about twice the memory with no more entries {of} ({first} on {}: {from} to {to}){fewer}.",
            listed(&names, 4),
            place.name
        ),
        figure: figure(place, "heap"),
    })
}
