//! Each thread appends what it wants to a log of its own; one thread of the map's own merges them later.

use std::mem::take;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use formats::answer::Answer;
use formats::subject::MapInfo;

use super::{answer, std_hash, total};
use subject::entry::{Key, Value};
use subject::locking::{Lock, ReadersLock, queued};
use subject::map::{Map, Shared};

/// How long the merger sleeps when there was nothing to merge.
const REST: Duration = Duration::from_micros(100);
/// Events that are merged before readers get a turn.
const BATCH: usize = 256;

/// What a thread wants.
enum Event<K, V> {
    Insert(K, V),
    Remove(K),
    Update(K, V),
    Clear,
}

/// What one thread wants and has not got yet, in order.
type Log<K, V, const COUNTED: bool> = Arc<Lock<Vec<Event<K, V>>, COUNTED>>;

/// What the threads and the merger share.
struct Store<K, V, const COUNTED: bool> {
    logs: Mutex<Vec<Log<K, V, COUNTED>>>,
    merged: ReadersLock<std_hash::Adapter<K, V>, COUNTED>,
    /// Held by whoever merges: one at a time, or the events of a thread would overtake each other.
    merging: Mutex<()>,
    ends: AtomicBool,
}

/// The logs, the merged table and the merger.
pub struct Adapter<K, V, const COUNTED: bool = false> {
    store: Arc<Store<K, V, COUNTED>>,
    merger: Option<JoinHandle<()>>,
}

/// What a thread holds: its log.
pub struct Handle<'a, K, V, const COUNTED: bool> {
    store: &'a Store<K, V, COUNTED>,
    log: Log<K, V, COUNTED>,
}

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "event-log",
        env!("VERSION_OF_STD"),
        "A write appends an event to the thread's own log and answers nothing. A thread of the map's own \
         merges the logs into a std::collections::HashMap, seeded with zeros, behind a std::sync::RwLock; it \
         looks again 100 µs after it found nothing. A read goes to the merged table and may miss what was \
         written, by its own thread too. To ask for the length merges what is left.",
    )
}

impl<K: Key, V: Value, const COUNTED: bool> Default for Adapter<K, V, COUNTED> {
    fn default() -> Self {
        let store = Arc::new(Store {
            logs: Mutex::default(),
            merged: ReadersLock::default(),
            merging: Mutex::default(),
            ends: AtomicBool::new(false),
        });
        let merging = Arc::clone(&store);
        let merger = thread::spawn(move || {
            while !merging.ends.load(Ordering::Relaxed) {
                if !merging.merge() {
                    thread::park_timeout(REST);
                }
            }
        });
        Self { store, merger: Some(merger) }
    }
}

impl<K, V, const COUNTED: bool> Drop for Adapter<K, V, COUNTED> {
    fn drop(&mut self) {
        self.store.ends.store(true, Ordering::Relaxed);
        if let Some(merger) = self.merger.take() {
            merger.thread().unpark();
            // A merger that panicked has said so.
            let _ = merger.join();
        }
    }
}

impl<K, V, const COUNTED: bool> Adapter<K, V, COUNTED> {
    /// Nothing is merged while the guard lives: for tests of what a reader misses.
    pub fn pause(&self) -> MutexGuard<'_, ()> {
        locked(&self.store.merging)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K: Key, V: Value, const COUNTED: bool> Store<K, V, COUNTED> {
    /// Merges what is in the logs now and says whether there was anything.
    fn merge(&self) -> bool {
        let merging = locked(&self.merging);
        let logs = locked(&self.logs).clone();
        let mut any = false;
        for log in &logs {
            let mut events = take(&mut *log.lock()).into_iter();
            while !events.as_slice().is_empty() {
                any = true;
                let mut merged = self.merged.write();
                events.by_ref().take(BATCH).for_each(|event| apply(&mut merged, event));
            }
        }
        drop(logs);
        // Of a log that nobody writes to any more this list has the only reference.
        locked(&self.logs).retain(|log| Arc::strong_count(log) > 1 || !log.lock().is_empty());
        drop(merging);
        any
    }
}

fn apply<K: Key, V: Value>(merged: &mut std_hash::Adapter<K, V>, event: Event<K, V>) {
    match event {
        Event::Insert(key, value) => drop(merged.0.insert(key, value)),
        Event::Remove(key) => drop(merged.0.remove(&key)),
        Event::Update(key, value) => {
            merged.update(&key, value);
        }
        Event::Clear => merged.0.clear(),
    }
}

impl<K: Key, V: Value, const COUNTED: bool> Shared<K, V> for Adapter<K, V, COUNTED> {
    const HAS_THREADS: bool = true;

    type Handle<'a> = Handle<'a, K, V, COUNTED>;

    fn handle(&self) -> Handle<'_, K, V, COUNTED> {
        let log = Log::default();
        locked(&self.store.logs).push(Arc::clone(&log));
        Handle { store: &self.store, log }
    }
}

impl<K, V, const COUNTED: bool> Handle<'_, K, V, COUNTED> {
    #[inline]
    fn append(&self, event: Event<K, V>) -> Answer {
        let mut log = self.log.lock();
        log.push(event);
        if COUNTED {
            queued(log.len() as u64);
        }
        Answer::ABSENT
    }
}

impl<K: Key, V: Value, const COUNTED: bool> Map<K, V> for Handle<'_, K, V, COUNTED> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        self.append(Event::Insert(key.clone(), value))
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        self.append(Event::Remove(key.clone()))
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        answer(self.store.merged.read().0.get(key))
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        self.append(Event::Update(key.clone(), value))
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        total(self.store.merged.read().0.values())
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        self.append(Event::Clear)
    }

    /// Entries after everything that was written so far has been merged.
    fn len(&mut self) -> u64 {
        self.store.merge();
        self.store.merged.read().0.len() as u64
    }
}
