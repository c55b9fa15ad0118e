//! Putting an entry.

use super::table::{Free, Probed, Spot};
use super::{Kind, Map, at};
use crate::hash::KeyHash;
use crate::lanes::Lanes;
use crate::probe::{Decision, Event, Follows, Probe, Taken, Work, tell};

// What is rare lies in functions of its own, each the last call of its caller, so that the usual way saves and
// loads few registers for it: how many operations a processor has under way at once limits a large map.

impl<K: PartialEq + Default, E: Default, H: KeyHash<K>, P: Probe> Map<K, E, H, P> {
    /// Puts an entry and returns the element it replaced. The key of an entry stays, unless Go
    /// [replaces](KeyHash::UPDATES) it.
    #[inline(never)]
    pub fn insert(&mut self, key: K, elem: E) -> Option<E> {
        match self.quick_hash(&key) {
            Some(hash) => self.put(hash, key, elem),
            None => self.put_slowly(key, elem),
        }
    }

    /// Puts an entry whose hash takes a call.
    #[inline(never)]
    fn put_slowly(&mut self, key: K, elem: E) -> Option<E> {
        let hash = self.hash(&key);
        self.put(hash, key, elem)
    }

    #[inline]
    pub(super) fn put(&mut self, hash: u64, key: K, elem: E) -> Option<E> {
        let Some(position) = self.table_of(hash) else { return self.put_small(hash, key, elem) };
        let table = at(&mut self.tables, position);
        match table.probe(hash, &key, &self.probe) {
            Ok(Probed::Miss(free)) if table.has_room(&free) => {
                let follows = table.follows(free.spot);
                table.fill(&free, hash, key, elem);
                self.added(hash, free.spot, free.tombstone, follows)
            }
            Ok(Probed::Miss(free)) => self.put_in_full_table(&free, hash, key, elem),
            Ok(Probed::Hit(spot)) => Some(table.overwrite::<H>(spot, key, elem)),
            Err(rest) => self.put_far(rest, hash, key, elem),
        }
    }

    /// Puts an entry, when only a walk tells where. `rest` are the slots of its first group yet to be looked at.
    #[inline(never)]
    fn put_far(&mut self, rest: Lanes, hash: u64, key: K, elem: E) -> Option<E> {
        let position = self.table_of(hash)?;
        let table = at(&mut self.tables, position);
        match table.walk(hash, &key, rest, &self.probe) {
            Probed::Miss(free) if table.has_room(&free) => {
                let follows = table.follows(free.spot);
                table.fill(&free, hash, key, elem);
                self.added(hash, free.spot, free.tombstone, follows)
            }
            Probed::Miss(free) => self.put_in_full_table(&free, hash, key, elem),
            Probed::Hit(spot) => Some(table.overwrite::<H>(spot, key, elem)),
        }
    }

    /// Counts a new entry and tells of it. Returns what it replaced: nothing.
    #[inline]
    fn added(&mut self, hash: u64, spot: Spot, tombstone: bool, follows: Follows) -> Option<E> {
        self.used += 1;
        tell!(
            self.probe,
            Event::Insert(Decision {
                slot: self.slot_at(hash, spot),
                taken: if tombstone { Taken::Tombstone } else { Taken::EndOfChain },
                growing: false,
                overflow: spot.0 != self.table(hash)?.home(hash),
                follows,
            })
        );
        None
    }

    /// Puts an entry whose key is absent into a table that has neither room nor a tombstone on its way. Pruning
    /// moves nothing, so the slot that was found still is the right one; in a new table it is looked for again.
    #[cold]
    #[inline(never)]
    fn put_in_full_table(&mut self, free: &Free, hash: u64, key: K, elem: E) -> Option<E> {
        let position = self.table_of(hash)?;
        if Self::KIND != Kind::Generic && self.release.prunes_tombstones() {
            let table = &mut self.tables[position];
            let tombstones = table.prune_tombstones(&self.hasher, self.seed, &self.probe);
            if tombstones > 0 {
                let follows = table.follows(free.spot);
                table.fill(free, hash, key, elem);
                tell!(self.probe, Event::Prune { tombstones });
                return self.added(hash, free.spot, false, follows);
            }
        }
        self.rehash(position);
        self.put(hash, key, elem)
    }

    /// Puts an entry whose key is absent into the first table of a map that was small.
    pub(super) fn put_absent(&mut self, hash: u64, key: K, elem: E) -> Option<E> {
        let position = self.table_of(hash)?;
        let table = &mut self.tables[position];
        let spot = table.unchecked_put(hash, key, elem, &self.probe, Work::Visit);
        let follows = table.follows(spot);
        self.added(hash, spot, false, follows)
    }
}
