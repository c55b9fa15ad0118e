//! What the `latency` collector sees: histograms of every kind of operation.

use serde::{Deserialize, Serialize};

use super::PhaseTimes;
use crate::histogram::Latencies;
use crate::tape::Kind;

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
    /// One histogram for each phase and kind that occurs; phases of the same name are merged, unless one counts and
    /// the other does not.
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
    /// Whether it counts; see [`PhaseMark::counts`](crate::tape::PhaseMark::counts).
    pub counts: bool,
    /// Kind of operation.
    pub kind: Kind,
    /// Service times.
    pub service: Latencies,
    /// Response times, from when each operation should have started; `None` without a timetable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Latencies>,
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
