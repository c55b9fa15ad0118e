//! What a map counts of its own way to a key.

use std::cell::Cell;

thread_local! {
    static PLACES: Cell<u64> = const { Cell::new(0) };
}

/// This thread's operation went to so many more places: groups, buckets or nodes, whatever the map's
/// [`probe_unit`](crate::map::Map::probe_unit) is.
pub fn count(places: u64) {
    PLACES.set(PLACES.get() + places);
}

/// How many places this thread has gone to since it was told last.
#[must_use]
pub fn take() -> u64 {
    PLACES.take()
}
