//! No map at all: what remains is the suite's own cost.

use std::hint::black_box;
use std::marker::PhantomData;

use formats::answer::Answer;
use formats::subject::{Extra, MapInfo};
use formats::tape::Kept;

use subject::entry::Value;
use subject::map::{Map, Shared};

/// Takes every key and value and keeps none of them.
pub struct Adapter<K, V> {
    /// Always [`Answer::ABSENT`], but read from memory: a constant would let the compiler fold the digest of
    /// the answers ahead of time, which no other map allows.
    absent: Answer,
    entries: PhantomData<fn(K) -> V>,
}

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "null",
        env!("CARGO_PKG_VERSION"),
        "Keeps nothing and answers that there is no such entry. Its cost is the suite's own: fetching the \
         step, making and dropping the value, folding the answer.",
    )
    .with_extras(Extra::ALL)
}

impl<K, V> Default for Adapter<K, V> {
    fn default() -> Self {
        Self { absent: black_box(Answer::ABSENT), entries: PhantomData }
    }
}

impl<K, V: Value> Map<K, V> for Adapter<K, V> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        black_box(key);
        drop(black_box(value));
        self.absent
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        black_box(key);
        self.absent
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        black_box(key);
        self.absent
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        self.insert(key, value)
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        self.absent
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        self.absent
    }

    fn len(&mut self) -> u64 {
        0
    }

    #[inline]
    fn remove_first(&mut self) -> Answer {
        self.absent
    }

    #[inline]
    fn upsert(&mut self, key: &K, value: V) -> Answer {
        self.insert(key, value)
    }

    #[inline]
    fn retain(&mut self, _kept: Kept) -> Answer {
        self.absent
    }

    fn shrink(&mut self) {}

    fn reserve(&mut self, _more: usize) {}

    #[inline]
    fn copy(&mut self, _reserve: bool) -> Answer {
        self.absent
    }

    #[inline]
    fn hold(&mut self, key: &K) -> Answer {
        self.get(key)
    }

    fn release(&mut self) {}

    fn with_capacity(_entries: usize) -> Self {
        Self::default()
    }

    fn with_bound(_entries: usize) -> Self {
        Self::default()
    }
}

impl<K, V: Value> Shared<K, V> for Adapter<K, V> {
    type Handle<'a>
        = Self
    where
        Self: 'a;

    fn with_capacity(_entries: usize) -> Self {
        Self::default()
    }

    fn with_bound(_entries: usize) -> Self {
        Self::default()
    }

    fn handle(&self) -> Self {
        Self::default()
    }
}
