//! The map of Go 1.27, as a port.

use std::mem::replace;

use formats::answer::Answer;
use formats::observation::ProbeUnit;
use formats::subject::{Extra, Fact, MapInfo};
use go_maps::probe::Probe;
use go_maps::swiss::{self, CTRL_DELETED, CTRL_EMPTY, GROUP_SLOTS};

use super::go::{GoKey, LedgerProbe, SEED};
use super::{address, answer, total};
use subject::entry::Value;
use subject::map::{Address, Held, Map};

/// Groups of eight slots in tables of at most 1024, behind a directory. Told to any probe.
pub struct Adapter<K: GoKey, V, P = ()>(swiss::Map<K, V, K::Hash, P>);

/// The same, for passes that hear of its events.
pub type Probed<K, V> = Adapter<K, V, LedgerProbe>;

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "go-swiss",
        env!("CARGO_PKG_VERSION"),
        "Go's built-in map of 1.27, a port slot for slot. As in Go, a table full of tombstones is pruned with keys of \
         4 or 8 bytes and with texts, and rebuilt with any other. Keys are hashed by Go's own functions (AES) with \
         fixed seeds.",
    )
    .with(Fact::TellsProbeLengths)
    .with_extras([Extra::Upsert, Extra::Capacity])
}

impl<K: GoKey, V: Value + Default, P: Probe + Default> Default for Adapter<K, V, P> {
    fn default() -> Self {
        Self(swiss::Map::make(0, K::hasher(), SEED, P::default()))
    }
}

impl<K: GoKey, V: Value + Default, P: Probe + Default> Map<K, V> for Adapter<K, V, P> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        answer(self.0.insert(key.clone(), value).as_ref())
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        answer(self.0.remove(key).as_ref())
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        answer(self.0.get(key))
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        self.0.get_mut(key).map(|held| replace(held, value).stamp()).into()
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        total(self.0.iter().map(|(_, elem)| elem))
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        let entries = self.0.len();
        self.0.clear();
        Answer::of(entries as u64)
    }

    fn len(&mut self) -> u64 {
        self.0.len() as u64
    }

    fn probe_unit(&mut self) -> Option<ProbeUnit> {
        Some(ProbeUnit::Group)
    }

    /// A look-up and an assignment through it, as `m[k] += 1` is one call of the runtime.
    #[inline]
    fn upsert(&mut self, key: &K, value: V) -> Answer {
        self.insert(key, value)
    }

    fn with_capacity(entries: usize) -> Self {
        Self(swiss::Map::make(entries, K::hasher(), SEED, P::default()))
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.0.slot_of(key).map(|(_, address)| address)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.0.iter().map(|(_, elem)| address(elem)).for_each(visit);
    }

    fn slot_count(&mut self) -> Option<u64> {
        let small = self.0.small_group().map_or(0, |_| GROUP_SLOTS as u64);
        Some(small + self.0.tables().map(|table| u64::from(table.capacity())).sum::<u64>())
    }

    /// Group by group, table by table in the order of the directory.
    fn slots(&mut self, visit: &mut dyn FnMut(Address, Held)) {
        let of_tables = self.0.tables().flat_map(|table| table.groups());
        for group in self.0.small_group().into_iter().chain(of_tables) {
            for (ctrl, (_, elem)) in group.ctrls().iter().zip(group.slots()) {
                let held = match *ctrl {
                    CTRL_EMPTY => Held::Nothing,
                    CTRL_DELETED => Held::Tombstone,
                    _ => Held::Entry,
                };
                visit(address(elem), held);
            }
        }
    }

    /// Entries, and empty slots that may be filled before some table is full.
    fn capacity(&mut self) -> Option<u64> {
        let tables = self.0.tables().map(|table| u64::from(table.used()) + u64::from(table.growth_left()));
        Some(tables.sum::<u64>().max(GROUP_SLOTS as u64))
    }
}
