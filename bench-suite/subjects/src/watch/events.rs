//! Hearing of structural changes: what a map tells itself, and what its allocator shows.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;

use formats::answer::Answer;
use formats::observation::{
    DecisionCount, EventCount, EventKind, EventSource, EventWindow, Events, Follows, ListedEvent, Taken,
};
use formats::tape::Kind;
use go_maps::probe::{self, Event, Probe};
use rustc_hash::FxHasher;

use super::ledger::{self, Ledger};
use super::{Border, Watch};
use crate::entry::Value;
use crate::map::{Address, Map};
use crate::prepare::Step;

/// Events of one kind that are listed.
const LISTED: u64 = 200;
/// No smaller block is a table: growth from a handful of entries is no news.
const SMALLEST_TABLE: usize = 4096;

/// The probe of the maps in passes that watch every operation: tells the thread's ledger.
#[derive(Debug, Clone, Copy)]
pub struct Told(());

impl Default for Told {
    fn default() -> Self {
        ledger::announce();
        Self(())
    }
}

impl Probe for Told {
    fn see(&self, event: Event) {
        ledger::hear(event);
    }
}

/// What happened inside one map so far.
#[derive(Debug)]
pub struct EventLog {
    source: EventSource,
    op: u64,
    /// A block of so many bytes is a table.
    table_bytes: usize,
    /// The largest block that the operation allocated.
    largest: usize,
    tables: HashMap<Address, usize, BuildHasherDefault<FxHasher>>,
    kinds: BTreeMap<EventKind, EventCount>,
    window: BTreeMap<EventKind, u64>,
    listed: Vec<ListedEvent>,
    dropped: u64,
    decisions: BTreeMap<(Taken, bool, bool, Follows), u64>,
}

impl EventLog {
    fn new() -> Self {
        Self {
            source: EventSource::Allocator,
            op: 0,
            table_bytes: SMALLEST_TABLE,
            largest: 0,
            tables: HashMap::default(),
            kinds: BTreeMap::new(),
            window: BTreeMap::new(),
            listed: Vec::new(),
            dropped: 0,
            decisions: BTreeMap::new(),
        }
    }

    /// The map says itself what happens in it.
    pub(super) fn announced(&mut self) {
        self.source = EventSource::Map;
    }

    fn open(&mut self, op: u64, table_bytes: usize) {
        (self.op, self.table_bytes, self.largest) = (op, table_bytes, 0);
    }

    pub(super) fn allocated(&mut self, block: Address, size: usize) {
        self.largest = self.largest.max(size);
        if size >= self.table_bytes {
            self.tables.insert(block, size);
            self.note(EventKind::TableAllocated, size as u64);
        }
    }

    pub(super) fn freed(&mut self, block: Address) {
        if let Some(size) = self.tables.remove(&block) {
            self.note(EventKind::TableFreed, size as u64);
        }
    }

    pub(super) fn hear(&mut self, event: Event) {
        match event {
            Event::Insert(decision) => {
                let key =
                    (taken(decision.taken), decision.growing, decision.overflow, follows(decision.follows));
                *self.decisions.entry(key).or_default() += 1;
            }
            Event::Delete { freed, .. } => self.note(EventKind::Delete, freed.into()),
            Event::Move { .. } => self.note(EventKind::Move, 0),
            Event::Grow { to, .. } => self.note(EventKind::Grow, to),
            Event::SameSizeGrow { overflow } => self.note(EventKind::SameSizeGrow, overflow.into()),
            Event::Evacuate { moved, .. } => self.note(EventKind::Evacuate, moved.into()),
            Event::GrowthDone => self.note(EventKind::GrowthDone, 0),
            Event::OverflowBucket { spare: true } => self.note(EventKind::SpareOverflowBucket, 0),
            Event::OverflowBucket { spare: false } => self.note(EventKind::HeapOverflowBucket, 0),
            Event::Split { .. } => self.note(EventKind::Split, 0),
            Event::DirectoryDoubling { entries } => self.note(EventKind::DirectoryDoubling, entries as u64),
            Event::Prune { tombstones } => self.note(EventKind::Prune, tombstones.into()),
            Event::Clear => self.note(EventKind::Clear, 0),
            Event::Miss { .. } => self.note(EventKind::Miss, 0),
            Event::Promotion { entries, .. } => self.note(EventKind::Promotion, entries as u64),
            Event::DirtyRebuild { entries } => self.note(EventKind::DirtyRebuild, entries as u64),
            Event::Expunge => self.note(EventKind::Expunge, 0),
            Event::TrieNode { .. } => self.note(EventKind::TrieNode, 0),
            Event::TrieNodeRemoved { .. } => self.note(EventKind::TrieNodeRemoved, 0),
            other => debug_assert!(false, "{other:?} has no kind"),
        }
    }

    fn note(&mut self, kind: EventKind, size: u64) {
        let new = EventCount { kind, count: 0, size: 0, first_op: self.op, last_op: self.op };
        let of_kind = self.kinds.entry(kind).or_insert(new);
        of_kind.count += 1;
        of_kind.size += size;
        of_kind.last_op = self.op;
        *self.window.entry(kind).or_default() += 1;
        if kind.is_of_one_entry() {
            return;
        }
        if of_kind.count <= LISTED {
            self.listed.push(ListedEvent { op: self.op, kind, size });
        } else {
            self.dropped += 1;
        }
    }

    /// Notes a rise of the capacity, unless a new table explains it.
    fn capacity_rose(&mut self, from: u64, to: u64) {
        // Whatever a table is like, it takes four bytes an entry.
        let explained = u64::try_from(self.largest).unwrap_or(u64::MAX) >= to.saturating_mul(4);
        if !explained && self.source == EventSource::Allocator {
            self.note(EventKind::RehashInPlace, to - from);
        }
    }

    fn finish(&mut self, windows: Vec<EventWindow>) -> Events {
        let count = |(&(taken, growing, overflow, follows), &count): (&_, &u64)| DecisionCount {
            taken,
            growing,
            overflow,
            follows,
            count,
        };
        Events {
            source: self.source,
            kinds: self.kinds.values().copied().collect(),
            windows,
            listed: std::mem::take(&mut self.listed),
            dropped: self.dropped,
            decisions: self.decisions.iter().map(count).collect(),
        }
    }
}

const fn taken(taken: probe::Taken) -> Taken {
    match taken {
        probe::Taken::FirstEmpty => Taken::FirstEmpty,
        probe::Taken::EndOfChain => Taken::EndOfChain,
        probe::Taken::NewOverflow => Taken::NewOverflow,
        probe::Taken::Tombstone => Taken::Tombstone,
    }
}

const fn follows(follows: probe::Follows) -> Follows {
    match follows {
        probe::Follows::Nothing => Follows::Nothing,
        probe::Follows::EmptyRest => Follows::EmptyRest,
        probe::Follows::Freed => Follows::Freed,
        probe::Follows::Live => Follows::Live,
    }
}

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
    fn border(&mut self, border: Border<'_>) {
        match border {
            Border::PhaseStart(phase) => self.phase = phase,
            Border::SliceEnd { ops, .. } => {
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
            Border::SliceStart | Border::PhaseEnd => {}
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
            (Kind::Insert, false) => self.live += 1,
            (Kind::Remove, true) => self.live = self.live.saturating_sub(1),
            (Kind::Clear, _) => self.live = 0,
            _ => {}
        }
        if !matches!(step.kind, Kind::Get | Kind::Iterate) {
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
