//! What the `stacks` collector sees: a CPU profile.

use serde::{Deserialize, Serialize};

use super::{Allocator, Collected, CollectorInfo, Cost, Threads};
use crate::tape::Header;

/// A CPU profile.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stacks {
    /// Samples asked for each second of CPU time.
    pub hz: u32,
    /// Samples of the map's work: below the measured loop, or in threads that the map started.
    pub samples: u64,
    /// Samples of what the suite does between: they are in no stack.
    #[serde(default)]
    pub outside: u64,
    /// CPU time of all threads while sampling, in phases that count, ns. `hz × cpu_s` samples were due.
    pub cpu_ns: u64,
    /// How often the tape was played to collect enough samples.
    pub plays: u32,
    /// Folded stacks below the measured loop, and below `thread of the map`: `outer;inner count` lines.
    pub folded: String,
    /// The profile in pprof's format: gzipped protobuf in base64.
    pub profile: String,
}

/// So many samples that are due do not all stay away by chance.
const MANY: u128 = 50;

impl Collected for Stacks {
    const INFO: CollectorInfo = CollectorInfo {
        is_timed: true,
        keeps_pace: false,
        needs: &[],
        allocator: Allocator::Plain,
        threads: Threads::Any,
        arguments: &["--hz", "199", "--profile-ms", "1500"],
        cost: Cost { start: 0.3, factor: 1.1, samples_for: 1.5 },
    };

    /// Every line must be a stack with its count, with no more samples than there are, and some where many were due: a
    /// short tape can have none.
    fn check(&self, _tape: &Header) -> Result<(), String> {
        let mut folded: u64 = 0;
        for line in self.folded.lines() {
            let count = line.rsplit_once(' ').and_then(|(_, count)| count.parse::<u64>().ok());
            folded = folded.saturating_add(count.ok_or_else(|| format!("`{line}` is no folded stack"))?);
        }
        let due = u128::from(self.cpu_ns) * u128::from(self.hz) / 1_000_000_000;
        if folded > self.samples || (folded == 0 && due > MANY) {
            return Err(format!(
                "{folded} samples in stacks, {} are said to be there, {due} were due",
                self.samples
            ));
        }
        Ok(())
    }
}
