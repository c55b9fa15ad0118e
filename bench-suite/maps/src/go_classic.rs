//! The map of Go 1.19 to 1.23, as a port.

use std::mem::replace;

use formats::answer::Answer;
use formats::observation::ProbeUnit;
use formats::subject::{Extra, Fact, MapInfo};
use go_maps::classic::{BUCKET_CNT, Bucket, EMPTY_ONE, EMPTY_REST, Hmap, Policy, Reuse};
use go_maps::probe::Probe;

use super::go::{GoKey, LedgerProbe, SEED, take_moves};
use super::{address, answer, total};
use subject::entry::Value;
use subject::map::{Address, Held, Map};

/// Go's rule: a deleted slot is as good as one never used.
pub type Adapter<K, V> = Table<K, V, Reuse>;

/// The same, for passes that hear of its events.
pub type Probed<K, V> = Table<K, V, Reuse, LedgerProbe>;

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "go-classic",
        env!("CARGO_PKG_VERSION"),
        "Go's built-in map of 1.19 to 1.23, a port slot for slot. Keys are hashed by Go's own functions (AES) with \
         fixed seeds.",
    )
    .with(Fact::TellsProbeLengths)
    .with_extras([Extra::Upsert, Extra::Capacity])
}

/// The classic map with any rule for deleted slots, told to any probe.
pub struct Table<K: GoKey, V, R, P = ()>(Hmap<K, V, K::Hash, R, P>);

impl<K: GoKey, V: Value + Default, R: Policy, P: Probe + Default> Default for Table<K, V, R, P> {
    fn default() -> Self {
        Self(Hmap::make(0, K::hasher(), SEED, P::default()))
    }
}

impl<K: GoKey, V: Value + Default, R: Policy, P: Probe + Default> Table<K, V, R, P> {
    /// The buckets in use, those first that entries are evacuated into.
    fn buckets(&self) -> impl Iterator<Item = Bucket<'_, K, V>> {
        self.0.chains().flatten().chain(self.0.old_chains().flatten().flatten())
    }
}

impl<K: GoKey, V: Value + Default, R: Policy, P: Probe + Default> Map<K, V> for Table<K, V, R, P> {
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
        total(self.0.iter().map(|(_, value)| value))
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
        Some(ProbeUnit::Bucket)
    }

    /// A look-up and an assignment through it, as `m[k] += 1` is one call of the runtime.
    #[inline]
    fn upsert(&mut self, key: &K, value: V) -> Answer {
        self.insert(key, value)
    }

    fn with_capacity(entries: usize) -> Self {
        Self(Hmap::make(entries, K::hasher(), SEED, P::default()))
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.0.slot_of(key).map(|(_, address)| address)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.0.iter().map(|(_, value)| address(value)).for_each(visit);
    }

    fn relocated(&mut self, visit: &mut dyn FnMut(Address)) {
        let places = take_moves().into_iter().filter_map(|slot| self.0.address_of(slot));
        places.for_each(visit);
    }

    fn slot_count(&mut self) -> Option<u64> {
        Some((self.buckets().count() * BUCKET_CNT) as u64)
    }

    /// Bucket by bucket along each chain; while the map grows, the old buckets that are still in use stand behind.
    fn slots(&mut self, visit: &mut dyn FnMut(Address, Held)) {
        for bucket in self.buckets() {
            for (top, value) in bucket.tophash.iter().zip(bucket.values) {
                let held = match *top {
                    EMPTY_REST => Held::Nothing,
                    EMPTY_ONE if R::REUSES_DELETED => Held::Nothing,
                    EMPTY_ONE => Held::Tombstone,
                    _ => Held::Entry,
                };
                visit(address(value), held);
            }
        }
    }

    /// The load factor's limit: 13 entries for each pair of buckets. Overflow buckets may call for a rebuild
    /// before it is reached.
    fn capacity(&mut self) -> Option<u64> {
        Some((13 << self.0.b() >> 1).max(BUCKET_CNT as u64))
    }
}
