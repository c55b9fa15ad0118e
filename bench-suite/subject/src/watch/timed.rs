//! Taking the time of every operation: one read of the clock an operation.
//!
//! The end of one operation is the start of the next. The counter is read without a fence: a fence would cost
//! more than most operations. What the processor still had in flight at the read is counted with the next
//! operation, so sums are exact and single durations smear by a few ns into their neighbour.

use formats::answer::Answer;
use formats::tape::{CHUNK, KINDS, Kind};

use super::{Boundary, Watch};
use crate::clock::Ticker;
use crate::entry::Value;
use crate::map::Map;
use crate::pace::Pacer;
use crate::prepare::Step;

/// How long one operation took, and what it was, in one word.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timed(u64);

impl Timed {
    /// The kind fits into the low bits beside a duration.
    const KIND_BITS: u32 = 4;

    #[inline]
    pub(super) const fn new(ticks: u64, kind: Kind) -> Self {
        Self(ticks << Self::KIND_BITS | kind as u64)
    }

    /// How long it took, in ticks of the clock.
    #[must_use]
    pub const fn ticks(self) -> u64 {
        self.0 >> Self::KIND_BITS
    }

    /// What it was.
    #[must_use]
    pub fn kind(self) -> Kind {
        let number = usize::try_from(self.0 & ((1 << Self::KIND_BITS) - 1)).unwrap_or(0);
        Kind::ALL[number.min(KINDS - 1)]
    }
}

/// What becomes of the durations. It is told of them between operations, so that whatever it does is in none.
pub trait Durations: Send {
    /// At the boundaries of phases and slices.
    fn boundary(&mut self, boundary: Boundary<'_>);

    /// After the start of a phase with a schedule.
    fn start_schedule(&mut self, _pacer: &Pacer) {}

    /// Some operations in a row are done, at most [`CHUNK`], the last one at the tick `end`.
    fn take(&mut self, operations: &[Timed], end: u64);
}

/// Takes the time of every operation of one thread. All passes that do so play through one and the same loop: what they
/// make of the durations is behind a pointer, which is followed once for many operations.
pub struct TimedWatch<'a> {
    ticker: Ticker,
    last: u64,
    at: usize,
    operations: Box<[Timed; CHUNK]>,
    durations: &'a mut dyn Durations,
}

impl<'a> TimedWatch<'a> {
    /// A watch that hands over what it takes.
    #[must_use]
    pub fn new(ticker: Ticker, durations: &'a mut dyn Durations) -> Self {
        Self { ticker, last: 0, at: 0, operations: Box::new([Timed::default(); CHUNK]), durations }
    }
}

impl Watch for TimedWatch<'_> {
    fn boundary(&mut self, boundary: Boundary<'_>) {
        self.durations.boundary(boundary);
    }

    fn start_schedule(&mut self, pacer: &Pacer) {
        self.durations.start_schedule(pacer);
    }

    #[inline]
    fn start_chunk(&mut self) {
        self.last = self.ticker.now();
    }

    #[inline]
    fn after<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, _map: &mut M, step: &Step<K>, _answer: Answer) {
        let now = self.ticker.now();
        self.operations[self.at % CHUNK] = Timed::new(now.saturating_sub(self.last), step.kind);
        self.at += 1;
        self.last = now;
    }

    fn end_chunk(&mut self, _ops: usize) {
        self.durations.take(&self.operations[..self.at], self.last);
        self.at = 0;
    }
}
