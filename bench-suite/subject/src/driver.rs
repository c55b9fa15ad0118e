//! The two ways to hold a map while a tape is played: alone, or shared by threads.

pub mod life;

use std::sync::Barrier;
use std::thread;

use formats::observation::Tracked;
use formats::tape::{CHUNK, PhaseMark};

use self::life::AtMark;
use crate::entry::Value;
use crate::map::{Map, Shared};
use crate::pace::{Pacer, Timetable};
use crate::play::play;
use crate::prepare::{Arguments, Prepared, Step};
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

/// A map under test, and how it is lent to one thread, which calls its operations through a pointer.
pub trait Host<K, V: Value> {
    /// Drops the map, if there is one, and makes a new one, with room for so many entries if that is said.
    fn recreate(&mut self, capacity: Option<usize>);

    /// Drops the map.
    fn drop_map(&mut self);

    /// Asks the map to free what waits to be freed, also after it was dropped; says whether it ever lets anything
    /// wait.
    fn reclaim(&mut self) -> bool {
        false
    }

    /// Lends the map to the only thread there is.
    fn with_map(&mut self, act: &mut dyn FnMut(&mut dyn Map<K, V>));

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
        self.with_map(&mut |map| tally = play_tape(map, route, prepared, 0, watch));
        tally
    }

    /// Removes these keys one by one.
    pub(crate) fn drain(&mut self, keys: &[K]) {
        self.with_map(&mut |map| {
            for key in keys {
                map.remove(key);
            }
        });
    }

    /// The sum of the stamps of all entries.
    pub(crate) fn stamps(&mut self) -> u64 {
        let mut stamps = 0;
        self.with_map(&mut |map| stamps = map.iterate().number());
        stamps
    }

    /// Entries in the map.
    pub(crate) fn entries(&mut self) -> u64 {
        let mut entries = 0;
        self.with_map(&mut |map| entries = map.len());
        entries
    }
}

/// A map of one thread.
#[derive(Debug, Default)]
pub struct SingleThreaded<M>(Option<M>);

impl<M: Default> SingleThreaded<M> {
    fn map(&mut self) -> &mut M {
        self.0.get_or_insert_default()
    }
}

impl<K, V: Value, M: Map<K, V> + Default> Host<K, V> for SingleThreaded<M> {
    fn recreate(&mut self, capacity: Option<usize>) {
        self.0 = None;
        self.0 = Some(capacity.map_or_else(M::default, M::with_capacity));
    }

    fn drop_map(&mut self) {
        self.0 = None;
    }

    fn with_map(&mut self, act: &mut dyn FnMut(&mut dyn Map<K, V>)) {
        act(self.map());
    }
}

impl<K, V: Value, M: Map<K, V> + Default> Driver<K, V> for SingleThreaded<M> {
    fn play(&mut self, route: &Route<'_>, prepared: &Prepared<K>, watches: &mut [Untimed<'_>]) -> Vec<Tally> {
        vec![play_tape(self.map(), route, prepared, 0, &mut watches[0])]
    }

    fn play_timed(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [TimedWatch<'_>],
    ) -> Vec<Tally> {
        vec![play_tape(self.map(), route, prepared, 0, &mut watches[0])]
    }

    fn play_outlined(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [Untimed<'_>],
    ) -> Vec<Tally> {
        let map: &mut dyn Map<K, V> = self.map();
        vec![play_tape(map, route, prepared, 0, &mut watches[0])]
    }

    fn play_listened(&mut self, route: &Route<'_>, prepared: &Prepared<K>, listeners: &mut [Listener<'_>]) {
        let map: &mut dyn Map<K, V> = self.map();
        play_tape(map, route, prepared, 0, &mut listeners[0]);
    }

    fn play_life(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [Untimed<'_>],
        tallies: &mut [Tally],
        at: AtMark<'_>,
    ) -> u64 {
        self.0 = None;
        life::alone::<K, V, M>(route, prepared, &mut watches[0], &mut tallies[0], at)
    }
}

/// A map that threads share.
#[derive(Debug, Default)]
pub struct MultiThreaded<S>(Option<S>);

impl<S: Default> MultiThreaded<S> {
    fn map(&mut self) -> &S {
        self.0.get_or_insert_default()
    }
}

impl<K, V: Value, S: Shared<K, V>> Host<K, V> for MultiThreaded<S> {
    fn recreate(&mut self, capacity: Option<usize>) {
        self.0 = None;
        self.0 = Some(capacity.map_or_else(S::default, S::with_capacity));
    }

    fn drop_map(&mut self) {
        self.0 = None;
    }

    fn reclaim(&mut self) -> bool {
        S::reclaim(self.0.as_ref())
    }

    fn with_map(&mut self, act: &mut dyn FnMut(&mut dyn Map<K, V>)) {
        act(&mut self.map().handle());
    }

    fn tracked(&self) -> Option<Tracked> {
        self.0.as_ref().and_then(S::tracked)
    }
}

impl<K: Sync, V: Value, S: Shared<K, V>> Driver<K, V> for MultiThreaded<S> {
    fn play(&mut self, route: &Route<'_>, prepared: &Prepared<K>, watches: &mut [Untimed<'_>]) -> Vec<Tally> {
        let map = self.map();
        in_threads(watches, &|thread, watch| play_tape(&mut map.handle(), route, prepared, thread, watch))
    }

    fn play_timed(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [TimedWatch<'_>],
    ) -> Vec<Tally> {
        let map = self.map();
        in_threads(watches, &|thread, watch| play_tape(&mut map.handle(), route, prepared, thread, watch))
    }

    fn play_outlined(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [Untimed<'_>],
    ) -> Vec<Tally> {
        let map = self.map();
        in_threads(watches, &|thread, watch| {
            let handle: &mut dyn Map<K, V> = &mut map.handle();
            play_tape(handle, route, prepared, thread, watch)
        })
    }

    fn play_listened(&mut self, route: &Route<'_>, prepared: &Prepared<K>, listeners: &mut [Listener<'_>]) {
        let map = self.map();
        in_threads(listeners, &|thread, watch| {
            let handle: &mut dyn Map<K, V> = &mut map.handle();
            play_tape(handle, route, prepared, thread, watch)
        });
    }

    fn play_life(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [Untimed<'_>],
        tallies: &mut [Tally],
        at: AtMark<'_>,
    ) -> u64 {
        self.0 = None;
        life::together::<K, V, S>(route, prepared, watches, tallies, at)
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
    lead(route, prepared, thread, watch, &mut |steps, arguments, tally, watch| {
        play(map, steps, prepared.value_bytes, arguments, tally, watch);
    })
}

/// What plays some steps in a row, at most [`CHUNK`]. It is called through a pointer, so that all around it is compiled
/// once for each kind of key; the loop in it is the map's own.
type PlaySteps<'a, K, W> = &'a mut dyn FnMut(&[Step<K>], &mut Arguments<'_>, &mut Tally, &mut W);

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
    let mut arguments = prepared.arguments[thread].iter();
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
                play(chunk, &mut arguments, &mut tally, watch);
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
