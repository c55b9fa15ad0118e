//! One lock around `std::collections::HashMap`: what every shared map wants to beat.

use formats::answer::Answer;
use formats::subject::{Extra, MapInfo};
use formats::tape::Kept;

use super::std_hash;
use subject::entry::{Key, Value};
use subject::locking::Lock;
use subject::map::{Address, Map, Shared};

/// The standard library's map behind its mutex.
pub struct Adapter<K, V, const COUNTED: bool = false>(Lock<std_hash::Adapter<K, V>, COUNTED>);

/// What a thread holds: a reference.
pub struct Handle<'a, K, V, const COUNTED: bool>(&'a Lock<std_hash::Adapter<K, V>, COUNTED>);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "mutex-std",
        env!("VERSION_OF_STD"),
        "std::sync::Mutex around std::collections::HashMap with its SipHash, seeded with zeros instead of at \
         random. Each operation locks the whole map.",
    )
    .with_extras(Extra::all_but_hold())
}

impl<K, V, const COUNTED: bool> Default for Adapter<K, V, COUNTED> {
    fn default() -> Self {
        Self(Lock::default())
    }
}

impl<K: Key, V: Value, const COUNTED: bool> Shared<K, V> for Adapter<K, V, COUNTED> {
    type Handle<'a> = Handle<'a, K, V, COUNTED>;

    fn with_capacity(entries: usize) -> Self {
        Self(Lock::new(Map::with_capacity(entries)))
    }

    fn handle(&self) -> Handle<'_, K, V, COUNTED> {
        Handle(&self.0)
    }
}

impl<K: Key, V: Value, const COUNTED: bool> Map<K, V> for Handle<'_, K, V, COUNTED> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        self.0.lock().insert(key, value)
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        self.0.lock().remove(key)
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        self.0.lock().get(key)
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        self.0.lock().update(key, value)
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        self.0.lock().iterate()
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        self.0.lock().clear()
    }

    fn len(&mut self) -> u64 {
        self.0.lock().len()
    }

    #[inline]
    fn remove_first(&mut self) -> Answer {
        self.0.lock().remove_first()
    }

    #[inline]
    fn upsert(&mut self, key: &K, value: V) -> Answer {
        self.0.lock().upsert(key, value)
    }

    #[inline]
    fn retain(&mut self, kept: Kept) -> Answer {
        self.0.lock().retain(kept)
    }

    fn shrink(&mut self) {
        self.0.lock().shrink();
    }

    fn reserve(&mut self, more: usize) {
        self.0.lock().reserve(more);
    }

    #[inline]
    fn copy(&mut self, reserve: bool) -> Answer {
        self.0.lock().copy(reserve)
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.0.lock().locate(key)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.0.lock().locate_all(visit);
    }

    fn capacity(&mut self) -> Option<u64> {
        self.0.lock().capacity()
    }
}
