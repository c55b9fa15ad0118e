//! What sync.Map allocates, counts and promotes.

use std::rc::Rc;

use formats::evidence::Family;
use go_maps::probe::Event;
use go_maps::sync_map::State;

use super::play::{Churned, collect};
use super::port::{Events, sync, trie};
use super::{Found, counted};

/// Keys in the read map when the cost of an operation is counted.
const KEYS: u64 = 10_000;
/// A key that is in no map.
const ABSENT: u64 = u64::MAX;

pub(super) fn run() -> Vec<Found> {
    // The first use of an epoch by a thread allocates what no later one does.
    collect();
    vec![of_sync_map(), of_trie()]
}

fn of_sync_map() -> Found {
    let mut found = first_store(Found::new("port-sync-map", Family::SyncMap), || sync(()));
    let map = sync(());
    map.store(1, 1);
    let view = map.view();
    found = found.with("has_dirty", view.dirty.is_some()).with("amended_after_first_store", view.amended);
    let mut full = sync(());
    for key in 0..KEYS {
        full.store(key, key);
    }
    // Promotes what is dirty.
    full.range(|_, _| false);
    found = per_operation(found, &mut full);
    promotion_cost(expunged(promotion(misses(found))))
}

fn of_trie() -> Found {
    let found = first_store(Found::new("port-hash-trie", Family::HashTrie), trie);
    let mut full = trie();
    for key in 0..KEYS {
        full.store(key, key);
    }
    // Its only structure is the tree.
    per_operation(found.with("has_dirty", false), &mut full)
}

/// The first store into a new map. The making is counted too: Go's makes its parts when it is first used.
fn first_store<M: Churned>(found: Found, make: impl FnOnce() -> M) -> Found {
    let store = || {
        let mut map = make();
        map.put(1);
        map
    };
    let (map, blocks) = counted(store);
    drop(map);
    found.count("first_store_allocations", blocks.allocations).count("first_store_bytes", blocks.bytes)
}

/// Deletes of every key, stores of the same keys, and then the store of a new one.
fn per_operation(found: Found, map: &mut impl Churned) -> Found {
    let each = |count: u64| count as f64 / KEYS as f64;
    let deleted = counted(|| (0..KEYS).for_each(|key| map.delete(key))).1;
    let restored = counted(|| (0..KEYS).for_each(|key| map.put(key))).1;
    let new = counted(|| map.put(KEYS)).1;
    collect();
    found
        .with("delete_allocations", each(deleted.allocations))
        .with("restore_allocations", each(restored.allocations))
        .with("restore_bytes", each(restored.bytes))
        .count("new_key_allocations", new.allocations)
        .count("new_key_bytes", new.bytes)
}

/// Three look-ups of an absent key, without and with a dirty map.
fn misses(found: Found) -> Found {
    let map = sync(());
    for key in 0..8 {
        map.store(key, key);
    }
    map.range(|_, _| false);
    let miss = || (0..3).for_each(|_| assert!(map.load(&ABSENT).is_none(), "it was never stored"));
    miss();
    let unamended = map.view().misses;
    map.store(8, 8);
    miss();
    found.count("misses_unamended", unamended).count("misses_amended", map.view().misses)
}

/// Four dirty keys, three misses, and the delete of a dirty key.
fn promotion(found: Found) -> Found {
    let events = Rc::new(Events::default());
    let map = sync(Rc::clone(&events));
    for key in 0..4 {
        map.store(key, key);
    }
    for _ in 0..3 {
        map.load(&ABSENT);
    }
    map.delete(&0);
    let promoted = events.find(|event| match event {
        Event::Promotion { misses, entries } => Some((*misses, *entries)),
        _ => None,
    });
    let after = map.view();
    let dirty = after.dirty.map_or(-1.0, |dirty| dirty.len() as f64);
    let found = found.count("misses_after", after.misses).with("dirty_after", dirty);
    match promoted {
        Some((misses, entries)) => found.count("promoted_misses", misses).count("promoted_dirty", entries),
        None => found,
    }
}

/// A delete, and the dirty map that the next new key needs.
fn expunged(found: Found) -> Found {
    let map = sync(());
    for key in 0..3 {
        map.store(key, key);
    }
    map.range(|_, _| false);
    map.delete(&1);
    map.store(3, 3);
    let expunged = map.view().read.iter().filter(|(_, state)| matches!(state, State::Expunged)).count();
    found.count("expunged", expunged)
}

/// What the look-up allocates that promotes [`KEYS`] keys. Fewer bytes than a byte a key are no copy of them.
fn promotion_cost(found: Found) -> Found {
    let map = sync(());
    for key in 0..KEYS {
        map.store(key, key);
    }
    for _ in 1..KEYS {
        map.load(&ABSENT);
    }
    let blocks = counted(|| map.load(&ABSENT)).1;
    let promoted = map.view().dirty.is_none();
    let found =
        found.count("promotion_allocations", blocks.allocations).count("promotion_bytes", blocks.bytes);
    if promoted { found.with("promotion_same_map", blocks.bytes < KEYS) } else { found }
}
