//! `crossbeam_skiplist::SkipMap`.

use std::mem::replace;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use ::crossbeam_skiplist::SkipMap;
use ::crossbeam_skiplist::map::Entry;
use formats::answer::Answer;
use formats::subject::{Extra, Fact, MapInfo};
use formats::tape::Kept;

use super::{address, answer, epochs};
use subject::entry::{Key, Value};
use subject::map::{Address, Map, Shared};

/// What an entry holds: nothing before the first value and after the last.
type Slot<V> = RwLock<Option<V>>;

/// A skip list without locks; entries do not move. Their values are behind locks.
pub struct Adapter<K, V>(SkipMap<K, Slot<V>>);

/// What a thread holds: a reference, and an entry that it holds on to. The list pins for each operation.
pub struct Handle<'a, K, V>(&'a SkipMap<K, Slot<V>>, Option<Entry<'a, K, Slot<V>>>);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "crossbeam-skiplist",
        env!("VERSION_OF_CROSSBEAM_SKIPLIST"),
        "crossbeam_skiplist::SkipMap; each operation pins. A value cannot be replaced in place and none be put where \
         another thread is first, so that values are in std's RwLock, as the list's documentation says: an insert puts \
         an empty entry, if there is none, and the value into it. A remove takes the value and then the entry through \
         Entry::remove, because SkipMap::remove of 0.1.3 can hand one entry to two threads. A clear takes the entries \
         out one by one, because the list's own does not count them.",
    )
    .with(Fact::Ordered)
    .with(Fact::FreesLater)
    .with_extras([Extra::RemoveFirst, Extra::Upsert, Extra::Retain, Extra::Hold, Extra::HoldWriting])
}

impl<K, V> Default for Adapter<K, V> {
    fn default() -> Self {
        Self(SkipMap::default())
    }
}

fn read<V>(slot: &Slot<V>) -> RwLockReadGuard<'_, Option<V>> {
    slot.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<V>(slot: &Slot<V>) -> RwLockWriteGuard<'_, Option<V>> {
    slot.write().unwrap_or_else(PoisonError::into_inner)
}

/// Takes the value and the entry out, if the value is to leave. Nobody else can between the two: the lock is held.
fn take_out<K: Key, V: Value>(entry: &Entry<'_, K, Slot<V>>, leaves: impl FnOnce(&mut V) -> bool) -> Answer {
    let mut held = write(entry.value());
    let taken = held.take_if(leaves);
    if taken.is_some() {
        entry.remove();
    }
    answer(taken.as_ref())
}

impl<K: Key, V: Value> Shared<K, V> for Adapter<K, V> {
    type Handle<'a> = Handle<'a, K, V>;

    fn handle(&self) -> Handle<'_, K, V> {
        Handle(&self.0, None)
    }

    fn reclaim(_map: Option<&Self>) -> bool {
        epochs::reclaim();
        true
    }
}

impl<K: Key, V: Value> Map<K, V> for Handle<'_, K, V> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        loop {
            let entry = self.0.get_or_insert_with(key.clone(), || RwLock::new(None));
            let mut held = write(entry.value());
            // One that was taken out is found by nobody any more.
            if !entry.is_removed() {
                return answer(held.replace(value).as_ref());
            }
        }
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        self.0.get(key).map_or(Answer::ABSENT, |entry| take_out(&entry, |_| true))
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        self.0.get(key).map_or(Answer::ABSENT, |entry| answer(read(entry.value()).as_ref()))
    }

    #[inline]
    fn hold(&mut self, key: &K) -> Answer {
        self.1 = self.0.get(key);
        self.1.as_ref().map_or(Answer::ABSENT, |entry| answer(read(entry.value()).as_ref()))
    }

    fn release(&mut self) {
        self.1 = None;
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        let Some(entry) = self.0.get(key) else { return Answer::ABSENT };
        let mut held = write(entry.value());
        match &mut *held {
            Some(held) => Answer::of(replace(held, value).stamp()),
            None => Answer::ABSENT,
        }
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        let stamp = |entry: Entry<'_, K, Slot<V>>| read(entry.value()).as_ref().map_or(0, Value::stamp);
        Answer::of(self.0.iter().map(stamp).fold(0, u64::wrapping_add))
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        Answer::of(self.0.iter().filter(|entry| take_out(entry, |_| true).is_present()).count() as u64)
    }

    fn len(&mut self) -> u64 {
        self.0.len() as u64
    }

    #[inline]
    fn remove_first(&mut self) -> Answer {
        loop {
            let Some(entry) = self.0.front() else { return Answer::ABSENT };
            let taken = take_out(&entry, |_| true);
            if taken.is_present() {
                return taken;
            }
        }
    }

    #[inline]
    fn upsert(&mut self, key: &K, value: V) -> Answer {
        self.insert(key, value)
    }

    #[inline]
    fn retain(&mut self, kept: Kept) -> Answer {
        let leaves = |entry: &Entry<'_, K, Slot<V>>| take_out(entry, |value| !kept.keeps(value.stamp()));
        Answer::of(self.0.iter().filter(|entry| leaves(entry).is_present()).count() as u64)
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.0.get(key).and_then(|entry| read(entry.value()).as_ref().map(address))
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        for entry in self.0 {
            if let Some(value) = read(entry.value()).as_ref() {
                visit(address(value));
            }
        }
    }
}
