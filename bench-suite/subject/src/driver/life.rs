//! A map from before it is made until it is gone, with its threads around it.
//!
//! What the threads themselves take is there before the map is, and until it is gone: so it is in no figure.

use std::process;
use std::sync::{Barrier, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::thread;

use super::many::Maps;
use super::{Route, play_tape};
use crate::entry::Value;
use crate::map::{Map, Shared};
use crate::prepare::Prepared;
use crate::tally::Tally;
use crate::watch::heap::disable_thread_cache;
use crate::watch::untimed::Untimed;

/// A moment in the life of a map at which no thread is inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// All threads are there, the map is not.
    Before,
    /// The tape is played.
    Played,
    /// What waited to be freed has been; a map that frees at once has no such moment.
    Reclaimed,
    /// Every entry that was left has been removed, and what waited to be freed has been.
    Drained,
    /// The map has been dropped, and what waited to be freed has been.
    Dropped,
}

/// What is done at each mark.
pub type AtMark<'a> = &'a mut dyn FnMut(Mark);

/// How a map, or one of many, is lent.
pub(super) type Lend<K, V, M> = fn(&mut M, &mut dyn FnMut(&mut dyn Map<K, V>));

/// What one thread does with maps.
pub(super) struct Alone<'a, 'w, K, V, M> {
    /// Plays the tape.
    pub(super) play: &'a mut dyn FnMut(&mut Maps<M>, &mut Untimed<'w>) -> Tally,
    pub(super) lend: Lend<K, V, M>,
    /// Asks them to free what waits to be freed; says whether they ever let anything wait.
    pub(super) reclaim: fn(&mut Maps<M>) -> bool,
}

/// Leads maps of one thread through their lives; gives the entries that they said they held in the end.
pub(super) fn alone<'w, K, V: Value, M>(
    maps: &mut Maps<M>,
    prepared: &Prepared<K>,
    alone: Alone<'_, 'w, K, V, M>,
    watch: &mut Untimed<'w>,
    tally: &mut Tally,
    at: AtMark<'_>,
) -> u64 {
    let Alone { play, lend, reclaim } = alone;
    maps.drop_all();
    maps.prepare(prepared.room);
    disable_thread_cache();
    at(Mark::Before);
    maps.renew(prepared.room);
    *tally = play(maps, watch);
    at(Mark::Played);
    if reclaim(maps) {
        at(Mark::Reclaimed);
    }
    let mut entries = 0;
    maps.made().for_each(|map| lend(map, &mut |map| entries += map.len()));
    for (number, key) in &prepared.left {
        let mut came = 0;
        lend(maps.at(*number), &mut |map| came -= i64::from(map.remove(key).is_present()));
        maps.count(*number, came);
    }
    reclaim(maps);
    at(Mark::Drained);
    maps.drop_all();
    reclaim(maps);
    at(Mark::Dropped);
    entries
}

/// Leads a map that threads share through its life; gives the entries that it said it held in the end. The calling
/// thread is the first of those that play.
pub(super) fn together<K: Sync, V: Value, S: Shared<K, V>>(
    route: &Route<'_>,
    prepared: &Prepared<K>,
    watches: &mut [Untimed<'_>],
    tallies: &mut [Tally],
    at: AtMark<'_>,
) -> u64 {
    let steps = Barrier::new(watches.len());
    let life = Life { map: RwLock::new(None::<S>), steps, reclaiming: Mutex::new(()), route, prepared };
    let follow = |thread, watch: &mut Untimed<'_>, tally: &mut Tally| life.follow(thread, watch, tally);
    in_threads(watches, tallies, &follow, &mut |watch, tally| life.lead(watch, tally, at))
}

/// What each thread but the first does.
type Follow<'a> = &'a (dyn Fn(usize, &mut Untimed<'_>, &mut Tally) + Sync);

/// What the first thread does.
type Lead<'a> = &'a mut dyn FnMut(&mut Untimed<'_>, &mut Tally) -> u64;

/// Starts all threads but the first, which is the calling one.
fn in_threads(watches: &mut [Untimed<'_>], tallies: &mut [Tally], follow: Follow<'_>, lead: Lead<'_>) -> u64 {
    let mut players = watches.iter_mut().zip(tallies).enumerate();
    let Some((_, (watch, tally))) = players.next() else { return 0 };
    thread::scope(|scope| {
        for (thread, (watch, tally)) in players {
            scope.spawn(move || follow(thread, watch, tally));
        }
        lead(watch, tally)
    })
}

struct Life<'a, K, S> {
    map: RwLock<Option<S>>,
    /// Where all threads wait for each other.
    steps: Barrier,
    /// Held by the thread that asks the map to free what waits: one after the other, none is in another's way.
    reclaiming: Mutex<()>,
    route: &'a Route<'a>,
    prepared: &'a Prepared<K>,
}

impl<K: Sync, S> Life<'_, K, S> {
    fn lead<V: Value>(&self, watch: &mut Untimed<'_>, tally: &mut Tally, at: AtMark<'_>) -> u64
    where
        S: Shared<K, V>,
    {
        let _end = EndWithThread;
        disable_thread_cache();
        self.steps.wait();
        at(Mark::Before);
        *self.map.write().unwrap_or_else(PoisonError::into_inner) = Some(self.prepared.room.made.together());
        self.steps.wait();
        *tally = self.play(0, watch);
        self.steps.wait();
        at(Mark::Played);
        self.steps.wait();
        // What the threads handed over can be freed once each of them has.
        self.reclaim();
        self.steps.wait();
        if self.reclaim() {
            at(Mark::Reclaimed);
        }
        let entries = self.drain();
        self.reclaim();
        at(Mark::Drained);
        drop(self.map.write().unwrap_or_else(PoisonError::into_inner).take());
        self.reclaim();
        at(Mark::Dropped);
        self.steps.wait();
        entries
    }

    fn follow<V: Value>(&self, thread: usize, watch: &mut Untimed<'_>, tally: &mut Tally)
    where
        S: Shared<K, V>,
    {
        let _end = EndWithThread;
        disable_thread_cache();
        self.steps.wait();
        // The first makes the map.
        self.steps.wait();
        *tally = self.play(thread, watch);
        self.steps.wait();
        // The first looks at what is held.
        self.steps.wait();
        self.reclaim();
        self.steps.wait();
        // The first drains and drops the map.
        self.steps.wait();
    }

    fn read(&self) -> RwLockReadGuard<'_, Option<S>> {
        self.map.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn play<V: Value>(&self, thread: usize, watch: &mut Untimed<'_>) -> Tally
    where
        S: Shared<K, V>,
    {
        let map = self.read();
        let map = map.as_ref().expect("made by the first thread");
        play_tape(&mut map.handle(), self.route, self.prepared, thread, watch)
    }

    fn drain<V: Value>(&self) -> u64
    where
        S: Shared<K, V>,
    {
        let map = self.read();
        let mut handle = map.as_ref().expect("made by this thread").handle();
        let entries = handle.len();
        for (_, key) in &self.prepared.left {
            handle.remove(key);
        }
        entries
    }

    fn reclaim<V: Value>(&self) -> bool
    where
        S: Shared<K, V>,
    {
        let _one = self.reclaiming.lock().unwrap_or_else(PoisonError::into_inner);
        S::reclaim(self.read().as_ref())
    }
}

/// Ends the process with the thread that panics: the others would wait for it for ever.
struct EndWithThread;

impl Drop for EndWithThread {
    fn drop(&mut self) {
        if thread::panicking() {
            process::exit(101);
        }
    }
}
