//! Histories of operations that overlap, and whether some order of them explains every answer.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use go_maps::hash::KeyHash;
use go_maps::hash_trie::HashTrieMap;
use go_maps::seed::Seeds;
use go_maps::sync_map::SyncMap;

/// What a thread does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Op {
    Load(u64),
    Store(u64, u64),
    LoadOrStore(u64, u64),
    Delete(u64),
    CompareAndSwap(u64, u64, u64),
    CompareAndDelete(u64, u64),
    Clear,
}

/// The value an operation answered with; 1 and `None` stand for yes and no.
pub(crate) type Answer = Option<u64>;

impl Op {
    /// An operation on few keys and few values. Each key is written by many.
    pub(crate) fn draw(seeds: &mut Seeds) -> Self {
        let draw = seeds.next_u64();
        let (key, value, old) = (draw >> 8 & 1, draw >> 16 & 3, draw >> 24 & 3);
        match draw % 16 {
            0..4 => Self::Load(key),
            4..7 => Self::Store(key, value),
            7..9 => Self::LoadOrStore(key, value),
            9..12 => Self::Delete(key),
            12..14 => Self::CompareAndSwap(key, old, value),
            14 => Self::CompareAndDelete(key, old),
            _ => Self::Clear,
        }
    }

    /// What a map for one thread answers.
    fn on(self, map: &mut BTreeMap<u64, u64>) -> Answer {
        match self {
            Self::Load(key) => map.get(&key).copied(),
            Self::Store(key, value) => map.insert(key, value),
            Self::LoadOrStore(key, value) => {
                let there = map.get(&key).copied();
                map.entry(key).or_insert(value);
                there
            }
            Self::Delete(key) => map.remove(&key),
            Self::CompareAndSwap(key, old, new) => (map.get(&key) == Some(&old)).then(|| {
                map.insert(key, new);
                1
            }),
            Self::CompareAndDelete(key, old) => (map.get(&key) == Some(&old)).then(|| {
                map.remove(&key);
                1
            }),
            Self::Clear => {
                map.clear();
                None
            }
        }
    }
}

macro_rules! plays {
    ($name:ident, $map:ident) => {
        /// Plays one operation.
        pub(crate) fn $name<H: KeyHash<u64> + Clone + Send + Sync + 'static>(
            map: &$map<u64, u64, H>,
            op: Op,
        ) -> Answer {
            match op {
                Op::Load(key) => map.load(&key),
                Op::Store(key, value) => map.swap(key, value),
                Op::LoadOrStore(key, value) => map.load_or_store(key, value),
                Op::Delete(key) => map.load_and_delete(&key),
                Op::CompareAndSwap(key, old, new) => map.compare_and_swap(&key, &old, new).then_some(1),
                Op::CompareAndDelete(key, old) => map.compare_and_delete(&key, &old).then_some(1),
                Op::Clear => {
                    map.clear();
                    None
                }
            }
        }
    };
}

plays!(on_sync_map, SyncMap);
plays!(on_hash_trie, HashTrieMap);

/// One operation with its answer, and when it began and ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    op: Op,
    answer: Answer,
    began: u64,
    ended: u64,
}

/// What all threads did.
#[derive(Debug, Default)]
pub(crate) struct History {
    clock: AtomicU64,
    calls: Mutex<Vec<Call>>,
}

impl History {
    /// Plays an operation and writes it down.
    pub(crate) fn record(&self, op: Op, play: impl FnOnce(Op) -> Answer) {
        let began = self.clock.fetch_add(1, SeqCst);
        let answer = play(op);
        let ended = self.clock.fetch_add(1, SeqCst);
        self.calls.lock().expect("no panic").push(Call { op, answer, began, ended });
    }

    /// Fails unless the operations can be put into an order in which a map for one thread gives every answer, and
    /// in which none stands before one that had ended when it began.
    pub(crate) fn assert_linearizable(self) {
        let mut calls = self.calls.into_inner().expect("no panic");
        calls.sort_by_key(|call| call.began);
        assert!(explained(&calls, &BTreeMap::new()), "no order explains {calls:#?}");
    }
}

/// Whether some order explains the calls that are left, from this state on.
fn explained(left: &[Call], map: &BTreeMap<u64, u64>) -> bool {
    let Some(first_end) = left.iter().map(|call| call.ended).min() else { return true };
    (0..left.len()).take_while(|&next| left[next].began < first_end).any(|next| {
        let mut map = map.clone();
        left[next].op.on(&mut map) == left[next].answer && {
            let rest = [&left[..next], &left[next + 1..]].concat();
            explained(&rest, &map)
        }
    })
}

#[test]
fn a_lost_write_is_found() {
    let call = |op, answer, began, ended| Call { op, answer, began, ended };
    let store = call(Op::Store(0, 1), None, 0, 1);
    assert!(explained(&[store, call(Op::Load(0), Some(1), 2, 3)], &BTreeMap::new()));
    assert!(!explained(&[store, call(Op::Load(0), None, 2, 3)], &BTreeMap::new()));
    let late = call(Op::Store(0, 1), None, 0, 3);
    assert!(explained(&[late, call(Op::Load(0), None, 1, 2)], &BTreeMap::new()));
}
