//! The faults that can be seen from inside one process.

use std::collections::BTreeSet;

use maps::canary::{fitting, fresh, oversized, wrong};
use maps::{hashbrown_foldhash, std_hash};
use subject::entry::Numbered;
use subject::map::Map;

use super::model::{Step, difference, drawn};

fn key(number: u64) -> u64 {
    Numbered::make(number, 8)
}

#[test]
fn one_wrong_answer_is_seen() {
    let steps: Vec<Step> = (0..6000).map(|index| drawn(1, index, 200)).collect();
    let seen = difference::<_, u64>(&mut wrong::Adapter::default(), &steps, key);
    assert!(seen.is_some_and(|what| what.starts_with("operation 4999, ")));
    let twin = difference::<_, u64>(&mut hashbrown_foldhash::Adapter::default(), &steps, key);
    assert_eq!(twin, None);
}

/// Removes the oldest of 1000 entries and inserts a new one, 3000 times; gives the places of all entries
/// that ever lived, and how many inserts there were.
fn places(mut map: impl Map<u64, u64>) -> (usize, usize) {
    let mut places = BTreeSet::new();
    for number in 0..4000 {
        if let Some(oldest) = u64::checked_sub(number, 1000) {
            map.remove(&key(oldest));
        }
        map.insert(&key(number), number);
        places.insert(map.locate(&key(number)).expect("it was just inserted"));
    }
    (places.len(), 4000)
}

#[test]
fn no_place_is_taken_twice_by_the_map_that_only_appends() {
    let (distinct, inserts) = places(fresh::Adapter::default());
    assert_eq!(distinct, inserts);
    let (distinct, inserts) = places(maps::btree::Adapter::default());
    assert!(distinct < inserts);
}

#[test]
fn a_table_that_is_too_large_is_so_at_every_size() {
    let mut sound = hashbrown_foldhash::Adapter::default();
    let (mut large, mut twin) = (oversized::Adapter::default(), fitting::Adapter::default());
    for number in 0..5000 {
        let maps: [&mut dyn Map<u64, u64>; 3] = [&mut sound, &mut large, &mut twin];
        // Up to seven slots of each eight are used; tables of four and eight keep one empty.
        let [sound, large, twin] = maps.map(|map| {
            map.insert(&key(number), number);
            match map.capacity().expect("it tells") {
                small @ ..=7 => small + 1,
                larger => larger / 7 * 8,
            }
        });
        assert!(large >= 8 * sound, "{large} and {sound} at {number}");
        assert_eq!(twin, sound, "at {number}");
    }
}

/// The capacity that std and hashbrown tell falls as dead slots pile up and jumps when the table is rebuilt.
#[test]
fn capacity_falls_with_dead_slots() {
    fn capacities(mut map: impl Map<u64, u64>) -> Vec<u64> {
        let mut told = Vec::new();
        for number in 0..4000 {
            if let Some(oldest) = u64::checked_sub(number, 1000) {
                map.remove(&key(oldest));
                told.push(map.capacity().expect("it tells"));
            }
            map.insert(&key(number), number);
        }
        told
    }
    for told in [capacities(std_hash::Adapter::default()), capacities(hashbrown_foldhash::Adapter::default())]
    {
        assert!(told.windows(2).any(|pair| pair[1] < pair[0]), "{told:?}");
        assert!(told.windows(2).any(|pair| pair[1] > pair[0]), "{told:?}");
    }
}
