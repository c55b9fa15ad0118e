use std::collections::BTreeMap;
use std::rc::Rc;

use proptest::prelude::*;

use super::{CTRL_DELETED, CTRL_EMPTY, Map};
use crate::hash::{Aes, Std};
use crate::marks::Marks;
use crate::probe::{Event, Probe, Worked};

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

/// Keys of 16 bytes, of which no two are alike.
fn uuid(number: u64) -> [u8; 16] {
    (u128::from(number) << 64 | u128::from(!number)).to_le_bytes()
}

/// What clearing costs: hashes, comparisons, groups gone to, groups zeroed.
fn clearing(map: &mut Map<u64, u64, Aes, Rc<Worked>>) -> [u64; 4] {
    map.probe().take();
    map.clear();
    map.probe().take()
}

#[test]
fn clearing_leaves_alone_what_holds_nothing() {
    let entries: u64 = if cfg!(miri) { 2_000 } else { 20_000 };
    let mut map = Map::make(0, Aes::seeded(1), 2, Rc::new(Worked::default()));
    for key in 0..entries {
        map.insert(key, key);
    }
    let groups = map.tables().map(|table| table.groups().count() as u64).sum::<u64>();
    assert_eq!(clearing(&mut map), [0, 0, groups, groups], "all of it holds something");
    map.insert(1, 1);
    let of_one_table = map.tables().next().map_or(0, |table| table.groups().count() as u64);
    assert_eq!(clearing(&mut map), [0, 0, of_one_table, 1], "one group of one table holds something");
    assert_eq!(clearing(&mut map), [0; 4], "nothing does");
}

#[test]
fn a_small_map_hashes_no_integer_to_look_it_up() {
    let mut numbers = Map::make(0, Aes::seeded(1), 2, Rc::new(Worked::<()>::default()));
    let mut uuids = Map::make(0, Aes::seeded(1), 2, Rc::new(Worked::<()>::default()));
    for number in 0..5_u64 {
        numbers.insert(number, ());
        uuids.insert(uuid(number), ());
    }
    assert_eq!((numbers.probe().take()[0], uuids.probe().take()[0]), (5, 5), "to put it, it does");
    assert!(numbers.get(&4).is_some() && numbers.get(&9).is_none());
    assert_eq!(numbers.probe().take(), [0, 5 + 5, 0, 0]);
    assert!(uuids.get(&uuid(4)).is_some() && uuids.get(&uuid(9)).is_none());
    assert_eq!(uuids.probe().take()[0], 2);
}

/// Counts prunes.
#[derive(Default)]
struct Prunes(std::cell::Cell<u32>);

impl Probe for Prunes {
    fn see(&self, event: Event) {
        self.0.set(self.0.get() + u32::from(matches!(event, Event::Prune { .. })));
    }
}

#[test]
#[cfg_attr(miri, ignore = "much churn")]
fn only_integers_and_strings_are_pruned_for() {
    const LIVE: u64 = 56;
    let mut numbers = Map::make(0, Aes::seeded(1), 2, Rc::new(Prunes::default()));
    let mut texts = Map::make(0, Aes::seeded(1), 2, Rc::new(Prunes::default()));
    let mut uuids = Map::make(0, Aes::seeded(1), 2, Rc::new(Prunes::default()));
    let text = |number: u64| -> Box<str> { number.to_string().into() };
    for number in 0..500 * LIVE {
        if let Some(oldest) = number.checked_sub(LIVE) {
            numbers.remove(&oldest);
            texts.remove(&text(oldest));
            uuids.remove(&uuid(oldest));
        }
        numbers.insert(number, ());
        texts.insert(text(number), ());
        uuids.insert(uuid(number), ());
    }
    let prunes = [numbers.probe().0.get(), texts.probe().0.get(), uuids.probe().0.get()];
    assert!(prunes[0] > 0 && prunes[1] > 0 && prunes[2] == 0, "{prunes:?}");
    let slots = |capacity: Option<u16>| capacity.unwrap_or(0);
    let slots = [
        slots(numbers.tables().next().map(|table| table.capacity())),
        slots(uuids.tables().next().map(|table| table.capacity())),
    ];
    assert!(slots[0] == 128 && slots[1] > 128, "it is rebuilt instead, larger: {slots:?}");
}
