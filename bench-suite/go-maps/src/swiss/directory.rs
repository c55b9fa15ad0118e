//! Growing: from one group to a table, to a larger table, to two tables.

use super::{GROUP_SLOTS, MAX_TABLE_CAPACITY, Map, Table};
use crate::hash::KeyHash;
use crate::probe::{Event, Probe, Work, count, tell};

impl<K: PartialEq + Default, E: Default, H: KeyHash<K>, P: Probe> Map<K, E, H, P> {
    /// Makes the tables of a map that is to hold `hint` entries.
    pub(super) fn make_tables(&mut self, hint: usize) {
        let largest = usize::from(MAX_TABLE_CAPACITY);
        let target = hint.saturating_mul(8) / 7;
        let entries = target.div_ceil(largest).next_power_of_two();
        let capacity = (target / entries).next_power_of_two().clamp(GROUP_SLOTS, largest);
        let capacity = u16::try_from(capacity).unwrap_or(MAX_TABLE_CAPACITY);
        #[expect(clippy::cast_possible_truncation, reason = "below 64")]
        let depth = entries.trailing_zeros() as u8;
        self.global_depth = depth;
        for index in 0..entries {
            let table = self.new_table(capacity, index, depth);
            self.tables.push(table);
            self.directory.push(position(index));
        }
    }

    fn new_table(&mut self, capacity: u16, index: usize, local_depth: u8) -> Table<K, E> {
        self.made += 1;
        count!(&self.probe, Work::Upkeep(usize::from(capacity) / GROUP_SLOTS));
        Table::new(capacity, index, local_depth, self.made - 1)
    }

    /// The ninth key of a small map: its entries go into a table of 16 slots.
    #[cold]
    #[inline(never)]
    pub(super) fn grow_to_table(&mut self) {
        let Some(mut group) = self.small.take() else { return };
        let mut table = self.new_table(16, 0, 0);
        for slot in group.full() {
            let pair = std::mem::take(&mut group.slots[slot]);
            let hash = self.hash(&pair.key);
            let to = table.unchecked_put(hash, pair.key, pair.elem, &self.probe, Work::Upkeep);
            tell!(self.probe, Event::Move { to: table.slot(to) });
        }
        tell!(self.probe, Event::Grow { from: 8, to: 16 });
        self.tables.push(table);
        self.directory.push(0);
    }

    /// The table at this position of the list is full: replaces it by a larger one, or by two.
    #[cold]
    #[inline(never)]
    pub(super) fn rehash(&mut self, full: usize) {
        let capacity = self.tables[full].capacity;
        if capacity < MAX_TABLE_CAPACITY {
            self.grow(full, capacity * 2);
        } else {
            self.split(full);
        }
    }

    fn grow(&mut self, full: usize, capacity: u16) {
        let (index, local_depth) = (self.tables[full].index, self.tables[full].local_depth);
        let mut table = self.new_table(capacity, index, local_depth);
        let old = &mut self.tables[full];
        tell!(self.probe, Event::Grow { from: old.capacity.into(), to: capacity.into() });
        old.drain(&self.hasher, self.seed, &self.probe, |hash, key, elem| {
            let to = table.unchecked_put(hash, key, elem, &self.probe, Work::Upkeep);
            tell!(self.probe, Event::Move { to: table.slot(to) });
        });
        *old = table;
    }

    #[expect(clippy::cast_possible_truncation, reason = "one bit is wanted")]
    fn split(&mut self, full: usize) {
        let depth = self.tables[full].local_depth + 1;
        if depth > self.global_depth {
            self.double_directory();
        }
        let index = self.tables[full].index;
        let entries = 1 << (self.global_depth - depth);
        let mut halves =
            [index, index + entries].map(|index| self.new_table(MAX_TABLE_CAPACITY, index, depth));
        tell!(self.probe, Event::Split { local_depth: depth });
        let old = &mut self.tables[full];
        old.drain(&self.hasher, self.seed, &self.probe, |hash, key, elem| {
            // Which half it is nobody can predict: an index, not a branch.
            let table = &mut halves[(hash >> (64 - u32::from(depth))) as usize & 1];
            let to = table.unchecked_put(hash, key, elem, &self.probe, Work::Upkeep);
            tell!(self.probe, Event::Move { to: table.slot(to) });
        });
        let [left, right] = halves;
        *old = left;
        let second = position(self.tables.len());
        self.tables.push(right);
        self.directory[index + entries..index + 2 * entries].fill(second);
    }

    fn double_directory(&mut self) {
        self.directory = self.directory.iter().flat_map(|&table| [table; 2]).collect();
        for table in &mut self.tables {
            table.index *= 2;
        }
        self.global_depth += 1;
        tell!(self.probe, Event::DirectoryDoubling { entries: self.directory.len() });
    }
}

/// A table's position. Maps of 2^32 tables (2^41 entries) cannot be made.
fn position(table: usize) -> u32 {
    u32::try_from(table).expect("a map has fewer than 2^32 tables")
}
