//! A list of free slots behind one lock.

use std::sync::atomic::{AtomicU64, Ordering};

use formats::subject::MapInfo;

use super::lent_slots::{Lender, Lent, Slot};
use subject::locking::Lock;

/// Slots that were given back, the last one on top.
pub struct FreeList<V, const COUNTED: bool> {
    free: Lock<Vec<Box<Slot<V>>>, COUNTED>,
    made: AtomicU64,
}

/// A slot manager over it.
pub type Adapter<V, const COUNTED: bool = false> = Lent<V, FreeList<V, COUNTED>>;

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "mutex-free-list",
        env!("VERSION_OF_STD"),
        "std::sync::Mutex around a Vec of free slots, each a box of its number and value. To take a slot and \
         to give it back locks; whoever has a slot reads and writes it without. Slots are never freed, and \
         keep their last value until they are taken again. The boxes are kept in a table of 8 bytes for each \
         place, as a user would keep them; it counts as memory of the map.",
    )
}

impl<V, const COUNTED: bool> Default for FreeList<V, COUNTED> {
    fn default() -> Self {
        Self { free: Lock::default(), made: AtomicU64::new(0) }
    }
}

impl<V: Send, const COUNTED: bool> Lender<V> for FreeList<V, COUNTED> {
    #[inline]
    fn take(&self, value: V) -> Box<Slot<V>> {
        let free = self.free.lock().pop();
        match free {
            Some(mut slot) => {
                slot.value = value;
                slot
            }
            None => Box::new(Slot { number: self.made.fetch_add(1, Ordering::Relaxed), value }),
        }
    }

    #[inline]
    fn give(&self, slot: Box<Slot<V>>) {
        self.free.lock().push(slot);
    }
}
