//! `heap`: bytes in use over time.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use formats::observation::{Answers, Heap, Reading};
use formats::tape::PhaseMark;

use super::{Stage, answers};
use crate::driver::Driver;
use crate::entry::Value;
use crate::job::Unsupported;
use crate::watch::Boundary;
use crate::watch::heap::{HeapMeter, describe_allocator, flush_thread_cache};

impl<K: Sync> Stage<'_, K> {
    pub(super) fn heap<V: Value>(
        &self,
        driver: &mut dyn Driver<K, V>,
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
        driver.recreate();
        let mut sink = Some(&mut samples);
        let boundary = |_| {
            let (mut sink, mut phase, mut balance, so_far) = (sink.take(), 0, 0, &so_far);
            move |boundary: Boundary<'_>| match boundary {
                Boundary::PhaseStart(index) => phase = index,
                Boundary::SliceStart => {}
                Boundary::SliceEnd { ops, tally } => {
                    so_far.ops.fetch_add(ops, Ordering::Relaxed);
                    so_far.live.fetch_add(tally.balance - balance, Ordering::Relaxed);
                    balance = tally.balance;
                    if let Some(sink) = &mut sink {
                        sink.push(sample(&self.names[phase], so_far));
                    }
                }
                Boundary::PhaseEnd => flush_thread_cache(),
            }
        };
        let mut boundaries: Vec<_> = (0..self.prepared.threads.len()).map(boundary).collect();
        let tallies = self.play_untimed(driver, &mut boundaries);
        drop(boundaries);
        if self.prepared.threads.len() > 1 {
            // The first thread looked up for the last time before the others were done.
            samples.push(sample(self.names.last().map_or("", String::as_str), &so_far));
        }
        let answers = answers(&tallies, driver);
        driver.drain(&self.prepared.left);
        so_far.live.store(0, Ordering::Relaxed);
        let drained = sample("drained", &so_far)?;
        driver.drop_map();
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
}

/// What all threads have done so far.
#[derive(Debug, Default)]
struct SoFar {
    ops: AtomicU64,
    live: AtomicI64,
}
