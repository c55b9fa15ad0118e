//! What speaks against a map: failures and leaks rule it out, extremes too; the rest is told.

use formats::subject::Fact;

use super::field::Field;
use crate::growth::doubled;
use crate::map_result::{MapResult, Percentiles};
use crate::number;
use crate::ratio::Ratio;

/// A tail or a peak that rules a map out where another map of its kind has this much less.
const FAR_TAIL: f64 = 100.0;
const FAR_PEAK: f64 = 10.0;
/// A tail or a peak that is told.
const LONGER: f64 = 2.0;
const LARGER: f64 = 1.5;
/// So many times as many misses are told.
const MORE_MISSES: f64 = 1.05;
/// Tails that are nearer than this, ns, differ by less than a cache miss.
const NEAR_NS: f64 = 100.0;
/// Bytes that a dropped map may hold: a thread's own cache, a table of epochs.
const HELD_BYTES: u64 = 64 << 10;

/// Something that speaks against a map.
pub(super) struct Trouble {
    /// How much, as a factor.
    weight: f64,
    pub(super) text: String,
}

/// Why a map is out of the question for a load: a pass failed, it holds memory after it was dropped, or another map of
/// its kind does far better in tail or memory.
pub(super) fn ruled_out(field: &Field<'_, '_>, map: &MapResult<'_>) -> Option<String> {
    if let Some((_, failure)) = map.failures.first() {
        return Some(format!("a pass failed ({failure})"));
    }
    if map.states(Fact::NoAnswers) {
        return Some("it answers nothing to a write, and what is written is seen later".to_owned());
    }
    if let Some(held) = leaked(map) {
        return Some(format!("it holds {} after it was dropped", number::bytes(held as f64)));
    }
    let far = |factor: f64, least: f64, text: String| (factor >= least).then_some(text);
    let tail = lowest(field, map, p999).and_then(|(best, low)| {
        let high = p999(map)?;
        let text =
            format!("its p99.9 is {}, that of {} {}", number::nanos(high), best.map, number::nanos(low));
        far(high / low.max(NEAR_NS), FAR_TAIL, text)
    });
    tail.or_else(|| {
        let (best, low) = lowest(field, map, peak)?;
        let high = peak(map)?;
        let text =
            format!("it holds {} at the peak, {} {}", number::bytes(high), best.map, number::bytes(low));
        far(high / low.max(HELD_BYTES as f64), FAR_PEAK, text)
    })
}

/// Bytes that stay when a map is dropped, if they are a tenth of its peak or more.
pub(crate) fn leaked(map: &MapResult<'_>) -> Option<u64> {
    let held = map.figures.moments?;
    (held.dropped >= HELD_BYTES && held.dropped >= held.peak / 10).then_some(held.dropped)
}

/// What speaks against a map that is not ruled out, the gravest first.
pub(super) fn troubles(field: &Field<'_, '_>, map: &MapResult<'_>) -> Vec<Trouble> {
    let mut troubles: Vec<Trouble> = Vec::new();
    let mut add = |weight: f64, text: String| troubles.push(Trouble { weight, text });
    if let Some((best, factor, rounds)) = shorter_tail(field, map) {
        let high = number::nanos(p999(map).unwrap_or_default());
        add(factor, format!("p99.9 is {high}, {} that of {}{rounds}", number::factor(factor), best.map));
    }
    if let Some((best, factor)) = smaller_peak(field, map) {
        let high = number::bytes(peak(map).unwrap_or_default());
        add(factor, format!("{high} at the peak, {} those of {}", number::factor(factor), best.map));
    }
    if let Some((best, factor)) = fewer_misses(field, map) {
        let rate = number::percent(map.figures.hit_rate().unwrap_or_default());
        add(
            factor,
            format!(
                "it finds {rate} of what is asked for: {} the misses of {}",
                number::factor(factor),
                best.map
            ),
        );
    }
    if let Some(step) = doubled(map) {
        let [from, to] = [step.from, step.to].map(|bytes| number::bytes(bytes as f64));
        add(step.factor(), format!("it grows from {from} to {to} with no more entries"));
    }
    if map.states(Fact::SlowRemove) {
        add(LONGER, "a remove takes time in proportion to the entries".to_owned());
    }
    troubles.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    troubles
}

/// The maps of the kind to take if the tail or memory mattered more than speed.
pub(super) fn other_needs(field: &Field<'_, '_>, map: &MapResult<'_>) -> Vec<String> {
    let tail = shorter_tail(field, map).map(|(best, ..)| {
        format!("if p99.9 counts more, {} ({})", best.map, number::nanos(p999(best).unwrap_or_default()))
    });
    let memory = smaller_peak(field, map).map(|(best, _)| {
        format!("if memory counts more, {} ({})", best.map, number::bytes(peak(best).unwrap_or_default()))
    });
    let hits = fewer_misses(field, map).map(|(best, _)| {
        let rate = number::percent(best.figures.hit_rate().unwrap_or_default());
        format!("if hits count more, {} ({rate})", best.map)
    });
    tail.into_iter().chain(memory).chain(hits).collect()
}

/// The other cache with the fewest misses, and how many times as many this one has.
fn fewer_misses<'v, 'a>(field: &Field<'v, 'a>, map: &MapResult<'_>) -> Option<(&'v MapResult<'a>, f64)> {
    let (best, low) = lowest(field, map, misses)?;
    let factor = misses(map)? / low.max(f64::MIN_POSITIVE);
    (factor >= MORE_MISSES).then_some((best, factor))
}

/// The share of the look-ups that found nothing.
fn misses(map: &MapResult<'_>) -> Option<f64> {
    map.figures.hit_rate().map(|rate| 1.0 - rate)
}

/// The other map with the lowest p99.9, how many times as long this one's is, and from how many rounds that is known if
/// they are too few for a claim.
fn shorter_tail<'v, 'a>(
    field: &Field<'v, 'a>,
    map: &MapResult<'_>,
) -> Option<(&'v MapResult<'a>, f64, &'static str)> {
    let (best, low) = lowest(field, map, p999)?;
    let high = p999(map)?;
    let tails = |one: &MapResult<'_>| {
        let by_round = one.figures.percentiles_by_round.iter();
        by_round.filter_map(|(round, quoted)| Some((*round, quoted[2]? as f64))).collect()
    };
    let ratio = Ratio::paired(&tails(map), &tails(best))?;
    let is_noise = ratio.interval.is_some() && !ratio.differs();
    let rounds = if ratio.interval.is_some() { "" } else { " in too few rounds for a claim" };
    let factor = high / low.max(1.0);
    (!is_noise && factor >= LONGER && high - low >= NEAR_NS).then_some((best, factor, rounds))
}

/// The other map with the smallest peak, and how many times as large this one's is.
fn smaller_peak<'v, 'a>(field: &Field<'v, 'a>, map: &MapResult<'_>) -> Option<(&'v MapResult<'a>, f64)> {
    let (best, low) = lowest(field, map, peak)?;
    let factor = peak(map)? / low.max(1.0);
    (factor >= LARGER).then_some((best, factor))
}

/// Of the other maps of a kind that no failure or leak rules out, the one with the least of a figure.
fn lowest<'v, 'a>(
    field: &Field<'v, 'a>,
    map: &MapResult<'_>,
    figure: fn(&MapResult<'_>) -> Option<f64>,
) -> Option<(&'v MapResult<'a>, f64)> {
    let others = field.maps.iter().copied().filter(|one| one.map != map.map);
    let sound = others.filter(|one| one.failures.is_empty() && leaked(one).is_none());
    sound.filter_map(|one| Some((one, figure(one)?))).min_by(|a, b| a.1.total_cmp(&b.1))
}

/// The p99.9 of all operations, ns.
pub(crate) fn p999(map: &MapResult<'_>) -> Option<f64> {
    let quoted: Percentiles = map.figures.percentiles.filter(|_| !map.figures.latency_interrupted)?;
    quoted[2].map(|ns| ns as f64)
}

/// Most bytes held.
pub(crate) fn peak(map: &MapResult<'_>) -> Option<f64> {
    map.figures.moments.map(|held| held.peak as f64)
}
