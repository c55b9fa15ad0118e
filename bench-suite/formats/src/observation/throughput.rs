//! What the `throughput` collector sees: times of slices.

use serde::{Deserialize, Serialize};

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
