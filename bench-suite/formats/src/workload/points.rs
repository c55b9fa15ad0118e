//! The points of a swept workload: how many its lists come to, and which values each has.

use std::num::NonZeroU16;

use super::swept::Swept;
use super::wire::{Reader, WorkloadWire};
use crate::fault::Fault;
use crate::placed::Placed;
use crate::point::Point;

/// More points than this are more than a chart or a person tells apart.
const MAX_POINTS: usize = 100;

/// How many points the lists of a workload come to; refuses lists that make no sense.
pub(super) fn points(reader: &Reader, wire: &WorkloadWire) -> Result<usize, Fault> {
    let live = wire.live.as_ref();
    if let (Some(place), Some(_)) = (live.filter(|place| place.get_ref().list().is_some()), &wire.phases) {
        let problem = "a list goes with `ops`: `phases` have counts of their own";
        return Err(reader.fault(place, "live", problem));
    }
    let lengths = [
        length(reader, live, "live")?,
        length(reader, wire.threads.as_ref(), "threads")?,
        length(reader, Some(&wire.values), "values")?,
    ];
    let (count, last) = lengths.iter().fold((1usize, None), |(count, last), (length, list)| {
        (count.saturating_mul(*length), list.clone().or(last))
    });
    match last {
        Some((span, field)) if count > MAX_POINTS => {
            let problem = format!("the lists come to {count} points; allowed are 1 to {MAX_POINTS}");
            Err(reader.fault(&Placed::new(span, ()), field, problem))
        }
        _ => Ok(count),
    }
}

type List = Option<(std::ops::Range<usize>, &'static str)>;

fn length<T: PartialEq>(
    reader: &Reader,
    field: Option<&Placed<Swept<T>>>,
    name: &'static str,
) -> Result<(usize, List), Fault> {
    let Some(place) = field else { return Ok((1, None)) };
    let Some(values) = place.get_ref().list() else { return Ok((1, None)) };
    if values.is_empty() {
        return Err(reader.fault(place, name, "the list is empty; allowed is one value, or a list of them"));
    }
    if let Some(at) = (1..values.len()).find(|at| values[..*at].contains(&values[*at])) {
        let problem = format!("value {} of the list stands in it before: each is a point", at + 1);
        return Err(reader.fault(place, name, problem));
    }
    Ok((values.len(), Some((place.span(), name))))
}

/// Goes to a point, the last list the fastest: what it is.
pub(super) fn go_to(wire: &mut WorkloadWire, point: usize) -> Point {
    let mut rest = point;
    wire.values.get_mut().turn(&mut rest);
    if let Some(threads) = &mut wire.threads {
        threads.get_mut().turn(&mut rest);
    }
    if let Some(live) = &mut wire.live {
        live.get_mut().turn(&mut rest);
    }
    Point {
        live: wire.live.as_ref().and_then(|live| live.get_ref().chosen()),
        threads: wire.threads.as_ref().and_then(|n| n.get_ref().chosen()).and_then(NonZeroU16::new),
        values: wire.values.get_ref().chosen(),
    }
}

/// Whether `threads` is a list: then what only several threads can have holds at the points that have them.
pub(super) fn sweeps_threads(wire: &WorkloadWire) -> bool {
    wire.threads.as_ref().is_some_and(|threads| threads.get_ref().list().is_some())
}
