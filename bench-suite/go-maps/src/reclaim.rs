//! What waits to be freed until no thread can see it any more: Go leaves that to its collector.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};

use crossbeam_epoch as epoch;

/// How often the garbage of the process is asked for. Each time frees some five hundred things; while another
/// thread keeps a guard, none.
const ATTEMPTS: u32 = 1 << 16;

/// Frees what this thread and those that have ended left behind, as far as no other thread keeps a guard. What a
/// living thread has not handed over yet stays with it.
pub(crate) fn collect() {
    if epoch::is_pinned() {
        // Under a guard of this very thread nothing is freed.
        return;
    }
    let reached = Arc::new(AtomicBool::new(false));
    let marker = Arc::clone(&reached);
    // Garbage is freed in the order in which it was handed over: behind the marker nothing of ours is left.
    let guard = epoch::pin();
    guard.defer(move || marker.store(true, Release));
    guard.flush();
    drop(guard);
    for _ in 0..ATTEMPTS {
        if reached.load(Acquire) {
            return;
        }
        epoch::pin().flush();
    }
}
