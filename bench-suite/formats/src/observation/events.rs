//! What the `events` collector sees: structural changes inside a map.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Allocator, Collected, CollectorInfo, Cost, Need, Threads, equal, total};
use crate::named::named;
use crate::tape::Header;

/// Structural changes inside a map, by operation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// Who told of them.
    pub source: EventSource,
    /// Every kind that occurred.
    pub kinds: Vec<EventCount>,
    /// How often each kind occurred in each stretch of the tape.
    pub windows: Vec<EventWindow>,
    /// The first events of each kind as they happened, in order. Kinds of [`EventKind::is_of_one_entry`] are
    /// counted only.
    pub listed: Vec<ListedEvent>,
    /// Events that are counted and could have been listed, but came when the list of their kind was full.
    pub dropped: u64,
    /// Which slot inserts of new entries took, and why there; empty where the map does not tell.
    pub decisions: Vec<DecisionCount>,
}

impl Collected for Events {
    const INFO: CollectorInfo = CollectorInfo {
        is_timed: false,
        keeps_pace: false,
        needs: &[Need::NoOwnThreads, Need::Answers],
        allocator: Allocator::Counting,
        threads: Threads::One,
        arguments: &["--samples", "100"],
        cost: Cost { start: 0.02, factor: 2.2, samples_for: 0.0 },
    };

    /// The windows must hold every operation and every event, and a map that tells of its inserts all of them.
    fn check(&self, tape: &Header) -> Result<(), String> {
        equal("operations", total(self.windows.iter().map(|window| window.ops)), tape.ops())?;
        let mut listable = 0u64;
        for seen in &self.kinds {
            let in_windows =
                total(self.windows.iter().filter_map(|window| window.counts.get(&seen.kind).copied()));
            equal(&format!("events of kind `{}` in windows", seen.kind.name()), in_windows, seen.count)?;
            listable = listable.saturating_add(if seen.kind.is_of_one_entry() { 0 } else { seen.count });
        }
        equal("events listed or dropped", (self.listed.len() as u64).saturating_add(self.dropped), listable)?;
        if !self.listed.is_sorted_by_key(|event| event.op) {
            return Err("listed events are out of order".into());
        }
        let Some(entries) = tape.new_entries().filter(|_| !self.decisions.is_empty()) else { return Ok(()) };
        let decided = total(self.decisions.iter().map(|decision| decision.count));
        equal("inserts that took a slot", decided, entries)
    }
}

/// Who told of the events of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventSource {
    /// The map itself; the allocator added [`EventKind::TableAllocated`] and [`EventKind::TableFreed`].
    Map,
    /// The allocator, and what the map says of its capacity.
    #[default]
    Allocator,
}

named! {
    /// What happened inside a map.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
    #[serde(rename_all = "snake_case")]
    pub enum EventKind {
        /// A block large enough to be a table was allocated.
        TableAllocated = "table allocated",
        /// Such a block was freed.
        TableFreed = "table freed",
        /// The capacity rose at once without a new table: dead slots became usable.
        RehashInPlace = "rehash in place",
        /// A classic Go map began to move into an array twice as large, or a Swiss table was replaced by a larger.
        Grow = "grow",
        /// A classic Go map began to move into an array of the same size.
        SameSizeGrow = "same-size grow",
        /// An old bucket with its chain was moved.
        Evacuate = "evacuate",
        /// The last old bucket was moved.
        GrowthDone = "growth done",
        /// A chain got an overflow bucket that had been allocated with its array.
        SpareOverflowBucket = "overflow bucket (spare)",
        /// A chain got an overflow bucket from the heap.
        HeapOverflowBucket = "overflow bucket (heap)",
        /// A Swiss table of the largest size was split in two.
        Split = "split",
        /// The directory of a Swiss map doubled.
        DirectoryDoubling = "directory doubling",
        /// Tombstones of a Swiss table became empty slots again.
        Prune = "prune",
        /// The map was cleared.
        Clear = "clear",
        /// A look-up in sync.Map had to take the lock.
        Miss = "miss",
        /// The dirty map of sync.Map became the read map.
        Promotion = "promotion",
        /// sync.Map copied the read map into a new dirty map.
        DirtyRebuild = "dirty rebuild",
        /// sync.Map marked a deleted entry as absent from the dirty map.
        Expunge = "expunge",
        /// The hash trie made an inner node.
        TrieNode = "trie node",
        /// The hash trie removed an empty inner node.
        TrieNodeRemoved = "trie node removed",
        /// An entry was deleted from its slot.
        Delete = "delete",
        /// An entry was carried to another slot.
        Move = "move",
    }
}

impl EventKind {
    /// What the size of such an event counts; `None` for kinds without one, whose size is 0.
    #[must_use]
    pub const fn size_counts(self) -> Option<&'static str> {
        match self {
            Self::TableAllocated | Self::TableFreed => Some("bytes"),
            Self::RehashInPlace => Some("entries of capacity won"),
            Self::Grow => Some("slots after"),
            Self::SameSizeGrow => Some("overflow buckets before"),
            Self::Evacuate => Some("entries moved"),
            Self::DirectoryDoubling => Some("directory entries after"),
            Self::Prune => Some("tombstones"),
            Self::Promotion => Some("keys"),
            Self::DirtyRebuild => Some("entries copied"),
            Self::Delete => Some("slots that count as never used again"),
            Self::GrowthDone
            | Self::SpareOverflowBucket
            | Self::HeapOverflowBucket
            | Self::Split
            | Self::Clear
            | Self::Miss
            | Self::Expunge
            | Self::TrieNode
            | Self::TrieNodeRemoved
            | Self::Move => None,
        }
    }

    /// Whether it concerns one entry only, and so may come with every operation.
    #[must_use]
    pub const fn is_of_one_entry(self) -> bool {
        matches!(self, Self::Delete | Self::Move | Self::Miss | Self::Expunge)
    }
}

/// How often a kind of event occurred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EventCount {
    /// The kind.
    pub kind: EventKind,
    /// How often.
    pub count: u64,
    /// Sizes, summed; see [`EventKind::size_counts`].
    pub size: u64,
    /// The operation (from 0) of the first.
    pub first_op: u64,
    /// The operation of the last.
    pub last_op: u64,
}

/// Events within a stretch of the tape.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EventWindow {
    /// Name of the phase.
    pub phase: String,
    /// Operations before this window.
    pub first_op: u64,
    /// Operations within.
    pub ops: u64,
    /// Entries alive at its end.
    pub live: u64,
    /// How often each kind occurred; kinds that did not are left out.
    pub counts: BTreeMap<EventKind, u64>,
}

/// One event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListedEvent {
    /// The operation during which it happened, from 0; the making of the map counts as the first.
    pub op: u64,
    /// Its kind.
    pub kind: EventKind,
    /// Its size; see [`EventKind::size_counts`].
    pub size: u64,
}

/// Inserts of new entries that were decided alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DecisionCount {
    /// The slot that was taken.
    pub taken: Taken,
    /// The map was between two bucket arrays.
    pub growing: bool,
    /// The chain has an overflow bucket, or the probe sequence left its first group.
    pub overflow: bool,
    /// What stands behind the slot.
    pub follows: Follows,
    /// How many.
    pub count: u64,
}

named! {
    /// Which slot an insert took.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
    #[serde(rename_all = "snake_case")]
    pub enum Taken {
        /// An empty slot with something live behind it in its chain.
        FirstEmpty = "first empty slot",
        /// The slot where the chain or probe sequence ends.
        EndOfChain = "end of the chain",
        /// The first slot of a new overflow bucket.
        NewOverflow = "new overflow bucket",
        /// A tombstone.
        Tombstone = "tombstone",
    }
}

named! {
    /// What stands behind a slot.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
    #[serde(rename_all = "snake_case")]
    pub enum Follows {
        /// The slot is the last one.
        Nothing = "nothing",
        /// An empty slot with nothing live behind it.
        EmptyRest = "empty to the end",
        /// A freed slot with something live behind it.
        Freed = "a freed slot",
        /// A live entry.
        Live = "a live entry",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::tests::tape;
    use super::*;

    fn events() -> Events {
        let kind = EventKind::Grow;
        let counts = BTreeMap::from([(kind, 2)]);
        Events {
            source: EventSource::Map,
            kinds: vec![EventCount { kind, count: 2, size: 48, first_op: 1, last_op: 3 }],
            windows: vec![EventWindow { phase: "fill".into(), first_op: 0, ops: 10, live: 4, counts }],
            listed: vec![ListedEvent { op: 1, kind, size: 16 }],
            dropped: 1,
            decisions: vec![DecisionCount {
                taken: Taken::EndOfChain,
                growing: false,
                overflow: false,
                follows: Follows::EmptyRest,
                count: 7,
            }],
        }
    }

    #[test]
    fn counts_must_agree_with_each_other_and_with_the_tape() {
        assert_eq!(events().check(&tape()), Ok(()));
        let lost = Events { dropped: 0, ..events() };
        assert_eq!(lost.check(&tape()), Err("1 events listed or dropped, must be 2".into()));
        let mut undecided = events();
        undecided.decisions[0].count = 6;
        assert_eq!(undecided.check(&tape()), Err("6 inserts that took a slot, must be 7".into()));
        let mut silent = events();
        silent.windows[0].counts.clear();
        assert!(silent.check(&tape()).is_err());
        silent = events();
        silent.windows[0].ops = 9;
        assert!(silent.check(&tape()).is_err());
    }

    #[test]
    fn a_map_that_does_not_tell_of_its_inserts_is_not_asked_for_them() {
        assert_eq!(Events { decisions: vec![], ..events() }.check(&tape()), Ok(()));
    }
}
