//! `slab::Slab`, a slot manager.

use std::mem::replace;

use ::slab::Slab;
use formats::answer::Answer;
use formats::subject::{Extra, MapInfo};

use super::{address, answer};
use subject::entry::{Place, Value};
use subject::map::{Address, Map};

/// No key of a slab: it never holds so many entries.
const NOT_LIVE: usize = usize::MAX;

/// A slab, and its keys as its user keeps them.
pub struct Adapter<V> {
    slots: Slab<V>,
    /// The slab's key of each place, [`NOT_LIVE`] where there is none.
    keys: Vec<usize>,
}

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "slab",
        env!("VERSION_OF_SLAB"),
        "slab::Slab. The keys it gives out are kept in a table of 8 bytes for each place, as a user would keep \
         them in objects of his own; the table counts as memory of the map.",
    )
    .with_extras([Extra::Shrink, Extra::Reserve, Extra::Capacity])
}

impl<V> Default for Adapter<V> {
    fn default() -> Self {
        Self { slots: Slab::new(), keys: Vec::new() }
    }
}

impl<V> Adapter<V> {
    #[inline]
    fn key(&self, place: Place) -> Option<usize> {
        self.keys.get(place.0 as usize).copied().filter(|key| *key != NOT_LIVE)
    }

    /// Notes the slab's key at a place beyond the end of the table.
    #[cold]
    fn extend(&mut self, place: Place, value: V) {
        if place != Place::NONE {
            self.keys.resize(place.0 as usize + 1, NOT_LIVE);
            self.keys[place.0 as usize] = self.slots.insert(value);
        }
    }
}

impl<V: Value> Map<Place, V> for Adapter<V> {
    #[inline]
    fn insert(&mut self, place: &Place, value: V) -> Answer {
        match self.keys.get_mut(place.0 as usize) {
            Some(key) if *key == NOT_LIVE => *key = self.slots.insert(value),
            Some(key) => return Answer::of(replace(&mut self.slots[*key], value).stamp()),
            None => self.extend(*place, value),
        }
        Answer::ABSENT
    }

    #[inline]
    fn remove(&mut self, place: &Place) -> Answer {
        let Some(kept) = self.keys.get_mut(place.0 as usize) else { return Answer::ABSENT };
        match replace(kept, NOT_LIVE) {
            NOT_LIVE => Answer::ABSENT,
            key => Answer::of(self.slots.remove(key).stamp()),
        }
    }

    #[inline]
    fn get(&mut self, place: &Place) -> Answer {
        answer(self.key(*place).map(|key| &self.slots[key]))
    }

    #[inline]
    fn update(&mut self, place: &Place, value: V) -> Answer {
        self.key(*place).map(|key| replace(&mut self.slots[key], value).stamp()).into()
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        super::total(self.slots.iter().map(|(_, value)| value))
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

    fn shrink(&mut self) {
        self.slots.shrink_to_fit();
    }

    fn reserve(&mut self, more: usize) {
        self.slots.reserve(more);
    }

    fn with_capacity(entries: usize) -> Self {
        Self { slots: Slab::with_capacity(entries), keys: Vec::new() }
    }

    fn locate(&mut self, place: &Place) -> Option<Address> {
        self.key(*place).map(|key| address(&self.slots[key]))
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.slots.iter().map(|(_, value)| address(value)).for_each(visit);
    }
}
