//! Small histories of real threads on the shared maps have an order that explains them.
#![cfg(not(feature = "shuttle"))]

mod history;

use go_maps::hash::{Aes, Interface, KeyHash};
use go_maps::hash_trie::HashTrieMap;
use go_maps::seed::Seeds;
use go_maps::sync_map::SyncMap;
use history::{Answer, History, Op, on_hash_trie, on_sync_map};

/// One hash for all keys: every entry in one chain.
#[derive(Clone)]
struct Same;

impl KeyHash<u64> for Same {
    fn hash(&self, _key: &u64, _seed: u64) -> u64 {
        7
    }
}

/// Three threads with five operations each, many times over.
fn histories<M: Sync>(make: impl Fn(u64) -> M, play: impl Fn(&M, Op) -> Answer + Sync) {
    let rounds = if cfg!(miri) { 5 } else { 1_500 };
    for round in 0..rounds {
        let (map, history, start) = (make(round), History::default(), std::sync::Barrier::new(3));
        std::thread::scope(|scope| {
            for thread in 0..3 {
                let (map, history, start, play) = (&map, &history, &start, &play);
                scope.spawn(move || {
                    let mut seeds = Seeds::new(round * 3 + thread);
                    start.wait();
                    for _ in 0..5 {
                        history.record(Op::draw(&mut seeds), |op| play(map, op));
                    }
                });
            }
        });
        history.assert_linearizable();
    }
}

#[test]
fn sync_map() {
    histories(|round| SyncMap::new(Aes::seeded(round), round), on_sync_map);
}

#[test]
fn hash_trie() {
    histories(|round| HashTrieMap::new(Interface(Aes::seeded(round)), round), on_hash_trie);
}

#[test]
fn hash_trie_with_one_chain() {
    histories(|round| HashTrieMap::new(Same, round), on_hash_trie);
}
