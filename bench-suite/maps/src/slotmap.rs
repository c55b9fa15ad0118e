//! `slotmap::SlotMap`, a slot manager whose keys know when their entry is gone.

use std::mem::replace;

use ::slotmap::{DefaultKey, Key as _, SlotMap};
use formats::answer::Answer;
use formats::subject::{Extra, MapInfo};

use super::{address, answer, total};
use subject::entry::{Place, Value};
use subject::map::{Address, Map};

/// A slot map, and its keys as its user keeps them.
pub struct Adapter<V> {
    slots: SlotMap<DefaultKey, V>,
    /// The key last given out for each place. One whose entry is gone finds nothing, nor does the null key.
    keys: Vec<DefaultKey>,
}

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "slotmap",
        env!("VERSION_OF_SLOTMAP"),
        "slotmap::SlotMap. The keys it gives out are kept in a table of 8 bytes for each place, as a user \
         would keep them in objects of his own; the table counts as memory of the map. That an entry is gone \
         is told by the version in its key.",
    )
    .with_extras([Extra::Reserve, Extra::Capacity])
}

impl<V> Default for Adapter<V> {
    fn default() -> Self {
        Self { slots: SlotMap::new(), keys: Vec::new() }
    }
}

impl<V> Adapter<V> {
    #[inline]
    fn key(&self, place: Place) -> Option<DefaultKey> {
        self.keys.get(place.0 as usize).copied()
    }

    /// Notes the key at a place beyond the end of the table.
    #[cold]
    fn extend(&mut self, place: Place, value: V) {
        if place != Place::NONE {
            self.keys.resize(place.0 as usize + 1, DefaultKey::null());
            self.keys[place.0 as usize] = self.slots.insert(value);
        }
    }
}

impl<V: Value> Map<Place, V> for Adapter<V> {
    #[inline]
    fn insert(&mut self, place: &Place, value: V) -> Answer {
        let Some(key) = self.keys.get_mut(place.0 as usize) else {
            self.extend(*place, value);
            return Answer::ABSENT;
        };
        if let Some(held) = self.slots.get_mut(*key) {
            return Answer::of(replace(held, value).stamp());
        }
        *key = self.slots.insert(value);
        Answer::ABSENT
    }

    #[inline]
    fn remove(&mut self, place: &Place) -> Answer {
        let removed = self.key(*place).and_then(|key| self.slots.remove(key));
        answer(removed.as_ref())
    }

    #[inline]
    fn get(&mut self, place: &Place) -> Answer {
        answer(self.key(*place).and_then(|key| self.slots.get(key)))
    }

    #[inline]
    fn update(&mut self, place: &Place, value: V) -> Answer {
        let held = self.key(*place).and_then(|key| self.slots.get_mut(key));
        held.map(|held| replace(held, value).stamp()).into()
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        total(self.slots.values())
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        let entries = self.slots.len();
        self.slots.clear();
        self.keys.clear();
        Answer::of(entries as u64)
    }

    fn len(&mut self) -> u64 {
        self.slots.len() as u64
    }

    fn reserve(&mut self, more: usize) {
        self.slots.reserve(more);
    }

    fn with_capacity(entries: usize) -> Self {
        Self { slots: SlotMap::with_capacity(entries), keys: Vec::new() }
    }

    fn locate(&mut self, place: &Place) -> Option<Address> {
        self.key(*place).and_then(|key| self.slots.get(key)).map(address)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.slots.values().map(address).for_each(visit);
    }
}
