//! Go's sync.Pool as a slot manager.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;

use formats::subject::MapInfo;
use go_maps::pool::Pool;

use super::lent_slots::{Lender, Lent, Slot};

/// The pool, and how many times it had nothing.
pub struct Items<V> {
    pool: Pool<Box<Slot<V>>>,
    made: AtomicU64,
}

/// A slot manager over it.
pub type Adapter<V> = Lent<V, Items<V>>;

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "go-pool",
        env!("CARGO_PKG_VERSION"),
        "Go's sync.Pool, ported, with as many Ps as the process may use processors. An insert is a Get, or a new \
         item, a box of its number and value; a remove is a Put. No garbage collector comes by, so that the \
         pool never loses an item, and an item keeps its last value until it is taken again. The boxes are \
         kept in a table of 8 bytes for each place, as a user would keep them; it counts as memory of the map.",
    )
}

impl<V: Send> Default for Items<V> {
    fn default() -> Self {
        let processors = available_parallelism().map_or(1, usize::from);
        Self { pool: Pool::new(processors), made: AtomicU64::new(0) }
    }
}

impl<V: Send> Lender<V> for Items<V> {
    #[inline]
    fn take(&self, value: V) -> Box<Slot<V>> {
        match self.pool.get() {
            Some(mut slot) => {
                slot.value = value;
                slot
            }
            None => Box::new(Slot { number: self.made.fetch_add(1, Ordering::Relaxed), value }),
        }
    }

    #[inline]
    fn give(&self, slot: Box<Slot<V>>) {
        self.pool.put(slot);
    }
}
