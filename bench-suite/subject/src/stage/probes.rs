//! `probes`: how far an operation has to look.

use formats::observation::{Answers, Reading};

use super::{Stage, answers, in_ledger};
use crate::driver::Host;
use crate::entry::Value;
use crate::job::Unsupported;
use crate::watch::ledger::{self, Ledger};
use crate::watch::probes::ProbesWatch;

impl<K: Sync> Stage<'_, K> {
    /// The ledger knows the table: a map that does not count as it works reads in it.
    pub(super) fn probes<V: Value>(
        &self,
        host: &mut dyn Host<K, V>,
    ) -> Result<(Answers, Reading), Unsupported> {
        let mut unit = None;
        host.with_map(0, &mut |map| unit = map.probe_unit());
        let unit = unit.ok_or_else(|| self.cannot("this map does not tell how far it looks".into()))?;
        ledger::install(Ledger::with_tables());
        let mut watch = ProbesWatch::new(unit, &self.names);
        in_ledger(|| host.recreate(self.prepared.room));
        let tally = host.play_watched(&self.route, self.prepared, &mut watch);
        let probes = watch.finish();
        let answers = answers(&[tally], host);
        drop(ledger::remove());
        Ok((answers, Reading::Probes(probes)))
    }
}
