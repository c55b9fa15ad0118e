//! `slots`: where inserts land.

use formats::observation::{Answers, Reading};

use super::{Stage, answers, in_ledger};
use crate::driver::Host;
use crate::entry::Value;
use crate::job::Unsupported;
use crate::watch::ledger;
use crate::watch::traced::SlotsWatch;

impl<K: Sync> Stage<'_, K> {
    pub(super) fn slots<V: Value>(
        &self,
        host: &mut dyn Host<K, V>,
    ) -> Result<(Answers, Reading), Unsupported> {
        let peak_live = self.job.tape.header().executed.peak_live.unwrap_or(0);
        let ops = self.route.phases.iter().flat_map(|phase| &phase.ops).sum();
        let mut watch = SlotsWatch::install(&self.names, peak_live, ops)
            .map_err(|error| self.cannot(format!("address space for shadow memory: {error}")))?;
        in_ledger(|| host.recreate(self.prepared.room));
        let tally = host.play_watched(&self.route, self.prepared, &mut watch);
        let slots = watch.finish();
        let answers = answers(&[tally], host);
        drop(ledger::remove());
        Ok((answers, Reading::Slots(slots)))
    }
}
