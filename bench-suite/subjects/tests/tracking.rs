//! The article's two slot trackers count the same.

use formats::answer::Answer;
use formats::observation::Tracked;
use subjects::entry::Place;
use subjects::map::{Map, Shared};
use subjects::maps::{slot_tracker_lock, slot_tracker_sharded};

const THREADS: usize = 2;
const LIVE: usize = 500;
const ROUNDS: usize = 10_000;

/// Each thread keeps so many places and gives the oldest up for a new one, again and again.
fn tracked<S: Shared<Place, u64>>() -> Tracked {
    let map = S::default();
    let place = |thread, number| Place::of(thread, THREADS, number % LIVE);
    // All slots are made before any is given back: which ones are handed out again is then a matter of luck,
    // how many is not.
    for thread in 0..THREADS {
        let mut handle = map.handle();
        for number in 0..LIVE {
            assert_eq!(handle.insert(&place(thread, number), 1), Answer::ABSENT);
        }
    }
    let mut filled = map.handle();
    for thread in 0..THREADS {
        for number in 0..LIVE {
            assert_eq!(filled.remove(&place(thread, number)), Answer::of(1));
        }
    }
    drop(filled);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let map = &map;
            scope.spawn(move || {
                let mut handle = map.handle();
                for round in 0..ROUNDS {
                    handle.remove(&place(thread, round));
                    handle.insert(&place(thread, round), 2);
                }
            });
        }
    });
    map.tracked().expect("a tracker keeps account")
}

#[test]
fn both_trackers_count_the_same_reuse() {
    let (made, taken) = ((THREADS * LIVE) as u64, (THREADS * (LIVE + ROUNDS)) as u64);
    let want = Tracked { taken, reused: taken - made };
    assert_eq!(tracked::<slot_tracker_lock::Adapter<u64>>(), want);
    assert_eq!(tracked::<slot_tracker_sharded::Adapter<u64>>(), want);
    assert_eq!(tracked::<slot_tracker_lock::Adapter<u64, true>>(), want);
    assert_eq!(tracked::<slot_tracker_sharded::Adapter<u64, true>>(), want);
}
