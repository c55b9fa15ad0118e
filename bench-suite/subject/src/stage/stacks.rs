//! `stacks`: a CPU profile.

use formats::observation::{Answers, Reading};

use super::{Stage, answers};
use crate::driver::Driver;
use crate::entry::Value;
use crate::job::Unsupported;
use crate::watch::Boundary;
use crate::watch::stacks::Sampler;
use crate::watch::untimed::Untimed;

impl<K: Sync> Stage<'_, K> {
    pub(super) fn stacks<V: Value>(
        &self,
        driver: &mut dyn Driver<K, V>,
    ) -> Result<(Answers, Reading), Unsupported> {
        let failed = |error: pprof::Error| self.cannot(error.to_string());
        let sampler = Sampler::start(self.job.hz).map_err(failed)?;
        let mut plays = 0;
        loop {
            driver.recreate();
            let mut boundaries: Vec<_> = self.prepared.threads.iter().map(|_| |_: Boundary<'_>| {}).collect();
            let mut watches: Vec<_> =
                boundaries.iter_mut().map(|boundary| Untimed { boundary, inject_work: 0 }).collect();
            let tallies = driver.play_outlined(&self.route, self.prepared, &mut watches);
            plays += 1;
            if sampler.cpu_ns() >= self.job.profile_ns {
                let stacks = sampler.finish(plays).map_err(failed)?;
                return Ok((answers(&tallies, driver), Reading::Stacks(stacks)));
            }
        }
    }
}
