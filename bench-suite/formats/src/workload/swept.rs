//! Fields that may be lists: one value for each point of a sweep.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU16;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use toml::Spanned;

use super::wire::{Reader, WorkloadWire};
use crate::fault::Fault;
use crate::point::Point;

/// More points than this are more than a chart or a person tells apart.
const MAX_POINTS: usize = 100;

/// A field as it is written: one value, or a list of them.
pub(super) struct Swept<T> {
    values: Vec<T>,
    is_list: bool,
    at: usize,
}

impl<T: Copy> Swept<T> {
    /// A field that is one value.
    pub(super) fn one(value: T) -> Self {
        Self { values: vec![value], is_list: false, at: 0 }
    }

    /// The value at the point that is being read. Only a list can be empty, and such a one is refused before.
    pub(super) fn here(&self) -> Option<T> {
        self.values.get(self.at).copied()
    }

    /// The value here, if there are several to choose from.
    fn chosen(&self) -> Option<T> {
        self.here().filter(|_| self.is_list)
    }
}

/// What a field is at the point that is being read, with its place.
pub(super) fn here<T: Copy>(field: Option<&Spanned<Swept<T>>>) -> Option<Spanned<T>> {
    field.and_then(|place| Some(Spanned::new(place.span(), place.get_ref().here()?)))
}

/// How many points the lists of a workload come to; refuses lists that make no sense.
pub(super) fn points(reader: &Reader, wire: &WorkloadWire) -> Result<usize, Fault> {
    let live = wire.live.as_ref();
    if let (Some(place), Some(_)) = (live.filter(|place| place.get_ref().is_list), &wire.phases) {
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
            Err(reader.fault(&Spanned::new(span, ()), field, problem))
        }
        _ => Ok(count),
    }
}

type List = Option<(std::ops::Range<usize>, &'static str)>;

fn length<T: PartialEq>(
    reader: &Reader,
    field: Option<&Spanned<Swept<T>>>,
    name: &'static str,
) -> Result<(usize, List), Fault> {
    let Some(place) = field.filter(|place| place.get_ref().is_list) else { return Ok((1, None)) };
    let values = &place.get_ref().values;
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
    fn turn<T>(field: &mut Swept<T>, rest: &mut usize) {
        let count = field.values.len().max(1);
        field.at = *rest % count;
        *rest /= count;
    }
    let mut rest = point;
    turn(wire.values.get_mut(), &mut rest);
    if let Some(threads) = &mut wire.threads {
        turn(threads.get_mut(), &mut rest);
    }
    if let Some(live) = &mut wire.live {
        turn(live.get_mut(), &mut rest);
    }
    Point {
        live: wire.live.as_ref().and_then(|live| live.get_ref().chosen()),
        threads: wire.threads.as_ref().and_then(|n| n.get_ref().chosen()).and_then(NonZeroU16::new),
        values: wire.values.get_ref().chosen(),
    }
}

/// Whether `threads` is a list: then what only several threads can have holds at the points that have them.
pub(super) fn sweeps_threads(wire: &WorkloadWire) -> bool {
    wire.threads.as_ref().is_some_and(|threads| threads.get_ref().is_list)
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Swept<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Written<T> {
            type Value = Swept<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one value, or a list of them")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Swept<T>, E> {
                one(T::deserialize(number.into_deserializer()))
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Swept<T>, E> {
                one(T::deserialize(word.into_deserializer()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Swept<T>, A::Error> {
                one(T::deserialize(MapAccessDeserializer::new(map)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Swept<T>, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                Ok(Swept { values, is_list: true, at: 0 })
            }
        }

        fn one<T, E>(value: Result<T, E>) -> Result<Swept<T>, E> {
            Ok(Swept { values: vec![value?], is_list: false, at: 0 })
        }

        deserializer.deserialize_any(Written(PhantomData))
    }
}
