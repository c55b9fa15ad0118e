//! The article's two slot trackers count the same, and one of them takes fewer locks.

use formats::answer::Answer;
use formats::observation::{Collector, Contention, Observation, Reading, Tracked, Waits};
use formats::tape::{Header, Kind, Op, PhaseMark, Tape};
use maps::{mutex_std, slot_tracker_lock, slot_tracker_sharded};
use subject::entry::Place;
use subject::job::{Job, Unsupported};
use subject::map::{Map, Shared};
use subject::pass::{counted, counted_slots};

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

/// Two threads, each with keys of its own: as many inserts as removes.
fn tape() -> Tape {
    const PAIRS: u64 = 3_000;
    let thread = |first: u64| {
        (first..first + PAIRS).flat_map(|key| [Op::new(Kind::Insert, key), Op::new(Kind::Remove, key)])
    };
    let header = Header {
        distinct: 2 * PAIRS,
        phases: vec![PhaseMark { name: "churn".into(), ops: vec![2 * PAIRS; 2], counts: true, pace: None }],
        ..Header::default()
    };
    Tape::new(header, thread(0).chain(thread(PAIRS)).collect())
}

type Play = fn(&str, &Job) -> Result<Observation, Unsupported>;

/// What was counted of locks.
fn contention(play: Play) -> Contention {
    let job = Job {
        tape: tape(),
        collector: Collector::Contention,
        samples: 10,
        hz: 99,
        profile_ns: 1,
        turns: None,
        inject_work: 0,
    };
    let Reading::Contention(seen) = play("test", &job).expect("it fits").reading else {
        panic!("it is another collector's")
    };
    assert_eq!((seen.threads.len(), seen.ops), (2, 12_000));
    seen
}

/// What all threads met, and what of it at the tracker.
fn met(play: Play) -> (Waits, Option<Waits>) {
    let seen = contention(play);
    (seen.threads.into_iter().fold(Waits::NONE, Waits::and), seen.tracker)
}

/// Who waits is a matter of luck; how often locks are taken is not: each operation takes that of the free list
/// once, and each of the 6,000 inserts that of the tracker, if it has one.
#[test]
fn locks_are_counted_while_the_tape_is_played() {
    let (all, tracker) = met(counted::<mutex_std::Adapter<u64, u64, true>, u64, u64>);
    assert_eq!((all.acquisitions, tracker), (12_000, None));
    let (all, tracker) = met(counted_slots::<slot_tracker_lock::Adapter<u64, true>, u64>);
    let tracker = tracker.expect("it has one");
    assert_eq!((all.acquisitions, tracker.acquisitions, tracker.retries), (18_000, 6_000, 0));
    assert!(tracker.waits <= all.waits && tracker.wait_ns <= all.wait_ns);
}

/// Without a lock of its own there is nothing to wait for at the tracker; what it tries again is its own, since
/// the free list tries nothing again.
#[test]
fn nobody_waits_for_the_tracker_in_shards() {
    let (all, tracker) = met(counted_slots::<slot_tracker_sharded::Adapter<u64, true>, u64>);
    assert_eq!(all.acquisitions, 12_000);
    assert_eq!(tracker, Some(Waits { retries: all.retries, ..Waits::NONE }));
}

/// A thread's slots cannot be given back by another.
#[test]
fn threads_of_a_slot_manager_own_their_keys() {
    let mut header = tape().header().clone();
    header.keys_shared = true;
    let ops = (0..2).flat_map(|thread| tape().thread(thread).to_vec()).collect();
    let tape = Tape::new(header, ops);
    let job = Job {
        tape,
        collector: Collector::Contention,
        samples: 10,
        hz: 99,
        profile_ns: 1,
        turns: None,
        inject_work: 0,
    };
    let refused = counted_slots::<slot_tracker_lock::Adapter<u64, true>, u64>("test", &job);
    let why = "test: slot handles cannot be shared between threads, and the workload's threads share keys";
    assert_eq!(refused.map(|_| ()).unwrap_err().to_string(), why);
}
