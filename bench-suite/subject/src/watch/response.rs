//! How long each operation of a paced tape took from when it was due.

use formats::histogram::Latencies;
use formats::tape::{KINDS, Kind};

use crate::pace::Pacer;

/// Response times of one thread in the phase that is being played.
#[derive(Default)]
pub struct Responses {
    /// `None` in a phase without a schedule.
    running: Option<Running>,
}

struct Running {
    pacer: Pacer,
    /// Operations of the thread before the phase.
    before: u64,
    kinds: [Latencies; KINDS],
}

impl Responses {
    /// A phase with a schedule starts: the thread has played `before` operations.
    pub fn start_schedule(&mut self, pacer: Pacer, before: u64) {
        let kinds = std::array::from_fn(|_| Latencies::new());
        self.running = Some(Running { pacer, before, kinds });
    }

    /// Whether operations are due at all.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Counts an operation: its position on the thread's tape, and the tick at which it was done.
    pub fn record(&mut self, kind: Kind, index: u64, end: u64) {
        let Some(running) = &mut self.running else { return };
        let ns = running.pacer.response_ns(index - running.before, end);
        running.kinds[kind as usize].record(ns, 1);
    }

    /// The phase is over: its response times by kind; `None` where nothing was due.
    pub fn take(&mut self) -> Option<[Latencies; KINDS]> {
        Some(self.running.take()?.kinds)
    }
}
