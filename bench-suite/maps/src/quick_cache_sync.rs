//! `quick_cache::sync::Cache`.

use std::convert::Infallible;
use std::mem::replace;

use ::quick_cache::sync::{Cache, DefaultLifecycle, EntryAction, EntryResult};
use ::quick_cache::{OptionsBuilder, UnitWeighter};
use foldhash::fast::FixedState;
use formats::answer::Answer;
use formats::subject::MapInfo;

use super::UNTOLD;
use subject::entry::{Key, Value};
use subject::map::{Map, Shared};

/// Its own number depends on the machine: four times its processors.
const SHARDS: usize = 64;
/// Of fewer entries a shard would have too few: there is one.
const FEW: usize = SHARDS * 32;

/// Shards, each a cache behind a lock.
pub struct Adapter<K, V>(Cache<K, V, UnitWeighter, FixedState>);

/// What a thread holds: a reference.
pub struct Handle<'a, K, V>(&'a Cache<K, V, UnitWeighter, FixedState>);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "quick_cache-sync",
        env!("VERSION_OF_QUICK_CACHE"),
        "quick_cache::sync::Cache with foldhash (fast) of a fixed seed and 64 shards, its own choice for 16 \
         processors; one below 2,048 entries. Made for the bound rounded down to a multiple of the shards. S3-FIFO. \
         Fetches by get_or_insert_with: one thread makes the value, others that ask wait. What is found is cloned.",
    )
}

impl<K: Key, V: Value> Default for Adapter<K, V> {
    fn default() -> Self {
        Self::with_bound(UNTOLD)
    }
}

impl<K: Key, V: Value> Shared<K, V> for Adapter<K, V> {
    type Handle<'a> = Handle<'a, K, V>;

    fn with_bound(entries: usize) -> Self {
        let shards = if entries < FEW { 1 } else { SHARDS };
        let entries = entries / shards * shards;
        let options = OptionsBuilder::new()
            .shards(shards)
            .estimated_items_capacity(entries)
            .weight_capacity(entries as u64)
            .build()
            .expect("all that it needs is said");
        Self(Cache::with_options(options, UnitWeighter, FixedState::default(), DefaultLifecycle::default()))
    }

    fn handle(&self) -> Handle<'_, K, V> {
        Handle(&self.0)
    }
}

impl<K: Key, V: Value> Map<K, V> for Handle<'_, K, V> {
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
        self.0.get(key).map(|value| value.stamp()).into()
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        let write = |_: &K, held: &mut V| EntryAction::Retain(replace(held, value).stamp());
        match self.0.entry(key, None, write) {
            EntryResult::Retained(stamp) => Answer::of(stamp),
            // Nothing is put: the place that was made for it goes.
            _ => Answer::ABSENT,
        }
    }

    #[inline]
    fn fetch(&mut self, key: &K, stamp: u64, bytes: usize) -> Answer {
        let mut was_put = false;
        let make = || {
            was_put = true;
            Ok::<V, Infallible>(V::make(stamp, bytes))
        };
        let Ok(value) = self.0.get_or_insert_with(key, make);
        super::fetched(&value, was_put)
    }

    fn iterate(&mut self) -> Answer {
        Answer::of(self.0.iter().fold(0, |sum, (_, value)| sum.wrapping_add(value.stamp())))
    }

    fn clear(&mut self) -> Answer {
        let entries = self.0.len();
        self.0.clear();
        Answer::of(entries as u64)
    }

    fn len(&mut self) -> u64 {
        self.0.len() as u64
    }
}
