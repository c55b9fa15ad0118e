//! How long a delete, a growth and an evacuation take. Medians; noisy.

use std::hint::black_box;
use std::time::Instant;

use super::Found;
use super::play::Churned;
use super::port::{Swiss, classic, swiss};

/// Entries in the map when deletes are timed.
const LIVE: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// Deletes timed together: a read of the clock costs about as much as one of them.
const BATCH: usize = 50;
const BATCHES: usize = 101;
const REPEATS: usize = 9;

pub(super) fn run() -> Vec<Found> {
    let grow: Vec<f64> = [3, 8, 10, 14].map(classic_grow).to_vec();
    let (few, many) = (evacuate(8), evacuate(14));
    let old = Found::classic()
        .with("delete_ns", LIVE.map(|live| delete(classic(0, ()), live)).to_vec())
        .with("grow_ns", grow)
        .with("evacuate_ns", vec![few / 256.0, many / 16_384.0])
        .with("evacuate_all_ns", vec![few]);
    let new = Found::swiss()
        .with("delete_ns", LIVE.map(|live| delete(swiss(0, ()), live)).to_vec())
        .with("grow_ns", [16, 512, 1024].map(swiss_grow).to_vec());
    vec![old, new]
}

/// One delete from a map of `live` entries.
fn delete(mut map: impl Churned, live: usize) -> f64 {
    let mut keys = 0_u64;
    for _ in 0..live {
        map.put(scattered(keys));
        keys += 1;
    }
    let mut victims = go_maps::seed::Seeds::new(1);
    let mut all: Vec<u64> = (0..keys).map(scattered).collect();
    let times = (0..BATCHES).map(|_| {
        let mut gone = Vec::with_capacity(BATCH);
        for _ in 0..BATCH {
            let at = usize::try_from(victims.next_u64() % all.len() as u64).unwrap_or(0);
            gone.push(all.swap_remove(at));
        }
        let started = Instant::now();
        for &key in &gone {
            map.delete(key);
        }
        let time = nanos(started) / BATCH as f64;
        for _ in 0..BATCH {
            map.put(scattered(keys));
            all.push(scattered(keys));
            keys += 1;
        }
        time
    });
    median(times.collect())
}

/// A key that no other number gives.
const fn scattered(number: u64) -> u64 {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The insert that makes a classic map of 2^b buckets grow.
fn classic_grow(b: u8) -> f64 {
    let once = |_| {
        let mut map = classic(0, ());
        let mut key = 0;
        while map.len() < 13 << (b - 1) {
            map.insert(key, key);
            key += 1;
        }
        let started = Instant::now();
        map.insert(key, key);
        let time = nanos(started);
        black_box(&map);
        time
    };
    median((0..REPEATS).map(once).collect())
}

/// The evacuation of all 2^b buckets of a classic map, by deletes of keys that it does not have.
fn evacuate(b: u8) -> f64 {
    let once = |_| {
        let mut map = classic(0, ());
        let mut key = 0;
        while map.len() < 13 << (b - 1) {
            map.insert(key, key);
            key += 1;
        }
        map.insert(key, key);
        let started = Instant::now();
        while map.old_memory().is_some() {
            key += 1;
            map.remove(&key);
        }
        nanos(started)
    };
    median((0..REPEATS).map(once).collect())
}

/// The insert that replaces the first full Swiss table of this capacity by a larger one, or splits it.
fn swiss_grow(capacity: u16) -> f64 {
    let full = |map: &Swiss| {
        map.tables().next().is_some_and(|table| table.capacity() == capacity && table.growth_left() == 0)
    };
    let once = |_| {
        let mut map = swiss(0, ());
        let mut key = 0;
        while !full(&map) {
            map.insert(key, key);
            key += 1;
        }
        let started = Instant::now();
        map.insert(key, key);
        let time = nanos(started);
        black_box(&map);
        time
    };
    median((0..REPEATS).map(once).collect())
}

fn nanos(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e9
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
