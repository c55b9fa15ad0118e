//! What the rule does, as a table: for each true effect the share of each verdict and the pairs it takes.
//!
//! ```text
//! cargo run --release -p churnmark-verdict --example rule -- 0.011 30
//! ```
//!
//! The arguments are the standard deviation of a pair's log ratio and the number of tests that share 1 %.
//! Normal noise, a fixed seed, the default thresholds: 0.5 % tolerance, 3 % to detect, at most 36 pairs.

use std::process::ExitCode;
use std::time::Instant;

use formats::gate::Verdict;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use verdict::power::Power;
use verdict::sequential::{Next, Plan, Thresholds, judge};

const TESTS: u32 = 10_000;
const EFFECTS: [f64; 8] = [0.0, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.05];

fn normal(rng: &mut Xoshiro256PlusPlus) -> f64 {
    let (radius, turn): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * turn).cos()
}

/// The verdict of one test, and the pairs it took.
fn follow(plan: &Plan, thresholds: &Thresholds, mut pair: impl FnMut() -> f64) -> (Verdict, usize) {
    let mut pairs = Vec::new();
    let mut wanted = plan.first();
    loop {
        pairs.resize_with(wanted, &mut pair);
        match judge(&pairs, plan, thresholds).map(|step| step.next) {
            Ok(Next::Continue(more)) => wanted = more,
            Ok(Next::Stop(verdict)) => return (verdict, pairs.len()),
            Err(_) => return (Verdict::Inconclusive, pairs.len()),
        }
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<f64>().ok());
    let (Some(Some(deviation)), Some(Some(tests))) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: rule DEVIATION TESTS");
        return ExitCode::from(2);
    };
    let (plan, thresholds) = match (Plan::new(0.01 / tests, 36), Thresholds::new(0.005, 0.03)) {
        (Ok(plan), Ok(thresholds)) => (plan, thresholds),
        (Err(error), _) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
        (_, Err(error)) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    println!("looks {:?} at level {:.3e}; {TESTS} tests for each effect", plan.looks(), plan.level());
    println!(
        "{:>8} {:>10} {:>10} {:>10} {:>13} {:>6}",
        "effect", "regressed", "improved", "unchanged", "inconclusive", "pairs"
    );
    let simulated = Instant::now();
    let smallest = Power::of(&plan).minimum_detectable(&thresholds, deviation, 0.9);
    eprintln!("{:?} to say what can be seen", simulated.elapsed());
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let started = Instant::now();
    for effect in EFFECTS {
        let outcomes: Vec<(Verdict, usize)> = (0..TESTS)
            .map(|_| follow(&plan, &thresholds, || effect + deviation * normal(&mut rng)))
            .collect();
        let share = |verdict| {
            100.0 * outcomes.iter().filter(|(said, _)| *said == verdict).count() as f64 / f64::from(TESTS)
        };
        let pairs = outcomes.iter().map(|(_, pairs)| *pairs as f64).sum::<f64>() / f64::from(TESTS);
        let [regressed, improved, unchanged, inconclusive] =
            [Verdict::Regressed, Verdict::Improved, Verdict::Unchanged, Verdict::Inconclusive].map(share);
        println!(
            "{:>7.1}% {regressed:>9.2}% {improved:>9.2}% {unchanged:>9.2}% {inconclusive:>12.2}% {pairs:>6.1}",
            effect * 100.0
        );
    }
    println!("nine times in ten it finds {:.2}%", 100.0 * smallest);
    let each = started.elapsed() / (TESTS * 8);
    eprintln!("{each:?} to judge a test, all its looks");
    ExitCode::SUCCESS
}
