//! Where a tape is cut: into chunks that are played without looking up, and slices of chunks between two looks at the
//! clock. The child cuts and the harness reckons with it, so the rule stands here. Go's own maps are played by a program
//! that repeats it (`real-go/route.go`); the tests of both hold the same figures.
//!
//! ```text
//! a phase   2,500 operations of a thread
//! slices    1,024 + 1,024 + 452           whole chunks; what is left of them ends the phase
//! ```

use super::{Header, PhaseMark};

/// Operations that are played without looking up: few enough that what a collector keeps of them stays in the
/// first-level cache, many enough that the call is free.
pub const CHUNK: usize = 1024;

impl Header {
    /// Operations of a slice if the thread with the most operations is to be looked at about `samples` times.
    #[must_use]
    pub fn slice_ops(&self, samples: u64) -> u64 {
        slice_ops(longest(&self.phases), samples)
    }

    /// For how many samples to ask so that the phases that count have about `slices` slices. A short tape has fewer: a
    /// slice is never less than a chunk.
    #[must_use]
    pub fn samples_for(&self, slices: u32) -> u64 {
        let slice = slice_ops(longest(self.counted(&self.phases)), slices.into());
        longest(&self.phases).div_ceil(slice).max(1)
    }
}

/// Operations of the thread that has the most.
fn longest(phases: &[PhaseMark]) -> u64 {
    let mut threads: Vec<u64> = Vec::new();
    for phase in phases {
        threads.resize(threads.len().max(phase.ops.len()), 0);
        threads.iter_mut().zip(&phase.ops).for_each(|(sum, ops)| *sum = sum.saturating_add(*ops));
    }
    threads.into_iter().max().unwrap_or(0)
}

fn slice_ops(longest: u64, samples: u64) -> u64 {
    longest.div_ceil(samples.max(1)).max(1).next_multiple_of(CHUNK as u64)
}
