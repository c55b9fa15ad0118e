//! `sharded_slab::Slab`, a slot manager that threads share: each fills a shard of its own.

use std::mem::take;

use ::sharded_slab::Slab;
use formats::answer::Answer;
use formats::subject::MapInfo;

use super::address;
use super::owned_places::{Kept, PutBy};
use subject::entry::{Place, Value};
use subject::map::{Address, Map, Shared};

/// A sharded slab, and the keys of threads that are done.
pub struct Adapter<V> {
    slots: Slab<V>,
    put_by: PutBy<usize>,
}

/// What a thread holds: the slab's keys, by place.
pub struct Handle<'a, V: Value> {
    map: &'a Adapter<V>,
    keys: Kept<usize>,
}

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "sharded-slab",
        env!("VERSION_OF_SHARDED_SLAB"),
        "sharded_slab::Slab. It has no way to write to an entry: a replacement inserts the new value and takes \
         the old one out. Each read holds a guard. The keys it gives out are kept in a table of 16 bytes for \
         each place, as a user would keep them in objects of his own; the table counts as memory of the map.",
    )
}

impl<V> Default for Adapter<V> {
    fn default() -> Self {
        Self { slots: Slab::new(), put_by: PutBy::default() }
    }
}

impl<V: Value> Shared<Place, V> for Adapter<V> {
    type Handle<'a> = Handle<'a, V>;

    fn handle(&self) -> Handle<'_, V> {
        Handle { map: self, keys: self.put_by.take() }
    }
}

impl<V: Value> Drop for Handle<'_, V> {
    fn drop(&mut self) {
        self.map.put_by.put(take(&mut self.keys));
    }
}

impl<V: Value> Handle<'_, V> {
    /// Puts a value into the slab. It refuses when a thread has filled its shard, of some 2^32 entries.
    #[inline]
    fn put(&self, value: V) -> usize {
        self.map.slots.insert(value).expect("a shard has room for more entries than memory has")
    }

    #[inline]
    fn take(&self, key: usize) -> Answer {
        self.map.slots.take(key).map(|value| value.stamp()).into()
    }
}

impl<V: Value> Map<Place, V> for Handle<'_, V> {
    #[inline]
    fn insert(&mut self, place: &Place, value: V) -> Answer {
        if self.keys.get(*place).is_some() {
            return self.update(place, value);
        }
        if *place != Place::NONE {
            self.keys.put(*place, self.put(value));
        }
        Answer::ABSENT
    }

    #[inline]
    fn remove(&mut self, place: &Place) -> Answer {
        self.keys.take(*place).map_or(Answer::ABSENT, |key| self.take(key))
    }

    #[inline]
    fn get(&mut self, place: &Place) -> Answer {
        let value = self.keys.get(*place).and_then(|key| self.map.slots.get(*key));
        super::answer(value.as_deref())
    }

    #[inline]
    fn update(&mut self, place: &Place, value: V) -> Answer {
        let Some(key) = self.keys.get(*place).copied() else { return Answer::ABSENT };
        let new = self.put(value);
        if let Some(kept) = self.keys.get_mut(*place) {
            *kept = new;
        }
        self.take(key)
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        let stamps = self.keys.iter().filter_map(|key| self.map.slots.get(*key)).map(|value| value.stamp());
        Answer::of(stamps.fold(0, u64::wrapping_add))
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        let entries = self.keys.held();
        for key in self.keys.drain() {
            self.take(key);
        }
        Answer::of(entries)
    }

    fn len(&mut self) -> u64 {
        self.keys.held()
    }

    fn locate(&mut self, place: &Place) -> Option<Address> {
        self.keys.get(*place).and_then(|key| self.map.slots.get(*key)).map(|value| address(&*value))
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.keys.iter().filter_map(|key| self.map.slots.get(*key)).for_each(|value| visit(address(&*value)));
    }
}
