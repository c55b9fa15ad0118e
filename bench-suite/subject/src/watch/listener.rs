//! Listening to what a thread is told of some keys that others use too.

use std::sync::atomic::{AtomicU64, Ordering};

use formats::answer::Answer;
use formats::observation::Call;
use formats::tape::Op;

use super::finder::Finder;
use super::{Boundary, Watch};
use crate::entry::Value;
use crate::map::Map;
use crate::prepare::Step;

/// No call to a key that is listened to has begun.
const NONE: u64 = u64::MAX;

/// Stamps of one thread; those of the next come after them.
const STAMPS: u64 = 1 << 40;

/// Keeps the calls of one thread to some keys.
#[derive(Debug)]
pub struct Listener<'a> {
    thread: u32,
    /// What the thread plays.
    ops: &'a [Op],
    /// Whether a key, by its number, is listened to.
    chosen: &'a [bool],
    /// Gives out moments, each once.
    clock: &'a AtomicU64,
    played: usize,
    from: u64,
    /// The calls, with the numbers of their keys.
    calls: Vec<(u64, Call)>,
    /// When there was no more room.
    full: u64,
    /// Looks at every call to a bounded cache.
    finder: Option<Finder>,
}

impl<'a> Listener<'a> {
    /// A listener with room for so many calls.
    #[must_use]
    pub fn new(thread: u32, ops: &'a [Op], chosen: &'a [bool], clock: &'a AtomicU64, room: usize) -> Self {
        let calls = Vec::with_capacity(room);
        Self { thread, ops, chosen, clock, played: 0, from: NONE, calls, full: u64::MAX, finder: None }
    }

    /// The same, with a finder that looks at every call.
    #[must_use]
    pub fn with(self, finder: Option<Finder>) -> Self {
        Self { finder, ..self }
    }

    /// The moment from which it heard nothing more, what it heard until then, and the finder.
    #[must_use]
    pub fn heard(self) -> (u64, Vec<(u64, Call)>, Option<Finder>) {
        (self.full, self.calls, self.finder)
    }

    fn now(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }
}

impl Watch for Listener<'_> {
    fn boundary(&mut self, boundary: Boundary<'_>) {
        if let (Boundary::PhaseStart(_), Some(finder)) = (boundary, &mut self.finder) {
            finder.start_phase();
        }
    }

    /// No two threads write the same stamp: what is read says who wrote it.
    fn first_stamp(&self) -> u64 {
        u64::from(self.thread) * STAMPS
    }

    fn before<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, _map: &mut M, _step: &Step<K>) {
        let op = self.ops[self.played];
        let is_chosen = || usize::try_from(op.key()).is_ok_and(|key| self.chosen.get(key) == Some(&true));
        if self.full < u64::MAX || !op.kind().names_key() || !is_chosen() {
            self.from = NONE;
        } else if self.calls.len() == self.calls.capacity() {
            (self.from, self.full) = (NONE, self.now());
        } else {
            self.from = self.now();
        }
    }

    fn after<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, _map: &mut M, step: &Step<K>, answer: Answer) {
        let (op, stamp) = (self.ops[self.played], self.first_stamp() + self.played as u64);
        let turn = 2 * self.played as u64;
        self.played += 1;
        let (thread, kind) = (self.thread, step.kind);
        let answer = answer.is_present().then(|| answer.number());
        if let Some(finder) = &mut self.finder {
            finder.hear(op.key(), Call { thread, kind, stamp, answer, from: turn, to: turn + 1 });
        }
        if self.from < NONE {
            let (from, to) = (self.from, self.now());
            self.calls.push((op.key(), Call { thread, kind, stamp, answer, from, to }));
        }
    }
}
