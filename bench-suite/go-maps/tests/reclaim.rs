//! What was taken out of a shared map is freed when it is asked for, and all of a map when it goes. One test: no other
//! thread of the process may be inside a map.
#![cfg(not(feature = "shuttle"))]

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use go_maps::hash::{Aes, Interface};
use go_maps::hash_trie::HashTrieMap;
use go_maps::sync_map::SyncMap;

/// Counts the values that are there.
struct Value(Arc<AtomicU64>);

impl Value {
    fn new(there: &Arc<AtomicU64>) -> Self {
        there.fetch_add(1, Relaxed);
        Self(Arc::clone(there))
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

const ENTRIES: u64 = 10_000;

fn sync_map(there: &Arc<AtomicU64>) {
    let map = SyncMap::new(Interface(Aes::seeded(1)), 1);
    for key in 0..ENTRIES {
        map.store(key, Value::new(there));
    }
    // Promotes: the keys are in the read map from now on.
    map.range(|_, _| true);
    for key in 0..ENTRIES / 2 {
        map.delete(&key);
        map.store(ENTRIES + key, Value::new(there));
    }
    map.collect();
    assert_eq!(there.load(Relaxed), ENTRIES, "what lives is there, and nothing else");
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            for key in ENTRIES..ENTRIES + ENTRIES / 4 {
                map.delete(&key);
            }
        });
        // Joined: what it leaves behind is handed over when its thread-local variables go.
        thread.join().expect("no panic");
    });
    map.collect();
    assert_eq!(there.load(Relaxed), ENTRIES * 3 / 4, "a thread that has ended leaves nothing behind");
    map.clear();
    map.store(1, Value::new(there));
    drop(map);
}

fn hash_trie(there: &Arc<AtomicU64>) {
    let map = HashTrieMap::new(Interface(Aes::seeded(1)), 1);
    for key in 0..ENTRIES {
        map.store(key, Value::new(there));
    }
    for key in 0..ENTRIES / 2 {
        map.delete(&key);
        map.store(ENTRIES + key, Value::new(there));
    }
    map.collect();
    assert_eq!(there.load(Relaxed), ENTRIES, "what lives is there, and nothing else");
    for key in ENTRIES..2 * ENTRIES {
        map.delete(&key);
    }
    drop(map);
}

#[test]
fn nothing_of_a_map_outlives_it() {
    let there = Arc::new(AtomicU64::new(0));
    for make in [sync_map, hash_trie] {
        make(&there);
        assert_eq!(there.load(Relaxed), 0);
    }
}
