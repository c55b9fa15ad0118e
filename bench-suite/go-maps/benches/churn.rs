//! Time per operation of every port under random churn, fill excluded: `cargo bench --bench churn`.
//!
//! The tape is that of the recorder's `godriver` with its defaults (100,000 live, 1 M pairs of a delete of a
//! random key and a put of a new one), so that `godriver -impl map` gives the figure of the real runtime. Each
//! line is the fastest of some rounds; set `ROUNDS` for more. It is the time of the processor, not of the clock:
//! other programs on the machine count less.

use std::hint::black_box;
use std::time::Duration;

use go_maps::classic::{Hmap, NoReuse, Policy, Reuse};
use go_maps::hash::{Aes, Interface};
use go_maps::hash_trie::HashTrieMap;
use go_maps::seed::Seeds;
use go_maps::swiss;
use go_maps::sync_map::SyncMap;
use rustix::time::{ClockId, clock_gettime};

const LIVE: usize = 100_000;
const PAIRS: usize = 1_000_000;

/// The finalizer of `SplitMix64`, as `godriver` scatters its keys.
fn mix(number: u64) -> u64 {
    let mut z = number;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The keys to fill with, and those to delete and to put in turn.
fn tape() -> (Vec<u64>, Vec<u64>) {
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
    (fill, churn)
}

/// What this thread has used so far.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Fills a map, then times the churn. `step` gets the map, the key, the index, and whether to put.
fn time<M>(
    (fill, churn): &(Vec<u64>, Vec<u64>),
    mut map: M,
    step: impl Fn(&mut M, u64, u64, bool),
) -> Duration {
    for (stamp, &key) in (0..).zip(fill) {
        step(&mut map, key, stamp, true);
    }
    let start = processor_time();
    for (stamp, pair) in (0..).zip(churn.as_chunks::<2>().0) {
        step(&mut map, pair[0], stamp, false);
        step(&mut map, pair[1], stamp, true);
    }
    let taken = processor_time().saturating_sub(start);
    black_box(map);
    taken
}

fn report(name: &str, round: impl Fn() -> Duration) {
    let rounds = std::env::var("ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let best = (0..rounds).map(|_| round()).min().unwrap_or_default();
    println!("{name:<28} {:6.1} ns per operation", best.as_nanos() as f64 / (2 * PAIRS) as f64);
}

fn classic<R: Policy>(tape: &(Vec<u64>, Vec<u64>)) -> Duration {
    let map: Hmap<u64, u64, Aes, R> = Hmap::make(0, Aes::seeded(7), 7, ());
    time(tape, map, |map, key, stamp, put| {
        black_box(if put { map.insert(key, stamp) } else { map.remove(&key) });
    })
}

fn main() {
    let tape = tape();
    report("classic", || classic::<Reuse>(&tape));
    report("classic, the article's rule", || classic::<NoReuse>(&tape));
    report("swiss", || {
        time(&tape, swiss::Map::new(Aes::seeded(7), 7), |map, key, stamp, put| {
            black_box(if put { map.insert(key, stamp) } else { map.remove(&key) });
        })
    });
    report("sync_map", || {
        time(&tape, SyncMap::new(Aes::seeded(7), 7), |map, key, stamp, put| {
            black_box(if put { map.store(key, stamp) } else { map.delete(&key) });
        })
    });
    report("hash_trie", || {
        time(&tape, HashTrieMap::new(Interface(Aes::seeded(7)), 7), |map, key, stamp, put| {
            black_box(if put { map.store(key, stamp) } else { map.delete(&key) });
        })
    });
}
