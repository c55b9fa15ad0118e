//! How a bucket or a group lies in memory, measured from addresses.

use super::Found;
use super::port::{classic, swiss};

/// Entries asked room for, so that there are 256 buckets or groups.
const ROOM: usize = 1536;

pub(super) fn run() -> Vec<Found> {
    vec![of_classic(), of_swiss()]
}

fn of_classic() -> Found {
    let mut map = classic(ROOM, ());
    map.insert(1, 1);
    let heads: Vec<_> = map.chains().filter_map(|mut chain| chain.next()).collect();
    let (first, size) = (&heads[0], bucket_bytes());
    let at = |address: usize| address - first.address;
    let keys = at((&raw const first.keys[0]).addr());
    let values = at((&raw const first.values[0]).addr());
    let value_stride = at((&raw const first.values[1]).addr()) - values;
    let slots = first.keys.len();
    let taken = heads.iter().find(|bucket| bucket.tophash[0] > 1);
    let inline = taken.is_some_and(|bucket| {
        let key = (&raw const bucket.keys[0]).addr();
        bucket.keys[0] == 1 && (bucket.address..bucket.address + size).contains(&key)
    });
    let starts: Vec<usize> = heads.iter().map(|bucket| bucket.address).collect();
    Found::classic()
        .count("slots", slots)
        .count("bucket_bytes", size)
        .count("state_bytes", first.tophash.len())
        .count("keys_offset", keys)
        .count("key_stride", at((&raw const first.keys[1]).addr()) - keys)
        .count("values_offset", values)
        .count("value_stride", value_stride)
        .count("overflow_offset", values + slots * value_stride)
        .with("key_inline", inline)
        .with("address_mod_64", mod_64(&starts))
        .with("fresh_state", f64::from(taken.map_or(0, |bucket| bucket.tophash[1])))
}

fn of_swiss() -> Found {
    let map = swiss(ROOM, ());
    let groups: Vec<_> = map.tables().flat_map(|table| table.groups()).collect();
    let (first, size) = (&groups[0], group_bytes());
    let slots: Vec<_> = first.slots().collect();
    let at = |address: usize| address - first.address();
    let keys = at(std::ptr::from_ref(slots[0].0).addr());
    let values = at(std::ptr::from_ref(slots[0].1).addr());
    let mut small = swiss(0, ());
    small.insert(1, 1);
    let group = small.small_group().expect("one entry needs no table");
    let key = group.slots().next().expect("a group has slots").0;
    let inline = *key == 1 && (0..size).contains(&(std::ptr::from_ref(key).addr() - group.address()));
    let starts: Vec<usize> = groups.iter().map(go_maps::swiss::GroupView::address).collect();
    Found::swiss()
        .count("slots", slots.len())
        .count("bucket_bytes", size)
        .count("state_bytes", first.ctrls().len())
        .count("keys_offset", keys)
        .count("key_stride", at(std::ptr::from_ref(slots[1].0).addr()) - keys)
        .count("values_offset", values)
        .count("value_stride", at(std::ptr::from_ref(slots[1].1).addr()) - values)
        .with("key_inline", inline)
        .with("address_mod_64", mod_64(&starts))
        .with("fresh_state", f64::from(group.ctrls()[1]))
}

/// How many addresses are 0, 8, 16 … 56 beyond a multiple of 64, of the first 256.
fn mod_64(addresses: &[usize]) -> Vec<f64> {
    let at =
        |offset| addresses.iter().take(256).filter(|address| **address % 64 / 8 == offset).count() as f64;
    (0..8).map(at).collect()
}

/// From the start of one bucket to the next, u64 to u64.
pub(super) fn bucket_bytes() -> usize {
    let map = classic(ROOM, ());
    let mut heads = map.chains().filter_map(|mut chain| chain.next()).map(|bucket| bucket.address);
    let (first, second) = (heads.next(), heads.next());
    second.expect("there are 256 buckets") - first.expect("there are 256 buckets")
}

/// From the start of one group to the next, u64 to u64.
pub(super) fn group_bytes() -> usize {
    let map = swiss(ROOM, ());
    let mut groups = map.tables().flat_map(|table| table.groups()).map(|group| group.address());
    let (first, second) = (groups.next(), groups.next());
    second.expect("there are 256 groups") - first.expect("there are 256 groups")
}
