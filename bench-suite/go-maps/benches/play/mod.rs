//! The tape of the benchmarks, and each port as what plays it.
//!
//! The tape is that of the recorder's `godriver` with its defaults: 100,000 live, then a million pairs of a delete
//! of a random key and a put of a new one. Times are those of the thread's processor, not of the clock: other
//! programs on the machine count less.

use std::hint::black_box;
use std::time::Duration;

use go_maps::classic::{Hmap, Policy};
use go_maps::hash::{Aes, Interface};
use go_maps::hash_trie::HashTrieMap;
use go_maps::seed::Seeds;
use go_maps::swiss;
use go_maps::sync_map::SyncMap;
use rustix::time::{ClockId, clock_gettime};

/// Entries in the map while it is churned.
pub(crate) const LIVE: usize = 100_000;
/// Pairs of a delete and a put.
pub(crate) const PAIRS: usize = 1_000_000;

/// What is played.
pub(crate) struct Tape {
    /// The keys to fill with.
    pub(crate) fill: Vec<u64>,
    /// The keys to delete and to put in turn.
    pub(crate) churn: Vec<u64>,
}

impl Tape {
    /// The tape that `godriver -gen` writes.
    pub(crate) fn new() -> Self {
        let fresh = |counter: usize| mix(counter as u64 + (1 << 32)) & ((1 << 56) - 1);
        let fill: Vec<u64> = (1..=LIVE).map(fresh).collect();
        let mut live = fill.clone();
        let mut random = Seeds::new(1);
        let mut churn = Vec::with_capacity(2 * PAIRS);
        for pair in 1..=PAIRS {
            let victim = usize::try_from(random.next_u64() % LIVE as u64).expect("fits");
            churn.push(live.swap_remove(victim));
            live.push(fresh(LIVE + pair));
            churn.push(live[LIVE - 1]);
        }
        Self { fill, churn }
    }
}

/// The finalizer of `SplitMix64`, as `godriver` scatters its keys.
fn mix(number: u64) -> u64 {
    let mut z = number;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// What this thread has used so far.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Fills a map, then times the churn; the map is looked at before it goes. `step` gets the map, the key, the
/// stamp to put (as `godriver`, the place on the tape), and whether to put.
fn time<M>(
    tape: &Tape,
    mut map: M,
    step: impl Fn(&mut M, u64, u64, bool),
    look: impl FnOnce(usize),
    len: impl Fn(&M) -> usize,
) -> Duration {
    for (stamp, &key) in (0..).zip(&tape.fill) {
        step(&mut map, key, stamp, true);
    }
    let start = processor_time();
    for (stamp, pair) in (LIVE as u64..).step_by(2).zip(tape.churn.as_chunks::<2>().0) {
        step(&mut map, pair[0], stamp, false);
        step(&mut map, pair[1], stamp + 1, true);
    }
    let taken = processor_time().saturating_sub(start);
    look(len(&map));
    black_box(map);
    taken
}

/// The classic map. `look` gets the entries left, while the map still stands; so with each.
pub(crate) fn classic<R: Policy>(tape: &Tape, look: impl FnOnce(usize)) -> Duration {
    let map: Hmap<u64, u64, Aes, R> = Hmap::make(0, Aes::seeded(7), 7, ());
    let step = |map: &mut Hmap<u64, u64, Aes, R>, key, stamp, put| {
        black_box(if put { map.insert(key, stamp) } else { map.remove(&key) });
    };
    time(tape, map, step, look, Hmap::len)
}

/// The Swiss map.
pub(crate) fn swiss(tape: &Tape, look: impl FnOnce(usize)) -> Duration {
    let step = |map: &mut swiss::Map<u64, u64, Aes>, key, stamp, put| {
        black_box(if put { map.insert(key, stamp) } else { map.remove(&key) });
    };
    time(tape, swiss::Map::new(Aes::seeded(7), 7), step, look, swiss::Map::len)
}

/// sync.Map before the trie.
pub(crate) fn sync_map(tape: &Tape, look: impl FnOnce(usize)) -> Duration {
    let step = |map: &mut SyncMap<u64, u64, Aes>, key, stamp, put| {
        black_box(if put { map.store(key, stamp) } else { map.delete(&key) });
    };
    time(tape, SyncMap::new(Aes::seeded(7), 7), step, look, |map| counted(|visit| map.range(visit)))
}

/// sync.Map since the trie.
pub(crate) fn hash_trie(tape: &Tape, look: impl FnOnce(usize)) -> Duration {
    let step = |map: &mut HashTrieMap<u64, u64, Interface<Aes>>, key, stamp, put| {
        black_box(if put { map.store(key, stamp) } else { map.delete(&key) });
    };
    time(tape, HashTrieMap::new(Interface(Aes::seeded(7)), 7), step, look, |map| {
        counted(|visit| map.range(visit))
    })
}

/// The entries that a map shows.
fn counted(range: impl FnOnce(&mut dyn FnMut(&u64, &u64) -> bool)) -> usize {
    let mut entries = 0;
    range(&mut |_, _| {
        entries += 1;
        true
    });
    entries
}
