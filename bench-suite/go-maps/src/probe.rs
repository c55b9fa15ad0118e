//! What a map can tell about itself while it works.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// Hears what happens inside a map. The unit type hears nothing and leaves no instruction behind.
///
/// Takes `&self`: maps that threads share tell it from every thread.
pub trait Probe {
    /// Whether it listens at all. What an event is made of is not even looked up for one that does not.
    const HEARS: bool = true;
    /// Whether it counts work. A map then makes every comparison that Go makes one by one.
    const COUNTS: bool = false;

    /// Something happened.
    fn see(&self, event: Event);

    /// Some work was done.
    #[inline]
    fn count(&self, _work: Work) {}
}

/// Whether a probe listens.
#[inline]
#[cfg_attr(feature = "unprobed", expect(dead_code, reason = "nobody asks"))]
pub(crate) const fn hears<P: Probe>(_probe: &P) -> bool {
    P::HEARS
}

/// Whether a probe counts work.
#[inline]
#[cfg_attr(feature = "unprobed", expect(dead_code, reason = "nobody asks"))]
pub(crate) const fn counts<P: Probe>(_probe: &P) -> bool {
    P::COUNTS
}

/// Tells a probe of an event, which is put together only for one that listens.
///
/// The feature `unprobed` takes the very call out of the source: what is compiled then is what a probe that
/// does not listen is compared with.
macro_rules! tell {
    ($probe:expr, $event:expr $(,)?) => {
        #[cfg(not(feature = "unprobed"))]
        if $crate::probe::hears(&$probe) {
            $probe.see($event);
        }
    };
}

/// Tells a probe of work, for one that counts.
macro_rules! count {
    ($probe:expr, $work:expr $(,)?) => {
        #[cfg(not(feature = "unprobed"))]
        if $crate::probe::counts($probe) {
            $probe.count($work);
        }
    };
}

pub(crate) use {count, tell};

impl Probe for () {
    const HEARS: bool = false;

    #[inline]
    fn see(&self, _event: Event) {}
}

impl<P: Probe> Probe for &P {
    const HEARS: bool = P::HEARS;
    const COUNTS: bool = P::COUNTS;

    #[inline]
    fn see(&self, event: Event) {
        (**self).see(event);
    }

    #[inline]
    fn count(&self, work: Work) {
        (**self).count(work);
    }
}

impl<P: Probe> Probe for Rc<P> {
    const HEARS: bool = P::HEARS;
    const COUNTS: bool = P::COUNTS;

    #[inline]
    fn see(&self, event: Event) {
        (**self).see(event);
    }

    #[inline]
    fn count(&self, work: Work) {
        (**self).count(work);
    }
}

impl<P: Probe> Probe for Arc<P> {
    const HEARS: bool = P::HEARS;
    const COUNTS: bool = P::COUNTS;

    #[inline]
    fn see(&self, event: Event) {
        (**self).see(event);
    }

    #[inline]
    fn count(&self, work: Work) {
        (**self).count(work);
    }
}

/// Work that a map does; of a built-in one, as an instrumented Go counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A key was hashed.
    Hash,
    /// So many keys were compared with another.
    Compare(usize),
    /// So many groups of a table (Swiss), buckets of a chain (classic) or nodes (hash trie) were gone to on the way
    /// to a key or to its place.
    Visit(usize),
    /// So many groups or buckets were gone to, or made, while a table was rebuilt, tidied up or cleared.
    Upkeep(usize),
    /// So many groups or buckets were zeroed because the map was cleared.
    Zero(usize),
}

/// A probe that sums work up, beside one that hears of events.
#[derive(Debug, Default)]
pub struct Worked<P = ()> {
    /// Who hears of events.
    pub inner: P,
    sums: [Cell<u64>; 4],
}

impl<P> Worked<P> {
    /// Hashes, comparisons, visits and zeroings since the last time.
    pub fn take(&self) -> [u64; 4] {
        self.sums.each_ref().map(Cell::take)
    }
}

impl<P: Probe> Probe for Worked<P> {
    const HEARS: bool = P::HEARS;
    const COUNTS: bool = true;

    fn see(&self, event: Event) {
        self.inner.see(event);
    }

    fn count(&self, work: Work) {
        let (sum, by) = match work {
            Work::Hash => (0, 1),
            Work::Compare(keys) => (1, keys),
            Work::Visit(places) | Work::Upkeep(places) => (2, places),
            Work::Zero(places) => (3, places),
        };
        self.sums[sum].set(self.sums[sum].get() + by as u64);
    }
}

/// One slot of one allocation. Two slots are equal only if they are the same memory: an allocation keeps its
/// number for as long as it lives, and no number is given out twice by one map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    /// The bucket array (classic) or table (Swiss), numbered by the map in order of birth.
    pub memory: u32,
    /// The bucket or group inside it: for the classic map first the base buckets, then the spare overflow
    /// buckets, then those of the heap.
    pub bucket: u32,
    /// 0 to 7.
    pub slot: u8,
}

/// Which slot an insert of a new key took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Taken {
    /// An empty slot with something live behind it in its chain (classic: emptyOne).
    FirstEmpty,
    /// The slot where the chain or probe sequence ends (classic: emptyRest; Swiss: empty).
    EndOfChain,
    /// The first slot of an overflow bucket made for it.
    NewOverflow,
    /// A tombstone (Swiss: deleted).
    Tombstone,
}

/// What stands in the next position of the chain, or of the group, behind a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Follows {
    /// The slot is the last one.
    Nothing,
    /// An empty slot with nothing live behind it.
    EmptyRest,
    /// A freed slot with something live behind it (classic: emptyOne; Swiss: deleted).
    Freed,
    /// A live entry.
    Live,
}

/// Where an insert of a new key went, and why there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decision {
    /// The slot it took.
    pub slot: Slot,
    /// What that slot was.
    pub taken: Taken,
    /// The map was between two bucket arrays (classic only).
    pub growing: bool,
    /// The chain has an overflow bucket (classic), or the probe sequence left its first group (Swiss).
    pub overflow: bool,
    /// What stands behind the slot.
    pub follows: Follows,
}

/// Something that happened inside a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A new key took a slot.
    Insert(Decision),
    /// An entry was deleted from its slot.
    Delete {
        /// The slot it lived in.
        slot: Slot,
        /// What stands behind it.
        follows: Follows,
        /// Slots that became emptyRest (classic) or empty (Swiss) by this delete; 0 when it left emptyOne or
        /// a tombstone.
        freed: u32,
    },
    /// An entry was copied into this slot by an evacuation or a rehash.
    Move {
        /// Where it is now.
        to: Slot,
    },
    /// A classic map began to move into an array twice as large; a Swiss table was replaced by a larger one.
    Grow {
        /// Slots before, overflow buckets not counted.
        from: u64,
        /// Slots after.
        to: u64,
    },
    /// A classic map began to move into an array of the same size, to get rid of overflow buckets.
    SameSizeGrow {
        /// Overflow buckets counted when it began.
        overflow: u16,
    },
    /// One old bucket with its chain was moved into the new array.
    Evacuate {
        /// Its number in the old array.
        bucket: u32,
        /// Entries moved.
        moved: u32,
    },
    /// The last old bucket was moved: the growth is over.
    GrowthDone,
    /// A chain got an overflow bucket.
    OverflowBucket {
        /// It came with the array; otherwise from the heap.
        spare: bool,
    },
    /// A Swiss table of the largest size was split in two.
    Split {
        /// Leading bits of the hash that choose the new tables.
        local_depth: u8,
    },
    /// The directory of a Swiss map doubled.
    DirectoryDoubling {
        /// Entries after.
        entries: usize,
    },
    /// Tombstones of a Swiss table became empty slots again.
    Prune {
        /// How many.
        tombstones: u16,
    },
    /// The map was cleared; its memory counts as never used.
    Clear,
    /// A look-up in sync.Map had to take the lock.
    Miss {
        /// Misses since the last promotion, this one included.
        misses: usize,
    },
    /// The dirty map of sync.Map became the read map.
    Promotion {
        /// Misses that led to it.
        misses: usize,
        /// Keys in it, deleted ones included.
        entries: usize,
    },
    /// sync.Map copied the read map into a new dirty map.
    DirtyRebuild {
        /// Entries copied.
        entries: usize,
    },
    /// sync.Map marked a deleted entry as absent from the new dirty map.
    Expunge,
    /// The hash trie made an indirect node.
    TrieNode {
        /// Its distance from the root.
        depth: u8,
    },
    /// The hash trie removed an empty indirect node.
    TrieNodeRemoved {
        /// Its distance from the root.
        depth: u8,
    },
}
