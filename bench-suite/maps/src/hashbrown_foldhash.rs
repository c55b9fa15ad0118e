//! `hashbrown::HashMap` with its default hash, foldhash.

use std::hash::BuildHasher;
use std::mem::{offset_of, replace};

use foldhash::fast::FixedState;
use formats::answer::Answer;
use formats::observation::ProbeUnit;
use formats::subject::{Axis, Extra, MapInfo};
use formats::tape::Kept;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use super::control_bytes::{self, TELLING};
use super::{address, answer, total};
use subject::entry::{Key, Value};
use subject::map::{Address, Held, Map};

/// hashbrown as it comes, but for the seed.
pub type Adapter<K, V> = Table<K, V, FixedState>;

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    control_bytes::telling(MapInfo::new(
        "hashbrown",
        env!("VERSION_OF_HASHBROWN"),
        "hashbrown::HashMap with foldhash (fast) of a fixed seed.",
    ))
    .with_axis(Axis::new("hasher", ["foldhash", "ahash", "fx", "rapidhash", "sip"], "foldhash"))
    .with_extras(Extra::all_but_hold())
}

/// hashbrown with any hash.
pub struct Table<K, V, S>(HashMap<K, V, S>);

impl<K, V, S: Default> Default for Table<K, V, S> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<K: Key, V, S: BuildHasher> Table<K, V, S> {
    /// Entries.
    #[inline]
    pub(crate) fn entries(&self) -> usize {
        self.0.len()
    }

    /// Empty slots that inserts may take before the table is rebuilt. Rises in an insert only if it was.
    #[inline]
    pub(crate) fn room(&self) -> usize {
        self.0.capacity() - self.0.len()
    }

    /// Rebuilds the table if it has no room for so many more entries.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.0.reserve(more);
    }
}

impl<K: Key, V: Value, S: BuildHasher + Default> Map<K, V> for Table<K, V, S> {
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
        total(self.0.values())
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

    #[inline]
    fn remove_first(&mut self) -> Answer {
        self.0.extract_if(|_, _| true).next().map(|(_, value)| value.stamp()).into()
    }

    #[inline]
    fn upsert(&mut self, key: &K, value: V) -> Answer {
        match self.0.entry(key.clone()) {
            Entry::Occupied(mut entry) => Answer::of(entry.insert(value).stamp()),
            Entry::Vacant(entry) => {
                entry.insert(value);
                Answer::ABSENT
            }
        }
    }

    #[inline]
    fn retain(&mut self, kept: Kept) -> Answer {
        let entries = self.0.len();
        self.0.retain(|_, value| kept.keeps(value.stamp()));
        Answer::of((entries - self.0.len()) as u64)
    }

    fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }

    fn reserve(&mut self, more: usize) {
        self.0.reserve(more);
    }

    #[inline]
    fn copy(&mut self, reserve: bool) -> Answer {
        let room = if reserve { self.0.len() } else { 0 };
        let new = HashMap::with_capacity_and_hasher(room, S::default());
        for (key, value) in replace(&mut self.0, new) {
            self.0.insert(key, value);
        }
        Answer::of(self.0.len() as u64)
    }

    fn with_capacity(entries: usize) -> Self {
        Self(HashMap::with_capacity_and_hasher(entries, S::default()))
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.0.get(key).map(address)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.0.values().map(address).for_each(visit);
    }

    fn slot_count(&mut self) -> Option<u64> {
        if TELLING { control_bytes::slot_count::<(K, V)>() } else { None }
    }

    fn slots(&mut self, visit: &mut dyn FnMut(Address, Held)) {
        control_bytes::slots::<(K, V)>(offset_of!((K, V), 1), visit);
    }

    fn probe_unit(&mut self) -> Option<ProbeUnit> {
        TELLING.then_some(ProbeUnit::Group)
    }

    fn probe_length(&mut self, key: &K) -> u64 {
        let hash = self.0.hasher().hash_one(key);
        control_bytes::groups::<(K, V)>(hash, self.0.get(key).map(address))
    }

    fn capacity(&mut self) -> Option<u64> {
        Some(self.0.capacity() as u64)
    }
}
