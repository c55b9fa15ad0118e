use std::collections::BTreeMap;

use proptest::prelude::*;

use super::HashTrieMap;
use crate::hash::{Aes, KeyHash};

#[derive(Debug, Clone)]
enum Step {
    Load(u64),
    Store(u64),
    LoadOrStore(u64),
    Delete(u64),
    CompareAndSwap(u64),
    CompareAndDelete(u64),
    Range,
    Clear,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = || 0..24_u64;
    let step = prop_oneof![
        20 => key().prop_map(Step::Load),
        20 => key().prop_map(Step::Store),
        10 => key().prop_map(Step::LoadOrStore),
        15 => key().prop_map(Step::Delete),
        5 => key().prop_map(Step::CompareAndSwap),
        5 => key().prop_map(Step::CompareAndDelete),
        2 => Just(Step::Range),
        1 => Just(Step::Clear),
    ];
    proptest::collection::vec(step, 0..if cfg!(miri) { 80 } else { 800 })
}

/// Few hashes, alike in their first bits: long paths, and chains of one hash.
struct Alike;

impl KeyHash<u64> for Alike {
    fn hash(&self, key: &u64, _seed: u64) -> u64 {
        (key % 5) << 20
    }
}

fn answers<H: KeyHash<u64> + Send + Sync>(steps: &[Step], hasher: H) -> Result<(), TestCaseError> {
    let map = HashTrieMap::new(hasher, 5);
    let mut model = BTreeMap::new();
    for (stamp, step) in (0_u64..).zip(steps) {
        match *step {
            Step::Load(key) => prop_assert_eq!(map.load(&key), model.get(&key).copied()),
            Step::Store(key) => prop_assert_eq!(map.swap(key, stamp), model.insert(key, stamp)),
            Step::LoadOrStore(key) => {
                prop_assert_eq!(map.load_or_store(key, stamp), model.get(&key).copied());
                model.entry(key).or_insert(stamp);
            }
            Step::Delete(key) => prop_assert_eq!(map.load_and_delete(&key), model.remove(&key)),
            Step::CompareAndSwap(key) => {
                let old = model.get(&key).copied();
                prop_assert!(!map.compare_and_swap(&key, &u64::MAX, stamp));
                if let Some(old) = old {
                    prop_assert!(map.compare_and_swap(&key, &old, stamp));
                    model.insert(key, stamp);
                }
            }
            Step::CompareAndDelete(key) => {
                prop_assert!(!map.compare_and_delete(&key, &u64::MAX));
                if let Some(old) = model.remove(&key) {
                    prop_assert!(map.compare_and_delete(&key, &old));
                }
            }
            Step::Range => {
                let mut seen = BTreeMap::new();
                map.range(|&key, &value| seen.insert(key, value).is_none());
                prop_assert_eq!(&seen, &model);
            }
            Step::Clear => {
                map.clear();
                model.clear();
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 2 } else { 60 }, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn answers_as_a_sorted_map(steps in steps()) {
        answers(&steps, Aes::seeded(3))?;
        answers(&steps, Alike)?;
    }
}

/// Threads hammer few keys; each value says which key it was stored under.
#[test]
fn threads_never_see_a_value_of_another_key() {
    let map: HashTrieMap<u64, Box<u64>, _> = HashTrieMap::new(Alike, 1);
    let rounds = if cfg!(miri) { 60 } else { 20_000 };
    std::thread::scope(|scope| {
        for thread in 0..3_u64 {
            let map = &map;
            scope.spawn(move || {
                let mut seeds = crate::seed::Seeds::new(thread);
                for round in 0..rounds {
                    let draw = seeds.next_u64();
                    let key = draw % 13;
                    match draw >> 32 & 7 {
                        0..=2 => assert_eq!(map.load_with(&key, |value| **value % 13).unwrap_or(key), key),
                        3 | 4 => {
                            map.store(key, Box::new(round * 13 + key));
                        }
                        5 => assert_eq!(map.load_and_delete(&key).map_or(key, |value| *value % 13), key),
                        6 => {
                            let actual = map.load_or_store(key, Box::new(round * 13 + key));
                            assert_eq!(actual.map_or(key, |value| *value % 13), key);
                        }
                        _ if round % 64 == 0 => map.clear(),
                        _ => map.range(|&key, value| {
                            assert_eq!(**value % 13, key);
                            true
                        }),
                    }
                }
            });
        }
    });
}
