//! Bounded caches: what one finds was written last, and it holds no more than it may.

use std::collections::{BTreeSet, HashMap};
use std::sync::Barrier;
use std::thread;

use formats::answer::Answer;
use formats::subject::Extra;
use subject::entry::{Numbered, Value};
use subject::map::{Map, Shared};

use super::model::scattered;

/// What a map can be asked for beside what every map can.
type Extras = BTreeSet<Extra>;

const OPS: u64 = 6_000;
const BOUNDS: [u64; 4] = [1, 7, 300, 2_100];

/// What is asked of a key, and with which stamp.
#[derive(Debug, Clone, Copy)]
enum Ask {
    Fetch,
    Insert,
    Remove,
    Update,
    Get,
}

/// Operation `index` of a sequence on so many keys, of which a quarter is asked for half of the time.
fn drawn(sequence: u64, index: u64, keys: u64) -> (Ask, u64) {
    let bits = scattered(sequence, index);
    let range = if bits & 1 == 0 { keys.div_ceil(4) } else { keys };
    let ask = match (bits >> 8) % 16 {
        0..9 => Ask::Fetch,
        9 | 10 => Ask::Insert,
        11 => Ask::Remove,
        12 | 13 => Ask::Update,
        _ => Ask::Get,
    };
    (ask, (bits >> 16) % range)
}

fn key<K: Numbered>(number: u64) -> K {
    K::make(number, 24)
}

fn play<K: Numbered, V: Value, M: Map<K, V>>(map: &mut M, ask: Ask, key: &K, stamp: u64) -> Answer {
    match ask {
        Ask::Fetch => map.fetch(key, stamp, 48),
        Ask::Insert => map.insert(key, V::make(stamp, 48)),
        Ask::Remove => map.remove(key),
        Ask::Update => map.update(key, V::make(stamp, 48)),
        Ask::Get => map.get(key),
    }
}

/// What may be found under each key.
#[derive(Default)]
struct Model {
    held: HashMap<u64, u64>,
    hits: u64,
}

impl Model {
    /// Whether the answer is what was written last, or that there is nothing.
    fn explains(&mut self, ask: Ask, number: u64, stamp: u64, said: Answer) -> bool {
        let fits = !said.is_present() || self.held.get(&number) == Some(&said.number());
        let found = said.is_present();
        self.hits += u64::from(found);
        match ask {
            Ask::Insert => _ = self.held.insert(number, stamp),
            Ask::Fetch if !found => _ = self.held.insert(number, stamp),
            Ask::Update if found => _ = self.held.insert(number, stamp),
            Ask::Fetch => {}
            Ask::Get if found => {}
            Ask::Remove | Ask::Update | Ask::Get => _ = self.held.remove(&number),
        }
        fits
    }
}

/// Where a cache for so many entries differs from what one may do.
fn difference<K: Numbered, V: Value, M: Map<K, V>>(mut map: M, bound: u64) -> Option<String> {
    let mut model = Model::default();
    for index in 0..OPS {
        let (ask, number) = drawn(bound, index, 4 * bound);
        let said = play(&mut map, ask, &key(number), index);
        if !model.explains(ask, number, index, said) {
            return Some(format!("operation {index}, {ask:?} of {number}: found {said:?}"));
        }
    }
    if map.len() > bound {
        return Some(format!("it holds {} entries, and may hold {bound}", map.len()));
    }
    (model.hits < OPS / 20).then(|| format!("it found {} of {OPS} entries", model.hits))
}

fn usize_of(bound: u64) -> usize {
    usize::try_from(bound).expect("a small bound")
}

/// A cache for one thread does what it may.
pub(super) fn alone<M: Map<K, V> + Default, K: Numbered, V: Value>(_extras: &Extras) {
    for bound in BOUNDS {
        assert_eq!(difference(M::with_bound(usize_of(bound)), bound), None, "of {bound}");
    }
}

/// A cache with a fault does what it may not.
pub(super) fn found_out<M: Map<K, V> + Default, K: Numbered, V: Value>(_extras: &Extras, what: &str) {
    let seen = difference(M::with_bound(300), 300);
    assert!(seen.as_ref().is_some_and(|seen| seen.starts_with(what)), "{seen:?}");
}

/// A shared cache does, too.
pub(super) fn together<S: Shared<K, V>, K: Numbered, V: Value>(_extras: &Extras) {
    for bound in BOUNDS {
        let map = S::with_bound(usize_of(bound));
        assert_eq!(difference(map.handle(), bound), None, "of {bound}");
        own_keys::<S, K, V>(bound);
        same_keys::<S, K, V>(bound);
    }
}

/// Plays in two threads at once, and says whether the cache holds no more than it may then.
fn in_two_threads<S: Shared<K, V>, K: Numbered, V: Value>(
    bound: u64,
    act: impl Fn(S::Handle<'_>, u64) + Sync,
) {
    let (map, start) = (S::with_bound(usize_of(bound)), Barrier::new(2));
    thread::scope(|scope| {
        for thread in 0..2 {
            let (map, start, act) = (&map, &start, &act);
            scope.spawn(move || {
                start.wait();
                act(map.handle(), thread);
            });
        }
    });
    let held = map.handle().len();
    assert!(held <= bound, "it holds {held} entries, and may hold {bound}");
}

/// Threads that own their keys know what they may find.
fn own_keys<S: Shared<K, V>, K: Numbered, V: Value>(bound: u64) {
    in_two_threads::<S, K, V>(bound, |mut handle, thread| {
        let mut model = Model::default();
        for index in 0..OPS {
            let (ask, number) = drawn(thread, index, 4 * bound);
            let said = play(&mut handle, ask, &key(2 * number + thread), index);
            assert!(model.explains(ask, number, index, said), "operation {index}, {ask:?}: {said:?}");
        }
    });
}

/// Threads that share keys find what one of them wrote to that key.
fn same_keys<S: Shared<K, V>, K: Numbered, V: Value>(bound: u64) {
    in_two_threads::<S, K, V>(bound, |mut handle, thread| {
        for index in 0..OPS {
            let (ask, number) = drawn(thread, index, 4 * bound);
            let said = play(&mut handle, ask, &key(number), number << 32 | thread << 31 | index);
            let is_of_key = !said.is_present() || said.number() >> 32 == number;
            assert!(is_of_key, "operation {index}, {ask:?} of {number}: {said:?}");
        }
    });
}
