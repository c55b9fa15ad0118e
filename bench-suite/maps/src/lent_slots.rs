//! Slot managers that lend boxes: whoever takes a slot holds the box until he gives it back.

use std::mem::{replace, take};

use formats::answer::Answer;
use formats::observation::Tracked;

use super::owned_places::{Kept, PutBy};
use super::{address, total};
use subject::entry::{Place, Value};
use subject::map::{Address, Map, Shared};

/// One slot. What was in it last stays until the slot is taken again, as an item does in a pool.
#[derive(Debug)]
pub struct Slot<V> {
    /// Which slot of its manager it is, from 0 in the order in which they were made.
    pub number: u64,
    /// What is in it.
    pub value: V,
}

/// Lends slots to threads.
pub trait Lender<V>: Send + Sync + Default {
    /// A slot with this value: one that was given back, or a new one.
    fn take(&self, value: V) -> Box<Slot<V>>;

    /// Takes a slot back.
    fn give(&self, slot: Box<Slot<V>>);

    /// Slots handed out so far, and how often one again, if account is kept.
    fn tracked(&self) -> Option<Tracked> {
        None
    }
}

/// A lender, and the slots that it has lent to threads which are done.
pub struct Lent<V, L> {
    lender: L,
    put_by: PutBy<Box<Slot<V>>>,
}

/// What a thread holds: the slots that it was lent, by place.
pub struct Handle<'a, V, L> {
    map: &'a Lent<V, L>,
    kept: Kept<Box<Slot<V>>>,
}

impl<V, L: Default> Default for Lent<V, L> {
    fn default() -> Self {
        Self { lender: L::default(), put_by: PutBy::default() }
    }
}

impl<V: Value, L: Lender<V>> Shared<Place, V> for Lent<V, L> {
    type Handle<'a>
        = Handle<'a, V, L>
    where
        L: 'a;

    fn handle(&self) -> Handle<'_, V, L> {
        Handle { map: self, kept: self.put_by.take() }
    }

    fn tracked(&self) -> Option<Tracked> {
        self.lender.tracked()
    }
}

impl<V, L> Drop for Handle<'_, V, L> {
    fn drop(&mut self) {
        self.map.put_by.put(take(&mut self.kept));
    }
}

impl<V: Value, L: Lender<V>> Map<Place, V> for Handle<'_, V, L> {
    #[inline]
    fn insert(&mut self, place: &Place, value: V) -> Answer {
        if let Some(slot) = self.kept.get_mut(*place) {
            return Answer::of(replace(&mut slot.value, value).stamp());
        }
        if *place != Place::NONE {
            self.kept.put(*place, self.map.lender.take(value));
        }
        Answer::ABSENT
    }

    #[inline]
    fn remove(&mut self, place: &Place) -> Answer {
        let Some(slot) = self.kept.take(*place) else { return Answer::ABSENT };
        let answer = Answer::of(slot.value.stamp());
        self.map.lender.give(slot);
        answer
    }

    #[inline]
    fn get(&mut self, place: &Place) -> Answer {
        super::answer(self.kept.get(*place).map(|slot| &slot.value))
    }

    #[inline]
    fn update(&mut self, place: &Place, value: V) -> Answer {
        self.kept.get_mut(*place).map(|slot| replace(&mut slot.value, value).stamp()).into()
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        total(self.kept.iter().map(|slot| &slot.value))
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        let entries = self.kept.held();
        for slot in self.kept.drain() {
            self.map.lender.give(slot);
        }
        Answer::of(entries)
    }

    fn len(&mut self) -> u64 {
        self.kept.held()
    }

    fn locate(&mut self, place: &Place) -> Option<Address> {
        self.kept.get(*place).map(|slot| address(&slot.value))
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.kept.iter().map(|slot| address(&slot.value)).for_each(visit);
    }
}
