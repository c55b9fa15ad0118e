//! The article's two trackers of slot reuse: one lock, and sharded counters with compare and swap. Do they count
//! differently, and how long do their users wait?

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError, TryLockError};
use std::time::Instant;

use go_maps::marks::Marks;

use super::Found;
use super::play::{Churn, Churned};
use super::port::{Classic, classic};

const THREADS: u64 = 4;
/// Deletes and puts of each thread: four million operations in all.
const PAIRS: u64 = 500_000;
const LIVE: usize = 10_000;

pub(super) fn run() -> Vec<Found> {
    let lock = OneLock::default();
    let waited_lock = play(&lock);
    let sharded = Sharded::default();
    let waited_sharded = play(&sharded);
    let counted = *lock.counts.lock().unwrap_or_else(PoisonError::into_inner);
    let found = Found::classic()
        .count("inserts", counted.inserts)
        .count("reused_lock", counted.reused)
        .count("reused_sharded", sharded.shards.iter().map(|shard| shard.reused.load(Relaxed)).sum::<u64>())
        .count("wait_ns_lock", waited_lock)
        .count("wait_ns_sharded", waited_sharded);
    vec![found]
}

/// Counts inserts, and those that took a slot used before.
trait Tracker: Sync {
    /// Counts one insert and returns how long the caller waited for others, ns.
    fn record(&self, thread: u64, reused: bool) -> u64;
}

#[derive(Default, Clone, Copy)]
struct Counts {
    inserts: u64,
    reused: u64,
}

#[derive(Default)]
struct OneLock {
    counts: Mutex<Counts>,
}

impl Tracker for OneLock {
    fn record(&self, _thread: u64, reused: bool) -> u64 {
        let mut waited = 0;
        let mut counts = match self.counts.try_lock() {
            Ok(counts) => counts,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                let started = Instant::now();
                let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
                waited = nanos(started);
                counts
            }
        };
        counts.inserts += 1;
        counts.reused += u64::from(reused);
        waited
    }
}

/// On cache lines of their own, so that shards do not disturb each other.
#[derive(Default)]
#[repr(align(128))]
struct Shard {
    inserts: AtomicU64,
    reused: AtomicU64,
}

#[derive(Default)]
struct Sharded {
    shards: [Shard; 16],
}

impl Tracker for Sharded {
    fn record(&self, thread: u64, reused: bool) -> u64 {
        let shard = &self.shards[usize::try_from(thread).unwrap_or(0) % self.shards.len()];
        add(&shard.inserts, 1) + add(&shard.reused, u64::from(reused))
    }
}

/// Adds by compare and swap and returns the time lost to others, ns.
fn add(counter: &AtomicU64, number: u64) -> u64 {
    let mut before = counter.load(Relaxed);
    let mut failed = None;
    while let Err(now) = counter.compare_exchange_weak(before, before + number, Relaxed, Relaxed) {
        failed.get_or_insert_with(Instant::now);
        before = now;
    }
    failed.map_or(0, nanos)
}

fn nanos(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// A map of one thread that tells a tracker of every insert.
struct Tracked<'t, T> {
    map: Classic<Marks>,
    tracker: &'t T,
    thread: u64,
    waited: u64,
}

impl<T: Tracker> Churned for Tracked<'_, T> {
    fn put(&mut self, key: u64) {
        self.map.insert(key, key);
        self.waited += self.tracker.record(self.thread, self.map.probe().last_reused());
    }

    fn delete(&mut self, key: u64) {
        self.map.remove(&key);
    }

    fn has(&mut self, key: u64) -> bool {
        self.map.get(&key).is_some()
    }
}

/// Plays the same streams, one for each thread, and returns the time that all threads waited, ns.
fn play(tracker: &impl Tracker) -> u64 {
    let churn = |thread| {
        let mut map = Tracked { map: classic(0, Marks::default()), tracker, thread, waited: 0 };
        Churn::fill(&mut map, LIVE, thread).pairs(&mut map, PAIRS);
        map.waited
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || churn(thread))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .sum()
    })
}
