//! Collects the operations of a recording: numbers its keys and knows which of them live.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use formats::tape::{Kind, Op, PhaseMark};

use crate::recipe::Drawn;

/// The operations so far.
#[derive(Default)]
pub(super) struct Recorder {
    ops: Vec<Op>,
    ids: HashMap<Box<[u8]>, u32>,
    keys: Vec<State>,
    /// Keys that were inserted at least once.
    inserted: u32,
    /// When entries leave by themselves, with the key; stale once the key's own `due` says otherwise.
    due: BinaryHeap<Reverse<(u64, u32)>>,
}

/// What is known of one key.
#[derive(Clone, Copy)]
struct State {
    live: bool,
    /// When it leaves by itself.
    due: u64,
    /// Its number among the inserted keys, in the order of their first insert.
    number: Option<u32>,
}

/// An entry that stays until it is removed.
pub(super) const NEVER: u64 = u64::MAX;

impl Recorder {
    /// A small number for a key, the same for the same bytes.
    pub(super) fn id(&mut self, key: &[u8]) -> u32 {
        if let Some(&id) = self.ids.get(key) {
            return id;
        }
        let id = u32::try_from(self.keys.len()).expect("fewer keys than operations");
        self.ids.insert(key.into(), id);
        self.keys.push(State { live: false, due: NEVER, number: None });
        id
    }

    pub(super) fn len(&self) -> usize {
        self.ops.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    pub(super) fn is_live(&self, id: u32) -> bool {
        self.keys[id as usize].live
    }

    /// Puts a key that leaves by itself at `due`, whatever the clock of the recording is.
    pub(super) fn insert(&mut self, id: u32, due: u64) {
        let state = &mut self.keys[id as usize];
        state.live = true;
        if state.number.is_none() {
            state.number = Some(self.inserted);
            self.inserted += 1;
        }
        self.push(Kind::Insert, id);
        self.expire_at(id, due);
    }

    /// Makes a live entry leave by itself at `due`, not when it was to leave before.
    pub(super) fn expire_at(&mut self, id: u32, due: u64) {
        let state = &mut self.keys[id as usize];
        if state.live {
            state.due = due;
            if due != NEVER {
                self.due.push(Reverse((due, id)));
            }
        }
    }

    pub(super) fn remove(&mut self, id: u32) {
        self.keys[id as usize].live = false;
        self.push(Kind::Remove, id);
    }

    pub(super) fn get(&mut self, id: u32) {
        self.push(Kind::Get, id);
    }

    pub(super) fn update(&mut self, id: u32) {
        self.push(Kind::Update, id);
    }

    /// Removes the entry that was due first, if it was due by `now`; tells whether there was one.
    pub(super) fn expire(&mut self, now: u64) -> bool {
        while let Some(&Reverse((due, id))) = self.due.peek() {
            if due > now {
                return false;
            }
            self.due.pop();
            let state = self.keys[id as usize];
            if state.live && state.due == due {
                self.remove(id);
                return true;
            }
        }
        false
    }

    /// Gives keys their final numbers: those that are inserted somewhere first, then the others.
    pub(super) fn finish(mut self) -> Drawn {
        let mut next_absent = u64::from(self.inserted);
        let numbers: Vec<u64> = self
            .keys
            .iter()
            .map(|state| {
                state.number.map_or_else(
                    || {
                        next_absent += 1;
                        next_absent - 1
                    },
                    u64::from,
                )
            })
            .collect();
        for op in &mut self.ops {
            let id = usize::try_from(op.key()).unwrap_or_default();
            *op = Op::new(op.kind(), numbers[id]);
        }
        let ops = vec![self.ops.len() as u64];
        let phases = vec![PhaseMark { name: "trace".into(), ops, counts: true }];
        Drawn { threads: vec![self.ops], phases, distinct: self.inserted.into() }
    }

    fn push(&mut self, kind: Kind, id: u32) {
        self.ops.push(Op::new(kind, id.into()));
    }
}
