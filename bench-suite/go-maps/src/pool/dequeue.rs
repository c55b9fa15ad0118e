//! A ring of fixed size: one producer works at its head, any thread takes from its tail.

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU64};

use crate::interleave::point;

/// Go's poolDequeue.
pub(super) struct PoolDequeue<T> {
    /// Where the next item goes in, and where the oldest one is, 32 bits each; both count up and wrap around.
    head_tail: AtomicU64,
    vals: Box<[Slot<T>]>,
}

struct Slot<T> {
    /// Somebody has not yet taken the item out: Go asks whether the type word is nil.
    full: AtomicBool,
    val: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: items move between threads, and each slot is touched by one thread at a time: by the producer between
// the check of `full` and the increment of the head, and by whoever moved the head back or the tail on past it.
unsafe impl<T: Send> Sync for PoolDequeue<T> {}

#[expect(clippy::cast_possible_truncation, reason = "two halves")]
const fn unpack(head_tail: u64) -> (u32, u32) {
    ((head_tail >> 32) as u32, head_tail as u32)
}

const fn pack(head: u32, tail: u32) -> u64 {
    (head as u64) << 32 | tail as u64
}

impl<T> PoolDequeue<T> {
    /// A ring of `size` slots, a power of two.
    pub(super) fn new(size: usize) -> Self {
        let slot = || Slot { full: AtomicBool::new(false), val: UnsafeCell::new(MaybeUninit::uninit()) };
        Self { head_tail: AtomicU64::new(0), vals: std::iter::repeat_with(slot).take(size).collect() }
    }

    pub(super) const fn len(&self) -> usize {
        self.vals.len()
    }

    const fn slot(&self, position: u32) -> &Slot<T> {
        &self.vals[position as usize & (self.vals.len() - 1)]
    }

    /// Puts an item at the head; gives it back when the ring is full.
    ///
    /// # Safety
    ///
    /// The caller is the producer: no other thread pushes or pops at the head meanwhile.
    pub(super) unsafe fn push_head(&self, val: T) -> Result<(), T> {
        point();
        let (head, tail) = unpack(self.head_tail.load(Acquire));
        if head.wrapping_sub(tail) as usize == self.vals.len() {
            return Err(val);
        }
        let slot = self.slot(head);
        point();
        // Whoever moved the tail past this slot may not have taken the item out yet.
        if slot.full.load(Acquire) {
            return Err(val);
        }
        // SAFETY: the slot is behind the head and empty: only the producer may touch it.
        unsafe { (*slot.val.get()).write(val) };
        slot.full.store(true, Relaxed);
        point();
        self.head_tail.fetch_add(1 << 32, AcqRel);
        Ok(())
    }

    /// Takes the newest item.
    ///
    /// # Safety
    ///
    /// The caller is the producer, as in [`Self::push_head`].
    pub(super) unsafe fn pop_head(&self) -> Option<T> {
        point();
        let mut seen = self.head_tail.load(Acquire);
        let slot = loop {
            let (head, tail) = unpack(seen);
            if head == tail {
                return None;
            }
            let head = head.wrapping_sub(1);
            point();
            match self.head_tail.compare_exchange_weak(seen, pack(head, tail), AcqRel, Acquire) {
                Ok(_) => break self.slot(head),
                Err(now) => seen = now,
            }
        };
        // SAFETY: the item was put there by this producer, and the exchange took it away from everybody else.
        let val = unsafe { (*slot.val.get()).assume_init_read() };
        slot.full.store(false, Relaxed);
        Some(val)
    }

    /// Takes the oldest item. Any thread may.
    pub(super) fn pop_tail(&self) -> Option<T> {
        point();
        let mut seen = self.head_tail.load(Acquire);
        let slot = loop {
            let (head, tail) = unpack(seen);
            if head == tail {
                return None;
            }
            point();
            match self.head_tail.compare_exchange_weak(
                seen,
                pack(head, tail.wrapping_add(1)),
                AcqRel,
                Acquire,
            ) {
                Ok(_) => break self.slot(tail),
                Err(now) => seen = now,
            }
        };
        // SAFETY: the item was put there before the head moved past it, which the exchange has seen; the exchange
        // took it away from everybody else, and the producer waits for `full` to fall.
        let val = unsafe { (*slot.val.get()).assume_init_read() };
        point();
        slot.full.store(false, Release);
        Some(val)
    }
}

impl<T> Drop for PoolDequeue<T> {
    fn drop(&mut self) {
        while self.pop_tail().is_some() {}
    }
}
