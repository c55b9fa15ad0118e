//! `heap`: bytes in use over time.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use formats::observation::{Answers, Heap, HeapSample, Reading};
use formats::tape::PhaseMark;
use tikv_jemalloc_ctl::Error;

use super::{Stage, answered};
use crate::driver::Driver;
use crate::driver::life::Mark;
use crate::entry::Value;
use crate::job::Unsupported;
use crate::tally::Tally;
use crate::watch::Boundary;
use crate::watch::heap::{HeapMeter, describe_allocator, purge};
use crate::watch::untimed::Untimed;

/// A sample, and the phase that it belongs to.
type Taken = (usize, Result<HeapSample, Error>);

impl<K: Sync> Stage<'_, K> {
    /// All that the pass itself needs is allocated and written to before the map is made, and there until it is gone:
    /// so that what is held is the map's.
    pub(super) fn heap<V: Value>(
        &self,
        driver: &mut dyn Driver<K, V>,
    ) -> Result<(Answers, Reading), Unsupported> {
        let failed = |error| self.cannot(format!("jemalloc's statistics: {error}"));
        let meter = HeapMeter::new().map_err(failed)?;
        let so_far = SoFar::default();
        let threads = self.prepared.threads.len();
        let mut samples = self.room_for_samples();
        let mut sink = Some(&mut samples);
        let boundary = |_| {
            let (mut sink, mut phase, mut balance, so_far) = (sink.take(), 0, 0, &so_far);
            move |boundary: Boundary<'_>| match boundary {
                Boundary::PhaseStart(index) => phase = index,
                Boundary::SliceStart | Boundary::PhaseEnd => {}
                Boundary::SliceEnd { ops, tally } => {
                    so_far.count(ops, tally.balance - balance);
                    balance = tally.balance;
                    if let Some(sink) = &mut sink {
                        sink.push((phase, so_far.sample(meter)));
                    }
                }
            }
        };
        let mut boundaries: Vec<_> = (0..threads).map(boundary).collect();
        let mut watches: Vec<_> =
            boundaries.iter_mut().map(|boundary| Untimed { boundary, inject_work: 0 }).collect();
        let mut tallies = vec![Tally::default(); threads];
        let mut marks: [Option<Result<HeapSample, Error>>; 5] = [const { None }; 5];
        let end_len = driver.play_life(&self.route, self.prepared, &mut watches, &mut tallies, &mut |mark| {
            match mark {
                Mark::Before => {
                    purge();
                    // The first reading takes what later ones find.
                    let _ = so_far.sample(meter);
                }
                Mark::Drained => so_far.live.store(0, Ordering::Relaxed),
                Mark::Played | Mark::Reclaimed | Mark::Dropped => {}
            }
            marks[mark as usize] = Some(so_far.sample(meter));
        });
        drop(watches);
        drop(boundaries);
        let mut at = |mark: Mark, phase: &str| -> Result<Option<HeapSample>, Unsupported> {
            let taken = marks[mark as usize].take().transpose().map_err(failed)?;
            Ok(taken.map(|sample| HeapSample { phase: phase.into(), ..sample }))
        };
        let named = |(phase, sample): Taken| -> Result<HeapSample, Unsupported> {
            let phase: &String = &self.names[phase];
            Ok(HeapSample { phase: phase.clone(), ..sample.map_err(failed)? })
        };
        let mut samples = samples.into_iter().map(named).collect::<Result<Vec<_>, _>>()?;
        if threads > 1 {
            // The first thread looked up for the last time before the others were done.
            samples.extend(at(Mark::Played, self.names.last().map_or("", String::as_str))?);
        }
        let heap = Heap {
            before: at(Mark::Before, "before")?.unwrap_or_default(),
            samples,
            reclaimed: at(Mark::Reclaimed, "reclaimed")?.map(Box::new),
            drained: at(Mark::Drained, "drained")?.unwrap_or_default(),
            dropped: at(Mark::Dropped, "dropped")?.unwrap_or_default(),
            allocator: describe_allocator(),
            gc: None,
        };
        Ok((answered(&tallies, end_len), Reading::Heap(heap)))
    }

    /// Room for every sample at the border of a slice, in pages that have been written to.
    fn room_for_samples(&self) -> Vec<Taken> {
        let slices = |phase: &PhaseMark| phase.ops[0].div_ceil(self.route.slice_ops as u64);
        let slices = self.route.phases.iter().map(slices).sum::<u64>();
        let empty = || (usize::MAX, Ok(HeapSample::default()));
        let mut samples: Vec<Taken> =
            std::iter::repeat_with(empty).take(usize::try_from(slices).unwrap_or(0)).collect();
        samples.clear();
        samples
    }
}

/// What all threads have done so far.
#[derive(Debug, Default)]
struct SoFar {
    ops: AtomicU64,
    live: AtomicI64,
}

impl SoFar {
    fn count(&self, ops: u64, added: i64) {
        self.ops.fetch_add(ops, Ordering::Relaxed);
        self.live.fetch_add(added, Ordering::Relaxed);
    }

    fn sample(&self, meter: HeapMeter) -> Result<HeapSample, Error> {
        let live = self.live.load(Ordering::Relaxed).max(0).cast_unsigned();
        meter.sample(self.ops.load(Ordering::Relaxed), live)
    }
}
