//! Looking at some operations: what the map and its allocator did in each, and what the thread met.

use std::collections::BTreeMap;
use std::mem::take;

use formats::answer::Answer;
use formats::observation::{Done, EventKind, Met, Tail, UsualOfKind};
use formats::tape::{KINDS, Kind, PhaseMark};

use super::events::EventsWatch;
use super::ledger;
use super::thread_counters::ThreadCounters;
use super::{Boundary, Watch};
use crate::entry::Value;
use crate::map::Map;
use crate::prepare::Step;

/// Sees what every operation of the load does, keeps it of those that were chosen, and counts it for each kind.
pub struct TailWatch<'a> {
    events: EventsWatch,
    phases: &'a [PhaseMark],
    counts: bool,
    counters: ThreadCounters,
    played: u64,
    /// Positions of the operations that are still to be looked at, in order.
    chosen: &'a [u64],
    before: Met,
    done: Vec<Done>,
    kinds: [Usual; KINDS],
}

/// What the operations of one kind did so far.
#[derive(Default)]
struct Usual {
    ops: u64,
    events: BTreeMap<EventKind, u64>,
    by_calls: [u64; Tail::CALLS + 1],
    by_bytes: Vec<u64>,
}

impl<'a> TailWatch<'a> {
    /// A watch for a tape of one thread, of entries that take so many bytes in a table and values of so many bytes.
    /// `chosen` are positions on the tape, in order. Installs a ledger for this thread.
    #[must_use]
    pub fn install(
        phases: &'a [PhaseMark],
        chosen: &'a [u64],
        entry_bytes: usize,
        value_bytes: usize,
    ) -> Self {
        let usual = || Usual { by_bytes: vec![0; u64::BITS as usize + 1], ..Usual::default() };
        Self {
            events: EventsWatch::install(&[], entry_bytes, value_bytes),
            phases,
            counts: false,
            counters: ThreadCounters::of_this_thread(),
            played: 0,
            chosen,
            before: Met::default(),
            done: Vec::with_capacity(chosen.len()),
            kinds: std::array::from_fn(|_| usual()),
        }
    }

    /// What each of the chosen operations did, and what those of each kind did.
    #[must_use]
    pub fn finish(self) -> (Vec<Done>, Vec<UsualOfKind>) {
        let seen = Kind::ALL.into_iter().zip(self.kinds).filter(|(_, usual)| usual.ops > 0);
        let told = |(kind, usual): (Kind, Usual)| UsualOfKind {
            kind,
            ops: usual.ops,
            events: usual.events,
            by_calls: without_zeros(usual.by_calls.into()),
            by_bytes: without_zeros(usual.by_bytes),
        };
        (self.done, seen.map(told).collect())
    }

    fn is_chosen(&self) -> bool {
        self.chosen.first() == Some(&self.played)
    }
}

fn without_zeros(mut counts: Vec<u64>) -> Vec<u64> {
    let last = counts.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
    counts.truncate(last);
    counts
}

/// What the ledger knows since the last time.
fn take_done() -> Done {
    ledger::with(|ledger| {
        let mut events = ledger.log().map(|log| take(&mut log.window)).unwrap_or_default();
        events.retain(|kind, _| !kind.is_of_one_entry());
        let totals = ledger.take_totals();
        let calls = totals.allocations + totals.frees;
        Done { events, calls, bytes: totals.bytes, met: Met::default() }
    })
}

impl Watch for TailWatch<'_> {
    fn boundary(&mut self, boundary: Boundary<'_>) {
        if let Boundary::PhaseStart(phase) = boundary {
            self.counts = self.phases[phase].counts;
        }
    }

    fn before<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, map: &mut M, step: &Step<K>) {
        // What is done between operations, such as making the map, is in none.
        if self.played == 0 {
            drop(take_done());
        }
        self.events.before(map, step);
        if self.is_chosen() {
            self.before = self.counters.read();
        }
    }

    fn after<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, map: &mut M, step: &Step<K>, answer: Answer) {
        let is_chosen = self.is_chosen();
        let met = if is_chosen { self.counters.read().since(self.before) } else { Met::default() };
        self.events.after(map, step, answer);
        self.played += 1;
        let done = Done { met, ..take_done() };
        if self.counts {
            let usual = &mut self.kinds[step.kind as usize];
            usual.ops += 1;
            usual.by_calls[done.calls_bin()] += 1;
            usual.by_bytes[done.bytes_bin()] += 1;
            for kind in done.events.keys() {
                *usual.events.entry(*kind).or_default() += 1;
            }
        }
        if is_chosen {
            self.chosen = &self.chosen[1..];
            self.done.push(done);
        }
    }
}
