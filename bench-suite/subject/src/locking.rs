//! The locks of the maps that are ours, and what is counted of them.
//!
//! Whether a lock counts is part of its type: a map of timed passes has the standard library's locks and
//! nothing else, and the map of the `contention` pass is another type.

use std::cell::Cell;
use std::sync::{
    Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError, TryLockResult,
};
use std::time::{Duration, Instant};

use formats::observation::Waits;

thread_local! {
    static WAITS: Cell<Waits> = const { Cell::new(Waits::NONE) };
    static TRACKER: Cell<Waits> = const { Cell::new(Waits::NONE) };
}

/// What this thread has met since it asked last.
#[must_use]
pub fn take_waits() -> Waits {
    WAITS.replace(Waits::NONE)
}

/// What of that this thread has met at the tracker of slots since it asked last.
#[must_use]
pub fn take_tracker_waits() -> Waits {
    TRACKER.replace(Waits::NONE)
}

/// Notes what is met in `act` as the tracker's too, when `COUNTED`.
#[inline]
pub fn at_tracker<R, const COUNTED: bool>(act: impl FnOnce() -> R) -> R {
    if !COUNTED {
        return act();
    }
    let before = take_waits();
    let result = act();
    let met = take_waits();
    TRACKER.set(TRACKER.get().and(met));
    WAITS.set(before.and(met));
    result
}

fn note(act: impl FnOnce(&mut Waits)) {
    let mut waits = WAITS.get();
    act(&mut waits);
    WAITS.set(waits);
}

/// Notes that this thread waited since then, for a lock or for another thread's answer.
pub fn waited_since(since: Instant) {
    let waited = since.elapsed();
    note(|waits| add_wait(waits, waited));
}

/// Notes how many were queued, this thread's own included.
pub fn queued(depth: u64) {
    note(|waits| waits.deepest_queue = waits.deepest_queue.max(depth));
}

/// Notes that an attempt came to nothing, because another thread was first.
pub fn retried() {
    note(|waits| waits.retries += 1);
}

fn add_wait(waits: &mut Waits, waited: Duration) {
    let ns = u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX);
    waits.waits += 1;
    waits.wait_ns = waits.wait_ns.saturating_add(ns);
    waits.longest_wait_ns = waits.longest_wait_ns.max(ns);
}

/// Takes a lock that is free, or waits for it and says for how long.
fn counted<G>(attempt: TryLockResult<G>, wait: impl FnOnce() -> G) -> G {
    note(|waits| waits.acquisitions += 1);
    match attempt {
        Ok(guard) => guard,
        Err(TryLockError::Poisoned(poison)) => poison.into_inner(),
        Err(TryLockError::WouldBlock) => {
            let start = Instant::now();
            let guard = wait();
            waited_since(start);
            guard
        }
    }
}

/// The standard library's mutex; one that counts when `COUNTED`.
#[derive(Debug, Default)]
pub struct Lock<T, const COUNTED: bool>(Mutex<T>);

impl<T, const COUNTED: bool> Lock<T, COUNTED> {
    /// A lock around this.
    pub const fn new(inside: T) -> Self {
        Self(Mutex::new(inside))
    }

    /// Waits for the lock. A map that panicked under it is the pass's end anyway.
    #[inline]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        let wait = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if COUNTED { counted(self.0.try_lock(), wait) } else { wait() }
    }
}

/// The standard library's lock for many readers or one writer; one that counts when `COUNTED`.
#[derive(Debug, Default)]
pub struct ReadersLock<T, const COUNTED: bool>(RwLock<T>);

impl<T, const COUNTED: bool> ReadersLock<T, COUNTED> {
    /// A lock around this.
    pub const fn new(inside: T) -> Self {
        Self(RwLock::new(inside))
    }

    /// Waits until nobody writes.
    #[inline]
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        let wait = || self.0.read().unwrap_or_else(PoisonError::into_inner);
        if COUNTED { counted(self.0.try_read(), wait) } else { wait() }
    }

    /// Waits until nobody reads or writes.
    #[inline]
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        let wait = || self.0.write().unwrap_or_else(PoisonError::into_inner);
        if COUNTED { counted(self.0.try_write(), wait) } else { wait() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_counted() {
        assert_eq!(counted(Err(TryLockError::WouldBlock), || 7), 7);
        let waits = take_waits();
        assert_eq!((waits.acquisitions, waits.waits, waits.retries), (1, 1, 0));
        assert_eq!(waits.longest_wait_ns, waits.wait_ns);
        assert_eq!(counted(Ok(7), || unreachable!("it was free")), 7);
        assert_eq!(take_waits(), Waits { acquisitions: 1, ..Waits::NONE });
    }

    #[test]
    fn what_is_met_at_the_tracker_is_counted_in_both_places() {
        let (slots, tracker) = (Lock::<u64, true>::default(), Lock::<u64, true>::default());
        *slots.lock() += 1;
        let mut guard = at_tracker::<_, true>(|| tracker.lock());
        *guard += 1;
        at_tracker::<_, true>(retried);
        drop(guard);
        assert_eq!(take_waits(), Waits { acquisitions: 2, retries: 1, ..Waits::NONE });
        let own = Waits { acquisitions: 1, retries: 1, ..Waits::NONE };
        assert_eq!((take_tracker_waits(), take_tracker_waits()), (own, Waits::NONE));
    }

    #[test]
    fn a_lock_that_does_not_count_leaves_no_trace() {
        assert_eq!(take_waits(), Waits::NONE);
        *Lock::<u64, false>::default().lock() += 1;
        *ReadersLock::<u64, false>::default().write() += 1;
        assert_eq!(take_waits(), Waits::NONE);
        assert_eq!(*ReadersLock::<u64, true>::default().read(), 0);
        assert_eq!(take_waits().acquisitions, 1);
    }
}
