//! What the `throughput` collector sees: times of slices.

use serde::{Deserialize, Serialize};

use super::{Allocator, Collected, CollectorInfo, Cost, Threads, equal, total};
use crate::tape::Header;

/// Times of every slice of every phase.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Throughput {
    /// The phases of the tape, in order.
    pub phases: Vec<PhaseTimes>,
}

impl Collected for Throughput {
    const INFO: CollectorInfo = CollectorInfo {
        is_timed: true,
        keeps_pace: true,
        needs: &[],
        allocator: Allocator::Plain,
        threads: Threads::Any,
        arguments: &["--samples", "200"],
        cost: Cost { start: 0.0, factor: 1.0, samples_for: 0.0 },
    };

    fn check(&self, tape: &Header) -> Result<(), String> {
        check_times(&self.phases, tape)
    }
}

/// Times of one phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Slice {
    /// Operations.
    pub ops: u64,
    /// Wall time, ns.
    pub wall_ns: u64,
    /// CPU time of the thread, ns.
    pub cpu_ns: u64,
}

/// Every phase must be there, and its slices must hold the operations that the tape has.
pub(super) fn check_times(times: &[PhaseTimes], tape: &Header) -> Result<(), String> {
    equal("phases", times.len(), tape.phases.len())?;
    for (times, mark) in times.iter().zip(&tape.phases) {
        let slices = times.threads.iter().map(|slices| total(slices.iter().map(|slice| slice.ops)));
        if times.phase != mark.name || !slices.clone().eq(mark.ops.iter().copied()) {
            let got: Vec<u64> = slices.collect();
            return Err(format!(
                "phase {} with {got:?} operations, must be {} with {:?}",
                times.phase, mark.name, mark.ops
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::tests::tape;
    use super::*;

    pub(crate) fn times(phase: &str, slices: &[u64]) -> PhaseTimes {
        let slices = slices.iter().map(|&ops| Slice { ops, wall_ns: 1, cpu_ns: 1 }).collect();
        PhaseTimes { phase: phase.into(), wall_ns: 1, threads: vec![slices] }
    }

    #[test]
    fn times_must_account_for_every_operation() {
        let whole = [times("fill", &[4]), times("churn", &[5, 1])];
        assert_eq!(check_times(&whole, &tape()), Ok(()));
        let lost = [times("fill", &[4]), times("churn", &[5])];
        let problem = "phase churn with [5] operations, must be churn with [6]";
        assert_eq!(check_times(&lost, &tape()), Err(problem.into()));
        // Sums that go round once.
        let wraps = [times("fill", &[u64::MAX - 4, 9]), times("churn", &[6])];
        assert!(check_times(&wraps, &tape()).is_err());
        assert!(check_times(&whole[..1], &tape()).is_err());
        assert!(check_times(&[times("fill", &[4]), times("drain", &[6])], &tape()).is_err());
    }
}
