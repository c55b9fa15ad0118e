//! `stacks`: a CPU profile.

use formats::observation::{Answers, Reading};

use super::{Stage, answers};
use crate::entry::Value;
use crate::host::Host;
use crate::job::Unsupported;
use crate::watch::Border;
use crate::watch::stacks::Sampler;
use crate::watch::untimed::Untimed;

impl<K: Sync> Stage<'_, K> {
    pub(super) fn stacks<V: Value>(
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
}
