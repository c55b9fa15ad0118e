//! What the `instructions` collector sees: how many instructions a map takes, kind by kind.

use serde::{Deserialize, Serialize};

use super::{Allocator, Collected, CollectorInfo, Cost, Need, Threads, equal, total};
use crate::tape::{Header, Kind, TapeId};

/// How many instructions a map took in phases that count. The program that plays says how often it was asked for what;
/// who counts instructions from outside adds them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Instructions {
    /// One entry for each kind that occurs.
    pub kinds: Vec<KindInstructions>,
    /// Instructions of the loop around the map: it fetches steps, makes values and folds answers. They are in no figure.
    pub around: u64,
    /// What counted, with its release.
    pub counter: String,
    /// The beginning of the tape that was played, where the whole of it would have taken too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beginning: Option<Beginning>,
}

/// The instructions of one kind of operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KindInstructions {
    /// Kind of operation.
    pub kind: Kind,
    /// Operations.
    pub ops: u64,
    /// Instructions from the call of the map until it returned.
    pub instructions: u64,
}

/// The first operations of a tape: all that only prepare, and so many of the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Beginning {
    /// The tape of these operations alone, whose answers the map gave.
    pub tape: TapeId,
    /// Operations in phases that count.
    pub ops: u64,
    /// Of so many.
    pub of: u64,
}

impl Collected for Instructions {
    const INFO: CollectorInfo = CollectorInfo {
        is_timed: false,
        keeps_pace: false,
        needs: &[Need::NoOwnThreads],
        allocator: Allocator::Plain,
        threads: Threads::One,
        arguments: &["--samples", "1"],
        cost: Cost { start: 1.0, factor: 60.0, samples_for: 0.0 },
    };

    /// The kinds must hold all operations in phases that count, or as many as are said to have been played.
    fn check(&self, tape: &Header) -> Result<(), String> {
        let counted = tape.ops().saturating_sub(tape.preparing_ops());
        let played = match &self.beginning {
            None => counted,
            Some(Beginning { ops, of, .. }) => {
                equal("operations in phases that count", *of, counted)?;
                if ops > of {
                    return Err(format!("the first {ops} operations, of {of}"));
                }
                *ops
            }
        };
        equal("operations in phases that count", self.ops(), played)
    }
}

impl Instructions {
    /// Operations in phases that count.
    #[must_use]
    pub fn ops(&self) -> u64 {
        total(self.kinds.iter().map(|one| one.ops))
    }

    /// Instructions of the map for each of them; `None` where there is none, or nobody counted.
    #[must_use]
    pub fn per_op(&self) -> Option<f64> {
        let instructions = total(self.kinds.iter().map(|one| one.instructions));
        (self.ops() > 0 && instructions > 0).then(|| instructions as f64 / self.ops() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::tape;
    use super::*;

    fn seen(inserts: u64, removes: u64) -> Instructions {
        let of = |kind, ops| KindInstructions { kind, ops, instructions: 30 * ops };
        let kinds = vec![of(Kind::Insert, inserts), of(Kind::Remove, removes)];
        Instructions { kinds, around: 100, counter: "callgrind".into(), beginning: None }
    }

    fn first(ops: u64, of: u64) -> Beginning {
        Beginning { tape: "0".repeat(32).try_into().unwrap(), ops, of }
    }

    #[test]
    fn instructions_are_divided_by_the_operations_in_phases_that_count() {
        assert_eq!(seen(3, 3).per_op(), Some(30.0));
        assert_eq!(Instructions::default().per_op(), None);
        let mut uncounted = seen(3, 3);
        uncounted.kinds.iter_mut().for_each(|one| one.instructions = 0);
        assert_eq!(uncounted.per_op(), None);
    }

    #[test]
    fn every_operation_that_was_played_must_be_there() {
        assert_eq!(seen(3, 3).check(&tape()), Ok(()));
        let problem = "5 operations in phases that count, must be 6";
        assert_eq!(seen(3, 2).check(&tape()), Err(problem.into()));
        let part = Instructions { beginning: Some(first(4, 6)), ..seen(2, 2) };
        assert_eq!(part.check(&tape()), Ok(()));
        let short = Instructions { beginning: Some(first(4, 6)), ..seen(2, 1) };
        assert_eq!(short.check(&tape()), Err("3 operations in phases that count, must be 4".into()));
        let other = Instructions { beginning: Some(first(4, 7)), ..seen(2, 2) };
        assert_eq!(other.check(&tape()), Err("7 operations in phases that count, must be 6".into()));
        let beyond = Instructions { beginning: Some(first(7, 6)), ..seen(4, 3) };
        assert_eq!(beyond.check(&tape()), Err("the first 7 operations, of 6".into()));
        assert!(Instructions::default().check(&tape()).is_err());
    }
}
