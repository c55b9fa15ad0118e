//! Deleting an entry.

use super::table::Spot;
use super::{Map, at};
use crate::hash::KeyHash;
use crate::lanes::Lanes;
use crate::probe::{Event, Follows, Probe, tell};

impl<K: PartialEq + Default, E: Default, H: KeyHash<K>, P: Probe> Map<K, E, H, P> {
    /// Takes an entry out and returns its element.
    #[inline(never)]
    pub fn remove(&mut self, key: &K) -> Option<E> {
        if self.used == 0 {
            return None;
        }
        match self.quick_hash(key) {
            Some(hash) => self.delete(hash, key),
            None => self.remove_slowly(key),
        }
    }

    /// Takes an entry out whose hash takes a call.
    #[inline(never)]
    fn remove_slowly(&mut self, key: &K) -> Option<E> {
        let hash = self.hash(key);
        self.delete(hash, key)
    }

    #[inline]
    fn delete(&mut self, hash: u64, key: &K) -> Option<E> {
        let Some(position) = self.table_of(hash) else { return self.delete_small(hash, key) };
        let table = at(&mut self.tables, position);
        table.prefetch(hash);
        match table.find_near(hash, key, &self.probe) {
            Ok(spot) => {
                let (elem, tombstone) = table.delete::<H>(spot);
                let follows = table.follows(spot);
                self.deleted_at(hash, spot, follows, tombstone);
                Some(elem)
            }
            Err(rest) => self.delete_far(rest, hash, key),
        }
    }

    /// Deletes an entry that does not lie where it is looked for first: `rest` are the slots of its first group
    /// yet to be looked at.
    #[inline(never)]
    fn delete_far(&mut self, rest: Lanes, hash: u64, key: &K) -> Option<E> {
        let position = self.table_of(hash)?;
        let table = at(&mut self.tables, position);
        let spot = table.find_far(hash, key, rest, &self.probe)?;
        let (elem, tombstone) = table.delete::<H>(spot);
        let follows = table.follows(spot);
        self.deleted_at(hash, spot, follows, tombstone);
        Some(elem)
    }

    /// An entry of a table is gone: tells of it.
    #[inline]
    fn deleted_at(&mut self, hash: u64, spot: Spot, follows: Follows, tombstone: bool) {
        self.tombstone_possible |= tombstone && self.release.prunes_tombstones();
        tell!(
            self.probe,
            Event::Delete { slot: self.slot_at(hash, spot), follows, freed: u32::from(!tombstone) }
        );
        self.deleted();
    }

    /// One entry is gone: an empty map takes another seed.
    #[inline]
    pub(super) fn deleted(&mut self) {
        self.used -= 1;
        if self.used == 0 {
            self.seed = self.seeds.next_u64();
        }
    }
}
