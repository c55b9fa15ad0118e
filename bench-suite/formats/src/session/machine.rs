//! Where a session was measured, and how quiet it was there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The machine of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Machine {
    /// Name of the host.
    pub host: String,
    /// Model of the processor.
    pub cpu: String,
    /// Processors that can be used.
    pub cores: usize,
    /// Bytes of memory.
    pub memory: u64,
    /// Kernel release.
    pub kernel: String,
    /// The kernel's clock source.
    pub clock: String,
}

/// The noise floor: pauses of a thread that only reads the clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Noise {
    /// How long it looked, s.
    pub seconds: f64,
    /// Pauses above 10 µs, a second.
    pub pauses_per_second: f64,
    /// The longest pause, µs.
    pub longest_us: f64,
    /// Share of the time lost in pauses, percent.
    pub lost_percent: f64,
}
