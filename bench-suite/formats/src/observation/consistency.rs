//! What readers of a shared map get to see while others write.

use serde::{Deserialize, Serialize};

/// What readers of a shared map get to see while others write.
///
/// Each thread writes rising numbers to a key of its own, reads it back, and reads the key of its neighbour.
/// Then all threads update one key, each time with a number that is written once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Consistency {
    /// Threads.
    pub threads: u64,
    /// Reads of the thread's own key right after a write to it.
    pub own_reads: u64,
    /// Of those, reads that did not see the write.
    pub own_writes_missed: u64,
    /// Reads of the neighbour's key.
    pub other_reads: u64,
    /// Of those, reads of a number below one that the same thread had read there before.
    pub went_back: u64,
    /// Of those, reads of a number although the write of a higher one had ended before the read began.
    pub stale: u64,
    /// By how many writes the stalest of them was behind.
    pub most_writes_behind: u64,
    /// For how long at most a number that was read had been replaced, ns.
    pub longest_stale_ns: u64,
    /// Updates of the common key that said what they replaced.
    pub answered_updates: u64,
    /// Updates of it that said nothing.
    pub unanswered_updates: u64,
    /// Of the updates that answered, those which replaced a number that another one had replaced too: one of the
    /// two is lost.
    pub lost_updates: u64,
}

impl Consistency {
    /// Whether nothing was seen that a map with one copy of each entry would not show.
    #[must_use]
    pub const fn is_strict(&self) -> bool {
        self.own_writes_missed == 0
            && self.went_back == 0
            && self.stale == 0
            && self.lost_updates == 0
            && self.unanswered_updates == 0
    }
}
