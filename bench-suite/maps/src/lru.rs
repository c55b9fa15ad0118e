//! `lru::LruCache`.

use std::mem::replace;
use std::num::NonZeroUsize;

use ::lru::LruCache;
use foldhash::fast::FixedState;
use formats::answer::Answer;
use formats::subject::MapInfo;

use super::{UNTOLD, answer, fetched, total};
use subject::entry::{Key, Value};
use subject::map::Map;

/// Entries in a list by the time of their last use.
pub struct Adapter<K, V>(LruCache<K, V, FixedState>);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "lru",
        env!("VERSION_OF_LRU"),
        "lru::LruCache with foldhash (fast) of a fixed seed: drops the entry used least recently. Fetches by \
         get_or_insert_ref.",
    )
}

impl<K: Key, V: Value> Default for Adapter<K, V> {
    fn default() -> Self {
        Self::with_bound(UNTOLD)
    }
}

impl<K: Key, V: Value> Map<K, V> for Adapter<K, V> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        answer(self.0.put(key.clone(), value).as_ref())
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        answer(self.0.pop(key).as_ref())
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
    fn fetch(&mut self, key: &K, stamp: u64, bytes: usize) -> Answer {
        let mut was_put = false;
        let make = || {
            was_put = true;
            V::make(stamp, bytes)
        };
        let value = self.0.get_or_insert_ref(key, make);
        fetched(value, was_put)
    }

    fn iterate(&mut self) -> Answer {
        total(self.0.iter().map(|(_, value)| value))
    }

    fn clear(&mut self) -> Answer {
        let entries = self.0.len();
        self.0.clear();
        Answer::of(entries as u64)
    }

    fn len(&mut self) -> u64 {
        self.0.len() as u64
    }

    fn with_bound(entries: usize) -> Self {
        let entries = NonZeroUsize::new(entries).unwrap_or(NonZeroUsize::MIN);
        Self(LruCache::with_hasher(entries, FixedState::default()))
    }
}
