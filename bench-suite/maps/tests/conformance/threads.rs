//! Two threads in one map.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;

use formats::answer::Answer;
use formats::subject::Extra;
use formats::tape::Keep;
use subject::entry::{Numbered, Place, Value};
use subject::map::{Map, Shared};

use super::model::{Model, Step, drawn, play, scattered};

/// What a map can be asked for beside what every map can.
type Extras = BTreeSet<Extra>;

const THREADS: u64 = 2;
const STEPS: u64 = 4_000;

fn key<K: Numbered>(number: u64) -> K {
    K::make(number, 24)
}

/// Lets both threads go at once and gives what each came back with.
fn together<S: Sync, T: Send>(map: &S, act: impl Fn(&S, u64) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(usize::try_from(THREADS).expect("few threads"));
    thread::scope(|scope| {
        let (act, start) = (&act, &start);
        let spawn = |thread| {
            scope.spawn(move || {
                start.wait();
                act(map, thread)
            })
        };
        let threads: Vec<_> = (0..THREADS).map(spawn).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}

/// Threads that own their keys: every answer is known, and so is the number of entries left.
pub(super) fn own_keys<S: Shared<K, V>, K: Numbered, V: Value>(_extras: &Extras) {
    owned::<S, K, V>(|number| key(number));
}

/// Threads that own their places; the blocks of a thread are its own.
pub(super) fn own_places<S: Shared<Place, V>, V: Value>(_extras: &Extras) {
    let threads = usize::try_from(THREADS).expect("few threads");
    owned::<S, Place, V>(|number| {
        let number = usize::try_from(number).expect("few places");
        // Far apart, so that there are several blocks.
        Place::of(number % threads, threads, number / threads * 100)
    });
}

fn owned<S: Shared<K, V>, K, V: Value>(key: impl Fn(u64) -> K + Copy + Sync) {
    let map = S::default();
    let left = together(&map, |map, thread| {
        let (mut handle, mut model) = (map.handle(), Model::default());
        for index in 0..STEPS {
            let step = own(drawn(thread, index, 300), thread);
            let want = model.play(step, index);
            assert_eq!(play(&mut handle, step, index, key), want, "operation {index}, {step:?}");
        }
        model.len()
    });
    assert_eq!(map.handle().len(), left.into_iter().sum::<u64>());
}

/// The same step on a key that the thread owns.
fn own(step: Step, thread: u64) -> Step {
    match step {
        Step::Insert(number) => Step::Insert(number * THREADS + thread),
        Step::Remove(number) => Step::Remove(number * THREADS + thread),
        Step::Update(number) => Step::Update(number * THREADS + thread),
        Step::Get(number) => Step::Get(number * THREADS + thread),
        // A walk meets the other thread's entries.
        _ => Step::Get(thread),
    }
}

/// Threads that own their keys in a map whose writes are seen later: what is left is known.
pub(super) fn eventual<S: Shared<K, V>, K: Numbered, V: Value>(_extras: &Extras) {
    let map = S::default();
    let left = together(&map, |map, thread| {
        let (mut handle, mut model) = (map.handle(), Model::default());
        for index in 0..STEPS {
            let step = own(drawn(thread, index, 300), thread);
            model.play(step, index);
            play(&mut handle, step, index, key::<K>);
        }
        (model.len(), model.play(Step::Iterate, 0).number())
    });
    let mut handle = map.handle();
    assert_eq!(handle.len(), left.iter().map(|(entries, _)| entries).sum::<u64>());
    assert_eq!(handle.iterate(), Answer::of(left.iter().map(|(_, stamps)| stamps).sum()));
}

/// Inserts that added an entry, less entries taken out.
fn balance(step: Step, answer: Answer) -> i64 {
    match step {
        Step::Insert(_) | Step::Upsert(_) => i64::from(!answer.is_present()),
        Step::Remove(_) | Step::RemoveFirst => -i64::from(answer.is_present()),
        Step::Clear | Step::Retain(_) => -answer.number().cast_signed(),
        _ => 0,
    }
}

/// By how much the entries left differ from the balance of the answers.
fn unaccounted<S: Shared<K, V>, K: Numbered, V: Value>(step: impl Fn(u64, u64) -> Step + Sync) -> i64 {
    let map = S::default();
    let balances = together(&map, |map, thread| {
        let mut handle = map.handle();
        let play = |index| {
            let step = step(thread, index);
            balance(step, play(&mut handle, step, index, key::<K>))
        };
        (0..STEPS).map(play).sum::<i64>()
    });
    map.handle().len().cast_signed() - balances.into_iter().sum::<i64>()
}

/// Threads that contend for few keys, each of which comes and goes many times.
pub(super) fn same_keys<S: Shared<K, V>, K: Numbered, V: Value>(extras: &Extras) {
    let step = |thread, index: u64| {
        let step = match (index % 1000, index % 10) {
            (999, _) => Step::Clear,
            (499, _) => Step::Retain(Keep::Share(Keep::ALL / 2)),
            (199, _) => Step::Shrink,
            (299, _) => Step::Reserve(100),
            (399, _) => Step::Copy(true),
            (599, _) if extras.contains(&Extra::HoldWriting) => Step::Hold(index % 20),
            (699, _) if extras.contains(&Extra::HoldWriting) => Step::Release,
            (_, 3) => Step::RemoveFirst,
            (_, 7) => Step::Upsert(index % 20),
            _ => drawn(thread, index, 20),
        };
        step.for_map(extras)
    };
    assert_eq!(unaccounted::<S, K, V>(step), 0);
}

/// Threads that contend for keys of which each is inserted once.
pub(super) fn new_keys<S: Shared<K, V>, K: Numbered, V: Value>(_extras: &Extras) {
    assert_eq!(unaccounted::<S, K, V>(once), 0);
}

/// Each thread inserts every other key; both remove, update and read the latest ones.
fn once(thread: u64, index: u64) -> Step {
    let bits = scattered(thread, index);
    let latest = (index / 2 * THREADS).saturating_sub((bits >> 16) % 32);
    match (index % 2, bits % 4) {
        (0, _) => Step::Insert(index / 2 * THREADS + thread),
        (_, 0 | 1) => Step::Remove(latest),
        (_, 2) => Step::Update(latest),
        _ => Step::Get(latest),
    }
}

/// The balance of a map that loses entries does not come out.
pub(super) fn losing<S: Shared<K, V>, K: Numbered, V: Value>(_extras: &Extras) {
    assert!(unaccounted::<S, K, V>(once) < 0);
}
