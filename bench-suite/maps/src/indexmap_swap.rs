//! `indexmap::IndexMap`, filling the place of a removed entry with the last one.

use std::mem::replace;

use foldhash::fast::FixedState;
use formats::answer::Answer;
use formats::subject::MapInfo;
use indexmap::IndexMap;

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

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.0.get(key).map(address)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.0.values().map(address).for_each(visit);
    }
}
