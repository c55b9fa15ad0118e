//! `std::collections::HashMap`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::mem::{offset_of, replace};

use formats::answer::Answer;
use formats::observation::ProbeUnit;
use formats::subject::{Extra, MapInfo};
use formats::tape::Kept;

use super::control_bytes::{self, TELLING};
use super::{address, answer, total};
use subject::entry::{Key, Value};
use subject::map::{Address, Held, Map};

/// The standard hash without the seed that is drawn at random for each map.
pub type FixedSipHash = BuildHasherDefault<DefaultHasher>;

/// The standard library's map.
pub struct Adapter<K, V>(pub(super) HashMap<K, V, FixedSipHash>);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    control_bytes::telling(MapInfo::new(
        "std",
        env!("VERSION_OF_STD"),
        "std::collections::HashMap with its SipHash, seeded with zeros instead of at random.",
    ))
    .with_extras(Extra::all_but_hold())
}

impl<K, V> Default for Adapter<K, V> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<K: Key, V: Value> Map<K, V> for Adapter<K, V> {
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
        let new = HashMap::with_capacity_and_hasher(room, FixedSipHash::default());
        for (key, value) in replace(&mut self.0, new) {
            self.0.insert(key, value);
        }
        Answer::of(self.0.len() as u64)
    }

    fn with_capacity(entries: usize) -> Self {
        Self(HashMap::with_capacity_and_hasher(entries, FixedSipHash::default()))
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
