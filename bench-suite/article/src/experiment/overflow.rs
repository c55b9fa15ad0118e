//! Eleven keys of one bucket in a map of two buckets: does the ninth make it grow?

use std::rc::Rc;

use super::Found;
use super::port::{Events, chain_states, classic, is_growth, keys_of_bucket};

/// More than one bucket holds, and few enough for two of them.
const ROOM: usize = 9;

pub(super) fn run() -> Vec<Found> {
    let events = Rc::new(Events::default());
    let mut map = classic(ROOM, Rc::clone(&events));
    let keys = keys_of_bucket(&map, 0, 0, 11);
    for &key in &keys[..9] {
        map.insert(key, key);
    }
    let grew = events.count(is_growth) > 0;
    for &key in &keys[9..] {
        map.insert(key, key);
    }
    let found = Found::classic()
        .with("full_bucket_grew", grew)
        .count("overflow_buckets", map.noverflow())
        .states("chain_states", &chain_states(&map, 0));
    vec![found]
}
