//! `slotmap::SlotMap`, a slot manager whose keys know when their entry is gone; and what it has in common with `DenseSlotMap`.

use std::mem::replace;

use ::slotmap::{DefaultKey, DenseSlotMap, Key as _, SlotMap};
use formats::answer::Answer;
use formats::subject::{Extra, MapInfo};

use super::{address, answer, total};
use subject::entry::{Place, Value};
use subject::map::{Address, Map};

/// What is said of both.
macro_rules! kept {
    () => {
        "The keys it gives out are kept in a table of 8 bytes for each place, as a user would keep them in objects of his \
         own; the table counts as memory of the map. That an entry is gone is told by the version in its key."
    };
}
pub(crate) use kept;

/// `SlotMap`, whose slots stay where they are.
pub type Adapter<V> = Keyed<SlotMap<DefaultKey, V>>;

/// A map of the library, and its keys as its user keeps them.
pub struct Keyed<M> {
    slots: M,
    /// The key last given out for each place. One whose entry is gone finds nothing, nor does the null key.
    keys: Vec<DefaultKey>,
}

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new("slotmap", env!("VERSION_OF_SLOTMAP"), concat!("slotmap::SlotMap. ", kept!()))
        .with_extras([Extra::Reserve, Extra::Capacity])
}

/// What both can do: they have the same functions, and no trait that names them. The third map of the library,
/// `HopSlotMap`, is deprecated.
pub trait Slots: Default {
    /// What a slot holds.
    type Value;
    /// A map with room for so many entries.
    #[must_use]
    fn with_room(entries: usize) -> Self;
    /// Makes room for so many more.
    fn make_room(&mut self, more: usize);
    /// Puts a value in a slot and gives its key.
    fn put(&mut self, value: Self::Value) -> DefaultKey;
    /// Takes out what a key is of.
    fn take(&mut self, key: DefaultKey) -> Option<Self::Value>;
    /// What a key is of.
    fn at(&self, key: DefaultKey) -> Option<&Self::Value>;
    /// What a key is of, to be changed.
    fn at_mut(&mut self, key: DefaultKey) -> Option<&mut Self::Value>;
    /// Every value, in the order of the slots.
    fn all(&self) -> impl Iterator<Item = &Self::Value>;
    /// Takes all of them out.
    fn take_all(&mut self);
    /// How many there are.
    fn count(&self) -> usize;
}

macro_rules! slots {
    ($($map:ident),*) => { $(
        impl<V> Slots for $map<DefaultKey, V> {
            type Value = V;

            fn with_room(entries: usize) -> Self {
                Self::with_capacity(entries)
            }

            fn make_room(&mut self, more: usize) {
                self.reserve(more);
            }

            #[inline]
            fn put(&mut self, value: V) -> DefaultKey {
                self.insert(value)
            }

            #[inline]
            fn take(&mut self, key: DefaultKey) -> Option<V> {
                self.remove(key)
            }

            #[inline]
            fn at(&self, key: DefaultKey) -> Option<&V> {
                self.get(key)
            }

            #[inline]
            fn at_mut(&mut self, key: DefaultKey) -> Option<&mut V> {
                self.get_mut(key)
            }

            #[inline]
            fn all(&self) -> impl Iterator<Item = &V> {
                self.values()
            }

            #[inline]
            fn take_all(&mut self) {
                self.clear();
            }

            fn count(&self) -> usize {
                self.len()
            }
        }
    )* };
}

slots!(SlotMap, DenseSlotMap);

impl<M: Slots> Default for Keyed<M> {
    fn default() -> Self {
        Self { slots: M::default(), keys: Vec::new() }
    }
}

impl<M: Slots> Keyed<M> {
    #[inline]
    fn key(&self, place: Place) -> Option<DefaultKey> {
        self.keys.get(place.0 as usize).copied()
    }

    /// Notes the key at a place beyond the end of the table.
    #[cold]
    fn extend(&mut self, place: Place, value: M::Value) {
        if place != Place::NONE {
            self.keys.resize(place.0 as usize + 1, DefaultKey::null());
            self.keys[place.0 as usize] = self.slots.put(value);
        }
    }
}

impl<V: Value, M: Slots<Value = V>> Map<Place, V> for Keyed<M> {
    #[inline]
    fn insert(&mut self, place: &Place, value: V) -> Answer {
        let Some(key) = self.keys.get_mut(place.0 as usize) else {
            self.extend(*place, value);
            return Answer::ABSENT;
        };
        if let Some(held) = self.slots.at_mut(*key) {
            return Answer::of(replace(held, value).stamp());
        }
        *key = self.slots.put(value);
        Answer::ABSENT
    }

    #[inline]
    fn remove(&mut self, place: &Place) -> Answer {
        let removed = self.key(*place).and_then(|key| self.slots.take(key));
        answer(removed.as_ref())
    }

    #[inline]
    fn get(&mut self, place: &Place) -> Answer {
        answer(self.key(*place).and_then(|key| self.slots.at(key)))
    }

    #[inline]
    fn update(&mut self, place: &Place, value: V) -> Answer {
        let held = self.key(*place).and_then(|key| self.slots.at_mut(key));
        held.map(|held| replace(held, value).stamp()).into()
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        total(self.slots.all())
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        let entries = self.slots.count();
        self.slots.take_all();
        self.keys.clear();
        Answer::of(entries as u64)
    }

    fn len(&mut self) -> u64 {
        self.slots.count() as u64
    }

    fn reserve(&mut self, more: usize) {
        self.slots.make_room(more);
    }

    fn with_capacity(entries: usize) -> Self {
        Self { slots: M::with_room(entries), keys: Vec::new() }
    }

    fn locate(&mut self, place: &Place) -> Option<Address> {
        self.key(*place).and_then(|key| self.slots.at(key)).map(address)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.slots.all().map(address).for_each(visit);
    }
}
