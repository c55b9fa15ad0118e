//! One lock around `std::collections::HashMap`: what every shared map wants to beat.

use std::collections::HashMap;
use std::mem::replace;
use std::sync::{Mutex, MutexGuard, PoisonError};

use formats::answer::Answer;
use formats::subject::{Family, MapInfo};

use super::std_hash::FixedSipHash;
use super::{address, answer, total};
use crate::entry::{Key, Value};
use crate::map::{Address, Map, Shared};

/// The standard library's map behind its mutex.
pub struct Adapter<K, V>(Mutex<HashMap<K, V, FixedSipHash>>);

/// What a thread holds: a reference.
pub struct Handle<'a, K, V>(&'a Mutex<HashMap<K, V, FixedSipHash>>);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    super::info(
        "mutex-std",
        env!("VERSION_OF_STD"),
        Family::Shared,
        "std::sync::Mutex around std::collections::HashMap with its SipHash, seeded with zeros instead of at \
         random. Each operation locks the whole map.",
    )
}

impl<K, V> Default for Adapter<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Key, V: Value> Shared<K, V> for Adapter<K, V> {
    type Handle<'a> = Handle<'a, K, V>;

    fn handle(&self) -> Handle<'_, K, V> {
        Handle(&self.0)
    }
}

impl<K, V> Handle<'_, K, V> {
    #[inline]
    fn lock(&self) -> MutexGuard<'_, HashMap<K, V, FixedSipHash>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Key, V: Value> Map<K, V> for Handle<'_, K, V> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        answer(self.lock().insert(key.clone(), value).as_ref())
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        answer(self.lock().remove(key).as_ref())
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        answer(self.lock().get(key))
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        self.lock().get_mut(key).map(|held| replace(held, value).stamp()).into()
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        total(self.lock().values())
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        let mut map = self.lock();
        let entries = map.len();
        map.clear();
        Answer::of(entries as u64)
    }

    fn len(&mut self) -> u64 {
        self.lock().len() as u64
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.lock().get(key).map(address)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.lock().values().map(address).for_each(visit);
    }

    fn capacity(&mut self) -> Option<u64> {
        Some(self.lock().capacity() as u64)
    }
}
