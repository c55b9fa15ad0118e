//! `griddle::HashMap`, which grows bit by bit.

use std::mem::replace;

use ::griddle::HashMap;
use ::griddle::hash_map::Entry;
use foldhash::fast::FixedState;
use formats::answer::Answer;
use formats::subject::{Extra, MapInfo};
use formats::tape::Kept;

use super::{address, answer, total};
use subject::entry::{Key, Value};
use subject::map::{Address, Map};

/// A table, and while it grows what is left in the one before. Each insert carries some entries over, and nothing tells
/// which: a place is known when its entry is asked for.
pub struct Adapter<K, V>(HashMap<K, V, FixedState>);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "griddle",
        env!("VERSION_OF_GRIDDLE"),
        "griddle::HashMap with foldhash (fast) of a fixed seed. When its table is full it makes another one, and each \
         insert carries a few entries over, in place of one that carries all. Its tables are those of hashbrown 0.14.",
    )
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
        let first = self.0.keys().next().cloned();
        answer(first.and_then(|key| self.0.remove(&key)).as_ref())
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
        let new = HashMap::with_capacity_and_hasher(room, FixedState::default());
        for (key, value) in replace(&mut self.0, new) {
            self.0.insert(key, value);
        }
        Answer::of(self.0.len() as u64)
    }

    fn with_capacity(entries: usize) -> Self {
        Self(HashMap::with_capacity_and_hasher(entries, FixedState::default()))
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.0.get(key).map(address)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.0.values().map(address).for_each(visit);
    }
}
