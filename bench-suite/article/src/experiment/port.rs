//! The ports as experiments hold them, with fixed seeds: the same figures on every run.

use std::cell::RefCell;

use go_maps::classic::{Hmap, Reuse};
use go_maps::hash::{Aes, Interface, KeyHash};
use go_maps::hash_trie::HashTrieMap;
use go_maps::probe::{Event, Probe};
use go_maps::swiss;
use go_maps::sync_map::SyncMap;

/// Go's map up to 1.23.
pub(super) type Classic<P = ()> = Hmap<u64, u64, Aes, Reuse, P>;
/// Go's map from 1.24 on.
pub(super) type Swiss<P = ()> = swiss::Map<u64, u64, Aes, P>;
/// sync.Map up to 1.23.
pub(super) type Sync<P = ()> = SyncMap<u64, u64, Aes, P>;
/// sync.Map from 1.24 on.
pub(super) type Trie = HashTrieMap<u64, u64, Interface<Aes>>;

const SEED: u64 = 7;

pub(super) fn classic<P: Probe>(hint: usize, probe: P) -> Classic<P> {
    Hmap::make(hint, Aes::seeded(SEED), SEED, probe)
}

pub(super) fn swiss<P: Probe>(hint: usize, probe: P) -> Swiss<P> {
    swiss::Map::make(hint, Aes::seeded(SEED), SEED, probe)
}

pub(super) fn sync<P: Probe>(probe: P) -> Sync<P> {
    SyncMap::with_probe(Aes::seeded(SEED), SEED, probe)
}

pub(super) fn trie() -> Trie {
    HashTrieMap::new(Interface(Aes::seeded(SEED)), SEED)
}

/// The base bucket of a key in the newest array of a classic map.
pub(super) fn bucket_of<P: Probe>(map: &Classic<P>, key: u64) -> u64 {
    Aes::seeded(SEED).hash(&key, map.hash0().into()) & ((1 << map.b()) - 1)
}

/// Keys from `first` on that belong into this base bucket.
pub(super) fn keys_of_bucket<P: Probe>(map: &Classic<P>, bucket: u64, first: u64, count: usize) -> Vec<u64> {
    (first..).filter(|&key| bucket_of(map, key) == bucket).take(count).collect()
}

/// The states of every slot in the chain of a base bucket.
pub(super) fn chain_states<P: Probe>(map: &Classic<P>, bucket: usize) -> Vec<u8> {
    map.chains().nth(bucket).into_iter().flatten().flat_map(|bucket| *bucket.tophash).collect()
}

/// Keeps every event.
#[derive(Default)]
pub(super) struct Events(RefCell<Vec<Event>>);

impl Events {
    /// How many of the events so far are such.
    pub(super) fn count(&self, such: impl Fn(&Event) -> bool) -> usize {
        self.0.borrow().iter().filter(|event| such(event)).count()
    }

    /// The first event that gives something.
    pub(super) fn find<T>(&self, give: impl Fn(&Event) -> Option<T>) -> Option<T> {
        self.0.borrow().iter().find_map(give)
    }
}

impl Probe for Events {
    fn see(&self, event: Event) {
        self.0.borrow_mut().push(event);
    }
}

/// Whether an event is the start of a growth.
pub(super) const fn is_growth(event: &Event) -> bool {
    matches!(event, Event::Grow { .. } | Event::SameSizeGrow { .. } | Event::Split { .. })
}
