//! What readers of a shared map get to see while others write: an experiment beside the tape.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use formats::observation::Consistency;

use crate::entry::{Numbered, Value};
use crate::map::{Map, Shared};

/// What is asked of the map.
#[derive(Debug, Clone, Copy)]
pub struct Experiment {
    /// Threads, at least two.
    pub threads: usize,
    /// Writes of each thread to its own key, and again to the common one.
    pub writes: u64,
    /// Bytes of a key.
    pub key_bytes: usize,
    /// Bytes of a value.
    pub value_bytes: usize,
}

/// Writes of one thread that are known to have ended.
struct Ended {
    /// The number written last.
    last: AtomicU64,
    /// When the write of each number ended, ns; number 0 was never written.
    at: Vec<AtomicU64>,
}

/// What one thread saw.
#[derive(Default)]
struct Seen {
    figures: Consistency,
    /// What its updates of the common key replaced.
    replaced: Vec<u64>,
}

/// Lets threads write and read a new map of this kind.
#[must_use]
pub fn observe<S: Shared<K, V>, K: Numbered, V: Value>(experiment: Experiment) -> Consistency {
    look_at::<S, K, V>(&S::default(), experiment)
}

/// The same with a map that is empty.
#[must_use]
pub fn look_at<S: Shared<K, V>, K: Numbered, V: Value>(map: &S, experiment: Experiment) -> Consistency {
    through(&|act| act(&mut map.handle()), experiment)
}

/// Lends a handle of the calling thread.
type Lend<'a, K, V> = &'a (dyn Fn(&mut dyn FnMut(&mut dyn Map<K, V>)) + Sync);

fn through<K: Numbered, V: Value>(lend: Lend<'_, K, V>, experiment: Experiment) -> Consistency {
    let Experiment { threads, writes, key_bytes, value_bytes } = experiment;
    let ended = || Ended { last: AtomicU64::new(0), at: (0..=writes).map(|_| AtomicU64::new(0)).collect() };
    let ended: Vec<Ended> = (0..threads).map(|_| ended()).collect();
    // The common key comes after the threads' own; whatever is first in it is no thread's number.
    let keys: Vec<K> = (0..=threads as u64).map(|number| K::make(number, key_bytes)).collect();
    lend(&mut |map| {
        map.insert(&keys[threads], V::make(0, value_bytes));
    });
    let (start, gate) = (Instant::now(), Barrier::new(threads));
    let seen: Vec<Seen> = thread::scope(|scope| {
        let (ended, keys, gate) = (&ended, &keys, &gate);
        let run = |own: usize| {
            scope.spawn(move || {
                let mut seen = Seen::default();
                let now = || u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
                lend(&mut |handle| {
                    gate.wait();
                    read_and_write(handle, keys, own, ended, value_bytes, now, &mut seen.figures);
                    gate.wait();
                    seen.replaced = update(handle, &keys[threads], own as u64 * writes, writes, value_bytes);
                });
                seen
            })
        };
        let running: Vec<_> = (0..threads).map(run).collect();
        let ended = running.into_iter().map(thread::ScopedJoinHandle::join);
        ended.map(|seen| seen.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    sum(&seen, threads as u64, writes)
}

/// Writes rising numbers to the thread's own key and looks after each what is there and at its neighbour's.
fn read_and_write<K, V: Value>(
    handle: &mut dyn Map<K, V>,
    keys: &[K],
    own: usize,
    ended: &[Ended],
    value_bytes: usize,
    now: impl Fn() -> u64,
    seen: &mut Consistency,
) {
    let other = (own + 1) % ended.len();
    let mut highest = 0;
    for number in 1..ended[own].at.len() as u64 {
        handle.insert(&keys[own], V::make(number, value_bytes));
        ended[own].at[index(number)].store(now(), Ordering::Relaxed);
        ended[own].last.store(number, Ordering::Release);

        seen.own_reads += 1;
        seen.own_writes_missed += u64::from(read(handle, &keys[own]) < number);

        let floor = ended[other].last.load(Ordering::Acquire);
        let began = now();
        let got = read(handle, &keys[other]);
        seen.other_reads += 1;
        seen.went_back += u64::from(got < highest);
        highest = highest.max(got);
        if got < floor {
            let replaced = ended[other].at[index(got + 1)].load(Ordering::Relaxed);
            seen.stale += 1;
            seen.most_writes_behind = seen.most_writes_behind.max(floor - got);
            seen.longest_stale_ns = seen.longest_stale_ns.max(began.saturating_sub(replaced));
        }
    }
}

/// The number under this key, 0 when there is none.
fn read<K, V: Value>(handle: &mut dyn Map<K, V>, key: &K) -> u64 {
    let answer = handle.get(key);
    if answer.is_present() { answer.number() } else { 0 }
}

fn index(number: u64) -> usize {
    usize::try_from(number).expect("numbers are indices of a list in memory")
}

/// Updates the common key with numbers that follow `base`, and gives those that were replaced.
fn update<K, V: Value>(
    handle: &mut dyn Map<K, V>,
    key: &K,
    base: u64,
    writes: u64,
    value_bytes: usize,
) -> Vec<u64> {
    let mut replaced = Vec::with_capacity(index(writes));
    for number in base + 1..=base + writes {
        let answer = handle.update(key, V::make(number, value_bytes));
        if answer.is_present() {
            replaced.push(answer.number());
        }
    }
    replaced
}

fn sum(threads: &[Seen], count: u64, writes: u64) -> Consistency {
    let mut replaced: Vec<u64> = threads.iter().flat_map(|seen| &seen.replaced).copied().collect();
    replaced.sort_unstable();
    let answered = replaced.len() as u64;
    replaced.dedup();
    let mut all = Consistency {
        threads: count,
        answered_updates: answered,
        unanswered_updates: count * writes - answered,
        lost_updates: answered - replaced.len() as u64,
        ..Consistency::default()
    };
    for Seen { figures, .. } in threads {
        all.own_reads += figures.own_reads;
        all.own_writes_missed += figures.own_writes_missed;
        all.other_reads += figures.other_reads;
        all.went_back += figures.went_back;
        all.stale += figures.stale;
        all.most_writes_behind = all.most_writes_behind.max(figures.most_writes_behind);
        all.longest_stale_ns = all.longest_stale_ns.max(figures.longest_stale_ns);
    }
    all
}
