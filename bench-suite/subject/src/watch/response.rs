//! How long each operation of a paced tape took from when it was due.

use formats::histogram::Latencies;
use formats::tape::Kind;

use crate::pace::Trip;

/// Response times of one thread, by phase and kind.
#[derive(Default)]
pub struct Responses {
    trip: Option<Trip>,
    /// Operations of the thread before the phase.
    before: u64,
    label: usize,
    phases: Vec<(usize, [Latencies; 6])>,
}

impl Responses {
    /// A phase without a timetable starts, unless [`Self::set_out`] follows.
    pub fn stop(&mut self) {
        self.trip = None;
    }

    /// A phase with a timetable starts: `label` is the place of its name, and the thread has played `before`
    /// operations.
    pub fn set_out(&mut self, trip: Trip, label: usize, before: u64) {
        (self.trip, self.label, self.before) = (Some(trip), label, before);
    }

    /// Whether operations are due at all.
    #[must_use]
    pub fn is_on_the_way(&self) -> bool {
        self.trip.is_some()
    }

    /// Counts an operation: its position on the thread's tape, and the tick at which it was done.
    pub fn record(&mut self, kind: Kind, index: u64, end: u64) {
        let Some(trip) = &self.trip else { return };
        let ns = trip.response_ns(index - self.before, end);
        let known = self.phases.iter().position(|(label, _)| *label == self.label).unwrap_or_else(|| {
            self.phases.push((self.label, std::array::from_fn(|_| Latencies::new())));
            self.phases.len() - 1
        });
        self.phases[known].1[kind as usize].record(ns, 1);
    }

    /// The response times of one kind in the phases of one name; `None` where nothing was due.
    #[must_use]
    pub fn of(&self, label: usize, kind: Kind) -> Option<&Latencies> {
        let (_, kinds) = self.phases.iter().find(|(known, _)| *known == label)?;
        Some(&kinds[kind as usize])
    }
}
