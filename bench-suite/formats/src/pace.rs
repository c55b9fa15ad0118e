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
    /// Operations a second while they come, if there is a schedule.
    #[must_use]
    pub const fn per_second(self) -> Option<NonZeroU32> {
        match self {
            Self::Closed => None,
            Self::PerSecond(rate) | Self::Bursts(Bursts { per_second: rate, .. }) => Some(rate),
        }
    }

    /// How long the schedule of so many operations of a phase is, s; 0 without one. What follows the last operation of a
    /// burst belongs to the next.
    #[must_use]
    pub fn seconds(self, ops: u64) -> f64 {
        match self {
            Self::Closed => 0.0,
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

/// As people read it, of what has a schedule.
impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |ms: NonZeroU32| f64::from(ms.get()) / 1e3;
        match self {
            Self::Closed => f.write_str("no schedule"),
            Self::PerSecond(rate) => write!(f, "{rate} operations a second"),
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
        let rare = Bursts { per_second: ms(1), on_ms: ms(1), off_ms: ms(1) };
        assert_eq!(rare.ops(), 1, "a burst is no pause");
    }
}
