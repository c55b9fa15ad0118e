//! What the `stacks` collector sees: a CPU profile.

use serde::{Deserialize, Serialize};

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
