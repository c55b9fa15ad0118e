//! What the `contention` collector sees: how threads stood in each other's way.

use serde::{Deserialize, Serialize};

use super::{Allocator, Collected, CollectorInfo, Consistency, Cost, Threads, equal};
use crate::tape::Header;

/// How threads stood in each other's way.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Contention {
    /// What each thread met while it played; empty when the map's locks are its library's own and do not count.
    pub threads: Vec<Waits>,
    /// Of that, what all threads together met at the tracker of the map's slots, apart from the slots' own
    /// locks; `None` without a tracker.
    #[serde(default)]
    pub tracker: Option<Waits>,
    /// Operations played, all threads together.
    pub ops: u64,
    /// Slots handed out and how many of them for the second time or later, if the map keeps account.
    pub tracked: Option<Tracked>,
    /// What readers got to see, in an experiment beside the tape; `None` where threads share no keys.
    pub consistency: Option<Consistency>,
}

impl Collected for Contention {
    const INFO: CollectorInfo = CollectorInfo {
        is_timed: true,
        keeps_pace: false,
        needs: &[],
        allocator: Allocator::Plain,
        threads: Threads::Several,
        arguments: &[],
        cost: Cost { start: 0.03, factor: 1.5, samples_for: 0.0 },
    };

    /// Every operation must have been played, and what was counted must add up.
    fn check(&self, tape: &Header) -> Result<(), String> {
        equal("operations", self.ops, tape.ops())?;
        let threads = tape.phases.first().map_or(0, |phase| phase.ops.len());
        if !self.threads.is_empty() {
            equal("threads", self.threads.len(), threads)?;
        }
        if self.threads.iter().any(|waits| waits.longest_wait_ns > waits.wait_ns) {
            return Err("one wait is longer than all together".into());
        }
        let (Some(tracked), Some(entries)) = (self.tracked, tape.new_entries()) else { return Ok(()) };
        equal("slots handed out", tracked.taken, entries)
    }
}

/// What one thread met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Waits {
    /// Locks taken.
    pub acquisitions: u64,
    /// Times that it had to wait: for a lock that was taken, or for another thread's answer.
    pub waits: u64,
    /// How long it waited in all, ns.
    pub wait_ns: u64,
    /// The longest wait, ns.
    pub longest_wait_ns: u64,
    /// Attempts that came to nothing because another thread was first.
    pub retries: u64,
    /// The most entries that it saw in a queue, its own included.
    pub deepest_queue: u64,
}

impl Waits {
    /// Nothing met.
    pub const NONE: Self =
        Self { acquisitions: 0, waits: 0, wait_ns: 0, longest_wait_ns: 0, retries: 0, deepest_queue: 0 };

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            acquisitions: self.acquisitions.saturating_add(other.acquisitions),
            waits: self.waits.saturating_add(other.waits),
            wait_ns: self.wait_ns.saturating_add(other.wait_ns),
            longest_wait_ns: self.longest_wait_ns.max(other.longest_wait_ns),
            retries: self.retries.saturating_add(other.retries),
            deepest_queue: self.deepest_queue.max(other.deepest_queue),
        }
    }
}

/// What a slot tracker counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tracked {
    /// Slots handed out.
    pub taken: u64,
    /// Of those, slots that had been handed out before.
    pub reused: u64,
}

#[cfg(test)]
mod tests {
    use super::super::tests::tape;
    use super::*;

    #[test]
    fn a_reading_of_before_trackers_were_told_apart_is_read() {
        let old = r#"{"threads":[],"ops":3,"tracked":{"taken":2,"reused":1},"consistency":null}"#;
        let read: Contention = serde_json::from_str(old).expect("it was valid then");
        assert_eq!((read.tracker, read.ops), (None, 3));
    }

    #[test]
    fn what_was_counted_must_add_up() {
        let tracked = Some(Tracked { taken: 7, reused: 3 });
        let whole =
            Contention { threads: vec![Waits::NONE], tracker: None, ops: 10, tracked, consistency: None };
        assert_eq!(whole.check(&tape()), Ok(()));
        let lost = Contention { ops: 9, ..whole.clone() };
        assert_eq!(lost.check(&tape()), Err("9 operations, must be 10".into()));
        let untracked = Contention { tracked: Some(Tracked::default()), ..whole.clone() };
        assert_eq!(untracked.check(&tape()), Err("0 slots handed out, must be 7".into()));
        let waits = Waits { longest_wait_ns: 2, wait_ns: 1, ..Waits::NONE };
        assert!(Contention { threads: vec![waits], ..whole.clone() }.check(&tape()).is_err());
        assert!(Contention { threads: vec![Waits::NONE; 2], ..whole }.check(&tape()).is_err());
    }
}
