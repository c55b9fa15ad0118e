//! What the `page_faults` collector sees: pages that the kernel had to find.

use serde::{Deserialize, Serialize};

use super::{Allocator, Collected, CollectorInfo, Cost, Threads, equal};
use crate::tape::Header;

/// Page faults of the whole process while a tape was played.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PageFaults {
    /// Operations played.
    pub ops: u64,
    /// Faults that needed no disk.
    pub minor: u64,
}

impl Collected for PageFaults {
    const INFO: CollectorInfo = CollectorInfo {
        is_timed: true,
        keeps_pace: false,
        needs: &[],
        allocator: Allocator::Plain,
        threads: Threads::Any,
        arguments: &[],
        cost: Cost { start: 0.02, factor: 1.0, samples_for: 0.0 },
    };

    fn check(&self, tape: &Header) -> Result<(), String> {
        equal("operations", self.ops, tape.ops())
    }
}
