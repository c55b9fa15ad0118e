//! The single line that a child prints: what it played, what the map answered, what was seen.

mod allocations;
mod calls;
mod consistency;
mod contention;
mod events;
mod heap;
mod latency;
mod slots;
mod stacks;
mod throughput;

use serde::{Deserialize, Serialize};

pub use self::allocations::{Allocations, ClassAllocations, PhaseAllocations};
pub use self::calls::{Calls, PhaseCalls};
pub use self::consistency::Consistency;
pub use self::contention::{Contention, Tracked, Waits};
pub use self::events::{
    DecisionCount, EventCount, EventKind, EventSource, EventWindow, Events, Follows, ListedEvent, Taken,
};
pub use self::heap::{Gc, Heap, HeapSample};
pub use self::latency::{Clock, KindLatency, Latency, LatencyWindow, SlowOp};
pub use self::slots::{SlotWindow, Slots};
pub use self::stacks::Stacks;
pub use self::throughput::{PhaseTimes, Slice, Throughput};
use crate::answer::Digest;
use crate::tape::TapeId;

/// Version of every JSON document of the suite: observations, runs, sessions. A reader refuses a newer one.
pub const SCHEMA: u32 = 2;

/// What a pass looks at. One pass, one collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collector {
    /// Operations a second, slice by slice.
    Throughput,
    /// How long each kind of operation takes.
    Latency,
    /// Where inserts land: reused, recycled and fresh slots.
    Slots,
    /// Bytes in use over time.
    Heap,
    /// Allocation counts, bytes, size classes, lifetimes.
    Allocations,
    /// How threads stand in each other's way, and what their readers get to see.
    Contention,
    /// Structural changes inside the map.
    Events,
    /// How often keys are hashed and compared.
    Calls,
    /// CPU profile.
    Stacks,
}

impl Collector {
    /// Every collector, in the order of the report.
    pub const ALL: [Self; 9] = [
        Self::Throughput,
        Self::Latency,
        Self::Slots,
        Self::Heap,
        Self::Allocations,
        Self::Contention,
        Self::Events,
        Self::Calls,
        Self::Stacks,
    ];

    /// Its name on the command line and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::Latency => "latency",
            Self::Slots => "slots",
            Self::Heap => "heap",
            Self::Allocations => "allocations",
            Self::Contention => "contention",
            Self::Events => "events",
            Self::Calls => "calls",
            Self::Stacks => "stacks",
        }
    }

    /// Whether it plays a paced tape by its timetable. The others take no times and play at full speed: what
    /// they see is the same.
    #[must_use]
    pub const fn keeps_pace(self) -> bool {
        matches!(self, Self::Throughput | Self::Latency | Self::Heap)
    }

    /// Whether what it sees depends on the clock. Such passes have the machine to themselves and are
    /// repeated; the others give the same figures on every run of the same tape.
    #[must_use]
    pub const fn is_timed(self) -> bool {
        matches!(self, Self::Throughput | Self::Latency | Self::Contention | Self::Stacks)
    }
}

/// The single line that a child prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// Version of this format.
    pub schema: u32,
    /// The map that played.
    pub map: String,
    /// The tape that was played.
    pub tape: TapeId,
    /// What the map answered.
    pub answers: Answers,
    /// What the collector saw.
    pub reading: Reading,
}

/// What a map answered over a whole tape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// The digest of each thread's answers.
    pub digests: Vec<Digest>,
    /// Inserts that added an entry, less entries taken out, over all threads.
    pub balance: i64,
    /// Entries that the map says it holds at the end.
    pub end_len: u64,
}

/// What a collector saw, one variant for each [`Collector`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "collector")]
pub enum Reading {
    /// Times of every slice.
    Throughput(Throughput),
    /// Histograms of every kind of operation.
    Latency(Latency),
    /// Where inserts landed.
    Slots(Slots),
    /// Bytes in use.
    Heap(Heap),
    /// Calls of the allocator.
    Allocations(Allocations),
    /// How threads stood in each other's way.
    Contention(Contention),
    /// Structural changes inside the map.
    Events(Events),
    /// How often keys were hashed and compared.
    Calls(Calls),
    /// CPU profile.
    Stacks(Stacks),
}

impl Reading {
    /// The collector that made it.
    #[must_use]
    pub const fn collector(&self) -> Collector {
        match self {
            Self::Throughput(_) => Collector::Throughput,
            Self::Latency(_) => Collector::Latency,
            Self::Slots(_) => Collector::Slots,
            Self::Heap(_) => Collector::Heap,
            Self::Allocations(_) => Collector::Allocations,
            Self::Contention(_) => Collector::Contention,
            Self::Events(_) => Collector::Events,
            Self::Calls(_) => Collector::Calls,
            Self::Stacks(_) => Collector::Stacks,
        }
    }
}
