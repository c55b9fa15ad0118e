use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Hmap, NoReuse, Policy, Reuse};
use crate::hash::{Aes, KeyHash, Std};
use crate::probe::{Event, Probe, Taken, Worked};

/// Keeps every event.
#[derive(Default)]
struct Log(RefCell<Vec<Event>>);

impl Probe for Log {
    fn see(&self, event: Event) {
        self.0.borrow_mut().push(event);
    }
}

/// The hash is the key: a test chooses its buckets.
#[derive(Debug, Clone)]
struct Plain;

impl KeyHash<u64> for Plain {
    fn hash(&self, key: &u64, _seed: u64) -> u64 {
        *key
    }
}

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

fn agrees_with_a_model<R: Policy>(steps: &[Step]) {
    let mut map: Hmap<u64, u64, _, R> = Hmap::make(0, Aes::seeded(3), 5, ());
    let mut model = BTreeMap::new();
    for (stamp, step) in (0..).zip(steps) {
        match *step {
            Step::Put(key) => assert_eq!(map.insert(key, stamp), model.insert(key, stamp)),
            Step::Delete(key) => assert_eq!(map.remove(&key), model.remove(&key)),
            Step::Clear => {
                map.clear();
                model.clear();
            }
        }
        assert_eq!(map.len(), model.len());
    }
    for key in 0..KEYS {
        assert_eq!(map.get(&key), model.get(&key));
        assert_eq!(map.slot_of(&key).is_some(), model.contains_key(&key));
    }
    let seen: BTreeMap<u64, u64> = map.iter().map(|(&key, &value)| (key, value)).collect();
    assert_eq!((seen, map.iter().count()), (model.clone(), model.len()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 2 } else { 60 }, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn answers_as_a_sorted_map(steps in steps()) {
        agrees_with_a_model::<Reuse>(&steps);
        agrees_with_a_model::<NoReuse>(&steps);
    }
}

/// Where every key lies, and what the map says of itself.
fn layout<P: Probe>(steps: &[Step], probe: P) -> String {
    let mut map: Hmap<u64, u64, _, Reuse, P> = Hmap::make(0, Aes::seeded(3), 5, probe);
    let mut answers = Vec::new();
    for (stamp, step) in (0..).zip(steps) {
        match *step {
            Step::Put(key) => answers.push(map.insert(key, stamp)),
            Step::Delete(key) => answers.push(map.remove(&key)),
            Step::Clear => map.clear(),
        }
    }
    answers.extend((0..KEYS).map(|key| map.get(&key).copied()));
    let places: Vec<_> = (0..KEYS).map(|key| map.place_of(&key)).collect();
    let fields = (map.b(), map.noverflow(), map.nevacuate(), map.next_overflow());
    format!("{answers:?} {places:?} {fields:?}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 2 } else { 60 }, failure_persistence: None, ..ProptestConfig::default() })]
    /// Integers are looked for in two ways: by every slot's key where somebody counts, by tophashes where nobody does.
    #[test]
    fn to_be_counted_changes_nothing(steps in steps()) {
        prop_assert_eq!(layout(&steps, ()), layout(&steps, Worked::<()>::default()));
    }
}

#[test]
fn keeps_text_and_gives_it_back() {
    let hasher = Std(std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default());
    let mut map: Hmap<Box<str>, Box<[u8]>, _> = Hmap::new(hasher, 1);
    for number in 0..100 {
        map.insert(number.to_string().into(), vec![number].into());
    }
    *map.get_mut(&"7".into()).expect("7 is there") = vec![77].into();
    assert_eq!(map.remove(&"7".into()).as_deref(), Some([77].as_slice()));
    assert_eq!(map.remove(&"7".into()), None);
    assert_eq!(map.len(), 99);
    let bucket = map.chains().flatten().flat_map(|bucket| bucket.keys.iter().zip(bucket.tophash));
    let stale = bucket.filter(|(key, top)| **top < 5 && !key.is_empty()).count();
    assert_eq!(stale, 0, "a key with pointers is zeroed");
}

/// Eight keys in one bucket, the fourth deleted, one more put.
fn article<R: Policy>() -> (u8, Vec<u8>, usize) {
    let mut map: Hmap<u64, u64, _, R, _> = Hmap::make(0, Plain, 1, Log::default());
    for key in 0..8 {
        map.insert(key, key);
    }
    map.remove(&3);
    map.insert(100, 0);
    let slot = map.place_of(&100).expect("100 is there").2;
    let tophash = map.chains().next().expect("one chain").next().expect("one bucket").tophash.to_vec();
    let overflows =
        map.probe().0.borrow().iter().filter(|e| matches!(e, Event::OverflowBucket { .. })).count();
    (slot, tophash, overflows)
}

#[test]
fn the_freed_slot_is_taken_first() {
    assert_eq!(article::<Reuse>(), (3, vec![5; 8], 0));
}

#[test]
fn under_the_articles_rule_it_is_not() {
    let (slot, tophash, overflows) = article::<NoReuse>();
    assert_eq!((slot, tophash, overflows), (0, vec![5, 5, 5, 1, 5, 5, 5, 5], 1));
}

#[test]
fn a_probe_hears_why_a_slot_was_taken() {
    let mut map: Hmap<u64, u64, _, Reuse, _> = Hmap::make(0, Plain, 1, Log::default());
    for key in 0..8 {
        map.insert(key, key);
    }
    map.remove(&6);
    map.remove(&7);
    map.insert(6, 0);
    map.insert(7, 0);
    map.remove(&0);
    map.insert(0, 0);
    let taken: Vec<Taken> = map
        .probe()
        .0
        .borrow()
        .iter()
        .skip(8)
        .filter_map(|event| if let Event::Insert(decision) = event { Some(decision.taken) } else { None })
        .collect();
    assert_eq!(taken, [Taken::EndOfChain, Taken::EndOfChain, Taken::FirstEmpty]);
    let freed: Vec<u32> = map
        .probe()
        .0
        .borrow()
        .iter()
        .filter_map(|event| if let Event::Delete { freed, .. } = event { Some(*freed) } else { None })
        .collect();
    assert_eq!(freed, [0, 2, 0], "the delete of 7 frees the slot of 6 with it");
}
