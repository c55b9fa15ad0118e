//! How far hashbrown looks for a key: read in its own control bytes, since no function of it tells.
//!
//! A table is one block: the entries, backwards, and behind them a control byte for each and sixteen more, which repeat
//! the first ones (hashbrown's `raw.rs`, `RawTableInner`). The probe sequence of a hash starts at its low bits, looks at
//! sixteen control bytes at once and goes on by 16, 32, 48 … until it meets the key, or a byte that says "never used".
//! An insert goes the same way.

use formats::subject::{Fact, MapInfo};
use subject::map::{Address, Held};
use subject::watch::ledger;

/// Control bytes that are compared at once.
const WIDTH: usize = 16;
/// The control byte of a slot that was not used since the table was rebuilt.
const EMPTY: u8 = 0xFF;
/// The control byte of a slot that nobody may take before the table is rebuilt, unless an insert walks over it.
const DELETED: u8 = 0x80;

/// Whether this build of hashbrown compares sixteen control bytes at once: only such a table is known by its alignment.
pub(crate) const TELLING: bool = cfg!(target_feature = "sse2");

/// The map states that it tells its probe lengths, where it can.
pub(crate) fn telling(info: MapInfo) -> MapInfo {
    if TELLING { info.with(Fact::TellsProbeLengths) } else { info }
}

/// Groups at which an operation looks that has this hash, in the newest table of the ledger, with entries of type `T`:
/// up to the one that holds the entry whose value lies at `found`, or to one with a slot that was never used. 0 where
/// there is no table.
pub(crate) fn groups<T>(hash: u64, found: Option<Address>) -> u64 {
    let Some(table) = Table::newest::<T>() else { return 0 };
    let slot = found.map(|value| (table.control - value - 1) / size_of::<T>());
    #[expect(clippy::cast_possible_truncation, reason = "masked to the table's slots")]
    let mut at = hash as usize & table.mask;
    let mut groups = 1;
    loop {
        let ends = match slot {
            Some(slot) => (slot.wrapping_sub(at) & table.mask) < WIDTH,
            None => (0..WIDTH).any(|byte| table.byte(at + byte) == EMPTY),
        };
        if ends || groups > table.mask as u64 / WIDTH as u64 {
            return groups;
        }
        at = (at + WIDTH * usize::try_from(groups).unwrap_or(usize::MAX)) & table.mask;
        groups += 1;
    }
}

/// Slots of the newest table of the ledger, with entries of type `T`; `None` where there is no table.
pub(crate) fn slot_count<T>() -> Option<u64> {
    Table::newest::<T>().map(|table| table.mask as u64 + 1)
}

/// Shows every slot of that table, with the address of the value in it, which starts so many bytes into the entry.
pub(crate) fn slots<T>(value: usize, visit: &mut dyn FnMut(Address, Held)) {
    let Some(table) = Table::newest::<T>() else { return };
    for slot in 0..=table.mask {
        let held = match table.byte(slot) {
            EMPTY => Held::Nothing,
            DELETED => Held::Tombstone,
            _ => Held::Entry,
        };
        visit(table.control - (slot + 1) * size_of::<T>() + value, held);
    }
}

/// A table of hashbrown.
struct Table {
    /// Where the control bytes start.
    control: Address,
    /// Slots less one: a power of two of them.
    mask: usize,
}

impl Table {
    /// The newest table of the ledger, if it has the size of one with entries of type `T`.
    fn newest<T>() -> Option<Self> {
        let (block, bytes) = ledger::table()?;
        let of_slots = |slots: &usize| (size_of::<T>() * slots).next_multiple_of(WIDTH);
        let fits = |slots: &usize| of_slots(slots) + slots + WIDTH == bytes;
        let slots =
            (0..usize::BITS).map(|log| 1_usize << log).take_while(|slots| *slots < bytes).find(fits)?;
        Some(Self { control: block + of_slots(&slots), mask: slots - 1 })
    }

    /// The control byte of a slot, or of one of the sixteen behind the last.
    fn byte(&self, slot: usize) -> u8 {
        debug_assert!(slot <= self.mask + WIDTH);
        // SAFETY: the ledger exposed the block, which is live and as large as a table of so many slots; control bytes
        // are written when a table is made, and nobody writes them while the map is asked.
        unsafe { std::ptr::with_exposed_provenance::<u8>(self.control + slot).read_volatile() }
    }
}

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher;
    use std::mem::offset_of;

    use foldhash::fast::FixedState;
    use subject::map::Map;
    use subject::watch::ledger::{CountingAllocator, Ledger};

    use super::*;
    use crate::hashbrown_foldhash::Adapter;
    use crate::std_hash::{self, FixedSipHash};

    #[global_allocator]
    static ALLOCATOR: CountingAllocator = CountingAllocator;

    /// The control bytes that say "full" are as many as the entries, whatever was inserted and removed; a table without
    /// a single dead slot ends every look-up of an absent key where its first unused slot is.
    #[test]
    fn the_control_bytes_are_those_of_the_table() {
        ledger::install(Ledger::with_tables());
        ledger::with(Ledger::reopen);
        let mut map = Adapter::<u64, u64>::default();
        assert_eq!(map.probe_length(&1), 0, "no table yet");
        for round in 0..30_u64 {
            for key in 0..97 * (round + 1) {
                map.insert(&key, key);
            }
            for key in (round..97 * (round + 1)).step_by(3) {
                map.remove(&key);
            }
            let table = Table::newest::<(u64, u64)>().unwrap();
            let full = (0..=table.mask).filter(|slot| table.byte(*slot) < 0x80).count() as u64;
            assert_eq!(full, map.len(), "round {round}");
            let repeated = (0..WIDTH.min(table.mask + 1)).all(|slot| {
                table.byte(slot) == table.byte(if table.mask < WIDTH { WIDTH } else { table.mask + 1 } + slot)
            });
            assert!(repeated, "round {round}");
            let mut live: Vec<Address> = Vec::new();
            slots::<(u64, u64)>(offset_of!((u64, u64), 1), &mut |place, held| {
                live.extend((held == Held::Entry).then_some(place));
            });
            let mut values: Vec<Address> = Vec::new();
            map.locate_all(&mut |place| values.push(place));
            live.sort_unstable();
            values.sort_unstable();
            assert_eq!(live, values, "round {round}");
            assert_eq!(slot_count::<(u64, u64)>(), Some(table.mask as u64 + 1));
        }
        drop(ledger::remove());
    }

    /// No look-up of a key that is there meets a slot that was never used before it meets the key.
    fn no_key_lies_behind_the_end_of_its_walk<S: BuildHasher + Default>(mut map: impl Map<u64, u64>) {
        ledger::install(Ledger::with_tables());
        ledger::with(Ledger::reopen);
        let mut beyond_the_first = 0;
        for key in 0..60_000_u64 {
            map.insert(&key, key);
            map.remove(&(key / 2));
            if key % 1000 == 0 {
                for live in (key / 2 + 1..=key).step_by(7) {
                    let (hash, value) = (S::default().hash_one(live), map.locate(&live));
                    let [found, absent] = [value, None].map(|value| groups::<(u64, u64)>(hash, value));
                    assert!(
                        found <= absent,
                        "key {live}: found in group {found}, and the walk ends at {absent}"
                    );
                    beyond_the_first += u64::from(found > 1);
                }
            }
        }
        assert!(beyond_the_first > 0, "some keys lie in other groups than their first");
        drop(ledger::remove());
    }

    #[test]
    fn walks_of_hashbrown_and_of_std_end_where_theirs_do() {
        no_key_lies_behind_the_end_of_its_walk::<FixedState>(Adapter::<u64, u64>::default());
        no_key_lies_behind_the_end_of_its_walk::<FixedSipHash>(std_hash::Adapter::<u64, u64>::default());
    }
}
