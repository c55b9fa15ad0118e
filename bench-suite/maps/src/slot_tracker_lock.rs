//! The free list with the article's tracker: one lock around its counters.

use std::collections::HashMap;

use formats::observation::Tracked;
use formats::subject::MapInfo;

use super::lent_slots::{Lender, Lent, Slot};
use super::mutex_free_list::FreeList;
use super::std_hash::FixedSipHash;
use subject::locking::{Lock, at_tracker};

/// What the tracker counts.
#[derive(Debug, Default)]
struct Counts {
    tracked: Tracked,
    /// How often each slot was handed out.
    lives: HashMap<u64, u64, FixedSipHash>,
}

/// A free list whose every take is recorded.
pub struct Recorded<V, const COUNTED: bool> {
    slots: FreeList<V, COUNTED>,
    counts: Lock<Counts, COUNTED>,
}

/// A slot manager over it.
pub type Adapter<V, const COUNTED: bool = false> = Lent<V, Recorded<V, COUNTED>>;

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "slot-tracker-lock",
        env!("VERSION_OF_STD"),
        "The slots of mutex-free-list, and a tracker that records each slot handed out: under one \
         std::sync::Mutex it raises a counter and the slot's count of lives in a HashMap. A slot with a second \
         life is reused.",
    )
}

impl<V, const COUNTED: bool> Default for Recorded<V, COUNTED> {
    fn default() -> Self {
        Self { slots: FreeList::default(), counts: Lock::default() }
    }
}

impl<V: Send, const COUNTED: bool> Lender<V> for Recorded<V, COUNTED> {
    #[inline]
    fn take(&self, value: V) -> Box<Slot<V>> {
        let slot = self.slots.take(value);
        let mut counts = at_tracker::<_, COUNTED>(|| self.counts.lock());
        let lives = counts.lives.entry(slot.number).or_insert(0);
        *lives += 1;
        let again = u64::from(*lives > 1);
        counts.tracked.taken += 1;
        counts.tracked.reused += again;
        drop(counts);
        slot
    }

    #[inline]
    fn give(&self, slot: Box<Slot<V>>) {
        self.slots.give(slot);
    }

    fn tracked(&self) -> Option<Tracked> {
        Some(self.counts.lock().tracked)
    }
}
