//! sync.Pool: items that may be used again, until the garbage collector has come by twice.
//!
//! Names inside are those of `sync/pool.go` and `sync/poolqueue.go`. A goroutine runs on a P, one of
//! `GOMAXPROCS`, and cannot be moved off it while it works on the pool. Here a thread takes an idle P for the
//! time of one call, its own if it can. Go's collector calls `poolCleanup`; here whoever plays the collector
//! calls [`Pool::gc`].

mod chain;
mod dequeue;

use std::cell::UnsafeCell;
use std::fmt;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicUsize};

use crate::interleave::point;
use chain::PoolChain;

/// Go's sync.Pool: threads share it by reference.
pub struct Pool<T> {
    ps: Box<[P]>,
    /// Changed only by a thread that holds every P, read only by one that holds some P.
    locals: UnsafeCell<Locals<T>>,
    /// Ps whose victim may still have something; 0 when a search found none.
    victim_size: AtomicUsize,
}

/// One processor of Go's scheduler, as far as a pool is concerned.
#[derive(Default)]
#[repr(align(128))]
struct P {
    busy: AtomicBool,
}

struct Locals<T> {
    local: Box<[PoolLocal<T>]>,
    victim: Box<[PoolLocal<T>]>,
}

/// What one P has.
#[repr(align(128))]
struct PoolLocal<T> {
    /// Touched only by the thread that holds this P.
    private: UnsafeCell<Option<T>>,
    /// That thread is its producer; every thread that holds some P may take from its tail.
    shared: PoolChain<T>,
}

// SAFETY: items move between threads, nothing of them is shared. `locals` and each `private` are guarded by the
// flags of the Ps, as their comments say.
unsafe impl<T: Send> Sync for Pool<T> {}
// SAFETY: as above; nothing in a pool belongs to a thread.
unsafe impl<T: Send> Send for Pool<T> {}

/// A P that this thread holds.
struct Pinned<'p, T> {
    pool: &'p Pool<T>,
    pid: usize,
}

impl<T> Drop for Pinned<'_, T> {
    fn drop(&mut self) {
        self.pool.ps[self.pid].busy.store(false, Release);
    }
}

/// The P a thread takes if it is idle: threads are numbered as they come.
fn home() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static HOME: usize = NEXT.fetch_add(1, Relaxed));
    HOME.with(|home| *home)
}

impl<T: Send> Pool<T> {
    /// An empty pool for this many Ps: as many as threads that use it at the same time, and at least one.
    #[must_use]
    pub fn new(gomaxprocs: usize) -> Self {
        let size = gomaxprocs.max(1);
        Self {
            ps: std::iter::repeat_with(P::default).take(size).collect(),
            locals: UnsafeCell::new(Locals { local: Locals::array(size), victim: Box::default() }),
            victim_size: AtomicUsize::new(0),
        }
    }

    /// Takes an idle P, the thread's own first; waits while all are busy.
    fn pin(&self) -> Pinned<'_, T> {
        let first = home();
        loop {
            for next in 0..self.ps.len() {
                let pid = (first + next) % self.ps.len();
                point();
                if !self.ps[pid].busy.load(Relaxed) && !self.ps[pid].busy.swap(true, Acquire) {
                    return Pinned { pool: self, pid };
                }
            }
            std::thread::yield_now();
        }
    }

    /// Puts an item into the pool.
    pub fn put(&self, item: T) {
        let pinned = self.pin();
        let own = &pinned.locals().local[pinned.pid];
        // SAFETY: this thread holds the P.
        let private = unsafe { &mut *own.private.get() };
        if private.is_none() {
            *private = Some(item);
        } else {
            // SAFETY: this thread holds the P, so it is the producer.
            unsafe { own.shared.push_head(item) };
        }
    }

    /// Takes an item out: the P's own, the newest of its chain, the oldest of another's, or a victim of the
    /// last collection. `None` where Go would call New.
    pub fn get(&self) -> Option<T> {
        let pinned = self.pin();
        let own = &pinned.locals().local[pinned.pid];
        // SAFETY: this thread holds the P.
        if let Some(item) = unsafe { &mut *own.private.get() }.take() {
            return Some(item);
        }
        // SAFETY: this thread holds the P, so it is the producer.
        unsafe { own.shared.pop_head() }.or_else(|| pinned.get_slow())
    }

    /// What Go's collector does with the pool before it marks: the victims go, what is in the pool becomes the
    /// victims.
    pub fn gc(&self) {
        let world = self.stop_the_world();
        // SAFETY: this thread holds every P.
        let locals = unsafe { &mut *self.locals.get() };
        let size = self.ps.len();
        let primary = std::mem::replace(&mut locals.local, Locals::array(size));
        let victims = std::mem::replace(&mut locals.victim, primary);
        self.victim_size.store(size, Relaxed);
        drop(world);
        // Items are the user's, and so is their drop: not while the world stands still.
        drop(victims);
    }

    /// Sizes of the rings of one P, the oldest first.
    #[must_use]
    pub fn ring_sizes(&self, pid: usize) -> Vec<usize> {
        let pinned = self.pin();
        pinned.locals().local.get(pid).map_or_else(Vec::new, |local| local.shared.sizes())
    }

    /// Takes every P, in order, so that two who try do not wait for each other.
    fn stop_the_world(&self) -> Vec<Pinned<'_, T>> {
        let take = |pid: usize| {
            while self.ps[pid].busy.swap(true, Acquire) {
                point();
                std::thread::yield_now();
            }
            Pinned { pool: self, pid }
        };
        (0..self.ps.len()).map(take).collect()
    }
}

impl<T> Locals<T> {
    fn array(size: usize) -> Box<[PoolLocal<T>]> {
        let local = || PoolLocal { private: UnsafeCell::new(None), shared: PoolChain::new() };
        std::iter::repeat_with(local).take(size).collect()
    }
}

impl<T> Pinned<'_, T> {
    fn locals(&self) -> &Locals<T> {
        // SAFETY: changed only by a thread that holds every P, and this one holds one.
        unsafe { &*self.pool.locals.get() }
    }

    /// Steals from the other Ps, this one last, then looks through the victims, this P's first.
    fn get_slow(&self) -> Option<T> {
        let locals = self.locals();
        let size = locals.local.len();
        let stolen = (1..=size).find_map(|next| locals.local[(self.pid + next) % size].shared.pop_tail());
        if stolen.is_some() || self.pid >= self.pool.victim_size.load(Relaxed) {
            return stolen;
        }
        // SAFETY: this thread holds the P, and a victim's private item belongs to its P, too.
        if let Some(item) = unsafe { &mut *locals.victim[self.pid].private.get() }.take() {
            return Some(item);
        }
        let found = (0..size).find_map(|next| locals.victim[(self.pid + next) % size].shared.pop_tail());
        if found.is_none() {
            self.pool.victim_size.store(0, Relaxed);
        }
        found
    }
}

impl<T> fmt::Debug for Pool<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("ps", &self.ps.len()).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(feature = "shuttle")))]
mod tests;
