//! The front of speed, tail and memory: the maps of which no other is better in everything.

use std::cmp::Ordering;

use super::{Chosen, Contender, Remark, row};
use crate::answer::p999;
use crate::map_result::MapResult;
use crate::ratio::Ratio;
use crate::view::WorkloadResults;

/// Figures within a fiftieth of each other count as equal.
const EQUAL: f64 = 1.02;

/// Puts the maps on the front or behind it, and says which of them to take: the fastest, and those that rounds cannot
/// tell from it.
pub(super) fn fill(chosen: &mut Chosen, meeting: &[Contender<'_, '_>], loads: &[&WorkloadResults<'_>]) {
    let beaten_by = |one: &Contender<'_, '_>| meeting.iter().find(|other| beats(other, one));
    let mut front: Vec<&Contender<'_, '_>> = Vec::new();
    for one in meeting {
        match beaten_by(one) {
            None => front.push(one),
            Some(better) => chosen.behind.push(Remark {
                map: one.map.to_owned(),
                why: format!("{} is as good in everything and better in something", better.map),
            }),
        }
    }
    front.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    let figures = |one: &&Contender<'_, '_>| {
        let of_loads = loads.iter().zip(&one.results);
        of_loads.map(|(load, result)| row(one.map, load.name, result)).collect::<Vec<_>>()
    };
    chosen.front = front.iter().flat_map(figures).collect();
    let Some(first) = front.first().filter(|one| one.results.iter().any(|result| result.rank().is_some()))
    else {
        return;
    };
    let alike = |one: &&&Contender<'_, '_>| one.map == first.map || is_as_fast(first, one);
    chosen.take = front.iter().filter(alike).map(|one| one.map.to_owned()).collect();
}

/// The logarithms of what maps are ranked by under all loads, added: their geometric mean, in order.
fn rank(one: &Contender<'_, '_>) -> f64 {
    let ranks = one.results.iter().filter_map(|result| result.rank());
    ranks.map(f64::ln).sum()
}

/// Whether there are rounds enough under every load, and they show no difference in any.
fn is_as_fast(one: &Contender<'_, '_>, other: &Contender<'_, '_>) -> bool {
    let pairs = one.results.iter().zip(&other.results);
    pairs
        .map(|(a, b)| a.lead_over(b))
        .all(|ratio| ratio.is_some_and(|ratio| ratio.interval.is_some() && !ratio.differs()))
}

/// Whether a map is nowhere worse than another and somewhere better.
fn beats(one: &Contender<'_, '_>, other: &Contender<'_, '_>) -> bool {
    let pairs = one.results.iter().zip(&other.results);
    let orders: Vec<Ordering> = pairs.flat_map(|(a, b)| against(a, b)).collect();
    orders.iter().all(|order| order.is_ge()) && orders.iter().any(|order| order.is_gt())
}

/// How a map does against another under one load, greater is better: in speed, tail, peak and what is left after a
/// drain. What was not measured of both is equal.
fn against(one: &MapResult<'_>, other: &MapResult<'_>) -> [Ordering; 4] {
    let ratio = one.lead_over(other);
    let speed = match ratio.filter(Ratio::differs) {
        Some(ratio) => ratio.estimate.total_cmp(&1.0),
        None => Ordering::Equal,
    };
    let less = |figure: &dyn Fn(&MapResult<'_>) -> Option<f64>| match (figure(one), figure(other)) {
        (Some(mine), Some(theirs)) if mine * EQUAL < theirs => Ordering::Greater,
        (Some(mine), Some(theirs)) if theirs * EQUAL < mine => Ordering::Less,
        _ => Ordering::Equal,
    };
    let peak = |map: &MapResult<'_>| map.figures.moments.map(|held| held.peak as f64);
    let drained = |map: &MapResult<'_>| map.figures.moments.map(|held| held.drained as f64);
    [speed, less(&p999), less(&peak), less(&drained)]
}
