//! When the operations of a workload start.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// When operations start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// Each when the one before is done, a closed loop: as fast as the map can.
    #[default]
    Closed,
    /// This many a second by a schedule, an open loop: over all threads, which take turns. An operation that
    /// cannot start in time starts as soon as it can, and the wait counts as its response time. The fillings that
    /// come first prepare the load and have no schedule.
    PerSecond(NonZeroU32),
    /// By a schedule too: operations come for a while and then do not for a while, again and again.
    Bursts(Bursts),
    /// When the recording says that they came: the tape has the times.
    Recorded(Speed),
}

/// How fast the times of a recording go by, thousandths: at 2000 all happens in half the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Speed(pub NonZeroU32);

impl Speed {
    /// A time of the recording, ns after it began, as it is played.
    #[must_use]
    pub fn played_ns(self, recorded_ns: u64) -> u64 {
        let played = u128::from(recorded_ns) * 1000 / u128::from(self.0.get());
        u64::try_from(played).unwrap_or(u64::MAX)
    }
}

/// Operations at even distances for a while, then none for a while; each phase begins with a burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bursts {
    /// Operations a second while they come, over all threads.
    pub per_second: NonZeroU32,
    /// How long they come, ms.
    pub on_ms: NonZeroU32,
    /// How long they do not, ms.
    pub off_ms: NonZeroU32,
}

impl Bursts {
    /// Operations of one burst, at least one.
    #[must_use]
    pub fn ops(self) -> u64 {
        (u64::from(self.per_second.get()) * u64::from(self.on_ms.get()) / 1000).max(1)
    }

    /// From the beginning of a burst to that of the next, ms.
    #[must_use]
    pub fn period_ms(self) -> u64 {
        u64::from(self.on_ms.get()) + u64::from(self.off_ms.get())
    }
}

impl Pace {
    /// Operations a second while they come, if there is a schedule that says so.
    #[must_use]
    pub const fn per_second(self) -> Option<NonZeroU32> {
        match self {
            Self::Closed | Self::Recorded(_) => None,
            Self::PerSecond(rate) | Self::Bursts(Bursts { per_second: rate, .. }) => Some(rate),
        }
    }

    /// How long the schedule of so many operations of a phase is, s; 0 without one, and where the tape has it. What follows the last operation of a
    /// burst belongs to the next.
    #[must_use]
    pub fn seconds(self, ops: u64) -> f64 {
        match self {
            Self::Closed | Self::Recorded(_) => 0.0,
            Self::PerSecond(rate) => ops as f64 / f64::from(rate.get()),
            Self::Bursts(bursts) => {
                let before = ops.saturating_sub(1) / bursts.ops();
                let last = ops - before * bursts.ops();
                (before * bursts.period_ms()) as f64 / 1e3 + last as f64 / f64::from(bursts.per_second.get())
            }
        }
    }

    /// Whether there is no schedule: what a tape's header then leaves out.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self, Self::Closed)
    }
}

/// Paces that follow on each other, as people read them: what is the same is said once.
#[must_use]
pub fn one_after_the_other(paces: impl IntoIterator<Item = Pace>) -> String {
    /// As many as are read at a glance.
    const TOLD: usize = 8;
    let mut paces: Vec<Pace> = paces.into_iter().collect();
    paces.dedup();
    let even = |pace: &Pace| if let Pace::PerSecond(rate) = pace { Some(rate.to_string()) } else { None };
    let rates: Option<Vec<String>> = paces.iter().map(even).collect();
    let listed = |told: &[String], between: &str| match told.split_at_checked(TOLD) {
        Some((told, [_, ..])) => format!("{}{between}…", told.join(between)),
        _ => told.join(between),
    };
    match rates {
        Some(rates) => format!("{} operations a second", listed(&rates, ", then ")),
        None => listed(&paces.iter().map(Pace::to_string).collect::<Vec<_>>(), "; then "),
    }
}

/// As people read it, of what has a schedule.
impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |ms: NonZeroU32| f64::from(ms.get()) / 1e3;
        match self {
            Self::Closed => f.write_str("no schedule"),
            Self::PerSecond(rate) => write!(f, "{rate} operations a second"),
            Self::Recorded(Speed(thousandths)) if thousandths.get() == 1000 => f.write_str("as recorded"),
            Self::Recorded(Speed(thousandths)) => {
                write!(f, "as recorded, {} times as fast", f64::from(thousandths.get()) / 1e3)
            }
            Self::Bursts(Bursts { per_second, on_ms, off_ms }) => write!(
                f,
                "{per_second} operations a second for {} s, then none for {} s",
                seconds(*on_ms),
                seconds(*off_ms)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_as_long_as_its_bursts() {
        let ms = |ms| NonZeroU32::new(ms).unwrap();
        let pace = Pace::Bursts(Bursts { per_second: ms(1000), on_ms: ms(100), off_ms: ms(400) });
        for (ops, seconds) in [(0, 0.0), (50, 0.05), (100, 0.1), (101, 0.501), (200, 0.6), (1000, 4.6)] {
            assert!((pace.seconds(ops) - seconds).abs() < 1e-9, "{ops}: {}", pace.seconds(ops));
        }
        assert_eq!(pace.to_string(), "1000 operations a second for 0.1 s, then none for 0.4 s");
        let recorded = |thousandths| Pace::Recorded(Speed(ms(thousandths)));
        assert_eq!(recorded(1000).to_string(), "as recorded");
        assert_eq!(recorded(2500).to_string(), "as recorded, 2.5 times as fast");
        assert_eq!([500, 1000, 3000].map(|speed| Speed(ms(speed)).played_ns(3_000)), [6_000, 3_000, 1_000]);
        let [slow, fast] = [10, 20].map(|rate| Pace::PerSecond(ms(rate)));
        assert_eq!(one_after_the_other([slow, slow, fast]), "10, then 20 operations a second");
        assert_eq!(one_after_the_other([Pace::Closed, slow]), "no schedule; then 10 operations a second");
        let many = one_after_the_other((1..=9).map(|rate| Pace::PerSecond(ms(rate))));
        assert!(many.ends_with(", then 8, then … operations a second"), "{many}");
        let rare = Bursts { per_second: ms(1), on_ms: ms(1), off_ms: ms(1) };
        assert_eq!(rare.ops(), 1, "a burst is no pause");
    }
}
