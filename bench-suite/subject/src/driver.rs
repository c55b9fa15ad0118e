//! The two ways to hold a map while a tape is played: alone, or shared by threads.

mod alone;
pub mod life;
pub mod many;
mod shared;

use std::slice::from_ref;
use std::sync::Barrier;
use std::thread;

use formats::observation::Tracked;
use formats::tape::{CHUNK, PhaseMark};

pub use self::alone::SingleThreaded;
use self::life::AtMark;
use self::many::Entries;
pub use self::shared::MultiThreaded;
use crate::entry::Value;
use crate::map::Map;
use crate::pace::{Pacer, Timetable};
use crate::play::play;
use crate::prepare::{Beside, Prepared, Room, Step};
use crate::progress;
use crate::tally::Tally;
use crate::watch::listener::Listener;
use crate::watch::timed::TimedWatch;
use crate::watch::untimed::Untimed;
use crate::watch::{Boundary, Watch};

/// Where a tape is cut: into phases, and those into slices.
#[derive(Debug)]
pub struct Route<'a> {
    /// The phases.
    pub phases: &'a [PhaseMark],
    /// Operations of a slice: whole chunks, so that slices are alike.
    pub slice_ops: usize,
    /// When operations are due; `None`: each when the one before is done.
    pub timetable: Option<Timetable>,
    /// Lets all threads into a phase at once.
    pub gate: Barrier,
}

/// A map under test, or many, and how it is lent to one thread, which calls its operations through a pointer.
pub trait Host<K, V: Value> {
    /// Drops the map, if there is one, and makes a new one; of many, each is made when it is lent.
    fn recreate(&mut self, room: Room);

    /// Drops the map, or all of them.
    fn drop_map(&mut self);

    /// Asks the map to free what waits to be freed, also after it was dropped; says whether it ever lets anything
    /// wait.
    fn reclaim(&mut self) -> bool {
        false
    }

    /// Lends the map with this number to the only thread there is; it is made if it is not there.
    fn with_map(&mut self, number: usize, act: &mut dyn FnMut(&mut dyn Map<K, V>));

    /// Lends one after the other all maps that are there.
    fn with_each(&mut self, act: &mut dyn FnMut(&mut dyn Map<K, V>));

    /// Drops the map with this number, one of many.
    fn drop_one(&mut self, number: usize);

    /// Slots handed out, if the map keeps account.
    fn tracked(&self) -> Option<Tracked> {
        None
    }
}

/// A map under test and a way to lead threads to it.
///
/// A stage holds it behind a pointer, so that all that stands around a tape is compiled once for each kind of entry.
/// The loops that are timed are the map's own: what is called through the pointer is a whole tape. A map that is never
/// timed needs none of them, and is a [`Host`] only.
pub trait Driver<K, V: Value>: Host<K, V> {
    /// Plays every thread's steps, each under its own watch.
    fn play(&mut self, route: &Route<'_>, prepared: &Prepared<K>, watches: &mut [Untimed<'_>]) -> Vec<Tally>;

    /// The same with the time of every operation taken.
    fn play_timed(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [TimedWatch<'_>],
    ) -> Vec<Tally>;

    /// The same with every operation called through a pointer: a profile can tell the operations apart.
    fn play_outlined(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [Untimed<'_>],
    ) -> Vec<Tally>;

    /// The same, listening to what threads are told of the keys that they share.
    fn play_listened(&mut self, route: &Route<'_>, prepared: &Prepared<K>, listeners: &mut [Listener<'_>]);

    /// Plays into a map that is not made before every thread is there, and drained and dropped while they are. `at` is
    /// called at each mark of its life; what each thread's operations come to is put in `tallies`. Gives the entries
    /// that the map said it held in the end.
    fn play_life(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [Untimed<'_>],
        tallies: &mut [Tally],
        at: AtMark<'_>,
    ) -> u64;
}

impl<K, V: Value> dyn Host<K, V> + '_ {
    /// Plays the only thread's steps with every operation called through a pointer: for watches that look at each
    /// of them and take no times.
    pub(crate) fn play_watched<W: Watch>(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watch: &mut W,
    ) -> Tally {
        let mut tally = Tally::default();
        if prepared.room.many.is_none() {
            self.with_map(0, &mut |map| tally = play_tape(map, route, prepared, 0, watch));
            return tally;
        }
        let mut entries = Entries::default();
        entries.renew(prepared.room);
        lead(route, prepared, 0, watch, &mut |steps, beside, tally, watch| {
            for step in steps {
                let (number, before) = (beside.map(), tally.balance);
                watch.between(&mut || self.with_map(number, &mut |_| {}));
                self.with_map(number, &mut |map| play(map, from_ref(step), beside, tally, watch));
                if entries.are_gone(number, tally.balance - before) {
                    watch.between(&mut || self.drop_one(number));
                }
            }
        })
    }

    /// Removes one by one what is left, each from its map.
    pub(crate) fn drain(&mut self, prepared: &Prepared<K>) {
        for (number, key) in &prepared.left {
            let mut is_last = false;
            self.with_map(*number, &mut |map| {
                map.remove(key);
                is_last = prepared.room.many.is_some() && map.len() == 0;
            });
            if is_last {
                self.drop_one(*number);
            }
        }
    }

    /// The sum of the stamps of all entries.
    pub(crate) fn stamps(&mut self) -> u64 {
        let mut stamps = 0u64;
        self.with_each(&mut |map| stamps = stamps.wrapping_add(map.iterate().number()));
        stamps
    }

    /// Entries in the map, or in all of them.
    pub(crate) fn entries(&mut self) -> u64 {
        let mut entries = 0;
        self.with_each(&mut |map| entries += map.len());
        entries
    }
}

/// What each thread does with its watch.
type Part<'a, W> = &'a (dyn Fn(usize, &mut W) -> Tally + Sync);

/// Runs `act` for each watch in a thread of its own; a single one runs here, where nothing has to be started.
fn in_threads<W: Send>(watches: &mut [W], act: Part<'_, W>) -> Vec<Tally> {
    if let [watch] = watches {
        return vec![act(0, watch)];
    }
    thread::scope(|scope| {
        let start = |(thread, watch)| scope.spawn(move || act(thread, watch));
        let running: Vec<_> = watches.iter_mut().enumerate().map(start).collect();
        let tally = |thread: thread::ScopedJoinHandle<'_, Tally>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        running.into_iter().map(tally).collect()
    })
}

/// Leads one thread through its tape.
pub(crate) fn play_tape<K, V: Value, M: Map<K, V> + ?Sized, W: Watch>(
    map: &mut M,
    route: &Route<'_>,
    prepared: &Prepared<K>,
    thread: usize,
    watch: &mut W,
) -> Tally {
    lead(route, prepared, thread, watch, &mut |steps, beside, tally, watch| {
        play(map, steps, beside, tally, watch);
    })
}

/// What plays some steps in a row, at most [`CHUNK`]. It is called through a pointer, so that all around it is compiled
/// once for each kind of key; the loop in it is the map's own.
type PlaySteps<'a, K, W> = &'a mut dyn FnMut(&[Step<K>], &mut Beside<'_>, &mut Tally, &mut W);

/// Leads one thread through its tape, phase by phase, slice by slice.
fn lead<K, W: Watch>(
    route: &Route<'_>,
    prepared: &Prepared<K>,
    thread: usize,
    watch: &mut W,
    play: PlaySteps<'_, K, W>,
) -> Tally {
    let mut tally = Tally { played: watch.first_stamp(), ..Tally::default() };
    let mut rest: &[Step<K>] = &prepared.threads[thread];
    let mut beside = prepared.beside(thread);
    for (index, phase) in route.phases.iter().enumerate() {
        let ops = usize::try_from(phase.ops[thread]).expect("a tape in memory");
        let (steps, behind) = rest.split_at(ops);
        rest = behind;
        route.gate.wait();
        watch.boundary(Boundary::PhaseStart(index));
        let pacer = route.timetable.as_ref().and_then(|timetable| timetable.start(index, thread));
        if let Some(pacer) = &pacer {
            watch.start_schedule(pacer);
        }
        let before = tally.played;
        for slice in steps.chunks(route.slice_ops) {
            watch.boundary(Boundary::SliceStart);
            let mut rest = slice;
            while !rest.is_empty() {
                let due = pacer.as_ref().map_or(CHUNK, |pacer| due(pacer, tally.played - before));
                let (chunk, behind) = rest.split_at(due.min(CHUNK).min(rest.len()));
                rest = behind;
                watch.start_chunk();
                play(chunk, &mut beside, &mut tally, watch);
                watch.end_chunk(chunk.len());
            }
            watch.boundary(Boundary::SliceEnd { ops: slice.len() as u64, tally: &tally });
            progress::add(slice.len());
        }
        watch.boundary(Boundary::PhaseEnd);
    }
    tally
}

/// How many operations may be played now; waits until there is one.
#[cold]
fn due(pacer: &Pacer, done: u64) -> usize {
    usize::try_from(pacer.wait(done)).unwrap_or(usize::MAX)
}
