//! What the `contention` collector sees: how threads stood in each other's way.

use serde::{Deserialize, Serialize};

use super::Consistency;

/// How threads stood in each other's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// What one thread met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
#[serde(deny_unknown_fields)]
pub struct Tracked {
    /// Slots handed out.
    pub taken: u64,
    /// Of those, slots that had been handed out before.
    pub reused: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_of_before_trackers_were_told_apart_is_read() {
        let old = r#"{"threads":[],"ops":3,"tracked":{"taken":2,"reused":1},"consistency":null}"#;
        let read: Contention = serde_json::from_str(old).expect("it was valid then");
        assert_eq!((read.tracker, read.ops), (None, 3));
    }
}
