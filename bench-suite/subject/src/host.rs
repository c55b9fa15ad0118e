//! The two ways to hold a map while a tape is played: alone, or shared by threads.

use std::sync::Barrier;
use std::thread;

use formats::observation::Tracked;
use formats::tape::PhaseMark;

use crate::entry::Value;
use crate::map::{Map, Shared};
use crate::pace::{Timetable, Trip};
use crate::play::play;
use crate::prepare::{Prepared, Step};
use crate::tally::Tally;
use crate::watch::clock::Ticker;
use crate::watch::latency::LatencyWatch;
use crate::watch::untimed::Untimed;
use crate::watch::{Border, CHUNK, Watch};

/// Where a tape is cut: into phases, and those into slices.
#[derive(Debug)]
pub struct Route<'a> {
    /// The phases.
    pub phases: &'a [PhaseMark],
    /// Operations of a slice: whole chunks, so that slices are alike.
    pub slice_ops: usize,
    /// When operations are due and the clock by which they are; `None`: each when the one before is done.
    pub timetable: Option<(Timetable, Ticker)>,
    /// Lets all threads into a phase at once.
    pub gate: Barrier,
}

/// A map under test and a way to lead threads to it.
///
/// A stage holds it behind a pointer, so that all that stands around a tape is compiled once for each kind of entry.
/// The loops that are timed are the map's own: what is called through the pointer is a whole tape.
pub trait Host<K, V: Value> {
    /// Drops the map, if there is one, and makes a new one.
    fn renew(&mut self);

    /// Drops the map.
    fn retire(&mut self);

    /// Plays every thread's steps, each under its own watch.
    fn play(&mut self, route: &Route<'_>, prepared: &Prepared<K>, watches: &mut [Untimed<'_>]) -> Vec<Tally>;

    /// The same with the time of every operation taken.
    fn play_timed(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [LatencyWatch],
    ) -> Vec<Tally>;

    /// The same with every operation called through a pointer: a profile can tell the operations apart.
    fn play_outlined(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [Untimed<'_>],
    ) -> Vec<Tally>;

    /// Lends the map to the only thread there is.
    fn lend(&mut self, act: &mut dyn FnMut(&mut dyn Map<K, V>));

    /// Slots handed out, if the map keeps account.
    fn tracked(&self) -> Option<Tracked> {
        None
    }
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
        self.lend(&mut |map| tally = tour(map, route, prepared, 0, watch));
        tally
    }

    /// Removes these keys one by one.
    pub(crate) fn drain(&mut self, keys: &[K]) {
        self.lend(&mut |map| {
            for key in keys {
                map.remove(key);
            }
        });
    }

    /// Entries in the map.
    pub(crate) fn entries(&mut self) -> u64 {
        let mut entries = 0;
        self.lend(&mut |map| entries = map.len());
        entries
    }
}

/// A map of one thread.
#[derive(Debug, Default)]
pub struct Alone<M>(Option<M>);

impl<M: Default> Alone<M> {
    fn map(&mut self) -> &mut M {
        self.0.get_or_insert_default()
    }
}

impl<K, V: Value, M: Map<K, V> + Default> Host<K, V> for Alone<M> {
    fn renew(&mut self) {
        self.0 = None;
        self.0 = Some(M::default());
    }

    fn retire(&mut self) {
        self.0 = None;
    }

    fn play(&mut self, route: &Route<'_>, prepared: &Prepared<K>, watches: &mut [Untimed<'_>]) -> Vec<Tally> {
        vec![tour(self.map(), route, prepared, 0, &mut watches[0])]
    }

    fn play_timed(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [LatencyWatch],
    ) -> Vec<Tally> {
        vec![tour(self.map(), route, prepared, 0, &mut watches[0])]
    }

    fn play_outlined(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [Untimed<'_>],
    ) -> Vec<Tally> {
        let map: &mut dyn Map<K, V> = self.map();
        vec![tour(map, route, prepared, 0, &mut watches[0])]
    }

    fn lend(&mut self, act: &mut dyn FnMut(&mut dyn Map<K, V>)) {
        act(self.map());
    }
}

/// A map that threads share.
#[derive(Debug, Default)]
pub struct Together<S>(Option<S>);

impl<S: Default> Together<S> {
    fn map(&mut self) -> &S {
        self.0.get_or_insert_default()
    }
}

impl<K: Sync, V: Value, S: Shared<K, V>> Host<K, V> for Together<S> {
    fn renew(&mut self) {
        self.0 = None;
        self.0 = Some(S::default());
    }

    fn retire(&mut self) {
        self.0 = None;
    }

    fn play(&mut self, route: &Route<'_>, prepared: &Prepared<K>, watches: &mut [Untimed<'_>]) -> Vec<Tally> {
        let map = self.map();
        team(watches, &|thread, watch| tour(&mut map.handle(), route, prepared, thread, watch))
    }

    fn play_timed(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [LatencyWatch],
    ) -> Vec<Tally> {
        let map = self.map();
        team(watches, &|thread, watch| tour(&mut map.handle(), route, prepared, thread, watch))
    }

    fn play_outlined(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [Untimed<'_>],
    ) -> Vec<Tally> {
        let map = self.map();
        team(watches, &|thread, watch| {
            let handle: &mut dyn Map<K, V> = &mut map.handle();
            tour(handle, route, prepared, thread, watch)
        })
    }

    fn lend(&mut self, act: &mut dyn FnMut(&mut dyn Map<K, V>)) {
        act(&mut self.map().handle());
    }

    fn tracked(&self) -> Option<Tracked> {
        self.0.as_ref().and_then(S::tracked)
    }
}

/// What a thread of a team does with its watch.
type Part<'a, W> = &'a (dyn Fn(usize, &mut W) -> Tally + Sync);

/// Runs `act` for each watch in a thread of its own; a single one runs here, where nothing has to be started.
fn team<W: Send>(watches: &mut [W], act: Part<'_, W>) -> Vec<Tally> {
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

/// Leads one thread through its tape, phase by phase, slice by slice.
fn tour<K, V: Value, M: Map<K, V> + ?Sized, W: Watch>(
    map: &mut M,
    route: &Route<'_>,
    prepared: &Prepared<K>,
    thread: usize,
    watch: &mut W,
) -> Tally {
    let mut tally = Tally::default();
    let mut rest: &[Step<K>] = &prepared.threads[thread];
    for (index, phase) in route.phases.iter().enumerate() {
        let ops = usize::try_from(phase.ops[thread]).expect("a tape in memory");
        let (steps, behind) = rest.split_at(ops);
        rest = behind;
        route.gate.wait();
        watch.border(Border::PhaseStart(index));
        let timetable = route.timetable.filter(|_| !phase.is_filling());
        let trip = timetable.map(|(timetable, ticker)| Trip::start(timetable, thread, ticker));
        if let Some(trip) = trip {
            watch.set_out(trip);
        }
        let before = tally.played;
        for slice in steps.chunks(route.slice_ops) {
            watch.border(Border::SliceStart);
            let mut rest = slice;
            while !rest.is_empty() {
                let due = trip.map_or(CHUNK, |trip| due(trip, tally.played - before));
                let (chunk, behind) = rest.split_at(due.min(CHUNK).min(rest.len()));
                rest = behind;
                watch.start_chunk();
                play(map, chunk, prepared.value_bytes, &mut tally, watch);
                watch.end_chunk(chunk.len());
            }
            watch.border(Border::SliceEnd { ops: slice.len() as u64, tally: &tally });
        }
        watch.border(Border::PhaseEnd);
    }
    tally
}

/// How many operations may be played now; waits until there is one.
#[cold]
fn due(trip: Trip, done: u64) -> usize {
    usize::try_from(trip.wait(done)).unwrap_or(usize::MAX)
}
