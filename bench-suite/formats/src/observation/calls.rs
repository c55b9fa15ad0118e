//! What the `calls` collector sees: how often a map hashes keys and compares them.

use serde::{Deserialize, Serialize};

/// How often a map called what its keys are made to do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calls {
    /// The phases of the tape, in order.
    pub phases: Vec<PhaseCalls>,
}

/// The calls of one phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
}
