//! What the `throughput` collector sees: times of slices.

use serde::{Deserialize, Serialize};

use super::{Allocator, Collected, CollectorInfo, Cost, Threads, equal, total};
use crate::tape::Header;

/// Slices that are asked for.
const SLICES: u64 = 200;

/// Times of every slice of every phase.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Throughput {
    /// The phases of the tape, in order.
    pub phases: Vec<PhaseTimes>,
    /// The turns that were taken with another map, if they were. A child tells its own times only; who started both puts
    /// them together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turns: Option<InTurn>,
}

/// A pass that took turns with the same tape in another map, on one processor, a stretch of slices at a time. A map
/// gets its data back into the caches while it plays; the first slices of a stretch, which find least of it, are cold.
///
/// ```text
/// slices    0 1 2 3 4 5 6 7 8 9 …    stretch 5, cold 1, offset 2: stretches begin where (slice + 2) is a multiple of 5
/// cold            x         x
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InTurn {
    /// The other map.
    pub beside: String,
    /// Slices of a stretch, those of all phases that count one after the other.
    pub stretch: u64,
    /// Slices at the beginning of a stretch that are cold.
    pub cold: u64,
    /// Slices of which the first stretch is shorter.
    pub offset: u64,
    /// Wall and CPU time of the other map's slices, ns, by phase.
    pub slices: Vec<Vec<(u64, u64)>>,
}

/// Operations that find the caches coldest: one for each of the 16,384 lines of 64 bytes in 1 MiB, which is what a core of
/// today has for itself.
const COLD_OPS: u64 = 16 << 10;
/// Cold slices are a fifth of a stretch: in five rounds, each shifted by so much, each slice is cold in one.
const COLD_SHARE: u64 = 5;

impl InTurn {
    /// The turns that a round of this tape takes beside a map whose times are not known yet.
    #[must_use]
    pub fn of_round(beside: &str, tape: &Header, round: u32) -> Self {
        let cold = COLD_OPS.div_ceil(tape.slice_ops(SLICES).max(1));
        let offset = u64::from(round) % COLD_SHARE * cold;
        Self { beside: beside.into(), stretch: COLD_SHARE * cold, cold, offset, slices: Vec::new() }
    }

    /// Whether a slice, counted over the phases that count, is cold.
    #[must_use]
    pub const fn is_cold(&self, slice: u64) -> bool {
        match slice.saturating_add(self.offset).checked_rem(self.stretch) {
            Some(at) => at < self.cold,
            None => false,
        }
    }

    /// Both played the same slices.
    fn check(&self, phases: &[PhaseTimes]) -> Result<(), String> {
        if self.stretch == 0 || self.cold >= self.stretch || self.offset >= self.stretch {
            return Err(format!(
                "turns of {} slices, {} cold, {} off: a stretch is longer than what is cold in it, and than its offset",
                self.stretch, self.cold, self.offset
            ));
        }
        equal("phases in turn", self.slices.len(), phases.len())?;
        for (other, own) in self.slices.iter().zip(phases) {
            let [own] = own.threads.as_slice() else {
                return Err("turns are taken by one thread".into());
            };
            equal("slices in turn", other.len(), own.len())?;
        }
        Ok(())
    }
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
        check_times(&self.phases, tape)?;
        self.turns.as_ref().map_or(Ok(()), |turns| turns.check(&self.phases))
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
    fn turns_are_reckoned_with_the_slices_that_are_asked_for() {
        assert_eq!(Throughput::INFO.arguments, ["--samples", &SLICES.to_string()]);
        // Slices of 1,024 operations: 16 are cold, and each in one of five rounds.
        let rounds: Vec<InTurn> = (0..5).map(|round| InTurn::of_round("std", &tape(), round)).collect();
        assert_eq!((rounds[2].stretch, rounds[2].cold, rounds[2].offset), (80, 16, 32));
        for slice in 0..500 {
            assert_eq!(rounds.iter().filter(|turns| turns.is_cold(slice)).count(), 1, "{slice}");
        }
    }

    #[test]
    fn both_maps_have_played_the_same_slices() {
        let phases = vec![times("fill", &[4]), times("churn", &[5, 1])];
        let turns = |slices| Some(InTurn { slices, ..InTurn::of_round("std", &tape(), 1) });
        let seen = |slices| Throughput { phases: phases.clone(), turns: turns(slices) }.check(&tape());
        assert_eq!(seen(vec![vec![(1, 1)], vec![(2, 2), (1, 1)]]), Ok(()));
        assert_eq!(seen(vec![vec![(1, 1)]]), Err("1 phases in turn, must be 2".into()));
        assert_eq!(seen(vec![vec![(1, 1)], vec![(2, 2)]]), Err("1 slices in turn, must be 2".into()));
        let never = InTurn { stretch: 0, ..InTurn::of_round("std", &tape(), 0) };
        assert!(!never.is_cold(7), "a stretch of nothing divides nothing");
        let problem = Throughput { phases: phases.clone(), turns: Some(never) }.check(&tape()).unwrap_err();
        assert!(problem.starts_with("turns of 0 slices"), "{problem}");
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
