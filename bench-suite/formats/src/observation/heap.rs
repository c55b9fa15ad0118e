//! What the `heap` collector sees: bytes in use over time.

use serde::{Deserialize, Serialize};

/// Bytes in use over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heap {
    /// Before the map was made.
    pub before: HeapSample,
    /// At slice borders, in order.
    pub samples: Vec<HeapSample>,
    /// After every entry that was left had been removed one by one.
    pub drained: HeapSample,
    /// After the map was dropped.
    pub dropped: HeapSample,
    /// The allocator and its settings.
    pub allocator: String,
}

/// Bytes in use at one moment, as jemalloc and the kernel count them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeapSample {
    /// Name of the phase.
    pub phase: String,
    /// Operations of all threads so far.
    pub ops: u64,
    /// Entries alive, as far as the tape tells.
    pub live: u64,
    /// Bytes handed out.
    pub allocated: u64,
    /// Bytes in pages that hold something.
    pub active: u64,
    /// Bytes backed by memory.
    pub resident: u64,
    /// Address space kept for later.
    pub retained: u64,
    /// Resident set of the whole process.
    pub rss: u64,
}
