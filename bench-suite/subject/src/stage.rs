//! What each collector does with a pass.

use std::sync::Barrier;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use formats::observation::{
    Answers, Calls, Collector, Contention, Heap, Latency, PhaseCalls, Reading, Throughput, Waits,
};
use formats::tape::PhaseMark;

use crate::calls::{KeyCalls, take_calls};
use crate::entry::Value;
use crate::host::{Host, Route};
use crate::job::{Job, Unsupported};
use crate::locking::{take_tracker_waits, take_waits};
use crate::pace::Timetable;
use crate::prepare::Prepared;
use crate::tally::Tally;
use crate::turns::Partner;
use crate::watch::clock::{Stopwatch, Ticker, phase_times};
use crate::watch::events::EventsWatch;
use crate::watch::heap::{HeapMeter, describe_allocator, flush_thread_cache};
use crate::watch::latency::LatencyWatch;
use crate::watch::ledger::{self, Ledger};
use crate::watch::stacks::Sampler;
use crate::watch::traced::{BlocksWatch, SlotsWatch};
use crate::watch::untimed::Untimed;
use crate::watch::{Border, CHUNK};

/// Time between two samples of the heap while a tape with a timetable plays, s.
const HEAP_SECONDS: u64 = 5;

/// Everything that the collectors need of a pass.
pub(crate) struct Stage<'a, K> {
    job: &'a Job,
    route: Route<'a>,
    names: Vec<String>,
    prepared: &'a Prepared<K>,
}

impl<'a, K: Sync> Stage<'a, K> {
    pub(crate) fn new(job: &'a Job, prepared: &'a Prepared<K>) -> Self {
        let phases = &job.tape.header().phases;
        let ops = prepared.threads.iter().map(Vec::len).max().unwrap_or(0);
        let slices = usize::try_from(job.samples.max(1)).unwrap_or(usize::MAX);
        let threads = job.tape.threads();
        let rate = job.tape.header().pace.per_second().filter(|_| job.collector.keeps_pace());
        let timetable = rate.map(|per_second| Timetable { per_second, threads: threads as u64 });
        let slice_ops = match timetable {
            Some(timetable) if job.collector == Collector::Heap => {
                usize::try_from(timetable.ops_in(HEAP_SECONDS)).unwrap_or(usize::MAX)
            }
            _ => ops.div_ceil(slices).max(1).next_multiple_of(CHUNK),
        };
        let timetable = timetable.map(|timetable| (timetable, Ticker::calibrate()));
        let route = Route { phases, slice_ops, timetable, gate: Barrier::new(threads) };
        Self { job, route, names: phases.iter().map(|phase| phase.name.clone()).collect(), prepared }
    }

    fn stopwatches(&self) -> Vec<Stopwatch> {
        let slices = |ops: u64| usize::try_from(ops).unwrap_or(0).div_ceil(self.route.slice_ops);
        let stopwatch = |thread: usize| {
            Stopwatch::new(self.route.phases.iter().map(move |phase| slices(phase.ops[thread])))
        };
        (0..self.prepared.threads.len()).map(stopwatch).collect()
    }

    /// Plays with a closure for each thread that is called at its borders.
    fn play_untimed<V: Value, F: FnMut(Border<'_>) + Send>(
        &self,
        host: &mut dyn Host<K, V>,
        borders: &mut [F],
    ) -> Vec<Tally> {
        let toil = self.job.toil;
        let mut watches: Vec<_> = borders.iter_mut().map(|border| Untimed { border, toil }).collect();
        host.play(&self.route, self.prepared, &mut watches)
    }

    pub(crate) fn throughput<V: Value>(
        &self,
        host: &mut dyn Host<K, V>,
    ) -> Result<(Answers, Reading), Unsupported> {
        let turns = self.job.turns.as_ref();
        let mut partner =
            turns.map(|turns| Partner::meet(turns, self.route.phases, self.route.slice_ops)).transpose()?;
        let (answers, mut stopwatches) = self.timed(host, partner.as_mut());
        for play in 1..turns.map_or(1, |turns| turns.plays.get()) {
            let (again, more) = self.timed(host, partner.as_mut());
            if again != answers {
                return Err(Unsupported::Unsteady { play: play + 1 });
            }
            stopwatches.iter_mut().zip(&more).for_each(|(sum, one)| sum.add(one));
        }
        partner.map_or(Ok(()), Partner::finish)?;
        let phases = phase_times(&self.names, &stopwatches);
        Ok((answers, Reading::Throughput(Throughput { phases })))
    }

    /// Plays once, in turn with a partner if there is one.
    fn timed<V: Value>(
        &self,
        host: &mut dyn Host<K, V>,
        mut partner: Option<&mut Partner<'_>>,
    ) -> (Answers, Vec<Stopwatch>) {
        host.renew();
        let mut stopwatches = self.stopwatches();
        let border = |watch| {
            let (watch, mut partner): (&mut Stopwatch, _) = (watch, partner.take());
            move |border: Border<'_>| {
                if let Some(partner) = &mut partner {
                    partner.before(&border);
                }
                watch.look(border);
                if let Some(partner) = &mut partner {
                    partner.after(&border);
                }
            }
        };
        let mut borders: Vec<_> = stopwatches.iter_mut().map(border).collect();
        let tallies = self.play_untimed(host, &mut borders);
        drop(borders);
        (answers(&tallies, host), stopwatches)
    }

    pub(crate) fn latency<V: Value>(&self, host: &mut dyn Host<K, V>) -> (Answers, Reading) {
        host.renew();
        let ticker = self.route.timetable.map_or_else(Ticker::calibrate, |(_, ticker)| ticker);
        let window = self.route.slice_ops as u64;
        let watch = |stopwatch| LatencyWatch::new(ticker, stopwatch, &self.names, window);
        let mut watches: Vec<_> = self.stopwatches().into_iter().map(watch).collect();
        let tallies = host.play_timed(&self.route, self.prepared, &mut watches);
        let stopwatches: Vec<_> = watches.iter().map(|watch| watch.stopwatch().clone()).collect();
        let mut latency = Latency {
            clock: ticker.describe(),
            times: phase_times(&self.names, &stopwatches),
            kinds: Vec::new(),
            windows: watches[0].windows(&self.names),
            worst: Vec::new(),
        };
        for (thread, watch) in (0..).zip(&watches) {
            watch.add_kinds(&self.names, &mut latency.kinds);
            latency.worst.extend(watch.worst(thread));
        }
        latency.worst.sort_by_key(|slow| (std::cmp::Reverse(slow.ns), slow.thread, slow.index));
        (answers(&tallies, host), Reading::Latency(latency))
    }

    pub(crate) fn slots<V: Value>(
        &self,
        host: &mut dyn Host<K, V>,
    ) -> Result<(Answers, Reading), Unsupported> {
        let peak_live = self.job.tape.header().executed.peak_live.unwrap_or(0);
        let mut watch = SlotsWatch::install(&self.names, peak_live)
            .map_err(|error| self.cannot(format!("address space for shadow memory: {error}")))?;
        in_ledger(|| host.renew());
        let tally = host.play_watched(&self.route, self.prepared, &mut watch);
        let slots = watch.finish();
        let answers = answers(&[tally], host);
        drop(ledger::remove());
        Ok((answers, Reading::Slots(slots)))
    }

    pub(crate) fn events<V: Value>(&self, host: &mut dyn Host<K, V>) -> (Answers, Reading) {
        let entry_bytes = size_of::<K>() + size_of::<V>();
        let mut watch = EventsWatch::install(&self.names, entry_bytes, self.prepared.value_bytes);
        in_ledger(|| host.renew());
        let tally = host.play_watched(&self.route, self.prepared, &mut watch);
        let events = watch.finish();
        let answers = answers(&[tally], host);
        drop(ledger::remove());
        (answers, Reading::Events(events))
    }

    pub(crate) fn allocations<V: Value>(&self, host: &mut dyn Host<K, V>) -> (Answers, Reading) {
        let mut watch = BlocksWatch::install(&self.names);
        in_ledger(|| host.renew());
        let tally = host.play_watched(&self.route, self.prepared, &mut watch);
        let mut allocations = watch.finish();
        let answers = answers(&[tally], host);
        in_ledger(|| host.drain(&self.prepared.left));
        allocations.drained_bytes = ledger::with(|ledger| ledger.held());
        in_ledger(|| host.retire());
        allocations.dropped_bytes = ledger::with(|ledger| ledger.held());
        drop(ledger::remove());
        (answers, Reading::Allocations(allocations))
    }

    pub(crate) fn calls(&self, host: &mut dyn Host<K, u64>) -> (Answers, Reading) {
        host.renew();
        let mut phases = Vec::with_capacity(self.names.len());
        let mut rest = self.job.tape.thread(0);
        let mut border = |border: Border<'_>| match border {
            Border::PhaseStart(_) => {
                // What was asked before the phase belongs to none.
                let _ = take_calls();
            }
            Border::PhaseEnd => {
                let KeyCalls { hashes, comparisons } = take_calls();
                let mark = &self.route.phases[phases.len()];
                let ops = mark.ops[0];
                let (here, behind) = rest.split_at(usize::try_from(ops).expect("a tape in memory"));
                rest = behind;
                let key_ops = here.iter().filter(|op| op.kind().names_key()).count() as u64;
                phases.push(PhaseCalls { phase: mark.name.clone(), ops, key_ops, hashes, comparisons });
            }
            Border::SliceStart | Border::SliceEnd { .. } => {}
        };
        let mut watches = [Untimed { border: &mut border, toil: 0 }];
        let tallies = host.play_outlined(&self.route, self.prepared, &mut watches);
        (answers(&tallies, host), Reading::Calls(Calls { phases }))
    }

    /// What the threads met is given if the locks of this map count.
    pub(crate) fn contention<V: Value>(&self, host: &mut dyn Host<K, V>, counts: bool) -> (Answers, Reading) {
        host.renew();
        let mut met = vec![(Waits::NONE, Waits::NONE); self.prepared.threads.len()];
        let mut borders: Vec<_> = met
            .iter_mut()
            .map(|met| {
                move |border: Border<'_>| match border {
                    Border::PhaseStart(_) => {
                        // What was met before the phase belongs to none.
                        let _ = (take_waits(), take_tracker_waits());
                    }
                    Border::PhaseEnd => {
                        *met = (met.0.and(take_waits()), met.1.and(take_tracker_waits()));
                    }
                    Border::SliceStart | Border::SliceEnd { .. } => {}
                }
            })
            .collect();
        let tallies = self.play_untimed(host, &mut borders);
        drop(borders);
        let tracked = host.tracked();
        let at_tracker = || met.iter().map(|(_, tracker)| *tracker).fold(Waits::NONE, Waits::and);
        let contention = Contention {
            tracker: tracked.filter(|_| counts).map(|_| at_tracker()),
            threads: if counts { met.into_iter().map(|(all, _)| all).collect() } else { Vec::new() },
            ops: tallies.iter().map(|tally| tally.played).sum(),
            tracked,
            consistency: None,
        };
        (answers(&tallies, host), Reading::Contention(contention))
    }

    pub(crate) fn heap<V: Value>(
        &self,
        host: &mut dyn Host<K, V>,
    ) -> Result<(Answers, Reading), Unsupported> {
        let failed = |error| self.cannot(format!("jemalloc's statistics: {error}"));
        let meter = HeapMeter::new().map_err(failed)?;
        let sample = |phase: &str, so_far: &SoFar| {
            let live = so_far.live.load(Ordering::Relaxed).max(0).cast_unsigned();
            meter.sample(phase, so_far.ops.load(Ordering::Relaxed), live).map_err(failed)
        };
        let so_far = SoFar::default();
        // Room for every sample before the first is taken: the list's own memory is in all of them.
        let slices = |phase: &PhaseMark| {
            phase.ops.iter().map(|ops| ops.div_ceil(self.route.slice_ops as u64)).sum::<u64>()
        };
        let slices = self.route.phases.iter().map(slices).sum::<u64>();
        let mut samples = Vec::with_capacity(usize::try_from(slices).unwrap_or(0) + 1);
        let before = sample("before", &so_far)?;
        host.renew();
        let mut sink = Some(&mut samples);
        let border = |_| {
            let (mut sink, mut phase, mut balance, so_far) = (sink.take(), 0, 0, &so_far);
            move |border: Border<'_>| match border {
                Border::PhaseStart(index) => phase = index,
                Border::SliceStart => {}
                Border::SliceEnd { ops, tally } => {
                    so_far.ops.fetch_add(ops, Ordering::Relaxed);
                    so_far.live.fetch_add(tally.balance - balance, Ordering::Relaxed);
                    balance = tally.balance;
                    if let Some(sink) = &mut sink {
                        sink.push(sample(&self.names[phase], so_far));
                    }
                }
                Border::PhaseEnd => flush_thread_cache(),
            }
        };
        let mut borders: Vec<_> = (0..self.prepared.threads.len()).map(border).collect();
        let tallies = self.play_untimed(host, &mut borders);
        drop(borders);
        if self.prepared.threads.len() > 1 {
            // The first thread looked up for the last time before the others were done.
            samples.push(sample(self.names.last().map_or("", String::as_str), &so_far));
        }
        let answers = answers(&tallies, host);
        host.drain(&self.prepared.left);
        so_far.live.store(0, Ordering::Relaxed);
        let drained = sample("drained", &so_far)?;
        host.retire();
        let dropped = sample("dropped", &so_far)?;
        let samples = samples.into_iter().collect::<Result<_, _>>()?;
        Ok((
            answers,
            Reading::Heap(Heap {
                before,
                samples,
                drained,
                dropped,
                allocator: describe_allocator(),
                gc: None,
            }),
        ))
    }

    pub(crate) fn stacks<V: Value>(
        &self,
        host: &mut dyn Host<K, V>,
    ) -> Result<(Answers, Reading), Unsupported> {
        let failed = |error: pprof::Error| self.cannot(error.to_string());
        let sampler = Sampler::start(self.job.hz).map_err(failed)?;
        let mut plays = 0;
        loop {
            host.renew();
            let mut borders: Vec<_> = self.prepared.threads.iter().map(|_| |_: Border<'_>| {}).collect();
            let mut watches: Vec<_> = borders.iter_mut().map(|border| Untimed { border, toil: 0 }).collect();
            let tallies = host.play_outlined(&self.route, self.prepared, &mut watches);
            plays += 1;
            if sampler.cpu_ns() >= self.job.profile_ns {
                let stacks = sampler.finish(plays).map_err(failed)?;
                return Ok((answers(&tallies, host), Reading::Stacks(stacks)));
            }
        }
    }

    fn cannot(&self, why: String) -> Unsupported {
        Unsupported::Collector { collector: self.job.collector, why }
    }
}

/// What all threads have done so far.
#[derive(Debug, Default)]
struct SoFar {
    ops: AtomicU64,
    live: AtomicI64,
}

/// Does what belongs to the map's life but to no operation, with the ledger open.
fn in_ledger<R>(act: impl FnOnce() -> R) -> R {
    ledger::with(Ledger::reopen);
    let result = act();
    ledger::with(Ledger::close);
    result
}

fn answers<K, V: Value>(tallies: &[Tally], host: &mut dyn Host<K, V>) -> Answers {
    Answers {
        digests: tallies.iter().map(|tally| tally.digest).collect(),
        balance: tallies.iter().map(|tally| tally.balance).sum(),
        end_len: host.entries(),
    }
}
