//! What a person, or a comparison with the real runtime, can see of a map from outside.

use std::mem::offset_of;

use super::Map;
use super::group::{GROUP_SLOTS, Group, Pair};
use super::table::Table;
use crate::hash::KeyHash;
use crate::layout::Field;
use crate::probe::Probe;

/// One group, as it lies in memory. Slots that are empty show what their memory holds.
#[derive(Debug, Clone, Copy)]
pub struct GroupView<'a, K, E> {
    group: &'a Group<K, E>,
}

impl<'a, K, E> GroupView<'a, K, E> {
    /// The control bytes of its slots.
    #[must_use]
    pub const fn ctrls(&self) -> &'a [u8; GROUP_SLOTS] {
        &self.group.ctrls
    }

    /// The keys and elements of its slots.
    pub fn slots(&self) -> impl Iterator<Item = (&'a K, &'a E)> + use<'a, K, E> {
        self.group.slots.iter().map(|Pair { key, elem }| (key, elem))
    }

    /// The address of its first byte.
    #[must_use]
    pub fn address(&self) -> usize {
        std::ptr::from_ref(self.group).addr()
    }
}

/// One table.
#[derive(Debug, Clone, Copy)]
pub struct TableView<'a, K, E> {
    table: &'a Table<K, E>,
}

impl<'a, K, E> TableView<'a, K, E> {
    /// Its first entry in the directory.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.table.index
    }

    /// Leading bits of the hash that chose it.
    #[must_use]
    pub const fn local_depth(&self) -> u8 {
        self.table.local_depth
    }

    /// Slots.
    #[must_use]
    pub const fn capacity(&self) -> u16 {
        self.table.capacity
    }

    /// Entries.
    #[must_use]
    pub const fn used(&self) -> u16 {
        self.table.used
    }

    /// Empty slots that may be filled before the table is full.
    #[must_use]
    pub const fn growth_left(&self) -> u16 {
        self.table.growth_left
    }

    /// Deleted slots not yet empty again.
    #[must_use]
    pub const fn tombstones(&self) -> u16 {
        self.table.tombstones()
    }

    /// Which allocation of the map, as in [`Slot::memory`](crate::probe::Slot::memory).
    #[must_use]
    pub const fn memory(&self) -> u32 {
        self.table.id
    }

    /// Its groups.
    pub fn groups(&self) -> impl Iterator<Item = GroupView<'a, K, E>> + use<'a, K, E> {
        self.table.groups.iter().map(|group| GroupView { group })
    }
}

impl<K: PartialEq + Default, E: Default, H: KeyHash<K>, P: Probe> Map<K, E, H, P> {
    /// The fields of a group, measured: the control word, then each slot's key and element. And its bytes.
    #[must_use]
    pub fn layout() -> (Vec<Field>, usize) {
        let (slots, pair) = (offset_of!(Group<K, E>, slots), size_of::<Pair<K, E>>());
        let mut fields =
            vec![Field { name: "ctrl", offset: offset_of!(Group<K, E>, ctrls), size: GROUP_SLOTS }];
        for slot in 0..GROUP_SLOTS {
            let at = slots + slot * pair;
            let (key, elem) = (at + offset_of!(Pair<K, E>, key), at + offset_of!(Pair<K, E>, elem));
            fields.push(Field { name: "key", offset: key, size: size_of::<K>() });
            fields.push(Field { name: "elem", offset: elem, size: size_of::<E>() });
        }
        (fields, size_of::<Group<K, E>>())
    }

    /// Leading bits of the hash that choose an entry of the directory.
    #[must_use]
    pub const fn global_depth(&self) -> u8 {
        self.global_depth
    }

    /// The seed of the hashes.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Whether a delete left a tombstone since the map was made or cleared.
    #[must_use]
    pub const fn tombstone_possible(&self) -> bool {
        self.tombstone_possible
    }

    /// How often the map was cleared.
    #[must_use]
    pub const fn clear_seq(&self) -> u64 {
        self.clear_seq
    }

    /// The only group of a small map; `None` before the first insert and once there are tables.
    pub fn small_group(&self) -> Option<GroupView<'_, K, E>> {
        self.small.as_deref().map(|group| GroupView { group })
    }

    /// The table of each entry of the directory; empty while the map is small.
    pub fn directory(&self) -> impl ExactSizeIterator<Item = TableView<'_, K, E>> {
        self.directory.iter().map(|&table| TableView { table: &self.tables[table as usize] })
    }

    /// Every table once, in the order of the directory.
    pub fn tables(&self) -> impl Iterator<Item = TableView<'_, K, E>> {
        self.directory().enumerate().filter(|(entry, table)| table.index() == *entry).map(|(_, table)| table)
    }

    /// The table of a key, whether the key is there or not; `None` while the map is small.
    pub fn table_of_key(&self, key: &K) -> Option<TableView<'_, K, E>> {
        Some(TableView { table: self.table(self.hasher.hash(key, self.seed))? })
    }

    /// Where a look-up finds a key: the index of its table (`None` in a small map), the group, the slot.
    pub fn place_of(&self, key: &K) -> Option<(Option<usize>, usize, usize)> {
        let (table, (group, slot)) = self.locate(key)?;
        Some((table.map(|table| table.index), group, slot))
    }

    /// Every entry, in the order of the memory. Go starts at a random place.
    pub fn iter(&self) -> Iter<'_, K, E> {
        let small = self.small.as_deref().map_or(&[][..], std::slice::from_ref);
        Iter { tables: self.tables.iter(), groups: small.iter(), current: None, slot: 0 }
    }
}

/// Every entry of a map, once.
#[derive(Debug)]
pub struct Iter<'a, K, E> {
    tables: std::slice::Iter<'a, Table<K, E>>,
    groups: std::slice::Iter<'a, Group<K, E>>,
    current: Option<&'a Group<K, E>>,
    slot: usize,
}

impl<'a, K, E> Iterator for Iter<'a, K, E> {
    type Item = (&'a K, &'a E);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(group) = self.current {
                while self.slot < GROUP_SLOTS {
                    let slot = self.slot;
                    self.slot += 1;
                    if group.is_full(slot) {
                        return Some((&group.slots[slot].key, &group.slots[slot].elem));
                    }
                }
            }
            self.slot = 0;
            self.current = self.groups.next();
            if self.current.is_none() {
                self.groups = self.tables.next()?.groups.iter();
            }
        }
    }
}

impl<'a, K: PartialEq + Default, E: Default, H: KeyHash<K>, P: Probe> IntoIterator for &'a Map<K, E, H, P> {
    type Item = (&'a K, &'a E);
    type IntoIter = Iter<'a, K, E>;

    fn into_iter(self) -> Iter<'a, K, E> {
        self.iter()
    }
}
