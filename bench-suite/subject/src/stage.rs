//! What each collector does with a pass: one file each, and one match.

mod allocations;
mod calls;
mod contention;
mod events;
mod heap;
mod heap_stacks;
mod instructions;
mod latency;
mod probes;
mod slots;
mod stacks;
mod tail;
mod throughput;
mod told;

use std::sync::Barrier;

use formats::observation::{Answers, Collector, Reading, Threads};

use crate::driver::{Driver, Host, Route};
use crate::entry::Value;
use crate::job::{Job, Unsupported};
use crate::pace::Timetable;
use crate::prepare::Prepared;
use crate::tally::Tally;
use crate::watch::Boundary;
use crate::watch::ledger::{self, Ledger};
use crate::watch::stopwatch::Stopwatch;
use crate::watch::untimed::Untimed;

/// Time between two samples of the heap while a tape plays that has one schedule, s.
const HEAP_SECONDS: u64 = 5;

/// Everything that the collectors need of a pass.
pub(crate) struct Stage<'a, K> {
    job: &'a Job,
    route: Route<'a>,
    names: Vec<String>,
    prepared: &'a Prepared<K>,
}

impl<'a, K: Sync> Stage<'a, K> {
    pub(crate) fn new(job: &'a Job, prepared: &'a Prepared<K>) -> Self {
        let tape = job.tape.header();
        let phases = &tape.phases;
        let timetable = job.collector.keeps_pace().then(|| Timetable::of(&job.tape)).flatten();
        let sampled = timetable.as_ref().filter(|_| job.collector == Collector::Heap);
        let slice_ops = sampled.and_then(|timetable| timetable.ops_in(HEAP_SECONDS));
        let slice_ops = slice_ops.unwrap_or_else(|| tape.slice_ops(job.samples));
        let slice_ops = usize::try_from(slice_ops).unwrap_or(usize::MAX);
        let route = Route { phases, slice_ops, timetable, gate: Barrier::new(job.tape.threads()) };
        Self { job, route, names: phases.iter().map(|phase| phase.name.clone()).collect(), prepared }
    }

    /// Lets the collector watch a new map play.
    pub(crate) fn observe<V: Value>(
        &self,
        driver: &mut dyn Driver<K, V>,
    ) -> Result<(Answers, Reading), Unsupported> {
        let (collector, threads) = (self.job.collector, self.prepared.threads.len());
        if threads > 1 && matches!(collector.info().threads, Threads::One) {
            return Err(Unsupported::CollectorThreads { collector, threads });
        }
        Ok(match collector {
            Collector::Throughput => self.throughput(driver)?,
            Collector::Latency => self.latency(driver),
            Collector::Slots => self.slots(driver)?,
            Collector::Heap => self.heap(driver)?,
            Collector::Allocations => self.allocations(driver),
            Collector::Contention => self.contention(driver, false),
            Collector::Events => self.events(driver),
            Collector::Calls => return Err(self.cannot("the keys of this map do not count".into())),
            Collector::Probes => self.probes(driver)?,
            Collector::Instructions => self.instructions(driver),
            Collector::Tail => self.tail(driver)?,
            Collector::Stacks => self.stacks(driver)?,
            Collector::HeapStacks => self.heap_stacks(driver)?,
        })
    }

    fn stopwatches(&self) -> Vec<Stopwatch> {
        let slices = |ops: u64| usize::try_from(ops).unwrap_or(0).div_ceil(self.route.slice_ops);
        let stopwatch = |thread: usize| {
            Stopwatch::new(self.route.phases.iter().map(move |phase| slices(phase.ops[thread])))
        };
        (0..self.prepared.threads.len()).map(stopwatch).collect()
    }

    /// Plays with a closure for each thread that is called at its boundaries.
    fn play_untimed<V: Value, F: FnMut(Boundary<'_>) + Send>(
        &self,
        driver: &mut dyn Driver<K, V>,
        boundaries: &mut [F],
    ) -> Vec<Tally> {
        let inject_work = self.job.inject_work;
        let mut watches: Vec<_> =
            boundaries.iter_mut().map(|boundary| Untimed { boundary, inject_work }).collect();
        driver.play(&self.route, self.prepared, &mut watches)
    }

    fn cannot(&self, why: String) -> Unsupported {
        Unsupported::Collector { collector: self.job.collector, why }
    }
}

/// Does what belongs to the map's life but to no operation, with the ledger open.
fn in_ledger<R>(act: impl FnOnce() -> R) -> R {
    ledger::with(Ledger::reopen);
    let result = act();
    ledger::with(Ledger::close);
    result
}

fn answers<K, V: Value>(tallies: &[Tally], host: &mut dyn Host<K, V>) -> Answers {
    answered(tallies, host.entries())
}

/// What the threads' operations come to, in a map that said it held so many entries in the end.
fn answered(tallies: &[Tally], end_len: u64) -> Answers {
    Answers {
        digests: tallies.iter().map(|tally| tally.digest).collect(),
        balance: tallies.iter().map(|tally| tally.balance).sum(),
        end_len,
        stamps: None,
        told: None,
        found: None,
    }
}
