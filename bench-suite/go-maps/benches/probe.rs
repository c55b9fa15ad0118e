//! What a probe costs: `cargo bench --bench probe`, and again with `--features unprobed`.
//!
//! With that feature every call of a probe is taken out of the source. The line of the unit type must then be the
//! same; on a busy machine compare instructions instead of time, they are exact:
//! `valgrind --tool=callgrind target/release/deps/probe-… silent`. The argument `listening` runs the map whose
//! probe counts events.

use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;
use std::time::Instant;

use go_maps::classic::{Hmap, Reuse};
use go_maps::hash::Aes;
use go_maps::probe::{Event, Probe};
use go_maps::seed::Seeds;
use go_maps::swiss;

const LIVE: u64 = 10_000;
const PAIRS: u64 = 200_000;

/// Counts events.
#[derive(Default)]
struct Count(Cell<u64>);

impl Probe for Count {
    fn see(&self, _event: Event) {
        self.0.set(self.0.get() + 1);
    }
}

/// Plays churn and prints its time per operation.
fn play(name: &str, mut step: impl FnMut(u64, bool)) {
    let mut fresh = Seeds::new(1);
    let mut random = Seeds::new(2);
    let mut keys: Vec<u64> = (0..LIVE).map(|_| fresh.next_u64()).collect();
    for &key in &keys {
        step(key, true);
    }
    let start = Instant::now();
    for _ in 0..PAIRS {
        let victim = usize::try_from(random.next_u64() % LIVE).expect("fits");
        step(keys.swap_remove(victim), false);
        keys.push(fresh.next_u64());
        step(keys[keys.len() - 1], true);
    }
    let each = start.elapsed().as_nanos() as f64 / (2 * PAIRS) as f64;
    println!("{name:<20} {each:6.1} ns per operation");
}

fn classic<P: Probe>(name: &str, probe: P) {
    let mut map: Hmap<u64, u64, Aes, Reuse, P> = Hmap::make(0, Aes::seeded(7), 7, probe);
    play(name, |key, put| {
        black_box(if put { map.insert(key, 1) } else { map.remove(&key) });
    });
}

fn swiss<P: Probe>(name: &str, probe: P) {
    let mut map = swiss::Map::make(0, Aes::seeded(7), 7, probe);
    play(name, |key, put| {
        black_box(if put { map.insert(key, 1) } else { map.remove(&key) });
    });
}

fn main() {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let count = Rc::new(Count::default());
    if mode != "listening" {
        classic("classic, ()", ());
        swiss("swiss, ()", ());
    }
    if mode != "silent" {
        classic("classic, counting", Rc::clone(&count));
        swiss("swiss, counting", Rc::clone(&count));
        println!("{} events", count.0.get());
    }
}
