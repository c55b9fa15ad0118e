//! `indexmap::IndexMap`, filling the place of a removed entry with the last one.

use std::mem::replace;

use foldhash::fast::FixedState;
use formats::answer::Answer;
use formats::subject::{Extra, MapInfo};
use formats::tape::Kept;
use indexmap::IndexMap;
use indexmap::map::Entry;

use super::{address, answer, total};
use subject::entry::{Key, Value};
use subject::map::{Address, Map};

/// indexmap with `swap_remove`.
pub type Adapter<K, V> = Dense<K, V, false>;

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "indexmap-swap",
        env!("VERSION_OF_INDEXMAP"),
        "indexmap::IndexMap with foldhash (fast) of a fixed seed. swap_remove: the last entry moves into the \
         place of the removed one.",
    )
    .with_extras(Extra::all_but_hold())
}

/// indexmap with either of its removes.
pub struct Dense<K, V, const SHIFT: bool>(IndexMap<K, V, FixedState>);

impl<K, V, const SHIFT: bool> Default for Dense<K, V, SHIFT> {
    fn default() -> Self {
        Self(IndexMap::default())
    }
}

impl<K: Key, V: Value, const SHIFT: bool> Map<K, V> for Dense<K, V, SHIFT> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        answer(self.0.insert(key.clone(), value).as_ref())
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        let removed = if SHIFT { self.0.shift_remove(key) } else { self.0.swap_remove(key) };
        answer(removed.as_ref())
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
        let removed = if SHIFT { self.0.shift_remove_index(0) } else { self.0.swap_remove_index(0) };
        removed.map(|(_, value)| value.stamp()).into()
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
        let new = IndexMap::with_capacity_and_hasher(room, FixedState::default());
        for (key, value) in replace(&mut self.0, new) {
            self.0.insert(key, value);
        }
        Answer::of(self.0.len() as u64)
    }

    fn with_capacity(entries: usize) -> Self {
        Self(IndexMap::with_capacity_and_hasher(entries, FixedState::default()))
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.0.get(key).map(address)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.0.values().map(address).for_each(visit);
    }
}
