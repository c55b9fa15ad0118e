//! Groups of eight slots with their control bytes.

use crate::hash::KeyHash;
use crate::lanes::{self, Lanes};
use crate::probe::{Follows, Probe, Work, count};

/// Slots of a group.
pub const GROUP_SLOTS: usize = 8;
/// The control byte of an empty slot.
pub const CTRL_EMPTY: u8 = 0x80;
/// The control byte of a tombstone.
pub const CTRL_DELETED: u8 = 0xFE;

/// The part of the hash that a control byte holds.
#[inline]
pub(super) const fn h2(hash: u64) -> u8 {
    (hash & 0x7F) as u8
}

/// The part of the hash that chooses the group.
#[inline]
pub(super) const fn h1(hash: u64) -> u64 {
    hash >> 7
}

/// A key and its element, side by side.
#[derive(Debug, Default)]
#[repr(C)]
pub(super) struct Pair<K, E> {
    pub(super) key: K,
    pub(super) elem: E,
}

/// A group, laid out as Go lays it out: with keys and elements of 8 bytes it takes 136 bytes.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Group<K, E> {
    pub(super) ctrls: [u8; GROUP_SLOTS],
    pub(super) slots: [Pair<K, E>; GROUP_SLOTS],
}

impl<K: Default, E: Default> Default for Group<K, E> {
    fn default() -> Self {
        Self { ctrls: [CTRL_EMPTY; GROUP_SLOTS], slots: Default::default() }
    }
}

impl<K, E> Group<K, E> {
    /// Asks for the second line of a group, while the control bytes in its first are on their way.
    #[inline]
    pub(super) fn prefetch(&self) {
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            let second = (&raw const *self).cast::<i8>().wrapping_add(64);
            // SAFETY: a prefetch is a hint, which no address makes fault.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(second) }
        }
    }

    #[inline]
    pub(super) fn match_h2(&self, h2: u8) -> Lanes {
        lanes::equal(self.ctrls, h2)
    }

    #[inline]
    pub(super) fn match_empty(&self) -> Lanes {
        lanes::equal(self.ctrls, CTRL_EMPTY)
    }

    #[inline]
    pub(super) fn match_deleted(&self) -> Lanes {
        lanes::equal(self.ctrls, CTRL_DELETED)
    }

    #[inline]
    pub(super) fn match_empty_or_deleted(&self) -> Lanes {
        lanes::high_bit(self.ctrls)
    }

    /// The slots that hold an entry.
    #[inline]
    pub(super) fn full(&self) -> Lanes {
        self.match_empty_or_deleted().others()
    }

    /// Whether a slot holds an entry.
    #[inline]
    pub(super) const fn is_full(&self, slot: usize) -> bool {
        self.ctrls[slot] & CTRL_EMPTY == 0
    }

    #[inline]
    pub(super) fn put(&mut self, slot: usize, h2: u8, key: K, elem: E) {
        self.ctrls[slot] = h2;
        self.slots[slot] = Pair { key, elem };
    }

    /// The control byte in the next slot of the group.
    #[inline]
    pub(super) fn follows(&self, slot: usize) -> Follows {
        match self.ctrls.get(slot + 1) {
            None => Follows::Nothing,
            Some(&CTRL_EMPTY) => Follows::EmptyRest,
            Some(&CTRL_DELETED) => Follows::Freed,
            Some(_) => Follows::Live,
        }
    }
}

impl<K: PartialEq + Default, E: Default> Group<K, E> {
    /// The first of these slots that holds a key.
    #[inline]
    pub(super) fn find_among<P: Probe>(&self, slots: &mut Lanes, key: &K, probe: &P) -> Option<usize> {
        slots.find(|&slot| {
            count!(probe, Work::Compare(1));
            self.slots[slot].key == *key
        })
    }

    /// The slot of a key whose hash has this `h2`.
    #[inline]
    pub(super) fn find<P: Probe>(&self, h2: u8, key: &K, probe: &P) -> Option<usize> {
        self.find_among(&mut self.match_h2(h2), key, probe)
    }

    /// Puts an element in the place of another; the key too, if Go does so.
    #[inline]
    pub(super) fn overwrite<H: KeyHash<K>>(&mut self, slot: usize, key: K, elem: E) -> E {
        if H::UPDATES {
            self.slots[slot].key = key;
        }
        std::mem::replace(&mut self.slots[slot].elem, elem)
    }

    /// Takes the entry out of a slot and marks it so. A key without pointers stays readable.
    #[inline]
    pub(super) fn take<H: KeyHash<K>>(&mut self, slot: usize, ctrl: u8) -> E {
        self.ctrls[slot] = ctrl;
        if H::POINTERS {
            self.slots[slot].key = K::default();
        }
        std::mem::take(&mut self.slots[slot].elem)
    }

    /// Makes every slot empty. What lies in them stays where nothing is full and nobody wants them zeroed `always`.
    /// Returns whether they were zeroed.
    pub(super) fn clear(&mut self, always: bool) -> bool {
        let zeroed = always || self.full().any();
        if zeroed {
            *self = Self::default();
        } else {
            self.ctrls = [CTRL_EMPTY; GROUP_SLOTS];
        }
        zeroed
    }
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use super::{Group, Pair};

    #[test]
    fn a_group_is_laid_out_as_in_go() {
        let offsets = [
            offset_of!(Group<u64, u64>, ctrls),
            offset_of!(Group<u64, u64>, slots),
            offset_of!(Pair<u64, u64>, elem),
            size_of::<Pair<u64, u64>>(),
            size_of::<Group<u64, u64>>(),
        ];
        assert_eq!(offsets, [0, 8, 8, 16, 136]);
    }
}
