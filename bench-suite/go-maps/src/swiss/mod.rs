//! The map of Go 1.24 and later: groups of eight slots, small tables, an extendible directory.
//!
//! Names inside are those of `internal/runtime/maps`. State and order of every release are as in Go; the work, too,
//! in the newest one. What depends on the [kind of key](Kind) is where a look-up in a small map hashes, and whether
//! a table that is full of tombstones is pruned before it is rebuilt: only the functions for integers of four and
//! eight bytes and for strings do that.

mod delete;
mod directory;
mod group;
mod put;
mod small;
mod table;
mod view;

use crate::hash::{self, KeyHash};
use crate::key::Kind;
use crate::probe::{Event, Probe, Slot, Work, count, tell};
use crate::release::Release;
use crate::seed::Seeds;

use group::Group;
pub use group::{CTRL_DELETED, CTRL_EMPTY, GROUP_SLOTS};
use table::{MAX_TABLE_CAPACITY, Spot, Table};
pub use view::{GroupView, Iter, TableView};

/// Go's Swiss map.
///
/// `K` and `E` (Go's word for a value) have a default value: it is what an empty slot holds, as zeroed memory
/// is in Go. `H` hashes, `P` hears of events and counts work.
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
    release: Release,
    seeds: Seeds,
    hasher: H,
    probe: P,
}

impl<K: PartialEq + Default, E: Default, H: KeyHash<K>> Map<K, E, H> {
    /// An empty map that tells nobody, with the seeds that start at `seed`.
    #[must_use]
    pub fn new(hasher: H, seed: u64) -> Self {
        Self::make(0, hasher, seed, ())
    }
}

impl<K: PartialEq + Default, E: Default, H: KeyHash<K>, P: Probe> Map<K, E, H, P> {
    /// An empty map of the newest release with room for `hint` entries.
    #[must_use]
    pub fn make(hint: usize, hasher: H, seed: u64, probe: P) -> Self {
        Self::make_as(Release::NEWEST, hint, hasher, seed, probe)
    }

    /// An empty map of this release with room for `hint` entries.
    #[must_use]
    pub fn make_as(release: Release, hint: usize, hasher: H, seed: u64, probe: P) -> Self {
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
            release,
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

    /// Which functions of the runtime a map of such keys and elements uses.
    const KIND: Kind = hash::kind::<K, E, H>();

    #[inline]
    fn hash(&self, key: &K) -> u64 {
        count!(&self.probe, Work::Hash);
        self.hasher.hash(key, self.seed)
    }

    /// The hash of a key, unless it takes a call.
    #[inline]
    fn quick_hash(&self, key: &K) -> Option<u64> {
        let hash = self.hasher.quick(key, self.seed);
        if hash.is_some() {
            count!(&self.probe, Work::Hash);
        }
        hash
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

    /// What a probe is told of a place.
    #[cfg_attr(feature = "unprobed", expect(dead_code, reason = "nobody is told"))]
    fn slot_at(&self, hash: u64, (group, slot): Spot) -> Slot {
        self.table(hash).map_or(small::slot(slot), |table| table.slot((group, slot)))
    }

    /// Looks a key up.
    #[inline]
    pub fn get(&self, key: &K) -> Option<&E> {
        if self.used == 0 {
            return None;
        }
        if let Some(group) = &self.small {
            return Some(&group.slots[self.find_small(group, key)?].elem);
        }
        let hash = self.hash(key);
        let table = self.table(hash)?;
        let (group, slot) = table.find(hash, key, &self.probe)?;
        Some(&table.groups[group].slots[slot].elem)
    }

    /// Looks a key up, to change its element in place.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut E> {
        if self.used == 0 {
            return None;
        }
        if let Some(group) = &self.small {
            let slot = self.find_small(group, key)?;
            return Some(&mut self.small.as_mut()?.slots[slot].elem);
        }
        let hash = self.hash(key);
        let position = self.table_of(hash)?;
        let spot = self.tables[position].find(hash, key, &self.probe)?;
        Some(self.tables[position].elem_mut(spot))
    }

    /// Takes every entry out; tables and directory stay.
    pub fn clear(&mut self) {
        if self.used == 0 && !self.tombstone_possible {
            return;
        }
        if let Some(group) = &mut self.small {
            **group = Group::default();
            count!(&self.probe, Work::Zero(1));
        } else {
            for table in &mut self.tables {
                table.clear(self.release, &self.probe);
            }
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
            None => (small::slot(slot), (&raw const self.small.as_ref()?.slots[slot].elem).addr()),
        })
    }

    /// The table of a key, `None` in a small map, and where in it the key lies. Counts as no work.
    fn locate(&self, key: &K) -> Option<(Option<&Table<K, E>>, Spot)> {
        let hash = self.hasher.hash(key, self.seed);
        if let Some(group) = &self.small {
            return Some((None, (0, group.find(group::h2(hash), key, &())?)));
        }
        let table = self.table(hash)?;
        Some((Some(table), table.find(hash, key, &())?))
    }

    /// Who hears of events.
    #[must_use]
    pub const fn probe(&self) -> &P {
        &self.probe
    }
}

/// The table at a position that the directory gave.
#[inline]
fn at<K, E>(tables: &mut [Table<K, E>], position: usize) -> &mut Table<K, E> {
    debug_assert!(position < tables.len());
    // SAFETY: the directory holds positions in the map's list of tables, which never gets shorter.
    unsafe { tables.get_unchecked_mut(position) }
}

#[cfg(test)]
mod tests;
