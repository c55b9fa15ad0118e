//! How many inserts take a slot that held a key before, under random churn with keys never seen before:
//! `cargo run --release --example reuse -- [LIVE [PAIRS]]`.
//!
//! The tape is that of the recorder's `godriver`: `LIVE` puts, then pairs of a delete of a random live key and a
//! put of a new one.

use std::rc::Rc;

use go_maps::classic::{Hmap, NoReuse, Policy, Reuse};
use go_maps::hash::Aes;
use go_maps::marks::Marks;
use go_maps::seed::Seeds;
use go_maps::swiss;

/// The finalizer of `SplitMix64`, as `godriver` scatters its keys.
fn mix(number: u64) -> u64 {
    let mut z = number;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// One step of the tape.
enum Op {
    Put(u64),
    Delete(u64),
}

/// Plays the tape; `window` is called after every tenth of the pairs.
fn play(live: u64, pairs: u64, mut step: impl FnMut(Op), mut window: impl FnMut(u64)) {
    let mut random = Seeds::new(1);
    let mut counter = 0;
    let mut fresh = || {
        counter += 1;
        mix(counter + (1 << 32)) & ((1 << 56) - 1)
    };
    let mut keys: Vec<u64> = (0..live).map(|_| fresh()).collect();
    for &key in &keys {
        step(Op::Put(key));
    }
    for pair in 1..=pairs {
        let victim = usize::try_from(random.next_u64() % live).expect("fits");
        step(Op::Delete(keys.swap_remove(victim)));
        keys.push(fresh());
        step(Op::Put(keys[keys.len() - 1]));
        if pair.is_multiple_of((pairs / 10).max(1)) {
            window(pair);
        }
    }
}

/// Prints the reuse of each window and of all pairs.
fn report(name: &str, live: u64, pairs: u64, marks: &Marks, mut step: impl FnMut(Op)) {
    let mut before = (live, 0);
    let mut windows = Vec::new();
    play(live, pairs, &mut step, |_| {
        let now = (marks.inserts(), marks.reused());
        let rate = 100.0 * (now.1 - before.1) as f64 / (now.0 - before.0) as f64;
        windows.push(format!("{rate:.2}"));
        before = now;
    });
    let rate = 100.0 * marks.reused() as f64 / pairs as f64;
    println!("{name}: {rate:.2} % of {pairs} inserts reused a slot; by tenths: {}", windows.join(" "));
}

fn classic<R: Policy>(name: &str, live: u64, pairs: u64) {
    let marks = Rc::new(Marks::default());
    let mut map: Hmap<u64, u64, Aes, R, _> = Hmap::make(0, Aes::seeded(7), 7, Rc::clone(&marks));
    report(name, live, pairs, &marks, |op| match op {
        Op::Put(key) => drop(map.insert(key, 1)),
        Op::Delete(key) => drop(map.remove(&key)),
    });
    println!("    B {}, overflow buckets {}", map.b(), map.noverflow());
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse().expect("a number"));
    let live = arguments.next().unwrap_or(100_000);
    let pairs = arguments.next().unwrap_or(1_000_000);
    classic::<Reuse>("classic", live, pairs);
    classic::<NoReuse>("classic, the article's rule", live, pairs);
    let marks = Rc::new(Marks::default());
    let mut map = swiss::Map::make(0, Aes::seeded(7), 7, Rc::clone(&marks));
    report("swiss", live, pairs, &marks, |op| match op {
        Op::Put(key) => drop(map.insert(key, 1)),
        Op::Delete(key) => drop(map.remove(&key)),
    });
    println!("    {} tables, directory {}", map.tables().count(), map.directory().len());
}
