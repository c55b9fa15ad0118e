//! What the `stacks` collector sees: a CPU profile.

use serde::{Deserialize, Serialize};

use super::{Allocator, Collected, CollectorInfo, Threads};
use crate::tape::Header;

/// A CPU profile.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
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

impl Collected for Stacks {
    const INFO: CollectorInfo = CollectorInfo {
        is_timed: true,
        keeps_pace: false,
        needs: &[],
        allocator: Allocator::Plain,
        threads: Threads::Any,
        arguments: &["--hz", "199", "--profile-ms", "1500"],
    };

    /// Every line must be a stack with its count, and no more samples than arrived.
    fn check(&self, _tape: &Header) -> Result<(), String> {
        let mut folded = 0;
        for line in self.folded.lines() {
            let count = line.rsplit_once(' ').and_then(|(_, count)| count.parse::<u64>().ok());
            folded += count.ok_or_else(|| format!("`{line}` is no folded stack"))?;
        }
        if folded == 0 || folded > self.samples {
            return Err(format!("{folded} samples in stacks, {} arrived", self.samples));
        }
        Ok(())
    }
}
