use std::collections::BTreeMap;
use std::rc::Rc;

use proptest::prelude::*;

use super::{CTRL_DELETED, CTRL_EMPTY, Map};
use crate::hash::{Aes, Std};
use crate::marks::Marks;

/// Keys of a random script; an interpreter gets fewer.
const KEYS: u64 = if cfg!(miri) { 30 } else { 300 };

#[derive(Debug, Clone)]
enum Step {
    Put(u64),
    Delete(u64),
    Clear,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        60 => (0..KEYS).prop_map(Step::Put),
        40 => (0..KEYS).prop_map(Step::Delete),
        1 => Just(Step::Clear),
    ];
    proptest::collection::vec(step, 0..if cfg!(miri) { 60 } else { 1500 })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 2 } else { 60 }, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn answers_as_a_sorted_map(steps in steps(), hint in 0..40_usize) {
        let mut map = Map::make(hint, Aes::seeded(3), 5, ());
        let mut model = BTreeMap::new();
        for (stamp, step) in (0_u64..).zip(&steps) {
            match *step {
                Step::Put(key) => prop_assert_eq!(map.insert(key, stamp), model.insert(key, stamp)),
                Step::Delete(key) => prop_assert_eq!(map.remove(&key), model.remove(&key)),
                Step::Clear => {
                    map.clear();
                    model.clear();
                }
            }
            prop_assert_eq!(map.len(), model.len());
        }
        for key in 0..KEYS {
            prop_assert_eq!(map.get(&key), model.get(&key));
        }
        let seen: BTreeMap<u64, u64> = map.iter().map(|(&key, &value)| (key, value)).collect();
        prop_assert_eq!((&seen, map.iter().count()), (&model, model.len()));
        for group in map.tables().flat_map(|table| table.groups()) {
            let both = [CTRL_EMPTY, CTRL_DELETED].map(|ctrl| group.ctrls().contains(&ctrl));
            prop_assert!(both != [true, true], "a group has empty slots and tombstones");
        }
    }
}

#[test]
fn many_entries_split_tables_and_stay() {
    let entries: u64 = if cfg!(miri) { 1_000 } else { 20_000 };
    let mut map = Map::make(0, Aes::seeded(1), 2, Rc::new(Marks::default()));
    for key in 0..entries {
        map.insert(key, key);
    }
    assert!(map.tables().count() > 1);
    assert!((0..entries).all(|key| map.get(&key) == Some(&key)));
    assert_eq!(map.tables().map(|table| usize::from(table.used())).sum::<usize>(), map.len());
    for key in 0..entries {
        assert_eq!(map.remove(&key), Some(key));
    }
    assert!(map.is_empty());
}

#[test]
fn keeps_text_and_gives_it_back() {
    let hasher = Std(std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default());
    let mut map: Map<Box<str>, Box<[u8]>, _> = Map::new(hasher, 1);
    for number in 0..100 {
        map.insert(number.to_string().into(), vec![number].into());
    }
    *map.get_mut(&"7".into()).expect("7 is there") = vec![77].into();
    assert_eq!(map.remove(&"7".into()).as_deref(), Some([77].as_slice()));
    assert_eq!(map.remove(&"7".into()), None);
    assert_eq!(map.len(), 99);
}
