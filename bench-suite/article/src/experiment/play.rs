//! Random churn, as the recorder of real Go plays it: the same keys for every implementation.

use go_maps::seed::Seeds;

use super::port::{Classic, Swiss, Sync, Trie};
use go_maps::probe::Probe;

/// A map that can be churned.
pub(super) trait Churned {
    fn put(&mut self, key: u64);
    fn delete(&mut self, key: u64);
    fn has(&mut self, key: u64) -> bool;
}

impl<P: Probe> Churned for Classic<P> {
    fn put(&mut self, key: u64) {
        self.insert(key, key);
    }

    fn delete(&mut self, key: u64) {
        self.remove(&key);
    }

    fn has(&mut self, key: u64) -> bool {
        self.get(&key).is_some()
    }
}

impl<P: Probe> Churned for Swiss<P> {
    fn put(&mut self, key: u64) {
        self.insert(key, key);
    }

    fn delete(&mut self, key: u64) {
        self.remove(&key);
    }

    fn has(&mut self, key: u64) -> bool {
        self.get(&key).is_some()
    }
}

impl<P: Probe> Churned for Sync<P> {
    fn put(&mut self, key: u64) {
        self.store(key, key);
    }

    fn delete(&mut self, key: u64) {
        Self::delete(self, &key);
    }

    fn has(&mut self, key: u64) -> bool {
        self.load(&key).is_some()
    }
}

impl Churned for Trie {
    fn put(&mut self, key: u64) {
        self.store(key, key);
    }

    fn delete(&mut self, key: u64) {
        Self::delete(self, &key);
    }

    fn has(&mut self, key: u64) -> bool {
        self.load(&key).is_some()
    }
}

/// A stream of deletes of random live keys and puts of keys never seen before.
pub(super) struct Churn {
    random: Seeds,
    fresh: Seeds,
    live: Vec<u64>,
}

impl Churn {
    /// Fills the map with so many entries.
    pub(super) fn fill(map: &mut impl Churned, live: usize, seed: u64) -> Self {
        let mut fresh = Seeds::new(seed);
        let live: Vec<u64> = (0..live).map(|_| fresh.next_u64()).collect();
        for &key in &live {
            map.put(key);
        }
        Self { random: Seeds::new(!seed), fresh, live }
    }

    /// Deletes and puts so many times.
    pub(super) fn pairs(&mut self, map: &mut impl Churned, pairs: u64) {
        let live = self.live.len() as u64;
        for _ in 0..pairs {
            let victim = usize::try_from(self.random.next_u64() % live).expect("a place in a vector");
            let key = self.fresh.next_u64();
            map.delete(std::mem::replace(&mut self.live[victim], key));
            map.put(key);
        }
    }
}

/// Frees what the shared maps have retired, as a collection would.
pub(super) fn collect() {
    for _ in 0..1000 {
        crossbeam_epoch::pin().flush();
    }
}
