//! One thread writes; the others send it what they want written and wait for its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use formats::answer::Answer;
use formats::subject::{Fact, MapInfo};

use super::{answer, std_hash, total};
use subject::entry::{Key, Value};
use subject::locking::{ReadersLock, queued, waited_since};
use subject::map::{Address, Map, Shared};

/// Wishes that fit into the queue; whoever comes then waits.
const QUEUE: usize = 1024;

/// What a thread wants written.
enum Wish<K, V> {
    Insert(K, V),
    Remove(K),
    Update(K, V),
    Clear,
}

/// A wish, and where its answer goes.
type Letter<K, V> = (Wish<K, V>, SyncSender<Answer>);

/// The table that all read and the writer changes.
struct Table<K, V, const COUNTED: bool> {
    entries: ReadersLock<std_hash::Adapter<K, V>, COUNTED>,
    /// Wishes sent and not yet answered; kept up only when `COUNTED`.
    waiting: AtomicU64,
}

/// The table and its writer.
pub struct Adapter<K, V, const COUNTED: bool = false> {
    table: Arc<Table<K, V, COUNTED>>,
    /// `None` from the moment that the writer is to end.
    queue: Option<SyncSender<Letter<K, V>>>,
    writer: Option<JoinHandle<()>>,
}

/// What a thread holds: references, and the channel by which its answers come.
pub struct Handle<'a, K, V, const COUNTED: bool> {
    table: &'a Table<K, V, COUNTED>,
    queue: SyncSender<Letter<K, V>>,
    answers: (SyncSender<Answer>, Receiver<Answer>),
}

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "single-writer",
        env!("VERSION_OF_STD"),
        "std::collections::HashMap, seeded with zeros, behind a std::sync::RwLock that one thread of the map's \
         own writes to. A write is sent through a std::sync::mpsc queue of 1,024 and waits for its answer; a \
         read goes to the table.",
    )
    .with(Fact::HandsOverWrites)
}

impl<K: Key, V: Value, const COUNTED: bool> Default for Adapter<K, V, COUNTED> {
    fn default() -> Self {
        let table = Arc::new(Table { entries: ReadersLock::default(), waiting: AtomicU64::new(0) });
        let (queue, letters) = sync_channel(QUEUE);
        let written = Arc::clone(&table);
        let writer = thread::spawn(move || write(&written, &letters));
        Self { table, queue: Some(queue), writer: Some(writer) }
    }
}

impl<K, V, const COUNTED: bool> Drop for Adapter<K, V, COUNTED> {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has said so, and every handle with it.
            let _ = writer.join();
        }
    }
}

/// Does what is wished for until nobody can wish any more.
fn write<K: Key, V: Value, const COUNTED: bool>(
    table: &Table<K, V, COUNTED>,
    letters: &Receiver<Letter<K, V>>,
) {
    for (wish, reply) in letters {
        let mut entries = table.entries.write();
        let answer = match wish {
            Wish::Insert(key, value) => answer(entries.0.insert(key, value).as_ref()),
            Wish::Remove(key) => entries.remove(&key),
            Wish::Update(key, value) => entries.update(&key, value),
            Wish::Clear => entries.clear(),
        };
        drop(entries);
        if COUNTED {
            table.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        // Whoever asked may be gone; the wish is done all the same.
        let _ = reply.send(answer);
    }
}

impl<K: Key, V: Value, const COUNTED: bool> Shared<K, V> for Adapter<K, V, COUNTED> {
    const HAS_THREADS: bool = true;

    type Handle<'a> = Handle<'a, K, V, COUNTED>;

    fn handle(&self) -> Handle<'_, K, V, COUNTED> {
        let queue = self.queue.clone().expect("the queue is closed by drop only");
        Handle { table: &self.table, queue, answers: sync_channel(1) }
    }
}

impl<K, V, const COUNTED: bool> Handle<'_, K, V, COUNTED> {
    /// Sends a wish and waits for the answer.
    #[inline]
    fn ask(&self, wish: Wish<K, V>) -> Answer {
        let start = COUNTED.then(|| {
            queued(self.table.waiting.fetch_add(1, Ordering::Relaxed) + 1);
            Instant::now()
        });
        let sent = self.queue.send((wish, self.answers.0.clone()));
        let answer = sent.ok().and_then(|()| self.answers.1.recv().ok());
        if let Some(start) = start {
            waited_since(start);
        }
        answer.expect("the writer lives as long as the map")
    }
}

impl<K: Key, V: Value, const COUNTED: bool> Map<K, V> for Handle<'_, K, V, COUNTED> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        self.ask(Wish::Insert(key.clone(), value))
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        self.ask(Wish::Remove(key.clone()))
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        answer(self.table.entries.read().0.get(key))
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        self.ask(Wish::Update(key.clone(), value))
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        total(self.table.entries.read().0.values())
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        self.ask(Wish::Clear)
    }

    fn len(&mut self) -> u64 {
        self.table.entries.read().0.len() as u64
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.table.entries.read().0.get(key).map(super::address)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.table.entries.read().0.values().map(super::address).for_each(visit);
    }
}
