//! What happened inside one map so far.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;

use formats::observation::{
    DecisionCount, EventCount, EventKind, EventSource, EventWindow, Events, Follows, ListedEvent, Taken,
};
use rustc_hash::FxHasher;

use crate::map::Address;

/// Events of one kind that are listed.
const LISTED: u64 = 200;
/// No smaller block is a table: growth from a handful of entries is no news.
pub(super) const SMALLEST_TABLE: usize = 4096;

/// Which slot the insert of a new entry took, and why there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Where the entry went.
    pub taken: Taken,
    /// Whether the table was growing.
    pub growing: bool,
    /// Whether the chain had an overflow bucket.
    pub overflow: bool,
    /// What the slots behind it held.
    pub follows: Follows,
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
    pub(super) window: BTreeMap<EventKind, u64>,
    listed: Vec<ListedEvent>,
    dropped: u64,
    decisions: BTreeMap<(Taken, bool, bool, Follows), u64>,
}

impl EventLog {
    pub(super) fn new() -> Self {
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

    pub(super) fn open(&mut self, op: u64, table_bytes: usize) {
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

    pub(super) fn decided(&mut self, decision: Decision) {
        let Decision { taken, growing, overflow, follows } = decision;
        *self.decisions.entry((taken, growing, overflow, follows)).or_default() += 1;
    }

    pub(super) fn note(&mut self, kind: EventKind, size: u64) {
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
    pub(super) fn capacity_rose(&mut self, from: u64, to: u64) {
        // Whatever a table is like, it takes four bytes an entry.
        let explained = u64::try_from(self.largest).unwrap_or(u64::MAX) >= to.saturating_mul(4);
        if !explained && self.source == EventSource::Allocator {
            self.note(EventKind::RehashInPlace, to - from);
        }
    }

    pub(super) fn finish(&mut self, windows: Vec<EventWindow>) -> Events {
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
