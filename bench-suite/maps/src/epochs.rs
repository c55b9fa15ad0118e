//! Freeing what waits in the epochs of crossbeam, where several maps leave what they take out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossbeam_epoch as epoch;

/// Attempts after which it is left at that: some thread stays inside a map.
const ATTEMPTS: u32 = 1 << 20;

/// Frees what waits in the epochs that all maps of a process share, the calling thread's part included. Nothing is freed
/// while a thread is inside a map.
pub fn reclaim() {
    // What is freed may leave something to be freed in its turn: a node its value.
    for _ in 0..3 {
        reclaim_once();
    }
}

/// What is deferred later is run later: once this function's own has been, all before it has.
fn reclaim_once() {
    let ran = Arc::new(AtomicBool::new(false));
    let run = Arc::clone(&ran);
    epoch::pin().defer(move || run.store(true, Ordering::Relaxed));
    for _ in 0..ATTEMPTS {
        epoch::pin().flush();
        if ran.load(Ordering::Relaxed) {
            return;
        }
        thread::yield_now();
    }
}
