//! Bytes that a map of 100,000 holds while a million and more entries come and go.

use super::Found;
use super::churn::Counting;
use super::play::{Churn, Churned};
use super::port::{classic, swiss};
use subject::watch::ledger::{self, Ledger};

const LIVE: usize = 100_000;
/// Pairs of a delete and a put after which is looked, each after the one before.
const LOOKS: [(&str, u64); 3] =
    [("live_bytes_1m", 1_000_000), ("live_bytes_1500k", 500_000), ("live_bytes_2500k", 1_000_000)];

pub(super) fn run() -> Vec<Found> {
    vec![held(Found::classic(), || classic(0, ())), held(Found::swiss(), || swiss(0, ()))]
}

fn held<M: Churned>(mut found: Found, make: impl FnOnce() -> M) -> Found {
    ledger::install(Ledger::default());
    let mut map = make();
    let mut map = Counting(&mut map);
    let mut stream = Churn::fill(&mut map, LIVE, 1);
    for (name, pairs) in LOOKS {
        stream.pairs(&mut map, pairs);
        found = found.count(name, ledger::with(|ledger| ledger.held()));
    }
    drop(ledger::remove());
    found
}
