//! What the `allocations` collector sees: calls of the allocator.

use serde::{Deserialize, Serialize};

use super::{Allocator, Collected, CollectorInfo, Cost, Need, Threads, equal, total};
use crate::tape::Header;

/// Calls of the allocator.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Allocations {
    /// Calls in each phase.
    pub phases: Vec<PhaseAllocations>,
    /// Calls by size class, over the whole tape.
    pub classes: Vec<ClassAllocations>,
    /// Most bytes (usable sizes) held at once.
    pub peak_bytes: u64,
    /// Bytes held at the end of the tape.
    pub end_bytes: u64,
    /// Of those, bytes that only waited in a reclaimer, such as an epoch, and were freed when it was asked to; `None`
    /// for a map that frees at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_bytes: Option<u64>,
    /// Bytes still held after every entry was removed one by one; nothing waits to be freed.
    pub drained_bytes: u64,
    /// Bytes still held after the map was dropped, and nothing waits to be freed: a leak.
    pub dropped_bytes: u64,
}

impl Collected for Allocations {
    const INFO: CollectorInfo = CollectorInfo {
        is_timed: false,
        keeps_pace: false,
        needs: &[Need::NoOwnThreads],
        allocator: Allocator::Counting,
        threads: Threads::One,
        arguments: &[],
        cost: Cost { start: 0.02, factor: 2.0, samples_for: 0.0 },
    };

    /// The phases must be those of the tape, and the size classes must add up to them.
    fn check(&self, tape: &Header) -> Result<(), String> {
        let got = self.phases.iter().map(|phase| (phase.phase.as_str(), phase.ops));
        let want = tape.phases.iter().map(|mark| (mark.name.as_str(), mark.ops.iter().sum()));
        if !got.clone().eq(want.clone()) {
            let (got, want) = (got.collect::<Vec<_>>(), want.collect::<Vec<_>>());
            return Err(format!("phases {got:?}, must be {want:?}"));
        }
        let by_phase = total(self.phases.iter().map(|phase| phase.allocations));
        let by_class = total(self.classes.iter().map(|class| class.allocations));
        equal("blocks by size class", by_class, by_phase)
    }
}

/// Calls of the allocator in one phase.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PhaseAllocations {
    /// Name of the phase.
    pub phase: String,
    /// Operations.
    pub ops: u64,
    /// Blocks allocated; a reallocation counts as one and as one free.
    pub allocations: u64,
    /// Blocks freed.
    pub frees: u64,
    /// Bytes allocated, usable sizes.
    pub bytes: u64,
}

/// Calls of the allocator for one size class.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClassAllocations {
    /// Usable size of its blocks.
    pub size: u64,
    /// Blocks allocated.
    pub allocations: u64,
    /// Blocks freed.
    pub frees: u64,
    /// How many operations freed blocks lived: entry `i` counts lifetimes of 2^i to 2^(i+1)-1 operations
    /// (entry 0 also those freed within the operation that made them).
    pub lifetimes: Vec<u64>,
}
