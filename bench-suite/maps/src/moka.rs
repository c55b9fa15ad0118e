//! `moka::sync::Cache`.

use ::moka::ops::compute::{CompResult, Op};
use ::moka::sync::Cache;
use foldhash::fast::FixedState;
use formats::answer::Answer;
use formats::subject::{Fact, MapInfo};

use super::{UNTOLD, epochs, fetched};
use subject::entry::{Key, Value};
use subject::map::{Map, Shared};

/// A concurrent hash table, and the records of what was used and written, which its callers work off.
pub struct Adapter<K, V>(Cache<K, V, FixedState>);

/// What a thread holds: a reference.
pub struct Handle<'a, K, V>(&'a Cache<K, V, FixedState>);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "moka",
        env!("VERSION_OF_MOKA"),
        "moka::sync::Cache with foldhash (fast) of a fixed seed: TinyLFU. Which entries leave is decided later, by \
         whichever thread calls then, and depends on the time too; run_pending_tasks is called before the entries left \
         are counted. Fetches by get_with_by_ref: one thread makes the value, others that ask wait. What is found is \
         cloned.",
    )
    .with(Fact::FreesLater)
}

impl<K: Key, V: Value> Default for Adapter<K, V> {
    fn default() -> Self {
        Self::with_bound(UNTOLD)
    }
}

impl<K: Key, V: Value> Shared<K, V> for Adapter<K, V> {
    type Handle<'a> = Handle<'a, K, V>;

    fn with_bound(entries: usize) -> Self {
        Self(Cache::builder().max_capacity(entries as u64).build_with_hasher(FixedState::default()))
    }

    fn handle(&self) -> Handle<'_, K, V> {
        Handle(&self.0)
    }

    fn reclaim(map: Option<&Self>) -> bool {
        if let Some(map) = map {
            map.0.run_pending_tasks();
        }
        epochs::reclaim();
        true
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
        self.0.remove(key).map(|value| value.stamp()).into()
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        self.0.get(key).map(|value| value.stamp()).into()
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        let mut replaced = Answer::ABSENT;
        let result = self.0.entry_by_ref(key).and_compute_with(|held| match held {
            Some(held) => {
                replaced = Answer::of(held.into_value().stamp());
                Op::Put(value)
            }
            None => Op::Nop,
        });
        debug_assert!(!matches!(result, CompResult::Inserted(_)), "nothing new was put");
        replaced
    }

    #[inline]
    fn fetch(&mut self, key: &K, stamp: u64, bytes: usize) -> Answer {
        let mut was_put = false;
        let make = || {
            was_put = true;
            V::make(stamp, bytes)
        };
        let value = self.0.get_with_by_ref(key, make);
        fetched(&value, was_put)
    }

    fn iterate(&mut self) -> Answer {
        Answer::of(self.0.iter().fold(0, |sum, (_, value)| sum.wrapping_add(value.stamp())))
    }

    fn clear(&mut self) -> Answer {
        let entries = self.len();
        self.0.invalidate_all();
        Answer::of(entries)
    }

    fn len(&mut self) -> u64 {
        self.0.run_pending_tasks();
        self.0.entry_count()
    }
}
