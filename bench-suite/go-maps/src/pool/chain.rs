//! A chain of rings, each twice as large as the one before it.

use std::ptr;
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use super::dequeue::PoolDequeue;
use crate::interleave::point;

/// Slots of the first ring.
const FIRST: usize = 8;
/// Slots of the largest ring (Go's dequeueLimit).
const LIMIT: usize = 1 << 30;

/// Go's poolChain. The producer works at the newest ring; every thread takes from the oldest.
///
/// A ring that ran empty leaves the chain at once, but a thread may still look at it: it is freed with the
/// chain. All of those together have fewer slots than the newest ring.
pub(super) struct PoolChain<T> {
    /// The newest ring; the producer alone uses it.
    head: AtomicPtr<Elt<T>>,
    tail: AtomicPtr<Elt<T>>,
    /// Rings that left the chain.
    gone: AtomicPtr<Elt<T>>,
}

/// Go's poolChainElt.
struct Elt<T> {
    dequeue: PoolDequeue<T>,
    /// The newer ring. Written by the producer, once.
    next: AtomicPtr<Self>,
    /// The older ring. Made null by whoever removes that one.
    prev: AtomicPtr<Self>,
    /// The ring that left the chain before this one.
    gone: AtomicPtr<Self>,
}

impl<T> Elt<T> {
    fn allocate(size: usize, prev: *mut Self) -> *mut Self {
        Box::into_raw(Box::new(Self {
            dequeue: PoolDequeue::new(size),
            next: AtomicPtr::default(),
            prev: AtomicPtr::new(prev),
            gone: AtomicPtr::default(),
        }))
    }
}

impl<T> PoolChain<T> {
    pub(super) const fn new() -> Self {
        Self {
            head: AtomicPtr::new(ptr::null_mut()),
            tail: AtomicPtr::new(ptr::null_mut()),
            gone: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Puts an item into the newest ring, or into a new one.
    ///
    /// # Safety
    ///
    /// The caller is the producer: no other thread pushes or pops at the head meanwhile.
    pub(super) unsafe fn push_head(&self, val: T) {
        let mut head = self.head.load(Relaxed);
        if head.is_null() {
            head = Elt::allocate(FIRST, ptr::null_mut());
            self.head.store(head, Relaxed);
            point();
            self.tail.store(head, Release);
        }
        // SAFETY: rings are freed with the chain.
        let ring = unsafe { &*head };
        // SAFETY: the caller is the producer.
        let Err(val) = (unsafe { ring.dequeue.push_head(val) }) else { return };
        let next = Elt::allocate((ring.dequeue.len() * 2).min(LIMIT), head);
        self.head.store(next, Relaxed);
        point();
        ring.next.store(next, Release);
        // SAFETY: as above.
        if unsafe { (*next).dequeue.push_head(val) }.is_err() {
            unreachable!("a new ring is empty");
        }
    }

    /// Takes the newest item, walking to older rings.
    ///
    /// # Safety
    ///
    /// The caller is the producer, as in [`Self::push_head`].
    pub(super) unsafe fn pop_head(&self) -> Option<T> {
        let mut ring = self.head.load(Relaxed);
        // SAFETY: rings are freed with the chain.
        while let Some(elt) = unsafe { ring.as_ref() } {
            // SAFETY: the caller is the producer.
            if let Some(val) = unsafe { elt.dequeue.pop_head() } {
                return Some(val);
            }
            point();
            ring = elt.prev.load(Acquire);
        }
        None
    }

    /// Takes the oldest item, and removes rings that ran empty. Any thread may.
    pub(super) fn pop_tail(&self) -> Option<T> {
        point();
        let mut ring = self.tail.load(Acquire);
        // SAFETY: rings are freed with the chain.
        while let Some(elt) = unsafe { ring.as_ref() } {
            point();
            // Asked before the ring is found empty: a ring with a newer one gets no more items, so then it is
            // empty for ever.
            let next = elt.next.load(Acquire);
            if let Some(val) = elt.dequeue.pop_tail() {
                return Some(val);
            }
            // SAFETY: as above.
            let newer = unsafe { next.as_ref() }?;
            point();
            if self.tail.compare_exchange(ring, next, AcqRel, Relaxed).is_ok() {
                newer.prev.store(ptr::null_mut(), Release);
                self.keep(ring);
            }
            ring = next;
        }
        None
    }

    /// Keeps a ring that left the chain until the chain is freed. Each ring leaves once.
    fn keep(&self, ring: *mut Elt<T>) {
        let mut first = self.gone.load(Relaxed);
        loop {
            // SAFETY: rings are freed with the chain.
            unsafe { &*ring }.gone.store(first, Relaxed);
            match self.gone.compare_exchange_weak(first, ring, AcqRel, Relaxed) {
                Ok(_) => return,
                Err(now) => first = now,
            }
        }
    }

    /// Sizes of the rings, the oldest first.
    pub(super) fn sizes(&self) -> Vec<usize> {
        let mut sizes = Vec::new();
        let mut ring = self.tail.load(Acquire);
        // SAFETY: rings are freed with the chain.
        while let Some(elt) = unsafe { ring.as_ref() } {
            sizes.push(elt.dequeue.len());
            ring = elt.next.load(Acquire);
        }
        sizes
    }
}

impl<T> Drop for PoolChain<T> {
    fn drop(&mut self) {
        let mut ring = *self.tail.get_mut();
        while !ring.is_null() {
            // SAFETY: nobody else has the chain; a ring is either reached from the tail or gone, and freed once.
            ring = unsafe { Box::from_raw(ring) }.next.load(Relaxed);
        }
        let mut ring = *self.gone.get_mut();
        while !ring.is_null() {
            // SAFETY: as above.
            ring = unsafe { Box::from_raw(ring) }.gone.load(Relaxed);
        }
    }
}
