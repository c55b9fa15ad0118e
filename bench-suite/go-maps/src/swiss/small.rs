//! A map of at most eight entries: one group, and no table.

use super::group::{CTRL_EMPTY, GROUP_SLOTS, Group, h2};
use super::{Kind, Map};
use crate::hash::KeyHash;
use crate::key;
use crate::probe::{Decision, Event, Probe, Slot, Taken, Work, count, tell};

/// The longest string that a look-up in a small map hashes at once; longer ones are looked at first.
const LONG: usize = 64;

impl<K: PartialEq + Default, E: Default, H: KeyHash<K>, P: Probe> Map<K, E, H, P> {
    /// Where a look-up finds a key: an integer is compared with the others, and no hash is taken.
    #[inline]
    pub(super) fn find_small(&self, group: &Group<K, E>, key: &K) -> Option<usize> {
        match Self::KIND {
            Kind::Fast32 | Kind::Fast64 => {
                let last = group.full().highest()?;
                (0..=last).find(|&slot| {
                    count!(&self.probe, Work::Compare(1));
                    group.slots[slot].key == *key && group.is_full(slot)
                })
            }
            Kind::FastStr if H::text(key).len() > LONG => self.find_long_text(group, key),
            _ => group.find(h2(self.hash(key)), key, &self.probe),
        }
    }

    /// The slot of a long string: hashed only if two of the others look like it.
    fn find_long_text(&self, group: &Group<K, E>, key: &K) -> Option<usize> {
        let alike = |slot: &usize| key::may_be_equal::<8>(H::text(key), H::text(&group.slots[*slot].key));
        let mut alike = group.full().filter(alike);
        let slot = alike.next()?;
        if alike.next().is_some() {
            return group.find(h2(self.hash(key)), key, &self.probe);
        }
        count!(&self.probe, Work::Compare(1));
        (group.slots[slot].key == *key).then_some(slot)
    }

    #[inline(never)]
    pub(super) fn put_small(&mut self, hash: u64, key: K, elem: E) -> Option<E> {
        if self.used == GROUP_SLOTS && !self.release.assigns_in_full_group() {
            self.grow_to_table();
            return self.put(hash, key, elem);
        }
        let group = self.small.get_or_insert_default();
        if let Some(slot) = group.find(h2(hash), &key, &self.probe) {
            return Some(group.overwrite::<H>(slot, key, elem));
        }
        let Some(to) = group.match_empty().first() else {
            self.grow_to_table();
            return self.put_absent(hash, key, elem);
        };
        tell!(
            self.probe,
            Event::Insert(Decision {
                slot: slot(to),
                taken: Taken::EndOfChain,
                growing: false,
                overflow: false,
                follows: group.follows(to),
            })
        );
        group.put(to, h2(hash), key, elem);
        self.used += 1;
        None
    }

    #[inline(never)]
    pub(super) fn delete_small(&mut self, hash: u64, key: &K) -> Option<E> {
        let group = self.small.as_mut()?;
        let from = group.find(h2(hash), key, &self.probe)?;
        let elem = group.take::<H>(from, CTRL_EMPTY);
        tell!(self.probe, Event::Delete { slot: slot(from), follows: group.follows(from), freed: 1 });
        self.deleted();
        Some(elem)
    }
}

/// A slot of the only group of a small map: allocation 0.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a slot is below 8")]
pub(super) const fn slot(slot: usize) -> Slot {
    Slot { memory: 0, bucket: 0, slot: slot as u8 }
}
