//! One table: a power of two of groups, searched by quadratic probing.

use super::group::{CTRL_DELETED, CTRL_EMPTY, GROUP_SLOTS, Group, Pair, h1, h2};
use crate::hash::KeyHash;
use crate::probe::Slot;

/// Slots of the largest table; one that needs more is split.
pub(super) const MAX_TABLE_CAPACITY: u16 = 1024;

/// Where an entry lies in a table: group and slot.
pub(super) type Spot = (usize, usize);

/// What a walk along a probe sequence found.
pub(super) enum Probed {
    /// The key is there.
    Hit(Spot),
    /// It is not, and goes to the first tombstone passed, or else to the empty slot that ended the walk.
    Miss { free: Spot, tombstone: bool },
}

/// A table of Go's Swiss map.
#[derive(Debug)]
pub(super) struct Table<K, E> {
    pub(super) used: u16,
    pub(super) capacity: u16,
    /// Empty slots that may be filled before the table is full.
    pub(super) growth_left: u16,
    /// Leading bits of the hash that chose this table.
    pub(super) local_depth: u8,
    /// Its first entry in the directory.
    pub(super) index: usize,
    pub(super) groups: Box<[Group<K, E>]>,
    /// Which table of this map it is.
    pub(super) id: u32,
}

/// Quadratic probing over groups (Go's probeSeq).
struct ProbeSeq {
    mask: usize,
    offset: usize,
    step: usize,
}

impl ProbeSeq {
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the mask is below the width of usize")]
    const fn new(hash: u64, mask: usize) -> Self {
        Self { mask, offset: h1(hash) as usize & mask, step: 0 }
    }

    #[inline]
    const fn advance(&mut self) {
        self.step += 1;
        self.offset = (self.offset + self.step) & self.mask;
    }
}

/// Entries a table of this capacity may hold, tombstones included.
pub(super) const fn max_growth(capacity: u16) -> u16 {
    if capacity <= 8 { capacity - 1 } else { capacity / 8 * 7 }
}

impl<K: Default, E: Default> Table<K, E> {
    pub(super) fn new(capacity: u16, index: usize, local_depth: u8, id: u32) -> Self {
        let groups = usize::from(capacity) / GROUP_SLOTS;
        let groups = std::iter::repeat_with(Group::default).take(groups).collect();
        Self { used: 0, capacity, growth_left: max_growth(capacity), local_depth, index, groups, id }
    }

    pub(super) fn clear(&mut self) {
        self.groups.fill_with(Group::default);
        self.used = 0;
        self.growth_left = max_growth(self.capacity);
    }

    /// Takes an entry out: leaves an empty slot if its group has one, otherwise a tombstone. Returns the
    /// element and whether it left a tombstone.
    #[inline]
    pub(super) fn delete(&mut self, (group, slot): Spot) -> (E, bool) {
        self.used -= 1;
        let group = &mut self.groups[group];
        // A group with an empty slot ends every probe sequence: nobody passed it. Which it is nobody can predict.
        let ends = group.match_empty().any();
        self.growth_left += u16::from(ends);
        let ctrl = std::hint::select_unpredictable(ends, CTRL_EMPTY, CTRL_DELETED);
        (group.take(slot, ctrl), !ends)
    }
}

impl<K, E> Table<K, E> {
    #[inline]
    pub(super) fn find(&self, hash: u64, key: &K) -> Option<Spot>
    where
        K: Eq,
    {
        let mut seq = ProbeSeq::new(hash, self.groups.len() - 1);
        loop {
            let group = &self.groups[seq.offset];
            if let Some(slot) = group.find(h2(hash), key) {
                return Some((seq.offset, slot));
            }
            if group.match_empty().any() {
                return None;
            }
            seq.advance();
        }
    }

    /// Looks for a key and for the slot where it goes if it is not there.
    ///
    /// The walk of an absent key mostly ends in its first group, or in the second when the first has tombstones
    /// instead of empty slots. Nobody can predict in which: an address is chosen, not a branch.
    #[inline]
    pub(super) fn probe(&self, hash: u64, key: &K) -> Probed
    where
        K: Eq,
    {
        let mut seq = ProbeSeq::new(hash, self.groups.len() - 1);
        let (home, first) = (seq.offset, &self.groups[seq.offset]);
        if let Some(slot) = first.find(h2(hash), key) {
            return Probed::Hit((home, slot));
        }
        seq.advance();
        let ends = first.match_empty().any();
        let last = &self.groups[std::hint::select_unpredictable(ends, home, seq.offset)];
        match first.match_empty_or_deleted().first() {
            Some(slot) if last.match_empty().any() && !last.match_h2(h2(hash)).any() => {
                Probed::Miss { free: (home, slot), tombstone: !ends }
            }
            _ => self.walk(hash, key),
        }
    }

    /// Does what [`probe`](Self::probe) does, group by group.
    #[inline(never)]
    fn walk(&self, hash: u64, key: &K) -> Probed
    where
        K: Eq,
    {
        let mut deleted = None;
        let mut seq = ProbeSeq::new(hash, self.groups.len() - 1);
        loop {
            let group = &self.groups[seq.offset];
            if let Some(slot) = group.find(h2(hash), key) {
                return Probed::Hit((seq.offset, slot));
            }
            if let Some(slot) = group.match_empty_or_deleted().first() {
                let free = (seq.offset, slot);
                if group.ctrls[slot] == CTRL_EMPTY {
                    return Probed::Miss { free: deleted.unwrap_or(free), tombstone: deleted.is_some() };
                }
                deleted = deleted.or(Some(free));
            }
            seq.advance();
        }
    }

    /// The group where the probe sequence of a hash starts.
    #[inline]
    pub(super) fn home(&self, hash: u64) -> usize {
        ProbeSeq::new(hash, self.groups.len() - 1).offset
    }

    /// Puts an entry whose key is known to be absent into a table without tombstones.
    pub(super) fn unchecked_put(&mut self, hash: u64, key: K, elem: E) -> Spot {
        let mut seq = ProbeSeq::new(hash, self.groups.len() - 1);
        loop {
            let group = &mut self.groups[seq.offset];
            if let Some(slot) = group.match_empty().first() {
                group.put(slot, h2(hash), key, elem);
                self.growth_left -= 1;
                self.used += 1;
                return (seq.offset, slot);
            }
            seq.advance();
        }
    }

    /// Deleted slots not yet empty again.
    pub(super) const fn tombstones(&self) -> u16 {
        max_growth(self.capacity) - self.used - self.growth_left
    }

    /// Turns tombstones that no probe sequence needs into empty slots. Returns how many.
    #[cold]
    #[inline(never)]
    pub(super) fn prune_tombstones(&mut self, hash: impl Fn(&K) -> u64) -> u16 {
        if self.tombstones() * 10 < self.capacity {
            return 0;
        }
        // One bit per group; the largest table has 128.
        let mut needed = 0_u128;
        for (home, group) in self.groups.iter().enumerate() {
            if group.match_empty().any() {
                needed |= 1 << home;
            }
            for slot in group.full() {
                let mut seq = ProbeSeq::new(hash(&group.slots[slot].key), self.groups.len() - 1);
                while seq.offset != home {
                    needed |= 1 << seq.offset;
                    seq.advance();
                }
            }
        }
        let free = |&(number, _): &(usize, &mut Group<K, E>)| needed >> number & 1 == 0;
        let count: usize = self
            .groups
            .iter_mut()
            .enumerate()
            .filter(free)
            .map(|(_, group)| group.match_deleted().count())
            .sum();
        let count = u16::try_from(count).unwrap_or(u16::MAX);
        if count * 10 < self.capacity {
            return 0;
        }
        for (_, group) in self.groups.iter_mut().enumerate().filter(free) {
            for slot in group.match_deleted() {
                group.ctrls[slot] = CTRL_EMPTY;
            }
        }
        self.growth_left += count;
        count
    }

    /// Hands out every entry with its hash, in the order of the memory. The table is of no use afterwards.
    #[inline]
    pub(super) fn drain<H: KeyHash<K>>(&mut self, hasher: &H, seed: u64, mut each: impl FnMut(u64, K, E))
    where
        K: Default,
        E: Default,
    {
        for group in &mut self.groups {
            for slot in group.full() {
                let Pair { key, elem } = std::mem::take(&mut group.slots[slot]);
                each(hasher.hash(&key, seed), key, elem);
            }
        }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "128 groups of 8 slots at most")]
    pub(super) const fn slot(&self, (group, slot): Spot) -> Slot {
        Slot { memory: self.id, bucket: group as u32, slot: slot as u8 }
    }
}
