//! The map of Go 1.24 and later, as of 1.27: groups of eight slots, small tables, an extendible directory.
//!
//! Names inside are those of `internal/runtime/maps`.

mod directory;
mod group;
mod table;
mod view;

use crate::hash::KeyHash;
use crate::lanes::Lanes;
use crate::probe::{Decision, Event, Follows, Probe, Slot, Taken, tell};
use crate::seed::Seeds;

pub use group::{CTRL_DELETED, CTRL_EMPTY, GROUP_SLOTS};
use group::{Group, h2};
use table::{Free, MAX_TABLE_CAPACITY, Probed, Spot, Table};
pub use view::{GroupView, Iter, TableView};

/// Go's Swiss map.
///
/// `K` and `E` (Go's word for a value) have a default value: it is what an empty slot holds, as zeroed memory
/// is in Go. `H` hashes, `P` hears of events.
#[derive(Debug)]
pub struct Map<K, E, H, P = ()> {
    used: usize,
    seed: u64,
    /// The only group of a small map; `None` before the first insert and once there are tables.
    small: Option<Box<Group<K, E>>>,
    /// Positions in `tables`; empty while the map is small.
    directory: Vec<u32>,
    tables: Vec<Table<K, E>>,
    global_depth: u8,
    tombstone_possible: bool,
    clear_seq: u64,
    /// Tables made so far, and the small group before them.
    made: u32,
    seeds: Seeds,
    hasher: H,
    probe: P,
}

impl<K: Eq + Default, E: Default, H: KeyHash<K>> Map<K, E, H> {
    /// An empty map that tells nobody, with the seeds that start at `seed`.
    #[must_use]
    pub fn new(hasher: H, seed: u64) -> Self {
        Self::make(0, hasher, seed, ())
    }
}

impl<K: Eq + Default, E: Default, H: KeyHash<K>, P: Probe> Map<K, E, H, P> {
    /// An empty map with room for `hint` entries.
    #[must_use]
    pub fn make(hint: usize, hasher: H, seed: u64, probe: P) -> Self {
        let mut seeds = Seeds::new(seed);
        let seed = seeds.next_u64();
        let mut map = Self {
            used: 0,
            seed,
            small: None,
            directory: Vec::new(),
            tables: Vec::new(),
            global_depth: 0,
            tombstone_possible: false,
            clear_seq: 0,
            made: 1,
            seeds,
            hasher,
            probe,
        };
        if hint > GROUP_SLOTS {
            map.make_tables(hint);
        }
        map
    }

    /// Entries in the map.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.used
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.used == 0
    }

    #[inline]
    fn hash(&self, key: &K) -> u64 {
        self.hasher.hash(key, self.seed)
    }

    /// The position in `tables` of the table of a hash; `None` while the map is small.
    #[inline]
    fn table_of(&self, hash: u64) -> Option<usize> {
        if self.directory.is_empty() {
            return None;
        }
        // In two steps, as no shift takes 64 bits away.
        let index = hash >> 1 >> (63 - u32::from(self.global_depth));
        debug_assert_eq!(self.directory.len(), 1 << self.global_depth);
        // SAFETY: a directory with entries has 2^`global_depth` of them, and the index has as many bits.
        Some(unsafe { *self.directory.get_unchecked(index as usize) } as usize)
    }

    /// The table of a hash; `None` while the map is small.
    #[inline]
    fn table(&self, hash: u64) -> Option<&Table<K, E>> {
        Some(&self.tables[self.table_of(hash)?])
    }

    /// The table of a hash, to be changed; `None` while the map is small.
    #[inline]
    fn table_mut(&mut self, hash: u64) -> Option<&mut Table<K, E>> {
        let position = self.table_of(hash)?;
        debug_assert!(position < self.tables.len());
        // SAFETY: the directory holds positions in `tables`, which never gets shorter.
        Some(unsafe { self.tables.get_unchecked_mut(position) })
    }

    /// What a probe is told of a place.
    #[cfg_attr(feature = "unprobed", expect(dead_code, reason = "nobody is told"))]
    fn slot_at(&self, hash: u64, (group, slot): Spot) -> Slot {
        self.table(hash).map_or(small_slot(slot), |table| table.slot((group, slot)))
    }

    /// Looks a key up.
    #[inline]
    pub fn get(&self, key: &K) -> Option<&E> {
        if self.used == 0 {
            return None;
        }
        let hash = self.hash(key);
        if let Some(group) = &self.small {
            return Some(&group.slots[group.find(h2(hash), key)?].elem);
        }
        let table = self.table(hash)?;
        let (group, slot) = table.find(hash, key)?;
        Some(&table.groups[group].slots[slot].elem)
    }

    /// Looks a key up, to change its element in place.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut E> {
        if self.used == 0 {
            return None;
        }
        let hash = self.hash(key);
        if self.directory.is_empty() {
            let group = self.small.as_mut()?;
            let slot = group.find(h2(hash), key)?;
            return Some(&mut group.slots[slot].elem);
        }
        let table = self.table_mut(hash)?;
        let spot = table.find(hash, key)?;
        Some(table.elem_mut(spot))
    }

    // What is rare lies in functions of its own, each the last call of its caller, so that the usual way saves and
    // loads few registers for it: how many operations a processor has under way at once limits a large map.

    /// Puts an entry and returns the element it replaced. The key of an entry stays.
    #[inline(never)]
    pub fn insert(&mut self, key: K, elem: E) -> Option<E> {
        match self.hasher.quick(&key, self.seed) {
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

    #[inline(never)]
    fn put_small(&mut self, hash: u64, key: K, elem: E) -> Option<E> {
        let group = self.small.get_or_insert_default();
        if let Some(slot) = group.find(h2(hash), &key) {
            return Some(std::mem::replace(&mut group.slots[slot].elem, elem));
        }
        let Some(slot) = group.match_empty().first() else {
            self.grow_to_table();
            return self.put(hash, key, elem);
        };
        tell!(
            self.probe,
            Event::Insert(Decision {
                slot: small_slot(slot),
                taken: Taken::EndOfChain,
                growing: false,
                overflow: false,
                follows: group.follows(slot),
            })
        );
        group.put(slot, h2(hash), key, elem);
        self.used += 1;
        None
    }

    #[inline]
    fn put(&mut self, hash: u64, key: K, elem: E) -> Option<E> {
        let Some(table) = self.table_mut(hash) else { return self.put_small(hash, key, elem) };
        match table.probe(hash, &key) {
            Ok(Probed::Miss(free)) if table.has_room(&free) => {
                let follows = table.follows(free.spot);
                table.fill(&free, hash, key, elem);
                self.added(hash, &free, follows)
            }
            Ok(Probed::Miss(_)) => self.put_in_full_table(hash, key, elem),
            Ok(Probed::Hit(spot)) => Some(std::mem::replace(table.elem_mut(spot), elem)),
            Err(rest) => self.put_far(rest, hash, key, elem),
        }
    }

    /// Puts an entry, when only a walk tells where. `rest` are the slots of its first group yet to be looked at.
    #[inline(never)]
    fn put_far(&mut self, rest: Lanes, hash: u64, key: K, elem: E) -> Option<E> {
        let table = self.table_mut(hash)?;
        match table.walk(hash, &key, rest) {
            Probed::Miss(free) if table.has_room(&free) => {
                let follows = table.follows(free.spot);
                table.fill(&free, hash, key, elem);
                self.added(hash, &free, follows)
            }
            Probed::Miss(_) => self.put_in_full_table(hash, key, elem),
            Probed::Hit(spot) => Some(std::mem::replace(table.elem_mut(spot), elem)),
        }
    }

    /// Counts a new entry and tells of it. Returns what it replaced: nothing.
    #[inline]
    fn added(&mut self, hash: u64, free: &Free, follows: Follows) -> Option<E> {
        self.used += 1;
        tell!(
            self.probe,
            Event::Insert(Decision {
                slot: self.slot_at(hash, free.spot),
                taken: if free.tombstone { Taken::Tombstone } else { Taken::EndOfChain },
                growing: false,
                overflow: free.spot.0 != self.table(hash)?.home(hash),
                follows,
            })
        );
        None
    }

    /// Puts an entry whose key is absent, once its table has room again.
    #[cold]
    #[inline(never)]
    fn put_in_full_table(&mut self, hash: u64, key: K, elem: E) -> Option<E> {
        let position = self.table_of(hash)?;
        let tombstones = self.tables[position].prune_tombstones(|key| self.hasher.hash(key, self.seed));
        if tombstones == 0 {
            self.rehash(position);
        } else {
            tell!(self.probe, Event::Prune { tombstones });
        }
        self.put(hash, key, elem)
    }

    /// Takes an entry out and returns its element.
    #[inline(never)]
    pub fn remove(&mut self, key: &K) -> Option<E> {
        match self.hasher.quick(key, self.seed) {
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

    #[inline(never)]
    fn delete_small(&mut self, hash: u64, key: &K) -> Option<E> {
        let group = self.small.as_mut()?;
        let slot = group.find(h2(hash), key)?;
        let elem = group.take(slot, CTRL_EMPTY);
        tell!(self.probe, Event::Delete { slot: small_slot(slot), follows: group.follows(slot), freed: 1 });
        self.deleted();
        Some(elem)
    }

    #[inline]
    fn delete(&mut self, hash: u64, key: &K) -> Option<E> {
        let Some(table) = self.table_mut(hash) else { return self.delete_small(hash, key) };
        table.prefetch(hash);
        match table.find_near(hash, key) {
            Ok(spot) => {
                let (elem, tombstone) = table.delete(spot);
                let follows = table.follows(spot);
                self.deleted_at(hash, spot, follows, tombstone);
                Some(elem)
            }
            Err(rest) => self.delete_far(rest, hash, key),
        }
    }

    /// Deletes an entry that does not lie where it is looked for first. `rest` as in [`put_far`](Self::put_far).
    #[inline(never)]
    fn delete_far(&mut self, rest: Lanes, hash: u64, key: &K) -> Option<E> {
        let table = self.table_mut(hash)?;
        let spot = table.find_far(hash, key, rest)?;
        let (elem, tombstone) = table.delete(spot);
        let follows = table.follows(spot);
        self.deleted_at(hash, spot, follows, tombstone);
        Some(elem)
    }

    /// An entry of a table is gone: tells of it.
    #[inline]
    fn deleted_at(&mut self, hash: u64, spot: Spot, follows: Follows, tombstone: bool) {
        self.tombstone_possible |= tombstone;
        tell!(
            self.probe,
            Event::Delete { slot: self.slot_at(hash, spot), follows, freed: u32::from(!tombstone) }
        );
        self.deleted();
    }

    /// One entry is gone: an empty map takes another seed.
    #[inline]
    fn deleted(&mut self) {
        self.used -= 1;
        if self.used == 0 {
            self.seed = self.seeds.next_u64();
        }
    }

    /// Takes every entry out; tables and directory stay.
    pub fn clear(&mut self) {
        if self.used == 0 && !self.tombstone_possible {
            return;
        }
        if let Some(group) = &mut self.small {
            **group = Group::default();
        } else {
            self.tables.iter_mut().for_each(Table::clear);
            self.tombstone_possible = false;
        }
        self.used = 0;
        self.clear_seq += 1;
        self.seed = self.seeds.next_u64();
        tell!(self.probe, Event::Clear);
    }

    /// Gives the map a seed of its own, as a recording of the real runtime does. Only an empty map takes one:
    /// returns whether it did.
    pub const fn reseed(&mut self, seed: u64) -> bool {
        if self.used == 0 {
            self.seed = seed;
        }
        self.used == 0
    }

    /// The slot of a key, and the address of its element.
    pub fn slot_of(&self, key: &K) -> Option<(Slot, usize)> {
        let (table, (group, slot)) = self.locate(key)?;
        let group_of = |table: &Table<K, E>| (&raw const table.groups[group].slots[slot].elem).addr();
        Some(match table {
            Some(table) => (table.slot((group, slot)), group_of(table)),
            None => (small_slot(slot), (&raw const self.small.as_ref()?.slots[slot].elem).addr()),
        })
    }

    /// The table of a key, `None` in a small map, and where in it the key lies.
    fn locate(&self, key: &K) -> Option<(Option<&Table<K, E>>, Spot)> {
        let hash = self.hash(key);
        if let Some(group) = &self.small {
            return Some((None, (0, group.find(h2(hash), key)?)));
        }
        let table = self.table(hash)?;
        Some((Some(table), table.find(hash, key)?))
    }

    /// Who hears of events.
    #[must_use]
    pub const fn probe(&self) -> &P {
        &self.probe
    }
}

/// A slot of the only group of a small map: allocation 0.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a slot is below 8")]
const fn small_slot(slot: usize) -> Slot {
    Slot { memory: 0, bucket: 0, slot: slot as u8 }
}

#[cfg(test)]
mod tests;
