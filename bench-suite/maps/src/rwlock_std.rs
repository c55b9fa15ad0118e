//! One lock for many readers or one writer around `std::collections::HashMap`.

use formats::answer::Answer;
use formats::subject::{Extra, MapInfo};
use formats::tape::Kept;

use super::{address, answer, std_hash, total};
use subject::entry::{Key, Value};
use subject::locking::ReadersLock;
use subject::map::{Address, Map, Shared};

/// The standard library's map behind its reader-writer lock.
pub struct Adapter<K, V, const COUNTED: bool = false>(ReadersLock<std_hash::Adapter<K, V>, COUNTED>);

/// What a thread holds: a reference.
pub struct Handle<'a, K, V, const COUNTED: bool>(&'a ReadersLock<std_hash::Adapter<K, V>, COUNTED>);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "rwlock-std",
        env!("VERSION_OF_STD"),
        "std::sync::RwLock around std::collections::HashMap with its SipHash, seeded with zeros instead of at \
         random. Readers share the lock, each write locks the whole map.",
    )
    .with_extras(Extra::all_but_hold())
}

impl<K, V, const COUNTED: bool> Default for Adapter<K, V, COUNTED> {
    fn default() -> Self {
        Self(ReadersLock::default())
    }
}

impl<K: Key, V: Value, const COUNTED: bool> Shared<K, V> for Adapter<K, V, COUNTED> {
    type Handle<'a> = Handle<'a, K, V, COUNTED>;

    fn with_capacity(entries: usize) -> Self {
        Self(ReadersLock::new(Map::with_capacity(entries)))
    }

    fn handle(&self) -> Handle<'_, K, V, COUNTED> {
        Handle(&self.0)
    }
}

impl<K: Key, V: Value, const COUNTED: bool> Map<K, V> for Handle<'_, K, V, COUNTED> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        self.0.write().insert(key, value)
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        self.0.write().remove(key)
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        answer(self.0.read().0.get(key))
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        self.0.write().update(key, value)
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        total(self.0.read().0.values())
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        self.0.write().clear()
    }

    fn len(&mut self) -> u64 {
        self.0.read().0.len() as u64
    }

    #[inline]
    fn remove_first(&mut self) -> Answer {
        self.0.write().remove_first()
    }

    #[inline]
    fn upsert(&mut self, key: &K, value: V) -> Answer {
        self.0.write().upsert(key, value)
    }

    #[inline]
    fn retain(&mut self, kept: Kept) -> Answer {
        self.0.write().retain(kept)
    }

    fn shrink(&mut self) {
        self.0.write().shrink();
    }

    fn reserve(&mut self, more: usize) {
        self.0.write().reserve(more);
    }

    #[inline]
    fn copy(&mut self, reserve: bool) -> Answer {
        self.0.write().copy(reserve)
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.0.read().0.get(key).map(address)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.0.read().0.values().map(address).for_each(visit);
    }

    fn capacity(&mut self) -> Option<u64> {
        Some(self.0.read().0.capacity() as u64)
    }
}
