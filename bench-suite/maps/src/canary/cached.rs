//! Bounded caches that find what they must not or hold too much, and their twin.

use formats::answer::Answer;
use formats::subject::MapInfo;

use crate::lru;
use subject::entry::{Key, Value};
use subject::map::Map;

/// Leaves a value as it was, now and then.
const STALE: u8 = 0;
/// Holds more than it may.
const OVERFULL: u8 = 1;
/// Has no fault.
const TIDY: u8 = 2;

/// Of the writes one in so many is left out.
const EACH: u64 = 50;

/// lru with a fault.
pub struct Faulty<K, V, const FAULT: u8> {
    sound: lru::Adapter<K, V>,
    writes: u64,
}

impl<K: Key, V: Value, const FAULT: u8> Default for Faulty<K, V, FAULT> {
    fn default() -> Self {
        Self::with_bound(crate::UNTOLD)
    }
}

impl<K, V, const FAULT: u8> Faulty<K, V, FAULT> {
    fn leaves_out(&mut self) -> bool {
        self.writes += 1;
        FAULT == STALE && self.writes.is_multiple_of(EACH)
    }
}

impl<K: Key, V: Value, const FAULT: u8> Map<K, V> for Faulty<K, V, FAULT> {
    fn insert(&mut self, key: &K, value: V) -> Answer {
        if self.leaves_out() { Answer::ABSENT } else { self.sound.insert(key, value) }
    }

    fn remove(&mut self, key: &K) -> Answer {
        if self.leaves_out() { Answer::ABSENT } else { self.sound.remove(key) }
    }

    fn get(&mut self, key: &K) -> Answer {
        self.sound.get(key)
    }

    fn update(&mut self, key: &K, value: V) -> Answer {
        self.sound.update(key, value)
    }

    fn fetch(&mut self, key: &K, stamp: u64, bytes: usize) -> Answer {
        self.sound.fetch(key, stamp, bytes)
    }

    fn iterate(&mut self) -> Answer {
        self.sound.iterate()
    }

    fn clear(&mut self) -> Answer {
        self.sound.clear()
    }

    fn len(&mut self) -> u64 {
        self.sound.len()
    }

    fn with_bound(entries: usize) -> Self {
        let beyond = if FAULT == OVERFULL { entries / 8 + 1 } else { 0 };
        Self { sound: lru::Adapter::with_bound(entries + beyond), writes: 0 }
    }
}

/// Finds values that were overwritten or removed.
pub mod stale {
    use super::{Faulty, MapInfo, STALE};

    /// lru that leaves values as they were.
    pub type Adapter<K, V> = Faulty<K, V, STALE>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        super::super::info(
            "canary-stale",
            "The cache lru, but of the inserts and removes each fiftieth does nothing.",
        )
    }
}

/// Holds more than it may.
pub mod overfull {
    use super::{Faulty, MapInfo, OVERFULL};

    /// lru that is made for too many entries.
    pub type Adapter<K, V> = Faulty<K, V, OVERFULL>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        super::super::info(
            "canary-overfull",
            "The cache lru, made for an eighth more entries than the bound.",
        )
    }
}

/// The twin of the caches with a fault.
pub mod tidy {
    use super::{Faulty, MapInfo, TIDY};

    /// lru that counts its writes.
    pub type Adapter<K, V> = Faulty<K, V, TIDY>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        super::super::info(
            "canary-tidy",
            "The twin of canary-stale and canary-overfull: counts its writes as they do, and does each.",
        )
    }
}
