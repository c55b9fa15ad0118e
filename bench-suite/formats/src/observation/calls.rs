//! What the `calls` collector sees: how often a map hashes keys and compares them.

use serde::{Deserialize, Serialize};

use super::{Allocator, Collected, CollectorInfo, Cost, Need, Threads, equal};
use crate::tape::{Header, Kind};

/// How often a map called what its keys are made to do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Calls {
    /// The phases of the tape, in order.
    pub phases: Vec<PhaseCalls>,
}

impl Collected for Calls {
    const INFO: CollectorInfo = CollectorInfo {
        is_timed: false,
        keeps_pace: false,
        needs: &[Need::Keys, Need::NoOwnThreads],
        allocator: Allocator::Counting,
        threads: Threads::One,
        arguments: &[],
        cost: Cost { start: 0.02, factor: 1.7, samples_for: 0.0 },
    };

    /// The phases must be the tape's, and hold all operations that name a key.
    fn check(&self, tape: &Header) -> Result<(), String> {
        equal("phases", self.phases.len(), tape.phases.len())?;
        for (seen, mark) in self.phases.iter().zip(&tape.phases) {
            let ops: u64 = mark.ops.iter().sum();
            if (&seen.phase, seen.ops) != (&mark.name, ops) {
                let (phase, got) = (&seen.phase, seen.ops);
                return Err(format!("phase {phase} with {got} operations, must be {} with {ops}", mark.name));
            }
        }
        let named = Kind::ALL.into_iter().zip(tape.executed.kinds).filter(|(kind, _)| kind.names_key());
        let seen = self.phases.iter().map(|phase| phase.key_ops).fold(0, u64::saturating_add);
        equal("operations that name a key", seen, named.map(|(_, count)| count).sum())
    }
}

/// The calls of one phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PhaseCalls {
    /// Name of the phase.
    pub phase: String,
    /// Operations.
    pub ops: u64,
    /// Of those, operations that name a key: all but walks and clears.
    pub key_ops: u64,
    /// Times that a key was hashed.
    pub hashes: u64,
    /// Times that two keys were compared, for equality or for their order.
    pub comparisons: u64,
}

impl Calls {
    /// Hashes beyond one for each operation that names a key: entries that were hashed again because their
    /// table was rebuilt, in a map that hashes once.
    #[must_use]
    pub fn rehashed(&self) -> u64 {
        let sum = |figure: fn(&PhaseCalls) -> u64| self.sum(figure);
        sum(|phase| phase.hashes).saturating_sub(sum(|phase| phase.key_ops))
    }

    /// All comparisons.
    #[must_use]
    pub fn comparisons(&self) -> u64 {
        self.sum(|phase| phase.comparisons)
    }

    fn sum(&self, figure: fn(&PhaseCalls) -> u64) -> u64 {
        self.phases.iter().map(figure).fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::tape;
    use super::*;

    #[test]
    fn hashes_beyond_one_an_operation_are_of_entries_hashed_again() {
        let phase =
            |key_ops, hashes| PhaseCalls { phase: "p".into(), ops: 9, key_ops, hashes, comparisons: 3 };
        let calls = Calls { phases: vec![phase(5, 9), phase(4, 4)] };
        assert_eq!((calls.rehashed(), calls.comparisons()), (4, 6));
        let ordered = Calls { phases: vec![phase(5, 0)] };
        assert_eq!(ordered.rehashed(), 0);
        let endless = Calls { phases: vec![phase(0, u64::MAX), phase(1, 1)] };
        assert_eq!(endless.rehashed(), u64::MAX - 1);
    }

    #[test]
    fn every_operation_that_names_a_key_must_be_there() {
        let phase = |name: &str, ops| PhaseCalls {
            phase: name.into(),
            ops,
            key_ops: ops,
            hashes: ops,
            comparisons: ops,
        };
        let whole = Calls { phases: vec![phase("fill", 4), phase("churn", 6)] };
        assert_eq!(whole.check(&tape()), Ok(()));
        let mut lost = whole.clone();
        lost.phases[1].key_ops = 5;
        assert_eq!(lost.check(&tape()), Err("9 operations that name a key, must be 10".into()));
        lost.phases[1].ops = 5;
        let problem = "phase churn with 5 operations, must be churn with 6";
        assert_eq!(lost.check(&tape()), Err(problem.into()));
        assert!(Calls::default().check(&tape()).is_err());
    }
}
