//! What the `events` collector sees: structural changes inside a map.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Structural changes inside a map, by operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// Who told of the events of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventSource {
    /// The map itself; the allocator added [`EventKind::TableAllocated`] and [`EventKind::TableFreed`].
    Map,
    /// The allocator, and what the map says of its capacity.
    Allocator,
}

/// What happened inside a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A block large enough to be a table was allocated.
    TableAllocated,
    /// Such a block was freed.
    TableFreed,
    /// The capacity rose at once without a new table: dead slots became usable.
    RehashInPlace,
    /// A classic Go map began to move into an array twice as large, or a Swiss table was replaced by a larger.
    Grow,
    /// A classic Go map began to move into an array of the same size.
    SameSizeGrow,
    /// An old bucket with its chain was moved.
    Evacuate,
    /// The last old bucket was moved.
    GrowthDone,
    /// A chain got an overflow bucket that had been allocated with its array.
    SpareOverflowBucket,
    /// A chain got an overflow bucket from the heap.
    HeapOverflowBucket,
    /// A Swiss table of the largest size was split in two.
    Split,
    /// The directory of a Swiss map doubled.
    DirectoryDoubling,
    /// Tombstones of a Swiss table became empty slots again.
    Prune,
    /// The map was cleared.
    Clear,
    /// A look-up in sync.Map had to take the lock.
    Miss,
    /// The dirty map of sync.Map became the read map.
    Promotion,
    /// sync.Map copied the read map into a new dirty map.
    DirtyRebuild,
    /// sync.Map marked a deleted entry as absent from the dirty map.
    Expunge,
    /// The hash trie made an inner node.
    TrieNode,
    /// The hash trie removed an empty inner node.
    TrieNodeRemoved,
    /// An entry was deleted from its slot.
    Delete,
    /// An entry was carried to another slot.
    Move,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 21] = [
        Self::TableAllocated,
        Self::TableFreed,
        Self::RehashInPlace,
        Self::Grow,
        Self::SameSizeGrow,
        Self::Evacuate,
        Self::GrowthDone,
        Self::SpareOverflowBucket,
        Self::HeapOverflowBucket,
        Self::Split,
        Self::DirectoryDoubling,
        Self::Prune,
        Self::Clear,
        Self::Miss,
        Self::Promotion,
        Self::DirtyRebuild,
        Self::Expunge,
        Self::TrieNode,
        Self::TrieNodeRemoved,
        Self::Delete,
        Self::Move,
    ];

    /// Its name as people read it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TableAllocated => "table allocated",
            Self::TableFreed => "table freed",
            Self::RehashInPlace => "rehash in place",
            Self::Grow => "grow",
            Self::SameSizeGrow => "same-size grow",
            Self::Evacuate => "evacuate",
            Self::GrowthDone => "growth done",
            Self::SpareOverflowBucket => "overflow bucket (spare)",
            Self::HeapOverflowBucket => "overflow bucket (heap)",
            Self::Split => "split",
            Self::DirectoryDoubling => "directory doubling",
            Self::Prune => "prune",
            Self::Clear => "clear",
            Self::Miss => "miss",
            Self::Promotion => "promotion",
            Self::DirtyRebuild => "dirty rebuild",
            Self::Expunge => "expunge",
            Self::TrieNode => "trie node",
            Self::TrieNodeRemoved => "trie node removed",
            Self::Delete => "delete",
            Self::Move => "move",
        }
    }

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

/// Which slot an insert took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    /// An empty slot with something live behind it in its chain.
    FirstEmpty,
    /// The slot where the chain or probe sequence ends.
    EndOfChain,
    /// The first slot of a new overflow bucket.
    NewOverflow,
    /// A tombstone.
    Tombstone,
}

impl Taken {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::FirstEmpty, Self::EndOfChain, Self::NewOverflow, Self::Tombstone];

    /// Its name as people read it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstEmpty => "first empty slot",
            Self::EndOfChain => "end of the chain",
            Self::NewOverflow => "new overflow bucket",
            Self::Tombstone => "tombstone",
        }
    }
}

/// What stands behind a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Follows {
    /// The slot is the last one.
    Nothing,
    /// An empty slot with nothing live behind it.
    EmptyRest,
    /// A freed slot with something live behind it.
    Freed,
    /// A live entry.
    Live,
}

impl Follows {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Nothing, Self::EmptyRest, Self::Freed, Self::Live];

    /// Its name as people read it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::EmptyRest => "empty to the end",
            Self::Freed => "a freed slot",
            Self::Live => "a live entry",
        }
    }
}
