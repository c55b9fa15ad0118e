//! How long each operation takes, as histograms.

use formats::histogram::Latencies;
use formats::observation::{KindLatency, LatencyWindow, SlowOp};
use formats::tape::{KINDS, Kind, PhaseMark, RoleMark};

use super::Boundary;
use super::response::Responses;
use super::stopwatch::Stopwatch;
use super::timed::{Durations, Timed};
use crate::clock::Ticker;
use crate::pace::Pacer;

/// Durations below this many ticks are counted in a flat table; 1 to 2 µs.
const FLAT: usize = 4096;
/// The slowest operations that are named.
const WORST: usize = 64;

/// Counts the times of all operations of one thread.
pub struct LatencyWatch {
    ticker: Ticker,
    counts: Vec<[u32; FLAT]>,
    window: [Latencies; KINDS],
    stopwatch: Stopwatch,
    phase: usize,
    slice_ticks: u64,
    played: u64,
    window_start: u64,
    window_ops: u64,
    windows: Vec<(usize, u64, Latencies)>,
    /// Of the phase that is being played.
    kinds: [Latencies; KINDS],
    /// Of those that are done: phase, kind, service times, and response times where operations were due.
    done: Vec<(usize, Kind, Latencies, Option<Latencies>)>,
    worst: Vec<(u64, u64, Kind)>,
    worst_bound: u64,
    responses: Responses,
}

impl LatencyWatch {
    /// A watch with a window every `window_ops` operations.
    #[must_use]
    pub fn new(ticker: Ticker, stopwatch: Stopwatch, window_ops: u64) -> Self {
        Self {
            ticker,
            counts: vec![[0; FLAT]; KINDS],
            window: none(),
            stopwatch,
            phase: 0,
            slice_ticks: 0,
            played: 0,
            window_start: 0,
            window_ops,
            windows: Vec::new(),
            kinds: none(),
            done: Vec::new(),
            worst: Vec::with_capacity(2 * WORST),
            worst_bound: 0,
            responses: Responses::default(),
        }
    }

    /// The end of each operation is that of the last one, less what the operations between took.
    fn count_responses(&mut self, operations: &[Timed], mut end: u64) {
        for (at, operation) in operations.iter().enumerate().rev() {
            self.responses.record(operation.kind(), self.played + at as u64, end);
            end -= operation.ticks();
        }
    }

    fn keep_worst(&mut self, ticks: u64, index: u64, kind: Kind) {
        self.worst.push((ticks, index, kind));
        if self.worst.len() == 2 * WORST {
            self.worst.sort_unstable_by_key(|&(ticks, ..)| std::cmp::Reverse(ticks));
            self.worst.truncate(WORST);
            self.worst_bound = self.worst[WORST - 1].0;
        }
    }

    fn close_window(&mut self) {
        let mut all = Latencies::new();
        for ((flat, window), kind) in self.counts.iter_mut().zip(&mut self.window).zip(&mut self.kinds) {
            for (ticks, times) in (0..).zip(flat.iter_mut()) {
                if *times > 0 {
                    window.record(self.ticker.ns(ticks), u64::from(*times));
                    *times = 0;
                }
            }
            kind.add(window);
            all.add(window);
            *window = Latencies::new();
        }
        if all.count() > 0 {
            self.windows.push((self.phase, self.window_start, all));
        }
        self.window_start = self.played;
    }

    /// The stopwatch, whose slices hold the time in which operations ran.
    #[must_use]
    pub fn stopwatch(&self) -> &Stopwatch {
        &self.stopwatch
    }

    /// Windows, with the names of their phases.
    #[must_use]
    pub fn windows(&self, phases: &[PhaseMark]) -> Vec<LatencyWindow> {
        let window = |(phase, first_op, service): &(usize, u64, Latencies)| LatencyWindow {
            phase: phases[*phase].name.clone(),
            first_op: *first_op,
            service: service.clone(),
        };
        self.windows.iter().map(window).collect()
    }

    /// The slowest operations, slowest first.
    #[must_use]
    pub fn worst(&self, thread: u32) -> Vec<SlowOp> {
        let mut worst = self.worst.clone();
        worst.sort_unstable_by_key(|&(ticks, index, _)| (std::cmp::Reverse(ticks), index));
        worst.truncate(WORST);
        let slow = |(ticks, index, kind)| SlowOp { thread, index, kind, ns: self.ticker.ns(ticks) };
        worst.into_iter().map(slow).collect()
    }

    /// Puts the histograms of the phase aside. They are packed: of a tape with many phases they would take more memory
    /// than the map.
    fn close_phase(&mut self) {
        let kinds = std::mem::replace(&mut self.kinds, none());
        let mut responses = self.responses.take();
        for (kind, service) in Kind::ALL.into_iter().zip(kinds).filter(|(_, service)| service.count() > 0) {
            let response = responses.as_mut().map(|kinds| std::mem::take(&mut kinds[kind as usize]).packed());
            self.done.push((self.phase, kind, service.packed(), response));
        }
    }

    /// Adds this thread's histograms to those of the others that have the same role.
    pub fn add_kinds(&self, phases: &[PhaseMark], role: Option<&RoleMark>, kinds: &mut Vec<KindLatency>) {
        let role = role.map(|role| &*role.name);
        for (phase, kind, service, response) in &self.done {
            let (mark, number) = (&phases[*phase], Some(*phase as u64));
            let is_same = |known: &&mut KindLatency| {
                (known.phase_number, known.kind, known.role.as_deref()) == (number, *kind, role)
            };
            match kinds.iter_mut().find(is_same) {
                Some(known) => {
                    known.service.add(service);
                    if let (Some(known), Some(response)) = (&mut known.response, response) {
                        known.add(response);
                    }
                }
                None => kinds.push(KindLatency {
                    phase: mark.name.clone(),
                    phase_number: number,
                    counts: mark.counts,
                    kind: *kind,
                    role: role.map(str::to_owned),
                    service: service.clone(),
                    response: response.clone(),
                }),
            }
        }
    }
}

fn none() -> [Latencies; KINDS] {
    std::array::from_fn(|_| Latencies::new())
}

impl Durations for LatencyWatch {
    fn boundary(&mut self, boundary: Boundary<'_>) {
        if let Boundary::PhaseStart(phase) = boundary {
            self.phase = phase;
        }
        if let Boundary::SliceStart = boundary {
            self.slice_ticks = 0;
        }
        self.stopwatch.look(boundary);
        match boundary {
            Boundary::SliceEnd { .. } => {
                self.stopwatch.set_wall(self.ticker.ns(self.slice_ticks));
                if self.played - self.window_start >= self.window_ops {
                    self.close_window();
                }
            }
            Boundary::PhaseEnd => {
                self.close_window();
                self.close_phase();
            }
            _ => {}
        }
    }

    fn start_schedule(&mut self, pacer: &Pacer) {
        self.responses.start_schedule(pacer.clone(), self.played);
    }

    fn take(&mut self, operations: &[Timed], end: u64) {
        if self.responses.is_running() {
            self.count_responses(operations, end);
        }
        for (at, operation) in (0..).zip(operations) {
            let (kind, ticks) = (operation.kind(), operation.ticks());
            self.slice_ticks += ticks;
            match usize::try_from(ticks) {
                Ok(flat) if flat < FLAT => self.counts[kind as usize][flat] += 1,
                _ => self.window[kind as usize].record(self.ticker.ns(ticks), 1),
            }
            if ticks > self.worst_bound {
                self.keep_worst(ticks, self.played + at, kind);
            }
        }
        self.played += operations.len() as u64;
    }
}
