//! A million deletes and puts of new keys in a map of 100,000: reuse, memory and allocations.

use std::rc::Rc;

use go_maps::marks::Marks;

use super::Found;
use super::play::{Churn, Churned, collect};
use super::port::{classic, swiss, sync, trie};
use subject::watch::ledger::{self, Ledger};

const LIVE: usize = 100_000;
const PAIRS: u64 = 1_000_000;

pub(super) fn run() -> Vec<Found> {
    let (classic_reused, swiss_reused) = (Rc::new(Marks::default()), Rc::new(Marks::default()));
    let reused = |marks: &Marks| marks.reused() as f64 / PAIRS as f64;
    churn(classic(0, Rc::clone(&classic_reused)));
    churn(swiss(0, Rc::clone(&swiss_reused)));
    let old = Found::classic().with("map_reused", reused(&classic_reused));
    let new = Found::swiss().with("map_reused", reused(&swiss_reused));
    let old = memory(memory(old, "map", || classic(0, ())), "sync", || sync(()));
    let new = memory(memory(new, "map", || swiss(0, ())), "sync", trie);
    vec![old, new]
}

fn churn(mut map: impl Churned) {
    Churn::fill(&mut map, LIVE, 1).pairs(&mut map, PAIRS);
}

/// Adds what the blocks of one map come to.
fn memory<M: Churned>(found: Found, name: &str, make: impl FnOnce() -> M) -> Found {
    ledger::install(Ledger::default());
    let mut map = make();
    // The stream's own blocks are not the map's.
    let mut stream = Churn::fill(&mut Counting(&mut map), LIVE, 1);
    ledger::with(Ledger::take_totals);
    stream.pairs(&mut Counting(&mut map), PAIRS);
    let allocations = ledger::with(Ledger::take_totals).allocations;
    let peak = ledger::with(|ledger| ledger.peak());
    counting(collect);
    let held = ledger::remove().held();
    let ops = 2.0 * PAIRS as f64;
    found
        .count(&format!("{name}_peak_bytes"), peak)
        .with(&format!("{name}_allocations"), allocations as f64 / ops)
        .count(&format!("{name}_live_bytes"), held)
}

/// A map whose own blocks are counted, and no others.
pub(super) struct Counting<'m, M>(pub(super) &'m mut M);

impl<M: Churned> Churned for Counting<'_, M> {
    fn put(&mut self, key: u64) {
        counting(|| self.0.put(key));
    }

    fn delete(&mut self, key: u64) {
        counting(|| self.0.delete(key));
    }

    fn has(&mut self, key: u64) -> bool {
        counting(|| self.0.has(key))
    }
}

/// Lets the installed ledger see what happens.
pub(super) fn counting<T>(act: impl FnOnce() -> T) -> T {
    ledger::with(Ledger::reopen);
    let result = act();
    ledger::with(Ledger::close);
    result
}
