//! `stacks`: a CPU profile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use formats::observation::{Answers, Reading};

use super::{Stage, answers};
use crate::clock::process_cpu_ns;
use crate::driver::Driver;
use crate::entry::Value;
use crate::job::Unsupported;
use crate::watch::Boundary;
use crate::watch::stacks::Sampler;
use crate::watch::untimed::Untimed;

/// Where most of a tape prepares, or a play is short, the time that is asked for is not waited for: not beyond so many
/// times as much CPU time in all.
const PATIENCE: u64 = 4;

impl<K: Sync> Stage<'_, K> {
    /// Samples are taken in phases that count: from the moment at which the first thread enters the first of them until
    /// all threads are done.
    pub(super) fn stacks<V: Value>(
        &self,
        driver: &mut dyn Driver<K, V>,
    ) -> Result<(Answers, Reading), Unsupported> {
        let failed = |error: pprof::Error| self.cannot(error.to_string());
        let sampler = Mutex::new(Sampler::new(self.job.hz).map_err(failed)?);
        let lock = || sampler.lock().unwrap_or_else(PoisonError::into_inner);
        let start_ns = process_cpu_ns();
        let mut plays = 0;
        let tallies = loop {
            driver.recreate(self.prepared.room);
            let running = AtomicBool::new(false);
            let boundary = |_| {
                |boundary: Boundary<'_>| {
                    if let Boundary::PhaseStart(phase) = boundary
                        && self.route.phases[phase].counts
                        && !running.swap(true, Ordering::Relaxed)
                    {
                        lock().resume();
                    }
                }
            };
            let mut boundaries: Vec<_> = self.prepared.threads.iter().map(boundary).collect();
            let mut watches: Vec<_> =
                boundaries.iter_mut().map(|boundary| Untimed { boundary, inject_work: 0 }).collect();
            let tallies = driver.play_outlined(&self.route, self.prepared, &mut watches);
            lock().pause();
            plays += 1;
            let all_ns = process_cpu_ns() - start_ns;
            if lock().cpu_ns() >= self.job.profile_ns || all_ns >= PATIENCE * self.job.profile_ns {
                break tallies;
            }
        };
        let sampler = sampler.into_inner().unwrap_or_else(PoisonError::into_inner);
        let stacks = sampler.finish(plays).map_err(failed)?;
        Ok((answers(&tallies, driver), Reading::Stacks(stacks)))
    }
}
