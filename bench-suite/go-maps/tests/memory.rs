//! Bytes that each port holds after random churn, against what the real runtime held after a collection.
//!
//! 100,000 live entries of u64 to u64, a million pairs of a delete and a put, as the recorder's `godriver` plays
//! them; Go's figures are its live heap after a forced collection.
#![cfg(not(feature = "shuttle"))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::AtomicIsize;
use std::sync::atomic::Ordering::Relaxed;

use go_maps::classic::Hmap;
use go_maps::hash::{Aes, Interface};
use go_maps::hash_trie::HashTrieMap;
use go_maps::seed::Seeds;
use go_maps::swiss;
use go_maps::sync_map::SyncMap;

/// Bytes asked for and not given back.
static HELD: AtomicIsize = AtomicIsize::new(0);

struct Counting;

// SAFETY: hands every call on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size().cast_signed(), Relaxed);
        // SAFETY: promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size().cast_signed(), Relaxed);
        // SAFETY: promised by the caller.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const LIVE: u64 = 100_000;
const PAIRS: u64 = 1_000_000;

/// Megabytes that a map holds after the churn.
fn held<M>(make: impl FnOnce() -> M, mut step: impl FnMut(&mut M, u64, bool)) -> f64 {
    let mut fresh = Seeds::new(1);
    let mut random = Seeds::new(2);
    let mut keys: Vec<u64> = (0..LIVE).map(|_| fresh.next_u64()).collect();
    let before = HELD.load(Relaxed);
    let mut map = make();
    for &key in &keys {
        step(&mut map, key, true);
    }
    for _ in 0..PAIRS {
        let victim = usize::try_from(random.next_u64() % LIVE).expect("fits");
        step(&mut map, keys.swap_remove(victim), false);
        keys.push(fresh.next_u64());
        step(&mut map, keys[keys.len() - 1], true);
    }
    // What waits to be freed is Go's garbage: let it be collected, as Go was made to.
    for _ in 0..10_000 {
        crossbeam_epoch::pin().flush();
    }
    let megabytes = (HELD.load(Relaxed) - before) as f64 / 1e6;
    black_box(map);
    megabytes
}

#[test]
#[cfg_attr(debug_assertions, ignore = "a million pairs take long without optimization")]
fn no_port_holds_more_than_the_real_map() {
    let classic = held(
        || Hmap::<u64, u64, _>::new(Aes::seeded(7), 7),
        |map, key, put| {
            black_box(if put { map.insert(key, 1) } else { map.remove(&key) });
        },
    );
    let swiss = held(
        || swiss::Map::new(Aes::seeded(7), 7),
        |map, key, put| {
            black_box(if put { map.insert(key, 1_u64) } else { map.remove(&key) });
        },
    );
    let sync_map = held(
        || SyncMap::new(Aes::seeded(7), 7),
        |map, key, put| {
            black_box(if put { map.store(key, 1_u64) } else { map.delete(&key) });
        },
    );
    let hash_trie = held(
        || HashTrieMap::new(Interface(Aes::seeded(7)), 7),
        |map, key, put| {
            black_box(if put { map.store(key, 1_u64) } else { map.delete(&key) });
        },
    );
    let figures =
        format!("classic {classic:.2}, swiss {swiss:.2}, sync_map {sync_map:.2}, trie {hash_trie:.2} MB");
    println!("{figures}");
    assert!(classic <= 4.84 && swiss <= 4.73 && sync_map <= 23.3 && hash_trie <= 16.1, "{figures}");
}
