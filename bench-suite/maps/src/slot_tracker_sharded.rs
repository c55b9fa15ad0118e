//! The free list with the article's better tracker: counters in shards, raised by compare and swap.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use formats::observation::Tracked;
use formats::subject::MapInfo;

use super::lent_slots::{Lender, Lent, Slot};
use super::mutex_free_list::FreeList;
use subject::locking::{at_tracker, retried};

/// Shards of the counters; threads are spread over them.
const SHARDS: usize = 16;
/// Lives in the first segment; each further one has twice as many.
const FIRST: u64 = 4096;
/// Segments: enough for 2^44 slots.
const SEGMENTS: usize = 32;

/// The counters of some threads, on cache lines of their own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard {
    taken: AtomicU64,
    reused: AtomicU64,
}

/// A free list whose every take is recorded without a lock.
pub struct Recorded<V, const COUNTED: bool> {
    slots: FreeList<V, COUNTED>,
    shards: [Shard; SHARDS],
    /// How often each slot was handed out, by its number.
    lives: [OnceLock<Box<[AtomicU32]>>; SEGMENTS],
}

/// A slot manager over it.
pub type Adapter<V, const COUNTED: bool = false> = Lent<V, Recorded<V, COUNTED>>;

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "slot-tracker-sharded",
        env!("VERSION_OF_STD"),
        "The slots of mutex-free-list, and a tracker that records each slot handed out without a lock: it \
         raises the slot's count of lives, in a table by the slot's number, and the counters of one of 16 \
         shards, each by compare and swap. A slot with a second life is reused.",
    )
}

impl<V, const COUNTED: bool> Default for Recorded<V, COUNTED> {
    fn default() -> Self {
        Self {
            slots: FreeList::default(),
            shards: Default::default(),
            lives: [const { OnceLock::new() }; SEGMENTS],
        }
    }
}

/// The shard of the calling thread: threads are numbered as they come.
fn shard() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static SHARD: usize = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS);
    SHARD.with(|shard| *shard)
}

/// Raises a counter by one and gives what it was; tries again when another thread was first.
macro_rules! raise {
    ($counter:expr) => {{
        let counter = $counter;
        let mut was = counter.load(Ordering::Relaxed);
        while let Err(now) = counter.compare_exchange_weak(was, was + 1, Ordering::Relaxed, Ordering::Relaxed)
        {
            if COUNTED {
                retried();
            }
            was = now;
        }
        was
    }};
}

impl<V, const COUNTED: bool> Recorded<V, COUNTED> {
    /// The count of lives of the slot with this number.
    fn lives(&self, number: u64) -> &AtomicU32 {
        let segment = (number / FIRST + 1).ilog2() as usize;
        let start = ((1 << segment) - 1) * FIRST;
        let make = || (0..FIRST << segment).map(|_| AtomicU32::new(0)).collect();
        let at = usize::try_from(number - start).expect("fewer slots than bytes of memory");
        &self.lives[segment].get_or_init(make)[at]
    }
}

impl<V: Send, const COUNTED: bool> Lender<V> for Recorded<V, COUNTED> {
    #[inline]
    fn take(&self, value: V) -> Box<Slot<V>> {
        let slot = self.slots.take(value);
        at_tracker::<_, COUNTED>(|| {
            let shard = &self.shards[shard()];
            if raise!(self.lives(slot.number)) > 0 {
                raise!(&shard.reused);
            }
            raise!(&shard.taken);
        });
        slot
    }

    #[inline]
    fn give(&self, slot: Box<Slot<V>>) {
        self.slots.give(slot);
    }

    fn tracked(&self) -> Option<Tracked> {
        let sum = |counter: fn(&Shard) -> &AtomicU64| {
            self.shards.iter().map(|shard| counter(shard).load(Ordering::Relaxed)).sum()
        };
        Some(Tracked { taken: sum(|shard| &shard.taken), reused: sum(|shard| &shard.reused) })
    }
}
