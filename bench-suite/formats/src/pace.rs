//! When the operations of a workload start.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// When operations start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// Each when the one before is done, a closed loop: as fast as the map can.
    #[default]
    Closed,
    /// This many a second by a schedule, an open loop: over all threads, which take turns. An operation that
    /// cannot start in time starts as soon as it can, and the wait counts as its response time. The fillings that
    /// come first prepare the load and have no schedule.
    PerSecond(NonZeroU32),
}

impl Pace {
    /// Operations a second, if there is a schedule.
    #[must_use]
    pub const fn per_second(self) -> Option<NonZeroU32> {
        match self {
            Self::Closed => None,
            Self::PerSecond(rate) => Some(rate),
        }
    }

    /// Whether there is no schedule: what a tape's header then leaves out.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self, Self::Closed)
    }
}
