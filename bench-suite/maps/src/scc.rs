//! `scc::HashMap`.

use std::mem::replace;

use ::scc::hash_map::Entry;
use ::scc::{Guard, HashMap};
use foldhash::fast::FixedState;
use formats::answer::Answer;
use formats::subject::{Extra, Fact, MapInfo};
use formats::tape::Kept;

use super::{address, answer};
use subject::entry::{Key, Value};
use subject::map::{Address, Map, Shared};

/// More epochs than anything waits for.
const EPOCHS: u32 = 64;

/// Buckets of 32 entries, each behind a lock.
pub struct Adapter<K: Key, V: Value>(HashMap<K, V, FixedState>);

/// What a thread holds: a reference.
pub struct Handle<'a, K: Key, V: Value>(&'a HashMap<K, V, FixedState>);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "scc",
        env!("VERSION_OF_SCC"),
        "scc::HashMap with foldhash (fast) of a fixed seed, through its blocking functions. Each operation \
         locks one bucket; iterate and clear lock one after the other.",
    )
    .with(Fact::FreesLater)
    .with_extras([Extra::RemoveFirst, Extra::Upsert, Extra::Retain, Extra::Capacity])
}

impl<K: Key, V: Value> Default for Adapter<K, V> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<K: Key, V: Value> Shared<K, V> for Adapter<K, V> {
    type Handle<'a> = Handle<'a, K, V>;

    fn with_capacity(entries: usize) -> Self {
        Self(HashMap::with_capacity_and_hasher(entries, FixedState::default()))
    }

    fn handle(&self) -> Handle<'_, K, V> {
        Handle(&self.0)
    }

    fn reclaim(_map: Option<&Self>) -> bool {
        // Each guard can begin an epoch, and what waits is freed some epochs later.
        for _ in 0..EPOCHS {
            let guard = Guard::new();
            guard.set_has_garbage();
            guard.accelerate();
        }
        true
    }
}

impl<K: Key, V: Value> Map<K, V> for Handle<'_, K, V> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        answer(self.0.upsert_sync(key.clone(), value).as_ref())
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        self.0.remove_sync(key).map(|(_, value)| value.stamp()).into()
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        self.0.read_sync(key, |_, value| value.stamp()).into()
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        self.0.update_sync(key, |_, held| replace(held, value).stamp()).into()
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        let mut sum = 0u64;
        self.0.iter_sync(|_, value| {
            sum = sum.wrapping_add(value.stamp());
            true
        });
        Answer::of(sum)
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        let mut entries = 0;
        self.0.retain_sync(|_, _| {
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
        self.0.begin_sync().map(|entry| entry.remove().stamp()).into()
    }

    #[inline]
    fn upsert(&mut self, key: &K, value: V) -> Answer {
        match self.0.entry_sync(key.clone()) {
            Entry::Occupied(mut entry) => Answer::of(entry.insert(value).stamp()),
            Entry::Vacant(entry) => {
                entry.insert_entry(value);
                Answer::ABSENT
            }
        }
    }

    #[inline]
    fn retain(&mut self, kept: Kept) -> Answer {
        let mut entries = 0;
        self.0.retain_sync(|_, value| {
            let stays = kept.keeps(value.stamp());
            entries += u64::from(!stays);
            stays
        });
        Answer::of(entries)
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.0.read_sync(key, |_, value| address(value))
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.0.iter_sync(|_, value| {
            visit(address(value));
            true
        });
    }
}
