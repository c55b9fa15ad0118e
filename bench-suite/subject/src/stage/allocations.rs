//! `allocations`: calls of the allocator.

use formats::observation::{Answers, Reading};

use super::{Stage, answers, in_ledger};
use crate::driver::Host;
use crate::entry::Value;
use crate::watch::ledger;
use crate::watch::traced::BlocksWatch;

impl<K: Sync> Stage<'_, K> {
    pub(super) fn allocations<V: Value>(&self, host: &mut dyn Host<K, V>) -> (Answers, Reading) {
        let mut watch = BlocksWatch::install(&self.names);
        in_ledger(|| host.recreate(self.prepared.room));
        let tally = host.play_watched(&self.route, self.prepared, &mut watch);
        let mut allocations = watch.finish();
        let answers = answers(&[tally], host);
        if in_ledger(|| host.reclaim()) {
            let held = ledger::with(|ledger| ledger.held());
            allocations.waiting_bytes = Some(allocations.end_bytes.saturating_sub(held));
        }
        in_ledger(|| {
            host.drain(self.prepared);
            host.reclaim();
        });
        allocations.drained_bytes = ledger::with(|ledger| ledger.held());
        in_ledger(|| {
            host.drop_map();
            host.reclaim();
        });
        allocations.dropped_bytes = ledger::with(|ledger| ledger.held());
        drop(ledger::remove());
        (answers, Reading::Allocations(allocations))
    }
}
