//! The single line that a child prints: what it played, what the map answered, what was seen.

use serde::{Deserialize, Serialize};

use crate::answer::Digest;
use crate::histogram::Latencies;
use crate::tape::{Kind, TapeId};

/// Version of every JSON document of the suite: observations, runs, sessions. A reader refuses a newer one.
pub const SCHEMA: u32 = 1;

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
    /// CPU profile.
    Stacks,
}

impl Collector {
    /// Every collector, in the order of the report.
    pub const ALL: [Self; 6] =
        [Self::Throughput, Self::Latency, Self::Slots, Self::Heap, Self::Allocations, Self::Stacks];

    /// Its name on the command line and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::Latency => "latency",
            Self::Slots => "slots",
            Self::Heap => "heap",
            Self::Allocations => "allocations",
            Self::Stacks => "stacks",
        }
    }

    /// Whether what it sees depends on the clock. Such passes have the machine to themselves and are
    /// repeated; the others give the same figures on every run of the same tape.
    #[must_use]
    pub const fn is_timed(self) -> bool {
        matches!(self, Self::Throughput | Self::Latency | Self::Stacks)
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
            Self::Stacks(_) => Collector::Stacks,
        }
    }
}

/// Times of every slice of every phase.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throughput {
    /// The phases of the tape, in order.
    pub phases: Vec<PhaseTimes>,
}

/// Times of one phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseTimes {
    /// Name of the phase.
    pub phase: String,
    /// From the moment all threads were let go to the moment the last one was done, in ns.
    pub wall_ns: u64,
    /// One list of slices for each thread.
    pub threads: Vec<Vec<Slice>>,
}

/// Some consecutive operations of one thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slice {
    /// Operations.
    pub ops: u64,
    /// Wall time, ns.
    pub wall_ns: u64,
    /// CPU time of the thread, ns.
    pub cpu_ns: u64,
}

/// How long each kind of operation took: service time, from the end of the operation before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// The clock that was read once an operation.
    pub clock: Clock,
    /// Times of the phases in this pass. Slices hold the time in which operations ran, clock reads included:
    /// the difference to those of the throughput pass is what the collector adds to an operation. Phases also
    /// hold the counting in between.
    pub times: Vec<PhaseTimes>,
    /// One histogram for each phase and kind that occurs; phases of the same name are merged.
    pub kinds: Vec<KindLatency>,
    /// All kinds together, window by window, over the whole tape of thread 0.
    pub windows: Vec<LatencyWindow>,
    /// The slowest operations, slowest first.
    pub worst: Vec<SlowOp>,
}

/// The clock of a latency pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// `tsc` or `instant`.
    pub name: String,
    /// Ticks a second.
    pub hz: f64,
    /// What one read takes, the mean over many in a row, ns: included in every duration.
    pub read_ns: f64,
}

/// Durations of one kind of operation in the phases of one name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindLatency {
    /// Name of the phase.
    pub phase: String,
    /// Kind of operation.
    pub kind: Kind,
    /// Service times.
    pub service: Latencies,
}

/// Durations within a stretch of the tape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatencyWindow {
    /// Name of the phase.
    pub phase: String,
    /// Operations of the thread before this window.
    pub first_op: u64,
    /// Service times.
    pub service: Latencies,
}

/// One slow operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlowOp {
    /// Thread that ran it.
    pub thread: u32,
    /// Its position on that thread's tape.
    pub index: u64,
    /// What it was.
    pub kind: Kind,
    /// Service time, ns.
    pub ns: u64,
}

/// Where inserts of new entries landed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slots {
    /// Counts for each stretch of the tape.
    pub windows: Vec<SlotWindow>,
    /// How many operations lie between a slot's delete and its next insert: entry `i` counts distances of
    /// 2^i to 2^(i+1)-1. Reused slots only.
    pub distance: Vec<u64>,
    /// One of this many deletes was followed for `distance`.
    pub distance_sampling: u32,
    /// How often the table moved (or was rearranged in place) and every entry was read again.
    pub moves: u64,
    /// Most bytes that the collector's own shadow memory took.
    pub shadow_bytes: u64,
    /// Most bytes that the map had allocated.
    pub map_bytes: u64,
    /// Why this map cannot be seen into, if so; then there are no windows.
    pub unavailable: Option<String>,
}

/// Inserts of new entries within a stretch of the tape.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotWindow {
    /// Name of the phase.
    pub phase: String,
    /// Operations before this window.
    pub first_op: u64,
    /// Operations within.
    pub ops: u64,
    /// Landed where, in the same allocation, an entry lived before.
    pub reused: u64,
    /// Landed in memory that an entry of this map had been freed from and the allocator gave back.
    pub recycled: u64,
    /// Neither.
    pub fresh: u64,
    /// Entries alive at the end of the window.
    pub live: u64,
    /// Slots at the end of the window that are neither live nor usable without a rehash; `None` where a map
    /// does not tell.
    pub dead: Option<u64>,
    /// Entries that the map could hold without growing if no slot were dead; `None` where it does not tell.
    pub capacity: Option<u64>,
}

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

/// Calls of the allocator.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// Bytes still held after every entry was removed one by one.
    pub drained_bytes: u64,
    /// Bytes still held after the map was dropped: a leak, unless the map reclaims late.
    pub dropped_bytes: u64,
}

/// Calls of the allocator in one phase.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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

/// A CPU profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stacks {
    /// Samples asked for each second of CPU time.
    pub hz: u32,
    /// Samples that arrived.
    pub samples: u64,
    /// CPU time while sampling, ns. `hz × cpu_s` samples were due.
    pub cpu_ns: u64,
    /// How often the tape was played to collect enough samples.
    pub plays: u32,
    /// Folded stacks below the measured loop: `outer;inner count` lines.
    pub folded: String,
    /// The profile in pprof's format: gzipped protobuf in base64.
    pub profile: String,
}
