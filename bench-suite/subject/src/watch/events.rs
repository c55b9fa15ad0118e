//! Hearing of structural changes: what a map tells itself, and what its allocator shows.

use formats::answer::Answer;
use formats::observation::{EventWindow, Events};
use formats::tape::Kind;

use super::event_log::{EventLog, SMALLEST_TABLE};
use super::ledger::{self, Ledger};
use super::{Boundary, Watch};
use crate::entry::Value;
use crate::map::Map;
use crate::prepare::Step;

/// Says which operation it is, and looks for a table rebuilt in place: a capacity that rose without a new table.
pub struct EventsWatch {
    names: Vec<String>,
    phase: usize,
    played: u64,
    live: usize,
    entry_bytes: usize,
    value_bytes: usize,
    capacity: Option<u64>,
    first_op: u64,
    windows: Vec<EventWindow>,
}

impl EventsWatch {
    /// A watch for a tape with phases of these names, of entries that take so many bytes in a table and values
    /// of so many bytes. Installs a ledger for this thread.
    #[must_use]
    pub fn install(names: &[String], entry_bytes: usize, value_bytes: usize) -> Self {
        ledger::install(Ledger::with_log(EventLog::new()));
        Self {
            names: names.to_vec(),
            phase: 0,
            played: 0,
            live: 0,
            entry_bytes,
            value_bytes,
            capacity: None,
            first_op: 0,
            windows: Vec::with_capacity(512),
        }
    }

    /// What happened on the tape.
    #[must_use]
    pub fn finish(self) -> Events {
        with_log(|log| log.finish(self.windows))
    }

    /// A table holds a 64th of all entries at least: so much is in a shard of the maps with the most of them.
    fn table_bytes(&self) -> usize {
        (self.live / 64 * self.entry_bytes).max(2 * self.value_bytes).max(SMALLEST_TABLE)
    }
}

fn with_log<R>(act: impl FnOnce(&mut EventLog) -> R) -> R {
    ledger::with(|ledger| act(ledger.log().expect("installed with one")))
}

impl Watch for EventsWatch {
    fn boundary(&mut self, boundary: Boundary<'_>) {
        match boundary {
            Boundary::PhaseStart(phase) => self.phase = phase,
            Boundary::SliceEnd { ops, .. } => {
                let counts = with_log(|log| std::mem::take(&mut log.window));
                self.windows.push(EventWindow {
                    phase: self.names[self.phase].clone(),
                    first_op: self.first_op,
                    ops,
                    live: self.live as u64,
                    counts,
                });
                self.first_op = self.played;
            }
            Boundary::SliceStart | Boundary::PhaseEnd => {}
        }
    }

    fn before<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, _map: &mut M, _step: &Step<K>) {
        let (op, table_bytes) = (self.played, self.table_bytes());
        with_log(|log| log.open(op, table_bytes));
        ledger::with(|ledger| ledger.open(op));
    }

    fn after<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, map: &mut M, step: &Step<K>, answer: Answer) {
        ledger::with(Ledger::close);
        match (step.kind, answer.is_present()) {
            (Kind::Insert | Kind::Upsert, false) => self.live += 1,
            (Kind::Remove | Kind::RemoveFirst, true) => self.live = self.live.saturating_sub(1),
            (Kind::Retain, _) => {
                let taken = usize::try_from(answer.number()).unwrap_or(usize::MAX);
                self.live = self.live.saturating_sub(taken);
            }
            (Kind::Clear, _) => self.live = 0,
            _ => {}
        }
        if !matches!(step.kind, Kind::Get | Kind::Iterate | Kind::Len) {
            let capacity = map.capacity();
            // An insert into a dead slot wins one.
            if let (Some(from), Some(to)) = (self.capacity, capacity)
                && to > from + 1
            {
                with_log(|log| log.capacity_rose(from, to));
            }
            self.capacity = capacity;
        }
        self.played += 1;
    }
}
