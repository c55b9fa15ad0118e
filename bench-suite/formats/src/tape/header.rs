//! What a tape says about itself, and what its operations come to.

use serde::{Deserialize, Serialize};

use super::{KINDS, Kind};
use crate::answer::Digest;
use crate::entry::{KeyPattern, Keys, Values};
use crate::pace::Pace;

/// What a tape says about itself. The default is that of an empty tape for one thread, of `u64` keys and values.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The workload it was made from.
    pub workload: String,
    /// The seed it was made with.
    pub seed: u64,
    /// Version of the generator: another one may give other operations for the same seed.
    pub generator: u32,
    /// What keys are made of.
    pub keys: Keys,
    /// How keys follow from their numbers. Scattering is not written down.
    #[serde(default, skip_serializing_if = "KeyPattern::is_scattered")]
    pub key_pattern: KeyPattern,
    /// What values are made of.
    pub values: Values,
    /// What the sizes of values come to, where they differ. Elsewhere it is not written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sizes: Option<SizeMark>,
    /// Whether threads contend for the same keys.
    pub keys_shared: bool,
    /// Which threads do something else than the others, in the order of the threads. No roles are not written down.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleMark>,
    /// When operations start, in phases that have no pace of their own. A closed loop is not written down.
    #[serde(default, skip_serializing_if = "Pace::is_closed")]
    pub pace: Pace,
    /// Where a recording says when operations start: from the first to the last, as it is played, ns. Elsewhere it is not
    /// written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_ns: Option<u64>,
    /// Entries for which the map is told to have room when it is made. None at all is not written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u64>,
    /// How many maps play it in turn: the key with a number belongs to the map with that number modulo this. One alone is
    /// not written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub many: Option<u32>,
    /// Entries that the map holds at most: a bounded cache, which chooses what leaves to keep to it. No bound is not
    /// written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<u64>,
    /// Whether a thread writes while it holds what it found. If none does, that is not written down.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub holds_over_writes: bool,
    /// Keys that are inserted at least once; their numbers are below this.
    pub distinct: u64,
    /// The stretches of the tape, in order.
    pub phases: Vec<PhaseMark>,
    /// What the operations come to when every answer is right.
    pub executed: Executed,
}

/// One stretch of a tape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PhaseMark {
    /// `fill`, `churn`, `drain`, `clear`, `trace`, or a step of a script.
    pub name: String,
    /// Operations of each thread.
    pub ops: Vec<u64>,
    /// Whether it is load. Phases that are not come first and prepare the map: they have no schedule, and no time
    /// and no figure of the report holds them. The generator decides; everybody else reads it here.
    pub counts: bool,
    /// When its operations start, where it has a pace of its own; else that of the tape says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<Pace>,
}

/// What the sizes of the values on a tape come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SizeMark {
    /// Bytes of the smallest.
    pub smallest: u32,
    /// Bytes of one, on average.
    pub mean: u32,
    /// Bytes of the largest.
    pub largest: u32,
}

impl SizeMark {
    /// What these sizes come to; nothing where there are none.
    #[must_use]
    pub fn of(sizes: &[u32]) -> Self {
        let sum: u64 = sizes.iter().map(|size| u64::from(*size)).sum();
        let mean = sum.checked_div(sizes.len() as u64).and_then(|mean| u32::try_from(mean).ok());
        let (smallest, largest) = (sizes.iter().min(), sizes.iter().max());
        Self {
            smallest: smallest.copied().unwrap_or(0),
            mean: mean.unwrap_or(0),
            largest: largest.copied().unwrap_or(0),
        }
    }
}

/// What some of the threads do, beside others that do something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RoleMark {
    /// Its name.
    pub name: String,
    /// How many threads have it.
    pub threads: u32,
}

impl Header {
    /// How many threads play it; 1 where it has no phase.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.phases.iter().map(|phase| phase.ops.len()).max().unwrap_or(1)
    }

    /// Bytes of a value, on average.
    #[must_use]
    pub fn mean_value_bytes(&self) -> u64 {
        let marked = self.sizes.map(|sizes| sizes.mean.into());
        marked.or_else(|| self.values.mean_bytes()).unwrap_or(0)
    }

    /// Bytes of the largest value.
    #[must_use]
    pub fn most_value_bytes(&self) -> u64 {
        let marked = self.sizes.map(|sizes| sizes.largest.into());
        marked.or_else(|| self.values.mean_bytes()).unwrap_or(0)
    }

    /// The role of a thread, if it has one.
    #[must_use]
    pub fn role_of(&self, thread: usize) -> Option<&RoleMark> {
        let mut before = 0u64;
        self.roles.iter().find(|role| {
            before = before.saturating_add(role.threads.into());
            (thread as u64) < before
        })
    }

    /// Phases that do not count; all of them come first.
    fn preparing(&self) -> &[PhaseMark] {
        let first = self.phases.iter().position(|phase| phase.counts).unwrap_or(self.phases.len());
        &self.phases[..first]
    }

    /// Operations of all threads in phases that do not count.
    #[must_use]
    pub fn preparing_ops(&self) -> u64 {
        self.preparing().iter().flat_map(|phase| &phase.ops).fold(0, |sum, ops| sum.saturating_add(*ops))
    }

    /// Operations of one thread in phases that do not count.
    #[must_use]
    pub fn preparing_ops_of(&self, thread: usize) -> u64 {
        let ops = self.preparing().iter().filter_map(|phase| phase.ops.get(thread));
        ops.fold(0, |sum, ops| sum.saturating_add(*ops))
    }

    /// Of what was read once in each phase, in order, that of the phases that count.
    #[must_use]
    pub fn counted<'a, T>(&self, by_phase: &'a [T]) -> &'a [T] {
        by_phase.get(self.preparing().len()..).unwrap_or_default()
    }

    /// Of what was read along the tape, in order, that of the phases that count; `played` says after how many
    /// operations of all threads a reading was taken.
    #[must_use]
    pub fn counted_along<'a, T>(&self, readings: &'a [T], played: impl Fn(&T) -> u64) -> &'a [T] {
        let prepared = self.preparing_ops();
        let first = readings.iter().position(|reading| played(reading) > prepared).unwrap_or(readings.len());
        &readings[first..]
    }

    /// Operations of all threads.
    #[must_use]
    pub fn ops(&self) -> u64 {
        self.executed.kinds.iter().fold(0, |sum, kind| sum.saturating_add(*kind))
    }

    /// Most entries that live at once: what the model says, or the bound. `None` when threads share keys, and no bound is
    /// said.
    #[must_use]
    pub fn most_live(&self) -> Option<u64> {
        self.bound.or(self.executed.peak_live)
    }

    /// Inserts that added an entry; `None` when threads share keys: it depends on luck.
    #[must_use]
    pub fn new_entries(&self) -> Option<u64> {
        let insert = Kind::Insert as usize;
        self.executed.hits.map(|hits| self.executed.kinds[insert].saturating_sub(hits[insert]))
    }
}

/// The tape as executed by a map that makes no mistake.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Executed {
    /// Operations of each kind, in the order of [`Kind::ALL`].
    #[serde(with = "by_kind")]
    #[cfg_attr(feature = "files", schemars(with = "Vec<u64>"))]
    pub kinds: [u64; KINDS],
    /// Operations of each kind that found a live entry. `None` when threads share keys: it depends on luck. It is, and so
    /// is what follows, where entries are bounded too: what leaves, the map chooses.
    #[serde(with = "by_kind_if_certain")]
    #[cfg_attr(feature = "files", schemars(with = "Option<Vec<u64>>"))]
    pub hits: Option<[u64; KINDS]>,
    /// Most entries alive at once, `None` when threads share keys.
    pub peak_live: Option<u64>,
    /// Entries alive at the end, `None` when threads share keys.
    pub end_live: Option<u64>,
    /// Live entries at evenly spaced operations (of all threads, played side by side), start and end
    /// included; empty when threads share keys.
    pub live: Vec<u64>,
    /// The digest of each thread's answers; empty when threads share keys, and where the map chooses which entry leaves.
    pub answers: Vec<Digest>,
    /// Where the map chooses which entry leaves: the sum of the stamps of all values that went in, wrapping. What left
    /// and what is left must have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamps: Option<u64>,
}

/// Figures by kind as they are written: kinds that came later stand there only where something is to be said of them, so
/// that a tape without them is what it always was.
mod by_kind {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::super::by_kind;
    use super::KINDS;

    /// Kinds that are always written.
    const FIRST: usize = 6;

    pub(super) fn serialize<S: Serializer>(counts: &[u64; KINDS], serializer: S) -> Result<S::Ok, S::Error> {
        said(counts).serialize(serializer)
    }

    pub(super) fn said(counts: &[u64; KINDS]) -> &[u64] {
        let last = counts.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
        &counts[..last.max(FIRST)]
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u64; KINDS], D::Error> {
        all(&Vec::deserialize(deserializer)?)
    }

    pub(super) fn all<E: serde::de::Error>(said: &[u64]) -> Result<[u64; KINDS], E> {
        if !(FIRST..=KINDS).contains(&said.len()) {
            let problem = format!("figures of {} kinds; allowed are {FIRST} to {KINDS}", said.len());
            return Err(E::custom(problem));
        }
        Ok(by_kind(said))
    }
}

/// The same where there may be none.
mod by_kind_if_certain {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{KINDS, by_kind};

    #[expect(clippy::ref_option, reason = "serde gives the field by reference")]
    pub(super) fn serialize<S: Serializer>(
        counts: &Option<[u64; KINDS]>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        counts.as_ref().map(by_kind::said).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<[u64; KINDS]>, D::Error> {
        Option::<Vec<u64>>::deserialize(deserializer)?.map(|said| by_kind::all(&said)).transpose()
    }
}
