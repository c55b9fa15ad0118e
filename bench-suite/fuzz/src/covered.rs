//! What the compiler's counters say of the code that ran.

use std::sync::Mutex;

// The runtime that `-C instrument-coverage` links: the counters of all functions, one after the other.
unsafe extern "C" {
    fn __llvm_profile_begin_counters() -> *mut u64;
    fn __llvm_profile_end_counters() -> *mut u64;
}

/// Counters that were seen to count.
static SEEN: Mutex<Vec<bool>> = Mutex::new(Vec::new());

/// Whether the last input reached code that none before it did.
pub(crate) fn anything_new() -> bool {
    // SAFETY: both name the ends of one array of counters, which lives as long as the program. Nobody else runs now.
    let counters = unsafe {
        let (begin, end) = (__llvm_profile_begin_counters(), __llvm_profile_end_counters());
        std::slice::from_raw_parts(begin, usize::try_from(end.offset_from(begin)).unwrap_or(0))
    };
    let mut seen = SEEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    seen.resize(counters.len(), false);
    let mut any = false;
    for (seen, counter) in seen.iter_mut().zip(counters) {
        any |= *counter > 0 && !*seen;
        *seen |= *counter > 0;
    }
    any
}
