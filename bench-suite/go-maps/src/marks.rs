//! Which slots ever held a key: how reuse is counted.

use std::cell::{Cell, RefCell};

use crate::probe::{Event, Probe, Slot};

/// A probe that marks every slot that is written, and tells whether an insert took a marked one.
///
/// A slot is marked when an insert, an evacuation or a rehash writes it. Marks live as long as the memory they
/// stand for, and go when the map is cleared. An insert of a new key into a marked slot is a reuse.
#[derive(Debug, Default)]
pub struct Marks {
    /// One bit per slot, for each allocation of the map.
    used: RefCell<Vec<Vec<u64>>>,
    inserts: Cell<u64>,
    reused: Cell<u64>,
    last: Cell<bool>,
}

impl Marks {
    /// New keys put so far.
    #[must_use]
    pub const fn inserts(&self) -> u64 {
        self.inserts.get()
    }

    /// Those of them that took a slot which had held a key.
    #[must_use]
    pub const fn reused(&self) -> u64 {
        self.reused.get()
    }

    /// Whether the last new key did.
    #[must_use]
    pub const fn last_reused(&self) -> bool {
        self.last.get()
    }

    /// Marks a slot and returns whether it was marked before.
    fn mark(&self, slot: Slot) -> bool {
        let mut used = self.used.borrow_mut();
        let memory = slot.memory as usize;
        if used.len() <= memory {
            used.resize(memory + 1, Vec::new());
        }
        let (word, bit) = ((slot.bucket >> 3) as usize, (slot.bucket & 7) << 3 | u32::from(slot.slot));
        let words = &mut used[memory];
        if words.len() <= word {
            words.resize(word + 1, 0);
        }
        let before = words[word] >> bit & 1 == 1;
        words[word] |= 1 << bit;
        before
    }
}

impl Probe for Marks {
    fn see(&self, event: Event) {
        match event {
            Event::Insert(decision) => {
                self.last.set(self.mark(decision.slot));
                self.inserts.set(self.inserts.get() + 1);
                self.reused.set(self.reused.get() + u64::from(self.last.get()));
            }
            Event::Move { to } => {
                self.mark(to);
            }
            Event::Clear => self.used.borrow_mut().clear(),
            _ => {}
        }
    }
}
