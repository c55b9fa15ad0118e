//! Which blocks the churn of a map of 10,000 allocates.

use super::Found;
use super::churn::Counting;
use super::layout::{bucket_bytes, group_bytes};
use super::play::{Churn, Churned};
use super::port::{classic, swiss};
use subject::watch::ledger::{self, Ledger};

const LIVE: usize = 10_000;
const PAIRS: u64 = 100_000;

pub(super) fn run() -> Vec<Found> {
    let old = allocated(Found::classic(), || classic(0, ())).count("bucket_size", bucket_bytes());
    let new = allocated(Found::swiss(), || swiss(0, ())).count("bucket_size", group_bytes());
    vec![old, new]
}

fn allocated<M: Churned>(found: Found, make: impl FnOnce() -> M) -> Found {
    ledger::install(Ledger::with_lifetimes());
    let mut map = make();
    let mut map = Counting(&mut map);
    Churn::fill(&mut map, LIVE, 1).pairs(&mut map, PAIRS);
    let classes = ledger::remove().classes();
    let top = classes.iter().max_by_key(|class| class.allocations);
    let (top_size, top_count) = top.map_or((0, 0), |class| (class.size, class.allocations));
    let list = |figure: fn(&formats::observation::ClassAllocations) -> u64| {
        classes.iter().map(|class| figure(class) as f64).collect::<Vec<f64>>()
    };
    found
        .count("top_size", top_size)
        .count("top_count", top_count)
        .count("all_count", classes.iter().map(|class| class.allocations).sum::<u64>())
        .with("sizes", list(|class| class.size))
        .with("counts", list(|class| class.allocations))
}
