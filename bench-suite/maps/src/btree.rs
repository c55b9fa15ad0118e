//! `std::collections::BTreeMap`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::mem::{replace, take};

use formats::answer::Answer;
use formats::subject::{Extra, Fact, MapInfo};
use formats::tape::Kept;

use super::{address, answer, total};
use subject::entry::{Key, Value};
use subject::map::{Address, Map};

/// The standard library's ordered map.
pub struct Adapter<K, V>(BTreeMap<K, V>);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "btree",
        env!("VERSION_OF_STD"),
        "std::collections::BTreeMap. Entries move inside their node when a neighbour comes or goes.",
    )
    .with(Fact::Ordered)
    .with_extras([Extra::RemoveFirst, Extra::Upsert, Extra::Retain, Extra::Copy])
}

impl<K, V> Default for Adapter<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
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
        self.0.pop_first().map(|(_, value)| value.stamp()).into()
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

    /// A tree has no room to reserve.
    #[inline]
    fn copy(&mut self, _reserve: bool) -> Answer {
        for (key, value) in take(&mut self.0) {
            self.0.insert(key, value);
        }
        Answer::of(self.0.len() as u64)
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.0.get(key).map(address)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.0.values().map(address).for_each(visit);
    }
}
