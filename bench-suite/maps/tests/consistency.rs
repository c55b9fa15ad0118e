//! What readers see of each row of the article's table of write contention.

use maps::{event_log, mutex_shards, mutex_std, optimistic, rwlock_std, single_writer};
use subject::consistency::{Experiment, look_at, observe};

const EXPERIMENT: Experiment = Experiment { threads: 2, writes: 2_000, key_bytes: 8, value_bytes: 8 };

#[test]
fn one_copy_of_each_entry_shows_nothing_strange() {
    for (map, seen) in [
        ("mutex-std", observe::<mutex_std::Adapter<u64, u64>, _, _>(EXPERIMENT)),
        ("rwlock-std", observe::<rwlock_std::Adapter<u64, u64>, _, _>(EXPERIMENT)),
        ("mutex-shards", observe::<mutex_shards::Adapter<u64, u64>, _, _>(EXPERIMENT)),
        ("optimistic", observe::<optimistic::Adapter<u64, u64>, _, _>(EXPERIMENT)),
        ("single-writer", observe::<single_writer::Adapter<u64, u64>, _, _>(EXPERIMENT)),
    ] {
        assert!(seen.is_strict(), "{map}: {seen:?}");
        assert_eq!((seen.threads, seen.own_reads, seen.other_reads), (2, 4_000, 4_000), "{map}");
        assert_eq!(seen.answered_updates, 4_000, "{map}");
    }
}

/// While nothing is merged no write can be seen, the thread's own neither.
#[test]
fn a_log_that_is_not_merged_hides_every_write() {
    let map = event_log::Adapter::<u64, u64>::default();
    let paused = map.pause();
    let seen = look_at(&map, EXPERIMENT);
    drop(paused);
    assert_eq!((seen.own_reads, seen.own_writes_missed), (4_000, 4_000));
    assert_eq!((seen.answered_updates, seen.unanswered_updates, seen.lost_updates), (0, 4_000, 0));
    // The thread that reads last has a neighbour that is done or has begun.
    assert!(seen.stale > 0 && seen.most_writes_behind > 0 && seen.longest_stale_ns > 0, "{seen:?}");
    assert_eq!(seen.went_back, 0);
}
