//! What the `tail` collector sees: the slowest operations of a tape that is played several times, and what went with
//! them. The readings as they were taken; what they mean is for others to say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Allocator, Clock, Collected, CollectorInfo, Cost, EventKind, Need, Threads, equal, total};
use crate::tape::{Header, Kind};

/// The slowest operations of several plays of one tape, each into a new map, in one process.
///
/// After the timed plays the tape is played once more without a clock, and looked at operation by operation: in a map
/// that does the same on the same tape, what is seen of an operation then is what it did in the timed plays too.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tail {
    /// The clock that was read once an operation.
    pub clock: Clock,
    /// The timed plays, in order.
    pub plays: Vec<TailPlay>,
    /// Every operation that was among the slowest of a play, in the order of the tape.
    pub slow: Vec<SlowInPlays>,
    /// What the operations of each kind usually do, slow or not: one for each kind in the load, by the play that was
    /// looked at.
    pub usual: Vec<UsualOfKind>,
}

/// One timed play.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TailPlay {
    /// Operations that were timed: those of phases that count, but for the few that follow a look at the counters of the
    /// thread.
    pub ops: u64,
    /// What they took together, ns.
    pub ns: u64,
    /// How many of them were kept, the slowest ones.
    pub kept: u64,
    /// What the thread met in a stretch of the tape with a kept operation, where it met anything, in order.
    pub stretches: Vec<Stretch>,
}

/// What the thread met while it played a stretch of the tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stretch {
    /// Its first operation.
    pub first_op: u64,
    /// Its operations.
    pub ops: u64,
    /// What was met.
    pub met: Met,
}

/// What the kernel counted for one thread. What it does not tell is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Met {
    /// Page faults that needed no disk.
    #[serde(default, skip_serializing_if = "is_0")]
    pub minor_faults: u64,
    /// Page faults that did.
    #[serde(default, skip_serializing_if = "is_0")]
    pub major_faults: u64,
    /// Times that it gave the processor away because it waited for something: a lock, another thread, a file.
    #[serde(default, skip_serializing_if = "is_0")]
    pub waits: u64,
    /// Times that the processor was taken from it.
    #[serde(default, skip_serializing_if = "is_0")]
    pub switches: u64,
    /// How long it could have run and had no processor, ns.
    #[serde(default, skip_serializing_if = "is_0")]
    pub delay_ns: u64,
}

/// An operation that was among the slowest of at least one play.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SlowInPlays {
    /// Its position on the tape.
    pub index: u64,
    /// What it was.
    pub kind: Kind,
    /// What it took in each play, ns: 0 where it was not among the slowest, `None` where it was not timed because it
    /// followed a look at the counters of the thread.
    pub ns: Vec<Option<u64>>,
    /// What it did in the play that was looked at.
    #[serde(default, skip_serializing_if = "Done::is_nothing")]
    pub done: Done,
}

/// What was seen of one operation when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// Structural changes of the map, but for those of one entry.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub events: BTreeMap<EventKind, u64>,
    /// Calls of the allocator: blocks allocated, and blocks freed.
    #[serde(default, skip_serializing_if = "is_0")]
    pub calls: u64,
    /// Bytes allocated, usable sizes.
    #[serde(default, skip_serializing_if = "is_0")]
    pub bytes: u64,
    /// What the thread met between its begin and its end.
    #[serde(default)]
    pub met: Met,
}

/// What the operations of one kind do in the load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UsualOfKind {
    /// The kind.
    pub kind: Kind,
    /// Operations of it.
    pub ops: u64,
    /// Of those, operations with such a structural change.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub events: BTreeMap<EventKind, u64>,
    /// Operations by their calls of the allocator: entry `i` counts those with `i` calls, the last one also those with
    /// more. Zeros at the end are left out.
    pub by_calls: Vec<u64>,
    /// Operations by the bytes that they allocated: entry 0 counts those with none, entry `i` those with 2^(i-1) to
    /// 2^i - 1. Zeros at the end are left out.
    pub by_bytes: Vec<u64>,
}

impl Tail {
    /// Calls of the allocator from which on [`UsualOfKind::by_calls`] tells no difference.
    pub const CALLS: usize = 15;
}

impl Done {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Its entry in [`UsualOfKind::by_calls`].
    #[must_use]
    pub fn calls_bin(&self) -> usize {
        usize::try_from(self.calls).map_or(Tail::CALLS, |calls| calls.min(Tail::CALLS))
    }

    /// Its entry in [`UsualOfKind::by_bytes`].
    #[must_use]
    pub fn bytes_bin(&self) -> usize {
        (u64::BITS - self.bytes.leading_zeros()) as usize
    }
}

impl Collected for Tail {
    const INFO: CollectorInfo = CollectorInfo {
        is_timed: true,
        keeps_pace: false,
        needs: &[Need::NoOwnThreads, Need::FreesAtOnce],
        allocator: Allocator::Counting,
        threads: Threads::One,
        arguments: &[],
        cost: Cost { start: 0.3, factor: 7.0, samples_for: 0.0 },
    };

    /// Every play must have kept what it says, of operations that are on the tape, and all of them must have been
    /// looked at.
    fn check(&self, tape: &Header) -> Result<(), String> {
        let load = total(tape.counted(&tape.phases).iter().flat_map(|phase| phase.ops.iter().copied()));
        equal("operations that were looked at", total(self.usual.iter().map(|usual| usual.ops)), load)?;
        for usual in &self.usual {
            let of_kind = format!("{} operations", usual.kind.name());
            equal(&format!("{of_kind} by calls"), total(usual.by_calls.iter().copied()), usual.ops)?;
            equal(&format!("{of_kind} by bytes"), total(usual.by_bytes.iter().copied()), usual.ops)?;
        }
        if !self.slow.is_sorted_by(|one, next| one.index < next.index) {
            return Err("slow operations are out of order".into());
        }
        for (number, play) in self.plays.iter().enumerate() {
            if play.ops > load {
                return Err(format!("{} timed operations, the load has {load}", play.ops));
            }
            let slow = self.slow.iter().filter(|slow| slow.ns_in(number) > 0);
            equal("slow operations of a play", slow.count() as u64, play.kept)?;
        }
        for SlowInPlays { index, ns, .. } in &self.slow {
            equal("plays of a slow operation", ns.len(), self.plays.len())?;
            if !(tape.preparing_ops()..tape.ops()).contains(index) {
                return Err(format!("operation {index} is slow, which is not in the load"));
            }
        }
        Ok(())
    }
}

impl SlowInPlays {
    /// What it took in a play where it was among the slowest, ns; 0 in any other.
    #[must_use]
    pub fn ns_in(&self, play: usize) -> u64 {
        self.ns.get(play).copied().flatten().unwrap_or(0)
    }
}

impl Met {
    /// What was met between two readings of counters that only rise.
    #[must_use]
    pub const fn since(self, before: Self) -> Self {
        Self {
            minor_faults: self.minor_faults.saturating_sub(before.minor_faults),
            major_faults: self.major_faults.saturating_sub(before.major_faults),
            waits: self.waits.saturating_sub(before.waits),
            switches: self.switches.saturating_sub(before.switches),
            delay_ns: self.delay_ns.saturating_sub(before.delay_ns),
        }
    }

    /// Whether anything was met.
    #[must_use]
    pub fn is_something(&self) -> bool {
        *self != Self::default()
    }

    /// Page faults of both kinds.
    #[must_use]
    pub const fn faults(&self) -> u64 {
        self.minor_faults.saturating_add(self.major_faults)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
const fn is_0(figure: &u64) -> bool {
    *figure == 0
}

#[cfg(test)]
mod tests {
    use super::super::tests::tape;
    use super::*;

    /// Three plays of a churn of six operations, of which the second and the last one are slow.
    fn tail() -> Tail {
        let slow = |index, ns: [Option<u64>; 3]| SlowInPlays {
            index,
            kind: Kind::Insert,
            ns: ns.into(),
            done: Done::default(),
        };
        let play = TailPlay { ops: 5, ns: 900, kept: 1, stretches: Vec::new() };
        let usual = |kind| UsualOfKind {
            kind,
            ops: 3,
            events: BTreeMap::new(),
            by_calls: vec![2, 1],
            by_bytes: vec![2, 0, 0, 0, 1],
        };
        Tail {
            clock: Clock::default(),
            plays: vec![play.clone(), TailPlay { kept: 2, ..play.clone() }, play],
            slow: vec![slow(5, [Some(700), Some(800), None]), slow(9, [Some(0), Some(500), Some(600)])],
            usual: vec![usual(Kind::Insert), usual(Kind::Remove)],
        }
    }

    #[test]
    fn what_was_kept_must_be_there_and_of_the_load() {
        assert_eq!(tail().check(&tape()), Ok(()));
        let mut lost = tail();
        lost.slow.pop();
        assert_eq!(lost.check(&tape()), Err("1 slow operations of a play, must be 2".into()));
        let mut filling = tail();
        filling.slow[0].index = 3;
        assert_eq!(filling.check(&tape()), Err("operation 3 is slow, which is not in the load".into()));
        let mut unseen = tail();
        unseen.usual.pop();
        assert_eq!(unseen.check(&tape()), Err("3 operations that were looked at, must be 6".into()));
        let mut uncounted = tail();
        uncounted.usual[1].by_bytes.pop();
        assert_eq!(uncounted.check(&tape()), Err("2 remove operations by bytes, must be 3".into()));
        let mut short = tail();
        short.slow[1].ns.pop();
        assert!(short.check(&tape()).is_err());
        let mut longer = tail();
        longer.plays[0].ops = 7;
        assert_eq!(longer.check(&tape()), Err("7 timed operations, the load has 6".into()));
    }

    #[test]
    fn operations_are_binned_by_what_they_asked_of_the_allocator() {
        let bins = |calls, bytes| {
            let done = Done { calls, bytes, ..Done::default() };
            (done.calls_bin(), done.bytes_bin())
        };
        assert_eq!([bins(0, 0), bins(1, 1), bins(14, 2)], [(0, 0), (1, 1), (14, 2)]);
        assert_eq!([bins(15, 3), bins(u64::MAX, u64::MAX)], [(15, 2), (15, 64)]);
    }
}
