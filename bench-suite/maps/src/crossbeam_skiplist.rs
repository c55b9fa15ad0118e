//! `crossbeam_skiplist::SkipMap`.

use ::crossbeam_skiplist::SkipMap;
use ::crossbeam_skiplist::map::Entry;
use formats::answer::Answer;
use formats::subject::{Fact, MapInfo};

use super::address;
use subject::entry::{Key, Value};
use subject::map::{Address, Map, Shared};

/// A skip list without locks; entries do not move.
pub struct Adapter<K, V>(SkipMap<K, V>);

/// What a thread holds: a reference. The list pins for each operation.
pub struct Handle<'a, K, V>(&'a SkipMap<K, V>);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "crossbeam-skiplist",
        env!("VERSION_OF_CROSSBEAM_SKIPLIST"),
        "crossbeam_skiplist::SkipMap; each operation pins. A value cannot be replaced in place: the adapter \
         takes the entry out and puts a new one in, so that an update by one thread can hide the key from \
         another for a moment, and when threads insert a key that is live in the same instant, their answers \
         can count one entry twice. A clear takes the entries out one by one, because the list's own does not \
         count them.",
    )
    .with(Fact::Ordered)
}

impl<K, V> Default for Adapter<K, V> {
    fn default() -> Self {
        Self(SkipMap::default())
    }
}

impl<K: Key, V: Value> Shared<K, V> for Adapter<K, V> {
    type Handle<'a> = Handle<'a, K, V>;

    fn handle(&self) -> Handle<'_, K, V> {
        Handle(&self.0)
    }
}

impl<K: Key, V: Value> Map<K, V> for Handle<'_, K, V> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        let stamp = value.stamp();
        let mut waiting = Some(value);
        let mut replaced = Answer::ABSENT;
        loop {
            let entry = self.0.get_or_insert_with(key.clone(), || waiting.take().expect("asked for once"));
            let held = entry.value().stamp();
            if waiting.is_none() {
                // Another stamp is another thread's, which was first: the list has dropped the value.
                return if held == stamp { replaced } else { Answer::of(held) };
            }
            if entry.remove() {
                replaced = Answer::of(held);
            }
        }
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        self.0.remove(key).map(|entry| entry.value().stamp()).into()
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        self.0.get(key).map(|entry| entry.value().stamp()).into()
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        match self.0.get(key) {
            Some(entry) if entry.remove() => {
                self.0.insert(key.clone(), value);
                Answer::of(entry.value().stamp())
            }
            _ => Answer::ABSENT,
        }
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        Answer::of(self.0.iter().fold(0, |sum, entry| sum.wrapping_add(entry.value().stamp())))
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        Answer::of(self.0.iter().filter(Entry::remove).count() as u64)
    }

    fn len(&mut self) -> u64 {
        self.0.len() as u64
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.0.get(key).map(|entry| address(entry.value()))
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.0.iter().for_each(|entry| visit(address(entry.value())));
    }
}
