//! Shards by key, each a lock around a `std::collections::HashMap`.

use std::hash::BuildHasher;
use std::sync::MutexGuard;

use formats::answer::Answer;
use formats::subject::{Extra, MapInfo};
use formats::tape::Kept;
use rustc_hash::FxBuildHasher;

use super::std_hash;
use subject::entry::{Key, Value};
use subject::locking::Lock;
use subject::map::{Address, Map, Shared};

/// How many shards there are.
const SHARDS: usize = 64;

/// One shard, on cache lines of its own.
#[repr(align(128))]
struct Shard<K, V, const COUNTED: bool>(Lock<std_hash::Adapter<K, V>, COUNTED>);

/// The shards.
pub struct Adapter<K, V, const COUNTED: bool = false>(Box<[Shard<K, V, COUNTED>]>);

/// What a thread holds: a reference.
pub struct Handle<'a, K, V, const COUNTED: bool>(&'a [Shard<K, V, COUNTED>]);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "mutex-shards",
        env!("VERSION_OF_STD"),
        "64 shards, each a std::sync::Mutex around a std::collections::HashMap with its SipHash, seeded with \
         zeros instead of at random. The shard of a key is told by the upper bits of its FxHash. Each \
         operation locks one shard; to clear and to iterate locks one after the other.",
    )
    .with_extras(Extra::all_but_hold())
}

impl<K, V, const COUNTED: bool> Default for Adapter<K, V, COUNTED> {
    fn default() -> Self {
        Self((0..SHARDS).map(|_| Shard(Lock::default())).collect())
    }
}

impl<K: Key, V: Value, const COUNTED: bool> Shared<K, V> for Adapter<K, V, COUNTED> {
    type Handle<'a> = Handle<'a, K, V, COUNTED>;

    fn with_capacity(entries: usize) -> Self {
        let shard = |_| Shard(Lock::new(Map::with_capacity(entries.div_ceil(SHARDS))));
        Self((0..SHARDS).map(shard).collect())
    }

    fn handle(&self) -> Handle<'_, K, V, COUNTED> {
        Handle(&self.0)
    }
}

impl<K: Key, V: Value, const COUNTED: bool> Handle<'_, K, V, COUNTED> {
    /// The shard of this key, locked.
    #[inline]
    fn shard(&self, key: &K) -> MutexGuard<'_, std_hash::Adapter<K, V>> {
        let upper = FxBuildHasher.hash_one(key) >> (u64::BITS - SHARDS.ilog2());
        #[expect(clippy::cast_possible_truncation, reason = "the shift leaves a number below SHARDS")]
        let shard = upper as usize % SHARDS;
        self.0[shard].0.lock()
    }

    /// Every shard, locked while it is the turn's.
    fn shards(&self) -> impl Iterator<Item = MutexGuard<'_, std_hash::Adapter<K, V>>> {
        self.0.iter().map(|shard| shard.0.lock())
    }
}

impl<K: Key, V: Value, const COUNTED: bool> Map<K, V> for Handle<'_, K, V, COUNTED> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        self.shard(key).insert(key, value)
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        self.shard(key).remove(key)
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        self.shard(key).get(key)
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        self.shard(key).update(key, value)
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        Answer::of(self.shards().fold(0, |sum, mut shard| sum.wrapping_add(shard.iterate().number())))
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        Answer::of(self.shards().map(|mut shard| shard.clear().number()).sum())
    }

    fn len(&mut self) -> u64 {
        self.shards().map(|mut shard| shard.len()).sum()
    }

    #[inline]
    fn remove_first(&mut self) -> Answer {
        let mut removed = self.shards().map(|mut shard| shard.remove_first());
        removed.find(|answer| answer.is_present()).unwrap_or(Answer::ABSENT)
    }

    #[inline]
    fn upsert(&mut self, key: &K, value: V) -> Answer {
        self.shard(key).upsert(key, value)
    }

    #[inline]
    fn retain(&mut self, kept: Kept) -> Answer {
        Answer::of(self.shards().map(|mut shard| shard.retain(kept).number()).sum())
    }

    fn shrink(&mut self) {
        self.shards().for_each(|mut shard| shard.shrink());
    }

    fn reserve(&mut self, more: usize) {
        self.shards().for_each(|mut shard| shard.reserve(more.div_ceil(SHARDS)));
    }

    /// Each shard by itself.
    #[inline]
    fn copy(&mut self, reserve: bool) -> Answer {
        Answer::of(self.shards().map(|mut shard| shard.copy(reserve).number()).sum())
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.shard(key).locate(key)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.shards().for_each(|mut shard| shard.locate_all(visit));
    }
}
