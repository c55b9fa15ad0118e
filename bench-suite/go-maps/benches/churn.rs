//! Time per operation of every port under random churn, fill excluded: `cargo bench --bench churn`.
//!
//! Each line is the fastest of some rounds; set `ROUNDS` for more. `against_go` plays the same tape on the real
//! runtime too.

mod play;

use std::time::Duration;

use go_maps::classic::{NoReuse, Reuse};
use play::{PAIRS, Tape};

fn report(name: &str, round: impl Fn() -> Duration) {
    let rounds = std::env::var("ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let best = (0..rounds).map(|_| round()).min().unwrap_or_default();
    println!("{name:<28} {:6.1} ns per operation", best.as_nanos() as f64 / (2 * PAIRS) as f64);
}

fn main() {
    let tape = Tape::new();
    report("classic", || play::classic::<Reuse>(&tape, drop));
    report("classic, the article's rule", || play::classic::<NoReuse>(&tape, drop));
    report("swiss", || play::swiss(&tape, drop));
    report("sync_map", || play::sync_map(&tape, drop));
    report("hash_trie", || play::hash_trie(&tape, drop));
}
