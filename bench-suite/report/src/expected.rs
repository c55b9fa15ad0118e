//! What became of the expectations of a session: held, broken or undecided, map by map.
//!
//! A figure that is the same on every run is held against its bound as it is. One of which every run gives another
//! value is judged by the interval for the median of its rounds: held when the whole interval is within the bound,
//! broken when none of it is.

mod told;

#[cfg(test)]
mod tests;

use formats::expectation::{Bound, Expectation, Judgement, Outcome};
use formats::figure::Figure;
use formats::point::split_scale;
use formats::session::Session;

pub(crate) use self::told::{case, lines, list, section, sentence, tally};
pub use self::told::{junit, text};
use crate::map_result::MapResult;
use crate::measured;
use crate::number;
use crate::prose::plural;
use crate::ratio::{self, Interval, MIN_ROUNDS, Ratio, median};
use crate::view::{View, WorkloadResults};

/// What became of every expectation of a session, workload by workload; those of smaller or other tapes than the
/// workload's own are undecided.
#[must_use]
pub fn judge(session: &Session) -> Vec<Judgement> {
    of_view(&View::new(session))
}

pub(crate) fn of_view(view: &View<'_>) -> Vec<Judgement> {
    let played = view.workloads.iter().filter(|workload| !workload.results.is_empty());
    played.flat_map(of_workload).collect()
}

/// What became of those of one workload.
pub(crate) fn of_workload(workload: &WorkloadResults<'_>) -> Vec<Judgement> {
    let expectations = workload.tape.map_or(&[][..], |tape| &tape.expectations);
    expectations.iter().flat_map(|one| of_maps(workload, one)).collect()
}

/// What became of one expectation in every map that it is of.
fn of_maps(workload: &WorkloadResults<'_>, one: &Expectation) -> Vec<Judgement> {
    let judged = |map: &str, (outcome, said): (Outcome, String)| Judgement {
        workload: workload.name.to_owned(),
        map: map.to_owned(),
        expectation: one.clone(),
        outcome,
        said,
    };
    let other_tape = match split_scale(workload.name) {
        (_, Some(scale)) => Some(format!("at {scale} of its size")),
        _ if workload.name.contains('#') => Some("with another seed".to_owned()),
        _ => None,
    };
    if let Some(how) = other_tape {
        let maps: Vec<&str> = one.written_maps().collect();
        let why = format!("it is said of the whole load, which was played {how}");
        return vec![judged(&maps.join(", "), (Outcome::Undecided, why))];
    }
    let of = |result: &&MapResult<'_>| one.is_of(result.map, result.is_candidate);
    let mut all: Vec<Judgement> = workload
        .results
        .iter()
        .filter(of)
        .map(|result| judged(result.map, outcome(workload, one, result)))
        .collect();
    let mut absent: Vec<&str> =
        one.named().filter(|name| !workload.results.iter().any(|result| result.map == *name)).collect();
    if all.is_empty() && absent.is_empty() {
        absent = one.written_maps().collect();
    }
    let unplayed = (Outcome::Undecided, "it did not play".to_owned());
    all.extend(absent.into_iter().map(|map| judged(map, unplayed.clone())));
    all
}

fn outcome(workload: &WorkloadResults<'_>, one: &Expectation, result: &MapResult<'_>) -> (Outcome, String) {
    let seen = match Seen::of(workload, one, result) {
        Ok(seen) => seen,
        Err(why) => return (Outcome::Undecided, why),
    };
    let outcome = match seen.interval {
        None if seen.is_exact => bool_outcome(one.bound.holds(seen.amount)),
        None => Outcome::Undecided,
        Some(Interval { low, high, .. }) => match (one.bound.holds(low), one.bound.holds(high)) {
            (true, true) => Outcome::Held,
            (false, false) => Outcome::Broken,
            _ => Outcome::Undecided,
        },
    };
    (outcome, seen.said(one))
}

const fn bool_outcome(holds: bool) -> Outcome {
    if holds { Outcome::Held } else { Outcome::Broken }
}

/// What was seen of a figure, or of how many times another map's it is.
struct Seen {
    amount: f64,
    interval: Option<Interval>,
    rounds: usize,
    is_exact: bool,
}

impl Seen {
    /// What was seen; why nothing was otherwise.
    fn of(workload: &WorkloadResults<'_>, one: &Expectation, result: &MapResult<'_>) -> Result<Self, String> {
        let is_exact = !one.figure.is_timed() && workload.threads() == 1;
        let mine = measured::by_round(one.figure, result);
        if mine.is_empty() {
            return Err(unmeasured(one, result));
        }
        let Some(of) = &one.of else {
            let amounts = || mine.values().copied();
            let interval = if is_exact { None } else { ratio::interval(amounts()) };
            let amount = median(amounts()).unwrap_or_default();
            return Ok(Self { amount, interval, rounds: mine.len(), is_exact });
        };
        let other = workload.results.iter().find(|other| other.map == of);
        let ratio = other.and_then(|other| match one.figure {
            Figure::Throughput => result.speed_against(other),
            Figure::NsPerOp => other.speed_against(result),
            figure => Ratio::paired(&mine, &measured::by_round(figure, other)),
        });
        let Ratio { estimate, interval, rounds } = ratio.ok_or_else(|| {
            format!("{} of {of}, with which it is compared, was not measured", one.figure.name())
        })?;
        Ok(Self { amount: estimate, interval: interval.filter(|_| !is_exact), rounds, is_exact })
    }

    /// The figure beside its bound.
    fn said(&self, one: &Expectation) -> String {
        let text = |amount: f64| match one.of {
            Some(_) => number::factor(amount),
            None => measured::text(one.figure, amount),
        };
        let of = one.of.as_ref().map(|of| format!(" that of {of}")).unwrap_or_default();
        let rounds = match self.interval {
            Some(Interval { low, high, confidence }) => format!(
                " ({} to {}, {} confidence, {})",
                text(low),
                text(high),
                number::confidence(confidence),
                plural(self.rounds, "round")
            ),
            None if self.is_exact => String::new(),
            None => format!(" in {}; an interval needs {MIN_ROUNDS}", plural(self.rounds, "round")),
        };
        let side = match one.bound {
            Bound::AtMost(_) => "at most",
            Bound::AtLeast(_) => "at least",
        };
        let limit = text(one.bound.limit());
        format!("{} is {}{of}{rounds}; expected is {side} {limit}", one.figure.name(), text(self.amount))
    }
}

/// Why there is no figure.
fn unmeasured(one: &Expectation, result: &MapResult<'_>) -> String {
    if let Some((pass, failure)) = result.failures.first() {
        return format!("{} has no figure: {} failed ({failure})", one.figure.name(), pass.collector.name());
    }
    let collectors: Vec<&str> = one.figure.collectors().iter().map(|collector| collector.name()).collect();
    format!("{} was not measured: it is seen by {}", one.figure.name(), collectors.join(" or "))
}
