//! How long each operation of a paced tape took from when it was due.

use formats::histogram::Latencies;
use formats::tape::Kind;

use crate::pace::Pacer;

/// Response times of one thread, by phase and kind.
#[derive(Default)]
pub struct Responses {
    pacer: Option<Pacer>,
    /// Operations of the thread before the phase.
    before: u64,
    label: usize,
    phases: Vec<(usize, [Latencies; 6])>,
}

impl Responses {
    /// A phase without a schedule starts, unless [`Self::start_schedule`] follows.
    pub fn stop(&mut self) {
        self.pacer = None;
    }

    /// A phase with a schedule starts: `label` is the place of the histograms that it shares, and the thread has played `before`
    /// operations.
    pub fn start_schedule(&mut self, pacer: Pacer, label: usize, before: u64) {
        (self.pacer, self.label, self.before) = (Some(pacer), label, before);
    }

    /// Whether operations are due at all.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.pacer.is_some()
    }

    /// Counts an operation: its position on the thread's tape, and the tick at which it was done.
    pub fn record(&mut self, kind: Kind, index: u64, end: u64) {
        let Some(pacer) = &self.pacer else { return };
        let ns = pacer.response_ns(index - self.before, end);
        let known = self.phases.iter().position(|(label, _)| *label == self.label).unwrap_or_else(|| {
            self.phases.push((self.label, std::array::from_fn(|_| Latencies::new())));
            self.phases.len() - 1
        });
        self.phases[known].1[kind as usize].record(ns, 1);
    }

    /// The response times of one kind in the phases of one label; `None` where nothing was due.
    #[must_use]
    pub fn of(&self, label: usize, kind: Kind) -> Option<&Latencies> {
        let (_, kinds) = self.phases.iter().find(|(known, _)| *known == label)?;
        Some(&kinds[kind as usize])
    }
}
