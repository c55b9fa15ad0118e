//! What the `probes` collector sees: how far an operation has to look.

use serde::{Deserialize, Serialize};

use super::{Allocator, Collected, CollectorInfo, Cost, Need, Threads, equal, total};
use crate::named::named;
use crate::tape::{Header, Kind};

/// How far each kind of operation had to look, phase by phase.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Probes {
    /// What a probe length counts.
    pub unit: ProbeUnit,
    /// The phases of the tape, in order: those of one name stay apart.
    pub phases: Vec<PhaseProbes>,
}

impl Collected for Probes {
    const INFO: CollectorInfo = CollectorInfo {
        is_timed: false,
        keeps_pace: false,
        needs: &[Need::ProbeLengths, Need::NoOwnThreads],
        allocator: Allocator::Counting,
        threads: Threads::One,
        arguments: &[],
        cost: Cost { start: 0.02, factor: 2.2, samples_for: 0.0 },
    };

    /// The phases must be the tape's, and hold each operation that names a key, found or not as on the tape.
    fn check(&self, tape: &Header) -> Result<(), String> {
        equal("phases", self.phases.len(), tape.phases.len())?;
        for (seen, mark) in self.phases.iter().zip(&tape.phases) {
            let ops: u64 = mark.ops.iter().fold(0, |sum, ops| sum.saturating_add(*ops));
            if (&seen.phase, seen.ops) != (&mark.name, ops) {
                let (phase, got) = (&seen.phase, seen.ops);
                return Err(format!("phase {phase} with {got} operations, must be {} with {ops}", mark.name));
            }
        }
        for (at, kind) in Kind::ALL.into_iter().enumerate().filter(|(_, kind)| kind.names_key()) {
            let of_kind = |found: Option<bool>| {
                let kinds = self.phases.iter().flat_map(|phase| &phase.kinds);
                let wanted =
                    kinds.filter(|one| one.kind == kind && found.is_none_or(|found| one.found == found));
                total(wanted.map(KindProbes::ops))
            };
            let what = format!("probe lengths of {}", kind.name());
            equal(&what, of_kind(None), tape.executed.kinds[at])?;
            if let Some(hits) = tape.executed.hits {
                equal(&format!("{what} that found their key"), of_kind(Some(true)), hits[at])?;
            }
        }
        let sorted = |one: &KindProbes| one.lengths.is_sorted_by(|a, b| a.0 < b.0);
        if !self.phases.iter().flat_map(|phase| &phase.kinds).all(sorted) {
            return Err("probe lengths are out of order".into());
        }
        Ok(())
    }
}

named! {
    /// What an operation goes to one by one on the way to its key.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
    #[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
    #[serde(rename_all = "snake_case")]
    pub enum ProbeUnit {
        /// So many slots side by side whose control bytes are compared at once.
        #[default]
        Group = "group",
        /// A bucket of a chain.
        Bucket = "bucket",
        /// A node of a tree or trie.
        Node = "node",
    }
}

/// The probe lengths of one phase.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PhaseProbes {
    /// Name of the phase.
    pub phase: String,
    /// Operations.
    pub ops: u64,
    /// One entry for each kind that names a key and occurs, apart by whether the key was there.
    pub kinds: Vec<KindProbes>,
}

/// The probe lengths of one kind of operation in one phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KindProbes {
    /// Kind of operation.
    pub kind: Kind,
    /// Whether the key was there.
    pub found: bool,
    /// Each probe length that occurred, and how many operations had it, shortest first. What is gone to while a table is
    /// rebuilt is not in it.
    pub lengths: Vec<(u64, u64)>,
}

impl KindProbes {
    /// Operations.
    #[must_use]
    pub fn ops(&self) -> u64 {
        total(self.lengths.iter().map(|(_, ops)| *ops))
    }

    /// All probe lengths together.
    #[must_use]
    pub fn sum(&self) -> u64 {
        total(self.lengths.iter().map(|(length, ops)| length.saturating_mul(*ops)))
    }

    /// The longest.
    #[must_use]
    pub fn longest(&self) -> u64 {
        self.lengths.last().map_or(0, |(length, _)| *length)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::tape;
    use super::*;

    fn kind(kind: Kind, found: bool, lengths: &[(u64, u64)]) -> KindProbes {
        KindProbes { kind, found, lengths: lengths.into() }
    }

    /// Four inserts that prepare, then three and three removes that hit.
    fn probes() -> Probes {
        let phase = |name: &str, ops, kinds| PhaseProbes { phase: name.into(), ops, kinds };
        let churn = vec![kind(Kind::Insert, false, &[(1, 3)]), kind(Kind::Remove, true, &[(1, 2), (4, 1)])];
        Probes {
            unit: ProbeUnit::Group,
            phases: vec![
                phase("fill", 4, vec![kind(Kind::Insert, false, &[(1, 4)])]),
                phase("churn", 6, churn),
            ],
        }
    }

    #[test]
    fn lengths_are_summed() {
        let seen = kind(Kind::Get, true, &[(0, 5), (1, 2), (4, 1)]);
        assert_eq!((seen.ops(), seen.sum(), seen.longest()), (8, 6, 4));
        let endless = kind(Kind::Get, true, &[(u64::MAX, u64::MAX), (1, 1)]);
        assert_eq!((endless.ops(), endless.sum()), (u64::MAX, u64::MAX));
    }

    #[test]
    fn every_operation_that_names_a_key_must_be_there_as_the_tape_has_it() {
        assert_eq!(probes().check(&tape()), Ok(()));
        let mut lost = probes();
        lost.phases[1].kinds[0].lengths[0].1 = 2;
        assert_eq!(lost.check(&tape()), Err("6 probe lengths of insert, must be 7".into()));
        let mut turned = probes();
        turned.phases[1].kinds[1].found = false;
        let problem = "0 probe lengths of remove that found their key, must be 3";
        assert_eq!(turned.check(&tape()), Err(problem.into()));
        let mut shifted = probes();
        shifted.phases[1].ops = 5;
        let problem = "phase churn with 5 operations, must be churn with 6";
        assert_eq!(shifted.check(&tape()), Err(problem.into()));
        let mut unsorted = probes();
        unsorted.phases[1].kinds[1].lengths.reverse();
        assert_eq!(unsorted.check(&tape()), Err("probe lengths are out of order".into()));
        assert!(Probes::default().check(&tape()).is_err());
    }
}
