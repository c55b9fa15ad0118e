//! What a child can observe from inside while a tape is played.

pub mod event_log;
pub mod events;
pub mod film;
pub mod finder;
pub mod heap;
pub mod heap_stacks;
pub mod latency;
pub mod ledger;
pub mod listener;
pub mod probes;
pub mod response;
pub mod shadow;
pub mod slowest;
pub mod stacks;
pub mod stopwatch;
pub mod tail;
pub mod thread_counters;
pub mod timed;
pub mod traced;
pub mod untimed;

use formats::answer::Answer;

use crate::entry::Value;
use crate::map::Map;
use crate::pace::Pacer;
use crate::prepare::Step;
use crate::tally::Tally;

/// A place on the tape where a watch may look up. Nothing is being measured there.
#[derive(Debug, Clone, Copy)]
pub enum Boundary<'a> {
    /// The phase with this index is about to start; all threads are released at once.
    PhaseStart(usize),
    /// Some consecutive operations of the phase are about to start.
    SliceStart,
    /// They are done.
    SliceEnd {
        /// How many they were.
        ops: u64,
        /// What the thread's operations come to so far.
        tally: &'a Tally,
    },
    /// This thread's part of the phase is done.
    PhaseEnd,
}

/// Goes around every operation of one thread. What a watch leaves at its default costs nothing.
pub trait Watch {
    /// At the boundaries of phases and slices.
    fn boundary(&mut self, boundary: Boundary<'_>);

    /// The stamp of the thread's first operation; later ones count up from it.
    fn first_stamp(&self) -> u64 {
        0
    }

    /// After the start of a phase with a schedule.
    fn start_schedule(&mut self, _trip: &Pacer) {}

    /// Before at most [`CHUNK`](formats::tape::CHUNK) operations in a row.
    #[inline]
    fn start_chunk(&mut self) {}

    /// Does what belongs to the life of a map, and to no operation.
    fn between(&mut self, act: &mut dyn FnMut()) {
        act();
    }

    /// Before one operation.
    #[inline]
    fn before<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, _map: &mut M, _step: &Step<K>) {}

    /// After it.
    #[inline]
    fn after<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, _map: &mut M, _step: &Step<K>, _answer: Answer) {}

    /// After so many operations in a row, at most [`CHUNK`](formats::tape::CHUNK).
    #[inline]
    fn end_chunk(&mut self, _ops: usize) {}
}
