//! When the operations of a tape start, phase by phase.

use super::{Header, PhaseMark};
use crate::pace::{Pace, one_after_the_other};

impl Header {
    /// When the operations of a phase start: by its own pace, else by that of the tape. What only prepares has no
    /// schedule.
    #[must_use]
    pub fn pace_of(&self, phase: &PhaseMark) -> Pace {
        if phase.counts { phase.pace.unwrap_or(self.pace) } else { Pace::Closed }
    }

    /// Whether some operation has a schedule.
    #[must_use]
    pub fn is_paced(&self) -> bool {
        self.phases.iter().any(|phase| !self.pace_of(phase).is_closed())
    }

    /// Whether phases have paces of their own, so that what one pace comes to is told phase by phase.
    #[must_use]
    pub fn paces_differ(&self) -> bool {
        let mut paces = self.counted(&self.phases).iter().map(|phase| self.pace_of(phase));
        let first = paces.next();
        paces.any(|pace| Some(pace) != first)
    }

    /// Its schedule as people read it, if it has one.
    #[must_use]
    pub fn schedule(&self) -> Option<String> {
        let paces = self.counted(&self.phases).iter().map(|phase| self.pace_of(phase));
        self.is_paced().then(|| one_after_the_other(paces))
    }

    /// How long the schedule of a phase is, s; 0 without one.
    #[must_use]
    pub fn scheduled_seconds_of(&self, phase: &PhaseMark) -> f64 {
        let ops = phase.ops.iter().fold(0, |sum: u64, ops| sum.saturating_add(*ops));
        match self.pace_of(phase) {
            Pace::Recorded(_) => self.recorded_ns.unwrap_or(0) as f64 / 1e9,
            pace => pace.seconds(ops),
        }
    }

    /// Whether a recording says when operations start, so that the tape has a time for each.
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        matches!(self.pace, Pace::Recorded(_))
    }

    /// Refuses recorded times that are not those of one phase: what is wrong.
    pub(super) fn check_recorded(&self) -> Result<(), String> {
        let own = self.phases.iter().any(|phase| matches!(phase.pace, Some(Pace::Recorded(_))));
        if own || self.is_recorded() && self.phases.len() > 1 {
            return Err("its recorded times are not those of one phase".into());
        }
        Ok(())
    }

    /// How long the schedule of the tape is, s; 0 without one. Each phase begins when the one before is done.
    #[must_use]
    pub fn scheduled_seconds(&self) -> f64 {
        self.phases.iter().map(|phase| self.scheduled_seconds_of(phase)).sum()
    }
}
