//! `hashlink::LruCache`.

use std::mem::replace;

use foldhash::fast::FixedState;
use formats::answer::Answer;
use formats::subject::MapInfo;
use hashlink::LruCache;

use super::{UNTOLD, answer, total};
use subject::entry::{Key, Value};
use subject::map::Map;

/// Entries in a list by the time of their last use.
pub struct Adapter<K, V>(LruCache<K, V, FixedState>);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "hashlink-lru",
        env!("VERSION_OF_HASHLINK"),
        "hashlink::LruCache with foldhash (fast) of a fixed seed: drops the entry used least recently. Fetches by \
         get, and insert where that finds nothing.",
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
        Self(LruCache::with_hasher(entries, FixedState::default()))
    }
}
