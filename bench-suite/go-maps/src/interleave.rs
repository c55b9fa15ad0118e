//! The locks of the shared maps, and the points between which their threads may interleave.
//!
//! With the feature `shuttle` both belong to a scheduler that tries interleavings; without it a point is
//! nothing.

use std::sync::PoisonError;

#[cfg(feature = "shuttle")]
pub(crate) use shuttle::sync::{Mutex, MutexGuard};
#[cfg(not(feature = "shuttle"))]
pub(crate) use std::sync::{Mutex, MutexGuard};

/// Stands before every access to memory that threads share outside a lock.
#[inline]
pub(crate) fn point() {
    #[cfg(feature = "shuttle")]
    shuttle::thread::yield_now();
}

/// Takes a lock. A thread that panicked inside one left its data whole: of the user's code only hashes,
/// comparisons and copies run there, and those come before the changes they belong to.
#[inline]
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
