//! What moves entries of a growing map, and whether deletes make one grow.

use std::rc::Rc;

use super::Found;
use super::layout::{bucket_bytes, group_bytes};
use super::port::{Events, Swiss, classic, is_growth, swiss};

const LIVE: u64 = 100_000;
const LOOK_UPS: u64 = 833;

pub(super) fn run() -> Vec<Found> {
    vec![of_classic(), of_swiss()]
}

fn of_classic() -> Found {
    let mut growing = classic(0, ());
    let mut next = 0;
    while !(growing.b() == 8 && growing.old_memory().is_some()) {
        growing.insert(next, next);
        next += 1;
    }
    let before = growing.nevacuate();
    for key in 0..LOOK_UPS {
        std::hint::black_box(growing.get(&key));
    }
    let looked = growing.nevacuate();
    growing.remove(&next);
    let deleted = growing.nevacuate();

    let events = Rc::new(Events::default());
    let mut map = classic(0, Rc::clone(&events));
    for key in 0..LIVE {
        map.insert(key, key);
    }
    let (grows, full) = (events.count(is_growth), map.array_len());
    for key in 0..LIVE {
        map.remove(&key);
    }
    Found::classic()
        .count("evacuated_before", before)
        .count("evacuated_after_lookups", looked)
        .count("evacuated_after_absent_delete", deleted)
        .count("grows_by_delete", events.count(is_growth) - grows)
        .count("array_bytes_before_delete", full * bucket_bytes())
        .count("array_bytes_after_delete", map.array_len() * bucket_bytes())
}

fn of_swiss() -> Found {
    let events = Rc::new(Events::default());
    let mut map = swiss(0, Rc::clone(&events));
    let groups = |map: &Swiss<Rc<Events>>| map.tables().map(|table| table.groups().count()).sum::<usize>();
    for key in 0..LIVE {
        map.insert(key, key);
    }
    let (grows, full) = (events.count(is_growth), groups(&map));
    for key in 0..LIVE {
        map.remove(&key);
    }
    Found::swiss()
        .count("grows_by_delete", events.count(is_growth) - grows)
        .count("array_bytes_before_delete", full * group_bytes())
        .count("array_bytes_after_delete", groups(&map) * group_bytes())
}
