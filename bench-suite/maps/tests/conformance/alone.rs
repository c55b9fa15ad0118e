//! One thread: every answer is known.

use std::collections::BTreeSet;

use formats::answer::Answer;
use formats::subject::Extra;
use formats::tape::Keep;
use proptest::prelude::{Just, Strategy, any};
use proptest::prop_oneof;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use subject::entry::{Numbered, Place, Value};
use subject::map::{Map, Shared};

use super::model::{Model, Step, difference, play, released};

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let keys = prop_oneof![Just(3u64), Just(30), Just(500)];
    (keys, 1..600usize).prop_flat_map(|(keys, length)| {
        let step = prop_oneof![
            40 => (0..keys).prop_map(Step::Insert),
            20 => (0..keys).prop_map(Step::Remove),
            15 => (0..keys).prop_map(Step::Get),
            15 => (0..keys).prop_map(Step::Update),
            3 => Just(Step::Iterate),
            1 => Just(Step::Clear),
            15 => (0..keys).prop_map(Step::Upsert),
            2 => Just(Step::Len),
            1 => (0..Keep::ALL).prop_map(|share| Step::Retain(Keep::Share(share))),
            1 => (1..600u64).prop_map(|ops| Step::Retain(Keep::Younger(ops))),
            5 => Just(Step::RemoveFirst),
            1 => Just(Step::Shrink),
            1 => (0..2 * keys).prop_map(Step::Reserve),
            1 => any::<bool>().prop_map(Step::Copy),
            4 => (0..keys).prop_map(Step::Hold),
            2 => Just(Step::Release),
        ];
        proptest::collection::vec(step, length)
    })
}

/// What a map can be asked for beside what every map can.
type Extras = BTreeSet<Extra>;

/// How many sequences of steps are played. What a map does to its keys does not depend on its values: few where neither
/// are numbers.
const fn cases<K, V>() -> u32 {
    let number = size_of::<u64>();
    if size_of::<K>() == number || size_of::<V>() == number { 24 } else { 3 }
}

fn check(extras: &Extras, cases: u32, differ: impl Fn(&[Step]) -> Option<String>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let asked = |steps: Vec<Step>| {
        let steps: Vec<Step> = steps.into_iter().map(|step| step.for_map(extras)).collect();
        if extras.contains(&Extra::HoldWriting) { steps } else { released(steps) }
    };
    let agree =
        |steps: Vec<Step>| differ(&asked(steps)).map_or(Ok(()), |what| Err(TestCaseError::fail(what)));
    TestRunner::new(config).run(&steps(), agree).unwrap_or_else(|failure| panic!("{failure}"));
}

fn key<K: Numbered>(number: u64) -> K {
    K::make(number, 24)
}

fn place(number: u64) -> Place {
    Place(u32::try_from(number).expect("few places"))
}

/// A map for one thread agrees with the model.
pub(super) fn single<M: Map<K, V> + Default, K: Numbered, V: Value>(extras: &Extras) {
    check(extras, cases::<K, V>(), |steps| difference(&mut M::default(), steps, key::<K>));
    if extras.contains(&Extra::Capacity) {
        check(extras, cases::<K, V>(), |steps| {
            difference(&mut M::with_capacity(steps.len()), steps, key::<K>)
        });
    }
}

/// A shared map agrees with the model.
pub(super) fn shared<S: Shared<K, V>, K: Numbered, V: Value>(extras: &Extras) {
    check(extras, cases::<K, V>(), |steps| difference(&mut S::default().handle(), steps, key::<K>));
    if extras.contains(&Extra::Capacity) {
        check(extras, cases::<K, V>(), |steps| {
            difference(&mut S::with_capacity(steps.len()).handle(), steps, key::<K>)
        });
    }
}

/// A map whose writes are seen later agrees with the model once it was asked for its length.
pub(super) fn eventual<S: Shared<K, V>, K: Numbered, V: Value>(extras: &Extras) {
    check(extras, cases::<K, V>(), |steps| {
        let (map, mut model) = (S::default(), Model::default());
        let mut handle = map.handle();
        for (stamp, step) in (0..).zip(steps) {
            model.play(*step, stamp);
            play(&mut handle, *step, stamp, key::<K>);
            if stamp % 64 == 0 || stamp + 1 == steps.len() as u64 {
                let left = (handle.len(), handle.iterate());
                let want = (model.len(), model.play(Step::Iterate, 0));
                if left != want {
                    return Some(format!("after operation {stamp}: {left:?} instead of {want:?}"));
                }
            }
        }
        None
    });
}

/// A slot manager agrees with the model, and finds nothing at no place.
pub(super) fn slots<M: Map<Place, V> + Default, V: Value>(extras: &Extras) {
    check(extras, 24, |steps| difference(&mut M::default(), steps, place));
    if extras.contains(&Extra::Capacity) {
        check(extras, 24, |steps| difference(&mut M::with_capacity(steps.len()), steps, place));
    }
    nothing_at_no_place(&mut M::default());
}

/// A slot manager that threads share does too.
pub(super) fn shared_slots<S: Shared<Place, V>, V: Value>(extras: &Extras) {
    check(extras, 24, |steps| difference(&mut S::default().handle(), steps, place));
    nothing_at_no_place(&mut S::default().handle());
}

fn nothing_at_no_place<V: Value>(map: &mut impl Map<Place, V>) {
    map.insert(&Place(0), V::make(7, 48));
    assert_eq!(map.get(&Place::NONE), Answer::ABSENT);
    assert_eq!(map.update(&Place::NONE, V::make(8, 48)), Answer::ABSENT);
    assert_eq!(map.remove(&Place::NONE), Answer::ABSENT);
    assert_eq!(map.locate(&Place::NONE), None);
    assert_eq!(map.get(&Place(0)), Answer::of(7));
}

/// The null map keeps nothing, whatever it is asked.
pub(super) fn null<M: Map<K, V> + Shared<K, V>, K: Numbered, V: Value>(_extras: &Extras) {
    keeps_nothing(&mut M::default(), &key::<K>(1));
    keeps_nothing(&mut M::default().handle(), &key::<K>(1));
}

/// The null map takes places too.
pub(super) fn null_slots<M: Map<Place, V> + Default, V: Value>(_extras: &Extras) {
    keeps_nothing(&mut M::default(), &Place(1));
}

fn keeps_nothing<K, V: Value>(map: &mut impl Map<K, V>, key: &K) {
    let answers = [
        map.insert(key, V::make(1, 48)),
        map.update(key, V::make(2, 48)),
        map.get(key),
        map.remove(key),
        map.iterate(),
        map.clear(),
        map.upsert(key, V::make(3, 48)),
        map.remove_first(),
        map.retain(Keep::Share(0).at(7)),
        map.copy(true),
        map.hold(key),
    ];
    map.release();
    map.shrink();
    map.reserve(100);
    assert_eq!(answers, [Answer::ABSENT; 11]);
    assert_eq!((map.len(), map.locate(key), map.capacity()), (0, None, None));
    map.locate_all(&mut |_| panic!("it keeps nothing"));
}
