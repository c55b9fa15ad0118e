//! The shared maps and the pool under a scheduler that tries interleavings between every access to shared
//! memory: `cargo test --features shuttle --test interleavings`.
#![cfg(feature = "shuttle")]

mod history;

use std::sync::Arc;

use go_maps::hash::{Aes, KeyHash};
use go_maps::hash_trie::HashTrieMap;
use go_maps::pool::Pool;
use go_maps::seed::Seeds;
use go_maps::sync_map::SyncMap;
use history::{Answer, History, Op, on_hash_trie, on_sync_map};
use shuttle::thread;

/// Interleavings tried for each test.
const TRIES: usize = 4_000;

/// Two keys whose hashes differ in the last four bits alone, or not at all.
#[derive(Clone)]
struct Alike(u64);

impl KeyHash<u64> for Alike {
    fn hash(&self, key: &u64, _seed: u64) -> u64 {
        key * self.0
    }
}

fn histories<M: Send + Sync + 'static>(make: fn(u64) -> M, play: fn(&M, Op) -> Answer) {
    let round = std::sync::atomic::AtomicU64::new(0);
    shuttle::check_random(
        move || {
            let round = round.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let (map, history) = (Arc::new(make(round)), Arc::new(History::default()));
            let threads: Vec<_> = (0..3)
                .map(|thread| {
                    let (map, history) = (Arc::clone(&map), Arc::clone(&history));
                    thread::spawn(move || {
                        let mut seeds = Seeds::new(round * 3 + thread);
                        for _ in 0..4 {
                            history.record(Op::draw(&mut seeds), |op| play(&map, op));
                        }
                    })
                })
                .collect();
            for thread in threads {
                thread.join().expect("no panic");
            }
            Arc::into_inner(history).expect("threads are gone").assert_linearizable();
        },
        TRIES,
    );
}

#[test]
fn sync_map() {
    histories(|round| SyncMap::new(Aes::seeded(round), round), on_sync_map);
}

#[test]
fn hash_trie_with_long_paths() {
    histories(|round| HashTrieMap::new(Alike(1), round), on_hash_trie);
}

#[test]
fn hash_trie_with_chains() {
    histories(|round| HashTrieMap::new(Alike(0), round), on_hash_trie);
}

/// Writes down, when it is dropped, that it was.
struct Item(u64, Arc<std::sync::Mutex<Vec<u64>>>);

impl Drop for Item {
    fn drop(&mut self) {
        self.1.lock().expect("no panic").push(self.0);
    }
}

/// Every item is in one place, with a thread or in the pool, and dropped once. (An item that is another P's own
/// cannot be taken from here: not all of them come back.)
#[test]
fn pool() {
    shuttle::check_random(
        || {
            let (pool, dropped) = (Arc::new(Pool::new(2)), Arc::default());
            let threads: Vec<_> = (0..3)
                .map(|thread| {
                    let (pool, dropped) = (Arc::clone(&pool), Arc::clone(&dropped));
                    thread::spawn(move || {
                        let mut held = Vec::new();
                        for number in 0..10 {
                            pool.put(Item(thread * 100 + number, Arc::clone(&dropped)));
                            if number % 3 == 2 {
                                held.extend(pool.get());
                            }
                            if number == 8 && thread == 0 {
                                pool.gc();
                            }
                        }
                    })
                })
                .collect();
            for thread in threads {
                thread.join().expect("no panic");
            }
            drop(pool);
            let mut dropped = std::mem::take(&mut *dropped.lock().expect("no panic"));
            dropped.sort_unstable();
            let all: Vec<u64> =
                (0..3).flat_map(|thread| (0..10).map(move |item| thread * 100 + item)).collect();
            assert_eq!(dropped, all);
        },
        TRIES / 4,
    );
}
