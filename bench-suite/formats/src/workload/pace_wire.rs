//! When operations start, as it is written.

use std::fmt;
use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::{Bursts, Pace, Source, Speed};
use crate::fault::{Fault, Reader};
use crate::placed::Placed;

/// A schedule finer than this is below what waiting for a moment can keep.
const MAX_PER_SECOND: u32 = 1_000_000;
/// The longest that operations come, or do not come, at one rate, s.
const LONGEST: f64 = 3600.0;
/// More rates than this are more than a person tells apart.
const MAX_RATES: usize = 100;

/// What a pace can be, for errors.
const FORMS: &str =
    "`closed`, `recorded`, or a table with one of `per_second`, `bursts`, `rates`, `recorded`";
/// The slowest and the fastest that a recording is played, times its own speed.
const SPEEDS: (f64, f64) = (0.001, 1000.0);

#[derive(Clone, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum PaceWire {
    /// Each when the one before is done.
    Closed,
    /// So many a second by a schedule, over all threads.
    PerSecond(u64),
    /// So many a second for a while, then none for a while.
    Bursts(BurstsWire),
    /// One rate after the other, each a churn phase of its own.
    Rates(RatesWire),
    /// When the recording says that they came.
    Recorded,
    /// The same, so many times as fast.
    #[serde(rename = "recorded")]
    RecordedAt(f64),
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table of `per_second`, `on` and `off`")]
pub(super) struct BurstsWire {
    /// Operations a second within a burst.
    pub(super) per_second: u64,
    /// How long a burst lasts, s.
    pub(super) on: f64,
    /// How long nothing happens between two, s.
    pub(super) off: f64,
}

#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table of `per_second` and `each`")]
pub(super) struct RatesWire {
    /// Operations a second, one rate after the other.
    pub(super) per_second: Vec<u64>,
    /// How long operations come at each, s.
    pub(super) each: f64,
}

impl<'de> Deserialize<'de> for PaceWire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;

        impl<'de> Visitor<'de> for Written {
            type Value = PaceWire;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(FORMS)
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<PaceWire, E> {
                match word {
                    "closed" => Ok(PaceWire::Closed),
                    "recorded" => Ok(PaceWire::Recorded),
                    _ => Err(E::custom(format!("`{word}` is no pace; allowed are {FORMS}"))),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PaceWire, A::Error> {
                let one = || A::Error::custom(format!("is a table of one name; allowed are {FORMS}"));
                let name: String = map.next_key()?.ok_or_else(one)?;
                let pace = match name.as_str() {
                    "per_second" => PaceWire::PerSecond(map.next_value()?),
                    "bursts" => PaceWire::Bursts(map.next_value()?),
                    "rates" => PaceWire::Rates(map.next_value()?),
                    "recorded" => PaceWire::RecordedAt(map.next_value()?),
                    _ => {
                        return Err(A::Error::custom(format!("`{name}` is no pace; allowed are {FORMS}")));
                    }
                };
                match map.next_key::<IgnoredAny>()? {
                    None => Ok(pace),
                    Some(_) => Err(one()),
                }
            }
        }

        deserializer.deserialize_any(Written)
    }
}

/// What a workload says of when its operations start.
pub(super) enum Paced {
    /// In all phases alike, unless a phase says something else.
    Alike(Pace),
    /// By one rate after the other.
    Rates(Rates),
}

/// Rates, one after the other, each with the operations that come at it.
pub(super) struct Rates {
    /// Where they are written.
    pub(super) place: Placed<()>,
    pub(super) each: Vec<(NonZeroU32, u64)>,
}

/// The pace of a workload.
pub(super) fn read_pace(reader: &Reader, written: Option<&Placed<PaceWire>>) -> Result<Paced, Fault> {
    let Some(place) = written else { return Ok(Paced::Alike(Pace::default())) };
    let fault = |problem: String| reader.fault(place, "pace", problem);
    let PaceWire::Rates(RatesWire { per_second: rates, each }) = place.get_ref() else {
        return one_pace(place.get_ref()).map(Paced::Alike).map_err(fault);
    };
    if !(1..=MAX_RATES).contains(&rates.len()) {
        return Err(fault(format!("rates: of {} rates; allowed are 1 to {MAX_RATES}", rates.len())));
    }
    let ms = u64::from(milliseconds("each", *each).map_err(fault)?.get());
    let of_rate = |rate: &u64| {
        let rate = per_second(*rate)?;
        Ok((rate, (u64::from(rate.get()) * ms / 1000).max(1)))
    };
    let each = rates.iter().map(of_rate).collect::<Result<_, String>>().map_err(fault)?;
    Ok(Paced::Rates(Rates { place: Placed::new(place.span(), ()), each }))
}

/// The pace of one phase: what is wrong with it.
pub(super) fn one_pace(written: &PaceWire) -> Result<Pace, String> {
    match *written {
        PaceWire::Closed => Ok(Pace::Closed),
        PaceWire::PerSecond(rate) => per_second(rate).map(Pace::PerSecond),
        PaceWire::Bursts(BurstsWire { per_second: rate, on, off }) => Ok(Pace::Bursts(Bursts {
            per_second: per_second(rate)?,
            on_ms: milliseconds("on", on)?,
            off_ms: milliseconds("off", off)?,
        })),
        PaceWire::Recorded => Ok(Pace::Recorded(AS_IT_WAS)),
        PaceWire::RecordedAt(speed) => times_as_fast(speed).map(Pace::Recorded),
        PaceWire::Rates(_) => {
            Err("rates: make phases of their own and are said once, outside; allowed here is one pace".into())
        }
    }
}

fn per_second(rate: u64) -> Result<NonZeroU32, String> {
    let given = u32::try_from(rate).ok().filter(|rate| *rate <= MAX_PER_SECOND);
    let allowed = || format!("per_second = {rate}; allowed are 1 to {MAX_PER_SECOND}");
    given.and_then(NonZeroU32::new).ok_or_else(allowed)
}

/// The speed of the recording itself.
const AS_IT_WAS: Speed = Speed(NonZeroU32::new(1000).expect("it is not 0"));

fn times_as_fast(speed: f64) -> Result<Speed, String> {
    let (least, most) = SPEEDS;
    if !(least..=most).contains(&speed) {
        return Err(format!(
            "recorded = {speed}; allowed are {least} to {most} times the speed of the recording"
        ));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within bounds")]
    let thousandths = (speed * 1e3).round() as u32;
    Ok(NonZeroU32::new(thousandths).map_or(AS_IT_WAS, Speed))
}

/// Refuses the times of a recording where there are none: what is wrong.
pub(super) fn check_recorded(source: &Source) -> Result<(), String> {
    let problem = match source {
        Source::Trace(trace) if trace.format.has_times(&trace.layout) => return Ok(()),
        Source::Trace(trace) if trace.format.has_layout() => {
            "needs a column \"time\" among `columns`: without, the recording says nothing of when"
        }
        Source::Trace(trace) => {
            return Err(format!(
                "recorded: records of \"{}\" say nothing of when; allowed is `closed`, or a table with `per_second` or \
                 `bursts`",
                trace.format.name()
            ));
        }
        Source::Recipe(_) | Source::Script(_) => {
            "the times are those of a recording, and there is no [trace]"
        }
    };
    Err(format!("recorded: {problem}"))
}

fn milliseconds(name: &str, seconds: f64) -> Result<NonZeroU32, String> {
    if !(0.001..=LONGEST).contains(&seconds) {
        return Err(format!("{name} = {seconds}; allowed are 0.001 to {LONGEST} seconds"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within bounds")]
    let ms = (seconds * 1e3).round() as u32;
    Ok(NonZeroU32::new(ms).unwrap_or(NonZeroU32::MIN))
}
