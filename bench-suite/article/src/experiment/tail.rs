//! How deletes from the end of a full bucket turn its states into emptyRest.

use super::Found;
use super::port::{chain_states, classic};

/// The slots whose keys are deleted, in order: one in the middle first, then those behind it.
const DELETED: [u64; 5] = [3, 7, 5, 6, 4];

pub(super) fn run() -> Vec<Found> {
    let mut map = classic(0, ());
    // The first eight keys of a map take its slots in order.
    for key in 0..8 {
        map.insert(key, key);
    }
    let mut found = Found::classic();
    for (step, key) in DELETED.iter().enumerate() {
        map.remove(key);
        found = found.states(&format!("after_{step}"), &chain_states(&map, 0));
    }
    vec![found]
}
