//! What injected work truly costs: the time of a step with it over the time without, in one process, in turn.

use std::time::{Duration, Instant};

use peers::Churn;

#[global_allocator]
static ALLOCATOR: peers::Jemalloc = peers::Jemalloc;

/// Steps of one turn: some 0.1 ms.
const STEPS: u32 = 64;
/// Turns of each side.
const TURNS: usize = 4_000;

fn main() {
    let work = std::env::args().nth(1).and_then(|work| work.parse().ok()).unwrap_or(0);
    let mut churn = Churn::new(0);
    let mut turn = |work| {
        churn.set_work(work);
        let start = Instant::now();
        (0..STEPS).for_each(|_| churn.step());
        start.elapsed()
    };
    let mut ratios: Vec<f64> = (0..TURNS)
        .map(|number| {
            // Who goes first changes, so that what the first leaves in the caches favours nobody.
            let (with, without): (Duration, Duration) = if number % 2 == 0 {
                let with = turn(work);
                (with, turn(0))
            } else {
                let without = turn(0);
                (turn(work), without)
            };
            with.as_secs_f64() / without.as_secs_f64()
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    println!("{:.5}", ratios[TURNS / 2]);
}
