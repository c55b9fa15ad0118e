//! What an insert does with a freed slot under each condition that the article names for reuse.

use super::Found;
use super::port::{Classic, bucket_of, chain_states, classic, keys_of_bucket};

/// States from this one on are of live slots.
const LIVE: u8 = go_maps::classic::MIN_TOP_HASH;

pub(super) fn run() -> Vec<Found> {
    let (pairs, reused) = while_growing();
    let (inserts, accepted) = into_fresh_slots();
    let found = Found::classic()
        .with("chain_reused", in_a_chain())
        .with("growing", pairs > 0)
        .count("growing_pairs", pairs)
        .count("growing_reused", reused)
        .with("later_taken_reused", with_later_slots_taken())
        .count("rest_inserts", inserts)
        .count("rest_accepted", accepted)
        .with("first_after_rest", f64::from(first_after_rest()));
    vec![found]
}

/// Deletes a key in the base bucket of a chain of two, and puts a new one of that chain: whether it took the slot.
fn in_a_chain() -> bool {
    let mut map = classic(9, ());
    let keys = keys_of_bucket(&map, 0, 0, 11);
    for &key in &keys[..10] {
        map.insert(key, key);
    }
    let freed = map.slot_of(&keys[2]);
    map.remove(&keys[2]);
    map.insert(keys[10], 1);
    chain_states(&map, 0).len() == 16 && map.slot_of(&keys[10]) == freed
}

/// Pairs of a delete and a put of a key of the same bucket, while the map grows from 128 to 256 buckets; only those
/// whose freed slot is the first empty one of its chain. How many there were, and how many took that very slot.
fn while_growing() -> (u64, u64) {
    let mut map = classic(0, ());
    let mut next = 0;
    while !(map.b() == 8 && map.old_memory().is_some()) {
        map.insert(next, next);
        next += 1;
    }
    let (mut pairs, mut reused) = (0, 0);
    for victim in 0.. {
        // A write of a live key evacuates its bucket: what is looked at then is its place in the new array.
        map.insert(victim, victim);
        let Some(freed) = map.slot_of(&victim) else { break };
        let bucket = bucket_of(&map, victim);
        map.remove(&victim);
        if map.old_memory().is_none() {
            break;
        }
        let chain = usize::try_from(bucket).expect("there are 256 buckets");
        let first_empty = chain_states(&map, chain).iter().position(|state| *state < LIVE);
        if first_empty != Some(freed.0.slot.into()) {
            continue;
        }
        let key = keys_of_bucket(&map, bucket, next, 1)[0];
        next = key + 1;
        map.insert(key, key);
        pairs += 1;
        reused += u64::from(map.slot_of(&key) == Some(freed));
    }
    (pairs, reused)
}

/// Deletes a key that has live slots behind it: whether the next key takes its slot.
fn with_later_slots_taken() -> bool {
    let mut map = classic(0, ());
    for key in 0..8 {
        map.insert(key, key);
    }
    let freed = map.slot_of(&3);
    map.remove(&3);
    let taken = chain_states(&map, 0)[4..].iter().all(|state| *state >= LIVE);
    map.insert(100, 100);
    taken && map.slot_of(&100) == freed
}

/// Puts keys into a map of 256 buckets, and counts those that come into a bucket never used before: it has
/// emptyRest slots only. How many there were, and how many were put there without an overflow bucket or a growth.
fn into_fresh_slots() -> (u64, u64) {
    let mut map = classic(1536, ());
    let (mut inserts, mut accepted) = (0, 0);
    for key in 0..1000 {
        let fresh = head_is_empty(&map, key);
        let shape = (map.b(), map.noverflow());
        map.insert(key, key);
        if fresh {
            inserts += 1;
            let first = map.place_of(&key).is_some_and(|(_, position, slot)| (position, slot) == (0, 0));
            accepted += u64::from(first && shape == (map.b(), map.noverflow()));
        }
    }
    (inserts, accepted)
}

fn head_is_empty(map: &Classic, key: u64) -> bool {
    let bucket = usize::try_from(bucket_of(map, key)).expect("there are 256 buckets");
    chain_states(map, bucket).first() == Some(&go_maps::classic::EMPTY_REST)
}

/// The state that a delete writes when all slots behind are emptyRest.
fn first_after_rest() -> u8 {
    let mut map = classic(0, ());
    for key in 0..4 {
        map.insert(key, key);
    }
    map.remove(&3);
    chain_states(&map, 0)[3]
}
