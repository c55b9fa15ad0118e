//! What a pass looks at: how to ask for it, and whether what came back can be true.
//!
//! One file for each collector. `ARGUMENTS` is what its child is started with beyond tape and map; `check`
//! holds the figures against the tape, so that a program which lost operations is found out.

mod allocations;
mod calls;
mod contention;
mod events;
mod heap;
mod latency;
mod slots;
mod stacks;
mod throughput;

use formats::observation::{Collector, PhaseTimes, Reading};
use formats::tape::Header;

/// What the child is started with, beyond tape, map and collector.
pub(crate) const fn arguments(collector: Collector) -> &'static [&'static str] {
    match collector {
        Collector::Throughput => throughput::ARGUMENTS,
        Collector::Latency => latency::ARGUMENTS,
        Collector::Slots => slots::ARGUMENTS,
        Collector::Heap => heap::ARGUMENTS,
        Collector::Allocations => allocations::ARGUMENTS,
        Collector::Contention => contention::ARGUMENTS,
        Collector::Events => events::ARGUMENTS,
        Collector::Calls => calls::ARGUMENTS,
        Collector::Stacks => stacks::ARGUMENTS,
    }
}

/// Whether figures fit the tape they are said to be from; what does not fit otherwise.
pub(crate) fn check(reading: &Reading, tape: &Header) -> Result<(), String> {
    match reading {
        Reading::Throughput(reading) => throughput::check(reading, tape),
        Reading::Latency(reading) => latency::check(reading, tape),
        Reading::Slots(reading) => slots::check(reading, tape),
        Reading::Heap(reading) => heap::check(reading, tape),
        Reading::Allocations(reading) => allocations::check(reading, tape),
        Reading::Contention(reading) => contention::check(reading, tape),
        Reading::Events(reading) => events::check(reading, tape),
        Reading::Calls(reading) => calls::check(reading, tape),
        Reading::Stacks(reading) => stacks::check(reading),
    }
}

/// Every phase must be there, and its slices must hold the operations that the tape has.
fn check_times(times: &[PhaseTimes], tape: &Header) -> Result<(), String> {
    equal("phases", times.len(), tape.phases.len())?;
    for (times, mark) in times.iter().zip(&tape.phases) {
        let slices = times.threads.iter().map(|slices| slices.iter().map(|slice| slice.ops).sum::<u64>());
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

fn equal<T: PartialEq + std::fmt::Display + Copy>(what: &str, got: T, want: T) -> Result<(), String> {
    if got == want { Ok(()) } else { Err(format!("{got} {what}, must be {want}")) }
}

fn all_ops(tape: &Header) -> u64 {
    tape.executed.kinds.iter().sum()
}

#[cfg(test)]
mod tests {
    use formats::observation::Slice;
    use formats::tape::{Executed, PhaseMark};
    use formats::workload::{Keys, Pace, Values};

    use super::*;

    pub(super) fn tape() -> Header {
        Header {
            workload: "w".into(),
            seed: 1,
            generator: 1,
            keys: Keys::U64,
            values: Values::U64,
            keys_shared: false,
            pace: Pace::Closed,
            distinct: 7,
            phases: vec![
                PhaseMark { name: "fill".into(), ops: vec![4] },
                PhaseMark { name: "churn".into(), ops: vec![6] },
            ],
            executed: Executed {
                kinds: [7, 3, 0, 0, 0, 0],
                hits: Some([0, 3, 0, 0, 0, 0]),
                ..Executed::default()
            },
        }
    }

    fn times(phase: &str, slices: &[u64]) -> PhaseTimes {
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
        assert!(check_times(&whole[..1], &tape()).is_err());
        assert!(check_times(&[times("fill", &[4]), times("drain", &[6])], &tape()).is_err());
    }
}
