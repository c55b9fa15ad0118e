//! One table: a power of two of groups, searched by quadratic probing.

mod upkeep;

use super::group::{CTRL_DELETED, CTRL_EMPTY, GROUP_SLOTS, Group, h1, h2};
use crate::hash::KeyHash;
use crate::lanes::Lanes;
use crate::probe::{Follows, Probe, Slot, Work, count};

/// Slots of the largest table; one that needs more is split.
pub(super) const MAX_TABLE_CAPACITY: u16 = 1024;

/// Where an entry lies in a table: group and slot.
pub(super) type Spot = (usize, usize);

/// What a walk along a probe sequence found.
pub(super) enum Probed {
    /// The key is there.
    Hit(Spot),
    /// It is not, and goes here.
    Miss(Free),
}

/// A free slot: the first tombstone that a walk passed, or else the empty slot that ended it.
pub(super) struct Free {
    pub(super) spot: Spot,
    pub(super) tombstone: bool,
    /// No other slot of its group is free.
    last: bool,
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
    /// Groups without an empty slot, a bit each: those that a probe sequence passes. Go asks their control bytes.
    passed: [u64; 2],
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

impl<K: PartialEq + Default, E: Default> Table<K, E> {
    pub(super) fn new(capacity: u16, index: usize, local_depth: u8, id: u32) -> Self {
        let groups = usize::from(capacity) / GROUP_SLOTS;
        let groups = std::iter::repeat_with(Group::default).take(groups).collect();
        Self {
            used: 0,
            capacity,
            growth_left: max_growth(capacity),
            local_depth,
            index,
            groups,
            id,
            passed: [0; 2],
        }
    }

    /// Takes an entry out: leaves an empty slot if its group has one, otherwise a tombstone. Returns the
    /// element and whether it left a tombstone.
    #[inline]
    pub(super) fn delete<H: KeyHash<K>>(&mut self, (group, slot): Spot) -> (E, bool) {
        let group = &mut self.groups[group];
        // A group with an empty slot ends every probe sequence: nobody passed it. Which it is nobody can predict.
        let ends = group.match_empty().any();
        let ctrl = std::hint::select_unpredictable(ends, CTRL_EMPTY, CTRL_DELETED);
        let elem = group.take::<H>(slot, ctrl);
        self.used -= 1;
        self.growth_left += u16::from(ends);
        (elem, !ends)
    }

    /// The probe sequence of a hash, at its first group.
    #[inline]
    fn probe_seq(&self, hash: u64) -> ProbeSeq {
        ProbeSeq::new(hash, self.groups.len() - 1)
    }

    /// Asks for the memory of the first group of a hash, whose key is likely there.
    #[inline]
    pub(super) fn prefetch(&self, hash: u64) {
        self.groups[self.home(hash)].prefetch();
    }

    #[inline]
    pub(super) fn elem_mut(&mut self, (group, slot): Spot) -> &mut E {
        &mut self.groups[group].slots[slot].elem
    }

    #[inline]
    pub(super) fn overwrite<H: KeyHash<K>>(&mut self, (group, slot): Spot, key: K, elem: E) -> E {
        self.groups[group].overwrite::<H>(slot, key, elem)
    }

    #[inline]
    pub(super) fn follows(&self, (group, slot): Spot) -> Follows {
        self.groups[group].follows(slot)
    }

    /// Whether probe sequences pass a group, as it has no empty slot.
    #[inline]
    fn passes(&self, group: usize) -> bool {
        let passed = self.passed[group >> 6 & 1] >> (group & 63) & 1 == 1;
        debug_assert_ne!(passed, self.groups[group].match_empty().any());
        passed
    }

    /// Whether an entry may go there. A tombstone was paid for when it was an empty slot.
    #[inline]
    pub(super) const fn has_room(&self, free: &Free) -> bool {
        self.growth_left > 0 || free.tombstone
    }

    /// Puts an entry into a free slot.
    #[inline]
    pub(super) fn fill(&mut self, free: &Free, hash: u64, key: K, elem: E) {
        let (group, slot) = free.spot;
        self.groups[group].put(slot, h2(hash), key, elem);
        self.passed[group >> 6 & 1] |= u64::from(free.last) << (group & 63);
        self.growth_left -= u16::from(!free.tombstone);
        self.used += 1;
    }

    #[inline]
    pub(super) fn find<P: Probe>(&self, hash: u64, key: &K, probe: &P) -> Option<Spot> {
        match self.find_near(hash, key, probe) {
            Ok(spot) => Some(spot),
            // Most look-ups of an absent key end here.
            Err(rest) if !rest.any() && self.groups[self.home(hash)].match_empty().any() => {
                count!(probe, Work::Visit(1));
                None
            }
            Err(rest) => self.find_far(hash, key, rest, probe),
        }
    }

    /// Where a key lies, if the first slot of its first group that has its `h2` holds it; else the other such slots.
    #[inline]
    pub(super) fn find_near<P: Probe>(&self, hash: u64, key: &K, probe: &P) -> Result<Spot, Lanes> {
        let home = self.home(hash);
        let group = &self.groups[home];
        let mut lanes = group.match_h2(h2(hash));
        let first = lanes.next();
        count!(probe, Work::Compare(first.is_some().into()));
        match first {
            Some(slot) if group.slots[slot].key == *key => {
                count!(probe, Work::Visit(1));
                Ok((home, slot))
            }
            _ => Err(lanes),
        }
    }

    /// Looks where [`find_near`](Self::find_near) did not: in these slots of the first group and in the next ones.
    #[inline(never)]
    pub(super) fn find_far<P: Probe>(&self, hash: u64, key: &K, mut rest: Lanes, probe: &P) -> Option<Spot> {
        let mut seq = self.probe_seq(hash);
        loop {
            let group = &self.groups[seq.offset];
            count!(probe, Work::Visit(1));
            if let Some(slot) = group.find_among(&mut rest, key, probe) {
                return Some((seq.offset, slot));
            }
            if group.match_empty().any() {
                return None;
            }
            seq.advance();
            rest = self.groups[seq.offset].match_h2(h2(hash));
        }
    }

    /// Looks for a key and for the slot where it goes if it is not there. If that takes a [walk](Self::walk), returns
    /// the slots of the first group that it has to look at.
    ///
    /// The walk of an absent key mostly ends in its first group, or in the second when the first has tombstones
    /// instead of empty slots. Nobody can predict in which: an address is chosen, not a branch. It is chosen by
    /// `passed`, which is at hand long before the control bytes: the second group is fetched along with the first.
    #[inline]
    pub(super) fn probe<P: Probe>(&self, hash: u64, key: &K, probe: &P) -> Result<Probed, Lanes> {
        let mut seq = self.probe_seq(hash);
        let (home, first) = (seq.offset, &self.groups[seq.offset]);
        seq.advance();
        let passed = self.passes(home);
        let end = std::hint::select_unpredictable(passed, seq.offset, home);
        let last = &self.groups[end];
        let mut lanes = first.match_h2(h2(hash));
        if let Some(slot) = lanes.next() {
            count!(probe, Work::Compare(1));
            if first.slots[slot].key != *key {
                return Err(lanes);
            }
            count!(probe, Work::Visit(1));
            return Ok(Probed::Hit((home, slot)));
        }
        let mut free = first.match_empty_or_deleted();
        match free.next() {
            Some(slot) if !self.passes(end) && !last.match_h2(h2(hash)).any() => {
                count!(probe, Work::Visit(1 + usize::from(passed)));
                Ok(Probed::Miss(Free { spot: (home, slot), last: !free.any(), tombstone: passed }))
            }
            _ => Err(lanes),
        }
    }

    /// Does what [`probe`](Self::probe) does, group by group.
    #[inline]
    pub(super) fn walk<P: Probe>(&self, hash: u64, key: &K, mut rest: Lanes, probe: &P) -> Probed {
        let mut found = None;
        let mut seq = self.probe_seq(hash);
        loop {
            let group = &self.groups[seq.offset];
            count!(probe, Work::Visit(1));
            if let Some(slot) = group.find_among(&mut rest, key, probe) {
                return Probed::Hit((seq.offset, slot));
            }
            let passed = self.passes(seq.offset);
            let mut free = group.match_empty_or_deleted();
            let here = free.next().map(|slot| Free {
                spot: (seq.offset, slot),
                tombstone: passed,
                last: !free.any(),
            });
            found = found.or(here);
            if !passed && let Some(free) = found {
                return Probed::Miss(free);
            }
            seq.advance();
            rest = self.groups[seq.offset].match_h2(h2(hash));
        }
    }

    /// The group where the probe sequence of a hash starts.
    #[inline]
    pub(super) fn home(&self, hash: u64) -> usize {
        self.probe_seq(hash).offset
    }

    /// Puts an entry whose key is known to be absent into a table without tombstones. `work` is what a group counts as
    /// that is gone to: the operation's own way, or upkeep.
    #[cfg_attr(feature = "unprobed", expect(unused_variables, reason = "nobody is told"))]
    pub(super) fn unchecked_put<P: Probe>(
        &mut self,
        hash: u64,
        key: K,
        elem: E,
        probe: &P,
        work: impl Fn(usize) -> Work,
    ) -> Spot {
        let mut seq = self.probe_seq(hash);
        loop {
            count!(probe, work(1));
            let mut empty = self.groups[seq.offset].match_empty();
            if let Some(slot) = empty.next() {
                let free = Free { spot: (seq.offset, slot), tombstone: false, last: !empty.any() };
                self.fill(&free, hash, key, elem);
                return (seq.offset, slot);
            }
            seq.advance();
        }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "128 groups of 8 slots at most")]
    pub(super) const fn slot(&self, (group, slot): Spot) -> Slot {
        Slot { memory: self.id, bucket: group as u32, slot: slot as u8 }
    }
}
