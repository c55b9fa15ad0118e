//! What is done to a whole table: pruning, clearing, emptying it into others.

use super::super::group::{CTRL_EMPTY, Group, Pair};
use super::{Table, max_growth};
use crate::hash::KeyHash;
use crate::probe::{Probe, Work, count};
use crate::release::Release;

/// A slot of more bytes is dear to zero: a group of such is looked at first.
const LARGE_SLOT: usize = 32;

impl<K, E> Table<K, E> {
    /// Deleted slots not yet empty again.
    pub(crate) const fn tombstones(&self) -> u16 {
        max_growth(self.capacity) - self.used - self.growth_left
    }
}

impl<K: PartialEq + Default, E: Default> Table<K, E> {
    /// Turns tombstones that no probe sequence needs into empty slots. Returns how many.
    #[cold]
    #[inline(never)]
    pub(in super::super) fn prune_tombstones<H: KeyHash<K>, P: Probe>(
        &mut self,
        hasher: &H,
        seed: u64,
        probe: &P,
    ) -> u16 {
        if self.tombstones() * 10 < self.capacity {
            return 0;
        }
        let needed = self.needed_groups(hasher, seed, probe);
        let unneeded = |&(number, _): &(usize, &mut Group<K, E>)| needed >> number & 1 == 0;
        let tombstones: usize = self
            .groups
            .iter_mut()
            .enumerate()
            .filter(unneeded)
            .map(|(_, group)| {
                count!(probe, Work::Upkeep(1));
                group.match_deleted().count()
            })
            .sum();
        let tombstones = u16::try_from(tombstones).unwrap_or(u16::MAX);
        if tombstones * 10 < self.capacity {
            return 0;
        }
        for (number, group) in self.groups.iter_mut().enumerate().filter(unneeded) {
            count!(probe, Work::Upkeep(1));
            for slot in group.match_deleted() {
                group.ctrls[slot] = CTRL_EMPTY;
                self.passed[number >> 6 & 1] &= !(1 << (number & 63));
            }
        }
        self.growth_left += tombstones;
        tombstones
    }

    /// A bit for each group whose tombstones have to stay, or that has none: the largest table has 128 groups.
    fn needed_groups<H: KeyHash<K>, P: Probe>(&self, hasher: &H, seed: u64, probe: &P) -> u128 {
        let mut needed = 0;
        for (home, group) in self.groups.iter().enumerate() {
            count!(probe, Work::Upkeep(1));
            if group.match_empty().any() {
                needed |= 1 << home;
            }
            for slot in group.full() {
                let key = &group.slots[slot].key;
                count!(probe, Work::Compare(1));
                if !key.eq(key) {
                    // Nobody ever looks for it.
                    continue;
                }
                count!(probe, Work::Hash);
                let mut seq = self.probe_seq(hasher.hash(key, seed));
                while seq.offset != home {
                    count!(probe, Work::Upkeep(1));
                    let tombstones = self.groups[seq.offset].match_deleted().any();
                    needed |= u128::from(tombstones) << seq.offset;
                    seq.advance();
                }
            }
        }
        needed
    }

    /// Makes every slot empty, with the work that this release does for it.
    pub(in super::super) fn clear<P: Probe>(&mut self, release: Release, probe: &P) {
        let most = max_growth(self.capacity);
        if release.prunes_tombstones() && self.used == 0 && self.growth_left == most {
            return;
        }
        // Where few groups hold something, zeroing is put off until a look has shown that there is need of it.
        let looks = if release.weighs_clearing() {
            usize::from(self.used) * 4 < self.groups.len() || size_of::<Pair<K, E>>() > LARGE_SLOT
        } else {
            release.prunes_tombstones()
        };
        let mut zeroed = 0;
        for group in &mut self.groups {
            zeroed += usize::from(group.clear(!looks));
        }
        count!(probe, Work::Upkeep(self.groups.len()));
        count!(probe, Work::Zero(zeroed));
        self.passed = [0; 2];
        self.used = 0;
        self.growth_left = most;
    }

    /// Hands out every entry with its hash, in the order of the memory. The table is of no use afterwards.
    #[inline]
    pub(in super::super) fn drain<H: KeyHash<K>, P: Probe>(
        &mut self,
        hasher: &H,
        seed: u64,
        probe: &P,
        mut each: impl FnMut(u64, K, E),
    ) {
        for group in &mut self.groups {
            count!(probe, Work::Upkeep(1));
            for slot in group.full() {
                let Pair { key, elem } = std::mem::take(&mut group.slots[slot]);
                count!(probe, Work::Hash);
                each(hasher.hash(&key, seed), key, elem);
            }
        }
    }
}
