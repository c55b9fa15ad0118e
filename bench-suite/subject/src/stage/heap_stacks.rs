//! `heap_stacks`: who allocated what a map holds, and what it gave back.

use formats::answer::Answer;
use formats::observation::{Answers, Reading};

use super::{Stage, answers, in_ledger};
use crate::driver::Host;
use crate::entry::Value;
use crate::job::Unsupported;
use crate::map::Map;
use crate::prepare::Step;
use crate::watch::heap_stacks::HeapSampler;
use crate::watch::ledger::{self, Ledger};
use crate::watch::{Boundary, Watch};

impl<K: Sync> Stage<'_, K> {
    pub(super) fn heap_stacks<V: Value>(
        &self,
        host: &mut dyn Host<K, V>,
    ) -> Result<(Answers, Reading), Unsupported> {
        ledger::install(Ledger::with_sampler(HeapSampler::default()));
        in_ledger(|| host.recreate(self.prepared.room));
        let tally = host.play_watched(&self.route, self.prepared, &mut OpensLedger);
        let (held, sampler) = ledger::with(|ledger| (ledger.held(), ledger.take_sampler()));
        let answers = answers(&[tally], host);
        drop(ledger::remove());
        let seen = sampler.unwrap_or_default().finish(held);
        let seen = seen.map_err(|error| self.cannot(format!("the profile cannot be packed: {error}")))?;
        Ok((answers, Reading::HeapStacks(seen)))
    }
}

/// Opens the ledger for each operation.
struct OpensLedger;

impl Watch for OpensLedger {
    fn boundary(&mut self, _boundary: Boundary<'_>) {}

    fn before<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, _map: &mut M, _step: &Step<K>) {
        ledger::with(Ledger::reopen);
    }

    fn after<K, V: Value, M: Map<K, V> + ?Sized>(&mut self, _map: &mut M, _step: &Step<K>, _answer: Answer) {
        ledger::with(Ledger::close);
    }
}
