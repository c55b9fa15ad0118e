//! What a child can observe from inside while a tape is played.

pub mod clock;
pub mod event_log;
pub mod events;
pub mod heap;
pub mod latency;
pub mod ledger;
pub mod response;
pub mod shadow;
pub mod stacks;
pub mod traced;
pub mod untimed;

use formats::answer::Answer;

use crate::entry::Value;
use crate::map::Map;
use crate::pace::Trip;
use crate::prepare::Step;
use crate::tally::Tally;

/// A place on the tape where a watch may look up. Nothing is being measured there.
#[derive(Debug, Clone, Copy)]
pub enum Border<'a> {
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
    /// At the borders of phases and slices.
    fn border(&mut self, border: Border<'_>);

    /// After the start of a phase with a timetable.
    fn set_out(&mut self, _trip: Trip) {}

    /// Before at most [`CHUNK`] operations in a row.
    #[inline]
    fn start_chunk(&mut self) {}

    /// Before one operation.
    #[inline]
    fn before<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, _map: &mut M, _step: &Step<K>) {}

    /// After it.
    #[inline]
    fn after<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, _map: &mut M, _step: &Step<K>, _answer: Answer) {}

    /// After so many operations in a row, at most [`CHUNK`].
    #[inline]
    fn end_chunk(&mut self, _ops: usize) {}
}

/// Operations that are played without looking up: few enough that what a watch keeps of them stays in the
/// first-level cache, many enough that the call is free.
pub const CHUNK: usize = 1024;
