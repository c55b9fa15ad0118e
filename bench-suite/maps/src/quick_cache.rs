//! `quick_cache::unsync::Cache`.

use std::mem::replace;

use ::quick_cache::UnitWeighter;
use ::quick_cache::unsync::{Cache, DefaultLifecycle};
use foldhash::fast::FixedState;
use formats::answer::Answer;
use formats::subject::MapInfo;

use super::{UNTOLD, answer, total};
use subject::entry::{Key, Value};
use subject::map::Map;

/// Entries in the lists of S3-FIFO.
pub struct Adapter<K, V>(Cache<K, V, UnitWeighter, FixedState>);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "quick_cache",
        env!("VERSION_OF_QUICK_CACHE"),
        "quick_cache::unsync::Cache with foldhash (fast) of a fixed seed: S3-FIFO. Fetches by get, and insert where \
         that finds nothing.",
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
        self.0.insert(key.clone(), value);
        Answer::ABSENT
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        self.0.remove(key).map(|(_, value)| value.stamp()).into()
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        answer(self.0.get(key))
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        self.0.get_mut(key).map(|mut held| replace(&mut *held, value).stamp()).into()
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
        let lifecycle = DefaultLifecycle::default();
        Self(Cache::with(entries, entries as u64, UnitWeighter, FixedState::default(), lifecycle))
    }
}
