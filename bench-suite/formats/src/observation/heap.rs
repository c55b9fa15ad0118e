//! What the `heap` collector sees: bytes in use over time.

use serde::{Deserialize, Serialize};

use super::{Allocator, Collected, CollectorInfo, Cost, Need, Threads, equal};
use crate::tape::Header;

/// Bytes in use over time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Heap {
    /// Before the map was made; all else that the pass needs is there, its threads too.
    pub before: HeapSample,
    /// At slice borders of the first thread, in order; a value that another is just handing over is in them.
    pub samples: Vec<HeapSample>,
    /// After the tape, once what waited in a reclaimer, such as an epoch, had been freed: what is left is what the map
    /// itself holds. `None` for a map that frees at once, and where a garbage collector decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reclaimed: Option<Box<HeapSample>>,
    /// After every entry that was left had been removed one by one; nothing waits to be freed.
    pub drained: HeapSample,
    /// After the map was dropped; nothing waits to be freed.
    pub dropped: HeapSample,
    /// The allocator and its settings.
    pub allocator: String,
    /// What a garbage collector did from the first sample to the end of the tape; `None` where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gc: Option<Box<Gc>>,
}

impl Heap {
    /// Bytes at the end of the tape that only waited to be freed; `None` for a map that frees at once.
    #[must_use]
    pub fn waiting(&self) -> Option<u64> {
        let end = self.samples.last().map_or(0, |sample| sample.allocated);
        self.reclaimed.as_deref().map(|reclaimed| end.saturating_sub(reclaimed.allocated))
    }
}

impl Collected for Heap {
    const INFO: CollectorInfo = CollectorInfo {
        is_timed: false,
        keeps_pace: true,
        needs: &[Need::Answers],
        allocator: Allocator::Plain,
        threads: Threads::Any,
        arguments: &["--samples", "200"],
        cost: Cost { start: 0.05, factor: 1.6, samples_for: 0.0 },
    };

    /// The samples must reach to the end of the tape, in order.
    fn check(&self, tape: &Header) -> Result<(), String> {
        if !self.samples.is_sorted_by_key(|sample| sample.ops) {
            return Err("samples are out of order".into());
        }
        let last = self.samples.last().map_or(0, |sample| sample.ops);
        equal("operations before the last sample", last, tape.ops())
    }
}

/// What a garbage collector did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Gc {
    /// Collections that ended.
    pub cycles: u64,
    /// Those of them that the program asked for.
    pub forced: u64,
    /// Time in which the world stood still, ns.
    pub pause_total_ns: u64,
    /// The newest pauses, at most 256, oldest first, ns: one for each cycle.
    pub pauses_ns: Vec<u64>,
    /// Share of the process's CPU time, since it started, that the collector took: 0 to 1.
    pub cpu_fraction: f64,
}

/// Bytes in use at one moment, as the allocator and the kernel count them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeapSample {
    /// Name of the phase.
    pub phase: String,
    /// Operations of all threads so far.
    pub ops: u64,
    /// Entries alive, as far as the tape tells.
    pub live: u64,
    /// Bytes handed out; less those of [`Heap::before`] they are what the map holds.
    pub allocated: u64,
    /// Bytes in pages that hold something.
    pub active: u64,
    /// Bytes backed by memory.
    pub resident: u64,
    /// Address space kept for later.
    pub retained: u64,
    /// Resident set of the whole process; less that of [`Heap::before`] it is what came with the map.
    pub rss: u64,
    /// Collections that have ended since the first sample; `None` where there is no garbage collector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gc_cycles: Option<u32>,
}
