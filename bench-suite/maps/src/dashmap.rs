//! `dashmap::DashMap`.

use std::mem::replace;

use ::dashmap::mapref::one::Ref;
use ::dashmap::{DashMap, Entry};
use foldhash::fast::FixedState;
use formats::answer::Answer;
use formats::subject::{Axis, Extra, MapInfo};
use formats::tape::Kept;

use super::{address, answer};
use subject::axes;
use subject::entry::{Key, Value};
use subject::map::{Address, Map, Shared};

/// dashmap's own number depends on the machine: the power of two from four times its processors.
const SHARDS: usize = 64;

/// Shards, each a table behind a lock.
pub struct Adapter<K, V>(DashMap<K, V, FixedState>);

/// What a thread holds: a reference, and an entry that it holds on to, with its shard locked for reading. It may read on:
/// dashmap lets readers in where a writer waits.
pub struct Handle<'a, K, V>(&'a DashMap<K, V, FixedState>, Option<Ref<'a, K, V>>);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "dashmap",
        env!("VERSION_OF_DASHMAP"),
        "dashmap::DashMap with foldhash (fast) of a fixed seed and 64 shards, its own choice for 16 \
         processors, so that figures do not depend on their number. Each operation locks one shard; iterate \
         and clear lock one after the other.",
    )
    .with_axis(Axis::new("shards", (1..=12).map(|power| 1 << power), SHARDS.to_string()))
    .with_extras([
        Extra::RemoveFirst,
        Extra::Upsert,
        Extra::Retain,
        Extra::Shrink,
        Extra::Capacity,
        Extra::Hold,
    ])
}

impl<K: Key, V: Value> Default for Adapter<K, V> {
    fn default() -> Self {
        let shards = axes::chosen("shards", SHARDS);
        Self(DashMap::with_hasher_and_shard_amount(FixedState::default(), shards))
    }
}

impl<K: Key, V: Value> Shared<K, V> for Adapter<K, V> {
    type Handle<'a> = Handle<'a, K, V>;

    fn with_capacity(entries: usize) -> Self {
        let shards = axes::chosen("shards", SHARDS);
        Self(DashMap::with_capacity_and_hasher_and_shard_amount(entries, FixedState::default(), shards))
    }

    fn handle(&self) -> Handle<'_, K, V> {
        Handle(&self.0, None)
    }
}

impl<K: Key, V: Value> Map<K, V> for Handle<'_, K, V> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        answer(self.0.insert(key.clone(), value).as_ref())
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        self.0.remove(key).map(|(_, value)| value.stamp()).into()
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        self.0.get(key).map(|entry| entry.stamp()).into()
    }

    #[inline]
    fn hold(&mut self, key: &K) -> Answer {
        self.1 = self.0.get(key);
        self.1.as_ref().map(|entry| entry.stamp()).into()
    }

    fn release(&mut self) {
        self.1 = None;
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        self.0.get_mut(key).map(|mut entry| replace(entry.value_mut(), value).stamp()).into()
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        Answer::of(self.0.iter().fold(0, |sum, entry| sum.wrapping_add(entry.stamp())))
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        let mut entries = 0;
        self.0.retain(|_, _| {
            entries += 1;
            false
        });
        Answer::of(entries)
    }

    fn len(&mut self) -> u64 {
        self.0.len() as u64
    }

    #[inline]
    fn remove_first(&mut self) -> Answer {
        loop {
            // Nothing is locked while it is removed: another thread may be first.
            let Some(key) = self.0.iter().next().map(|entry| entry.key().clone()) else {
                return Answer::ABSENT;
            };
            if let Some((_, value)) = self.0.remove(&key) {
                return Answer::of(value.stamp());
            }
        }
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
        let mut entries = 0;
        self.0.retain(|_, value| {
            let stays = kept.keeps(value.stamp());
            entries += u64::from(!stays);
            stays
        });
        Answer::of(entries)
    }

    fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.0.get(key).map(|entry| address(entry.value()))
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.0.iter().for_each(|entry| visit(address(entry.value())));
    }
}
