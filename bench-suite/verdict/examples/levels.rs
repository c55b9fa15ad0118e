//! Finds the levels of `verdict::sequential` and prints `src/sequential/levels.rs`.
//!
//! ```text
//! cargo run --release -p churnmark-verdict --example levels > bench-suite/verdict/src/sequential/levels.rs
//! ```
//!
//! Under symmetry the sign of each pair is a fair coin, and its distance from the centre only matters by its
//! rank, so one simulation holds for every distribution. Crossing is rare, so signs are drawn from loaded coins
//! and each path counts by its likelihood ratio at the look where it crossed (importance sampling with a
//! mixture, which bounds the ratio). A distance `u`, uniform in 0..1, lies above the centre with chance
//! `1 / (1 + exp(-2 load u))`: the load that makes `W+` large in the likeliest way.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use verdict::sequential::{BUDGETS, STEPS, first_look, looks, step_level};
use verdict::signed_rank;

const SEED: u64 = 4;
const PATHS: u32 = 4_000_000;
const LOADS: [f64; 8] = [0.0, 0.35, 0.6, 0.9, 1.3, 1.9, 2.8, 4.2];
const MOST: usize = BUDGETS[BUDGETS.len() - 1];

/// One list of looks, and for each level of the grid how often it was crossed.
struct List {
    first: usize,
    budget: usize,
    looks: Vec<usize>,
    sum: Vec<f64>,
    squares: Vec<f64>,
}

impl List {
    fn new(first: usize, budget: usize) -> Self {
        let looks = looks(first, budget);
        Self { first, budget, looks, sum: vec![0.0; STEPS], squares: vec![0.0; STEPS] }
    }

    /// Adds a path: at each number of pairs the levels from this index on are not crossed, and its weight.
    fn add(&mut self, kept: &[usize], weight: &[f64]) {
        let mut open = 0;
        for look in &self.looks {
            for level in open..kept[*look] {
                self.sum[level] += weight[*look];
                self.squares[level] += weight[*look] * weight[*look];
            }
            open = open.max(kept[*look]);
        }
    }

    /// The chance to cross a level, and its standard error.
    fn chance(&self, level: usize) -> (f64, f64) {
        let paths = f64::from(PATHS);
        let mean = self.sum[level] / paths;
        (mean, ((self.squares[level] / paths - mean * mean) / paths).sqrt())
    }

    /// The chance in thousandths of the level, three standard errors on the safe side, rounded up.
    fn thousandths(&self, level: usize) -> u64 {
        let (mean, error) = self.chance(level);
        format!("{:.0}", ((mean + 3.0 * error) / step_level(level) * 1000.0).ceil()).parse().unwrap_or(0)
    }
}

/// For each number of pairs and each `W+`: how many levels of the grid, from the largest, are crossed.
fn crossed() -> Vec<Vec<usize>> {
    let levels = |p: f64| (0..STEPS).take_while(|step| p <= step_level(*step)).count();
    (0..=MOST).map(|n| signed_rank::tails(n).into_iter().map(levels).collect()).collect()
}

fn simulate(lists: &mut [List]) {
    let crossed = crossed();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let mut kept = vec![0; MOST + 1];
    let mut weight = vec![1.0; MOST + 1];
    let mut sorted: Vec<(f64, bool)> = Vec::with_capacity(MOST);
    for path in 0..PATHS {
        let load = LOADS[path as usize % LOADS.len()];
        let mut ratios = [1.0; LOADS.len()];
        sorted.clear();
        for n in 1..=MOST {
            let distance: f64 = rng.random();
            let above = rng.random::<f64>() * (1.0 + (-2.0 * load * distance).exp()) < 1.0;
            let signed = if above { distance } else { -distance };
            for (ratio, load) in ratios.iter_mut().zip(LOADS) {
                *ratio *= 2.0 / (1.0 + (-2.0 * load * signed).exp());
            }
            weight[n] = LOADS.len() as f64 / ratios.iter().sum::<f64>();
            let place = sorted.partition_point(|(other, _)| *other < distance);
            sorted.insert(place, (distance, above));
            let sum: usize =
                sorted.iter().zip(1..).filter(|((_, above), _)| *above).map(|(_, rank)| rank).sum();
            kept[n] = crossed[n][sum];
        }
        for list in &mut *lists {
            list.add(&kept, &weight);
        }
    }
}

fn table(name: &str, doc: &str, cell: impl Fn(usize, usize) -> u64) {
    println!("\n{doc}\npub(super) const {name}: [[u16; BUDGETS.len()]; STEPS] = [");
    for level in 0..STEPS {
        let row: Vec<String> = BUDGETS.iter().map(|budget| cell(level, *budget).to_string()).collect();
        println!("    [{}],", row.join(", "));
    }
    println!("];");
}

fn main() {
    let firsts = first_look(step_level(0))..=first_look(step_level(STEPS - 1));
    let mut lists: Vec<List> =
        firsts.flat_map(|first| BUDGETS.map(|budget| List::new(first, budget))).collect();
    simulate(&mut lists);
    let chances = |level: usize, budget: usize| {
        let first = first_look(step_level(level));
        let later = move |list: &&List| list.budget == budget && list.first >= first && first <= budget;
        (first, lists.iter().filter(later))
    };
    let worst =
        (0..STEPS).flat_map(|level| BUDGETS.map(|budget| (level, budget))).flat_map(|(level, budget)| {
            chances(level, budget).1.map(move |list| list.chance(level)).filter(|(mean, _)| *mean > 0.0)
        });
    let worst = worst.map(|(mean, error)| error / mean).fold(0.0, f64::max);
    println!("//! How much likelier it is to cross a level at any look than at one. Written by a program:");
    println!("//!\n//! ```text");
    println!("//! cargo run --release -p churnmark-verdict --example levels");
    println!("//! ```\n//!");
    println!(
        "//! {PATHS} paths, seed {SEED}. The largest standard error of a cell is {:.2} % of it; three of them",
        worst * 100.0
    );
    println!("//! are added to each cell. A row is a level `2^-(4 + row/8)`; a column is a budget.");
    println!("\nuse super::{{BUDGETS, STEPS}};");
    table(
        "OWN",
        "/// Thousandths of the level, for the looks that begin where the level first can reject. 0: never.",
        |level, budget| {
            let (first, mut lists) = chances(level, budget);
            lists.find(|list| list.first == first).map_or(0, |list| list.thousandths(level))
        },
    );
    table("LATER", "/// The same for the worst of all looks that begin there or later.", |level, budget| {
        chances(level, budget).1.map(|list| list.thousandths(level)).max().unwrap_or(0)
    });
}
