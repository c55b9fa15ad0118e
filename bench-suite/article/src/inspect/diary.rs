//! What happened inside a map during a step, in words, and which slots ever held an entry.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use go_maps::probe::{Decision, Event, Follows, Probe, Slot, Taken};

/// Events of one step that are kept; of the others only the number.
const MOST_EVENTS: usize = 64;

/// What the numbers of a [`Slot`] are numbers of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    pub(super) memory: &'static str,
    pub(super) bucket: &'static str,
}

impl Unit {
    /// The name of a bucket or group, the same in events and pictures.
    pub(super) fn name(self, memory: u32, bucket: u32) -> String {
        format!("{} {memory} {} {bucket}", self.memory, self.bucket)
    }

    fn slot(self, slot: Slot) -> String {
        format!("{} slot {}", self.name(slot.memory, slot.bucket), slot.slot)
    }
}

/// Hears of everything.
#[derive(Debug)]
pub(super) struct Diary {
    pub(super) unit: Unit,
    events: RefCell<Vec<String>>,
    left_out: Cell<usize>,
    held: RefCell<HashSet<Slot>>,
}

impl Diary {
    pub(super) fn new(unit: Unit) -> Self {
        Self { unit, events: RefCell::default(), left_out: Cell::new(0), held: RefCell::default() }
    }

    /// Whether a slot held an entry since its memory was made or cleared.
    pub(super) fn held(&self, slot: Slot) -> bool {
        self.held.borrow().contains(&slot)
    }

    /// Everything since the last call.
    pub(super) fn tear_out(&self) -> Vec<String> {
        let mut events = self.events.take();
        let left_out = self.left_out.take();
        if left_out > 0 {
            events.push(format!("and {left_out} more"));
        }
        events
    }

    fn write(&self, words: impl FnOnce() -> String) {
        let mut events = self.events.borrow_mut();
        if events.len() < MOST_EVENTS {
            events.push(words());
        } else {
            self.left_out.set(self.left_out.get() + 1);
        }
    }
}

impl Probe for Diary {
    fn see(&self, event: Event) {
        match event {
            Event::Insert(Decision { slot, .. }) | Event::Move { to: slot } => {
                self.held.borrow_mut().insert(slot);
            }
            Event::Clear => self.held.borrow_mut().clear(),
            _ => {}
        }
        self.write(|| words(self.unit, event));
    }
}

fn words(unit: Unit, event: Event) -> String {
    match event {
        Event::Insert(decision) => insert(unit, decision),
        Event::Delete { slot, follows, freed } => {
            let freed = match freed {
                0 => String::new(),
                1 => ", 1 slot free again".into(),
                more => format!(", {more} slots free again"),
            };
            format!("delete from {}, {} behind it{freed}", unit.slot(slot), behind(follows))
        }
        Event::Move { to } => format!("move to {}", unit.slot(to)),
        Event::Grow { from, to } => format!("grow from {from} to {to} slots"),
        Event::SameSizeGrow { overflow } => format!("grow to the same size, {overflow} overflow buckets"),
        Event::Evacuate { bucket, moved } => format!("evacuate old bucket {bucket}: {moved} moved"),
        Event::GrowthDone => "growth done".into(),
        Event::OverflowBucket { spare: true } => "new overflow bucket, a spare of the array".into(),
        Event::OverflowBucket { spare: false } => "new overflow bucket, from the heap".into(),
        Event::Split { local_depth } => format!("split into two tables of local depth {local_depth}"),
        Event::DirectoryDoubling { entries } => format!("directory doubled to {entries} entries"),
        Event::Prune { tombstones } => format!("prune: {tombstones} tombstones are empty slots again"),
        Event::Clear => "clear: the memory counts as never used".into(),
        Event::Miss { misses } => format!("miss {misses}: the look-up took the lock"),
        Event::Promotion { misses, entries } => {
            format!("promotion after {misses} misses: the dirty map of {entries} keys is the read map")
        }
        Event::DirtyRebuild { entries } => format!("new dirty map, {entries} entries copied"),
        Event::Expunge => "expunge: a deleted entry is absent from the new dirty map".into(),
        Event::TrieNode { depth } => format!("new node at depth {depth}"),
        Event::TrieNodeRemoved { depth } => format!("node at depth {depth} removed"),
        other => format!("{other:?}"),
    }
}

fn insert(unit: Unit, decision: Decision) -> String {
    let taken = match decision.taken {
        Taken::FirstEmpty => "the first empty slot",
        Taken::EndOfChain => "the end of the chain",
        Taken::NewOverflow => "a new overflow bucket",
        Taken::Tombstone => "a tombstone",
    };
    let growing = if decision.growing { ", growing" } else { "" };
    let overflow = match (decision.overflow, unit.bucket) {
        (false, _) => "",
        (true, "bucket") => ", the chain has an overflow bucket",
        (true, _) => ", outside its first group",
    };
    let place = unit.slot(decision.slot);
    format!("insert into {place}: {taken}, {} behind it{growing}{overflow}", behind(decision.follows))
}

const fn behind(follows: Follows) -> &'static str {
    match follows {
        Follows::Nothing => "nothing",
        Follows::EmptyRest => "empty room",
        Follows::Freed => "a freed slot",
        Follows::Live => "a live entry",
    }
}
