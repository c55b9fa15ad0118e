//! What the `heap_stacks` collector sees: who allocated what a map holds, and what it gave back.

use serde::{Deserialize, Serialize};

use super::{Allocator, Collected, CollectorInfo, Cost, Need, Threads};
use crate::tape::Header;

/// Stacks of the calls that allocated, sampled by bytes. Their sums are estimates, beside which the exact ones stand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeapStacks {
    /// Mean bytes between two samples.
    pub every_bytes: u64,
    /// What the map holds when the tape ends.
    pub live: HeapProfile,
    /// What it allocated and freed again before.
    pub churned: HeapProfile,
    /// Both in pprof's format, as `alloc_space` and `inuse_space`: gzipped protobuf in base64.
    pub profile: String,
}

/// Bytes by the stacks that allocated them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeapProfile {
    /// Bytes, as the allocator counted them: usable sizes.
    pub bytes: u64,
    /// Blocks that were hit by a sample.
    pub samples: u64,
    /// Standard deviation of the sum of the stacks, bytes.
    pub deviation: u64,
    /// Folded stacks, `outer;inner bytes` lines, below the measured loop and below `the map is made`. The boxes of entries
    /// are called `key of an entry` and `value of an entry`.
    pub folded: String,
}

/// By how many standard deviations a sum may miss.
const FARTHEST: u64 = 10;
/// So many times the mean distance are never without a sample.
const NEVER_MISSED: u64 = 40;

impl Collected for HeapStacks {
    const INFO: CollectorInfo = CollectorInfo {
        is_timed: false,
        keeps_pace: false,
        needs: &[Need::NoOwnThreads],
        allocator: Allocator::Counting,
        threads: Threads::One,
        arguments: &[],
        cost: Cost { start: 0.1, factor: 3.0, samples_for: 0.0 },
    };

    /// Every line must be a stack with its bytes, and their sum that of all bytes as far as samples can tell.
    fn check(&self, _tape: &Header) -> Result<(), String> {
        for (what, profile) in [("live", &self.live), ("churned", &self.churned)] {
            let mut sum: u64 = 0;
            for line in profile.folded.lines() {
                let bytes = line.rsplit_once(' ').and_then(|(_, bytes)| bytes.parse::<u64>().ok());
                sum = sum.saturating_add(bytes.ok_or_else(|| format!("`{line}` is no folded stack"))?);
            }
            let by_chance = FARTHEST.saturating_mul(profile.deviation);
            let unseen = NEVER_MISSED.saturating_mul(self.every_bytes);
            if sum.abs_diff(profile.bytes) > by_chance.saturating_add(unseen) {
                return Err(format!(
                    "{what}: stacks of {sum} bytes, and {} are said to be there",
                    profile.bytes
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::tape;
    use super::*;

    fn seen(bytes: u64, folded: &str) -> HeapStacks {
        let live = HeapProfile { bytes, samples: 3, deviation: 2000, folded: folded.into() };
        HeapStacks { every_bytes: 100, live, ..HeapStacks::default() }
    }

    #[test]
    fn stacks_sum_to_the_bytes_that_are_there_but_for_chance() {
        for bytes in [60_000, 90_000] {
            assert_eq!(seen(bytes, "play;insert 50000\nplay;grow 25000\n").check(&tape()), Ok(()), "{bytes}");
        }
        let problem = "live: stacks of 75000 bytes, and 100000 are said to be there";
        assert_eq!(seen(100_000, "play;insert 50000\nplay;grow 25000\n").check(&tape()), Err(problem.into()));
        assert!(seen(0, "play;insert many\n").check(&tape()).unwrap_err().contains("no folded stack"));
        assert_eq!(HeapStacks::default().check(&tape()), Ok(()));
    }
}
