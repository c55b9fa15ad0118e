//! The program of chapter 1: keys 0 to 7 in one bucket, delete 3, put 100. Where does it go?

use super::Found;
use super::layout::{bucket_bytes, group_bytes};
use super::port::{Classic, Swiss, chain_states, classic, swiss};

/// The key that is deleted, and the one that is put then.
const DELETED: u64 = 3;
const PUT: u64 = 100;

pub(super) fn run() -> Vec<Found> {
    vec![of_classic(), of_swiss()]
}

fn of_classic() -> Found {
    let mut map = classic(0, ());
    let bytes = |map: &Classic| map.array_len() * bucket_bytes();
    for key in 0..8 {
        map.insert(key, key);
    }
    let full = chain_states(&map, 0);
    let before = bytes(&map);
    let (freed, address) = map.slot_of(&DELETED).expect("it was put");
    map.remove(&DELETED);
    let deleted = chain_states(&map, 0);
    let bucket = map.chains().flatten().next().expect("there is a bucket");
    let slot = usize::from(freed.slot);
    let (key, value) = (bucket.keys[slot], bucket.values[slot]);
    let after = bytes(&map);
    map.insert(PUT, PUT);
    let (taken, again) = map.slot_of(&PUT).expect("it was put");
    Found::classic()
        .states("states_full", &full)
        .states("states_deleted", &deleted)
        .states("states_put", &chain_states(&map, 0))
        .count("freed_slot", freed.slot)
        .count("taken_slot", taken.slot)
        .with("same_address", address == again)
        .count("overflow_buckets", map.noverflow())
        .count("length", map.len())
        .count("bytes_before_delete", before)
        .count("bytes_after_delete", after)
        .count("stale_key", key)
        .count("stale_value", value)
        .with("last_slot_state", f64::from(last_slot_state()))
}

/// What a delete leaves in the last slot in use.
fn last_slot_state() -> u8 {
    let mut map = classic(0, ());
    for key in 0..8 {
        map.insert(key, key);
    }
    map.remove(&7);
    chain_states(&map, 0)[7]
}

fn of_swiss() -> Found {
    let mut map = swiss(0, ());
    let states = |map: &Swiss| map.small_group().map_or([0; 8], |group| *group.ctrls());
    let groups = |map: &Swiss| match map.small_group() {
        Some(_) => 1,
        None => map.tables().map(|table| table.groups().count()).sum::<usize>(),
    };
    for key in 0..8 {
        map.insert(key, key);
    }
    let (full, before) = (states(&map), groups(&map));
    let (freed, address) = map.slot_of(&DELETED).expect("it was put");
    map.remove(&DELETED);
    let (deleted, after) = (states(&map), groups(&map));
    let stale = map.small_group().and_then(|group| group.slots().nth(freed.slot.into()));
    let (key, value) = stale.map_or((0, 0), |(key, value)| (*key, *value));
    map.insert(PUT, PUT);
    let (taken, again) = map.slot_of(&PUT).expect("it was put");
    Found::swiss()
        .states("states_full", &full)
        .states("states_deleted", &deleted)
        .states("states_put", &states(&map))
        .count("freed_slot", freed.slot)
        .count("taken_slot", taken.slot)
        .with("same_address", address == again)
        .count("overflow_buckets", groups(&map) - 1)
        .count("length", map.len())
        .count("bytes_before_delete", before * group_bytes())
        .count("bytes_after_delete", after * group_bytes())
        .count("stale_key", key)
        .count("stale_value", value)
}
