//! The two ways to hold a map while a tape is played: alone, or shared by threads.

use std::sync::Barrier;
use std::thread;

use formats::observation::Tracked;
use formats::tape::PhaseMark;

use crate::entry::Value;
use crate::map::{Map, Shared};
use crate::pace::{Timetable, Trip};
use crate::play::{Tally, play};
use crate::prepare::{Prepared, Step};
use crate::watch::clock::Ticker;
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

/// A map and a way to lead threads to it.
#[expect(clippy::len_without_is_empty, reason = "nobody asks whether a map under test is empty")]
pub trait Host<K, V: Value>: Default {
    /// Plays every thread's steps, each under its own watch.
    fn play<W: Watch + Send>(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [W],
    ) -> Vec<Tally>;

    /// The same with every operation called through a pointer: for passes that take no times. A profile can
    /// tell the operations apart, and the loop is compiled once instead of once for each map.
    fn play_outlined<W: Watch + Send>(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [W],
    ) -> Vec<Tally>;

    /// Removes these keys one by one.
    fn drain(&mut self, keys: &[K]);

    /// Entries in the map.
    fn len(&mut self) -> u64;

    /// Slots handed out, if the map keeps account.
    fn tracked(&self) -> Option<Tracked> {
        None
    }
}

/// A map of one thread.
#[derive(Debug, Default)]
pub struct Alone<M>(M);

impl<K, V: Value, M: Map<K, V> + Default> Host<K, V> for Alone<M> {
    fn play<W: Watch + Send>(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [W],
    ) -> Vec<Tally> {
        vec![tour(&mut self.0, route, prepared, 0, &mut watches[0])]
    }

    fn play_outlined<W: Watch + Send>(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [W],
    ) -> Vec<Tally> {
        let map: &mut dyn Map<K, V> = &mut self.0;
        vec![tour(map, route, prepared, 0, &mut watches[0])]
    }

    fn drain(&mut self, keys: &[K]) {
        for key in keys {
            self.0.remove(key);
        }
    }

    fn len(&mut self) -> u64 {
        self.0.len()
    }
}

/// A map that threads share.
#[derive(Debug, Default)]
pub struct Together<S>(S);

impl<K: Sync, V: Value, S: Shared<K, V>> Host<K, V> for Together<S> {
    fn play<W: Watch + Send>(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [W],
    ) -> Vec<Tally> {
        team(watches, |thread, watch| tour(&mut self.0.handle(), route, prepared, thread, watch))
    }

    fn play_outlined<W: Watch + Send>(
        &mut self,
        route: &Route<'_>,
        prepared: &Prepared<K>,
        watches: &mut [W],
    ) -> Vec<Tally> {
        team(watches, |thread, watch| {
            let handle: &mut dyn Map<K, V> = &mut self.0.handle();
            tour(handle, route, prepared, thread, watch)
        })
    }

    fn drain(&mut self, keys: &[K]) {
        let mut handle = self.0.handle();
        for key in keys {
            handle.remove(key);
        }
    }

    fn len(&mut self) -> u64 {
        self.0.handle().len()
    }

    fn tracked(&self) -> Option<Tracked> {
        self.0.tracked()
    }
}

/// Runs `act` for each watch in a thread of its own; a single one runs here, where nothing has to be started.
fn team<W: Send>(watches: &mut [W], act: impl Fn(usize, &mut W) -> Tally + Sync) -> Vec<Tally> {
    if let [watch] = watches {
        return vec![act(0, watch)];
    }
    thread::scope(|scope| {
        let act = &act;
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
