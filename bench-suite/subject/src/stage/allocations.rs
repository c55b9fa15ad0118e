//! `allocations`: calls of the allocator.

use formats::observation::{Answers, Reading};

use super::{Stage, answers, in_ledger};
use crate::driver::Driver;
use crate::entry::Value;
use crate::watch::ledger;
use crate::watch::traced::BlocksWatch;

impl<K: Sync> Stage<'_, K> {
    pub(super) fn allocations<V: Value>(&self, driver: &mut dyn Driver<K, V>) -> (Answers, Reading) {
        let mut watch = BlocksWatch::install(&self.names);
        in_ledger(|| driver.recreate(self.prepared.capacity));
        let tally = driver.play_watched(&self.route, self.prepared, &mut watch);
        let mut allocations = watch.finish();
        let answers = answers(&[tally], driver);
        if in_ledger(|| driver.reclaim()) {
            let held = ledger::with(|ledger| ledger.held());
            allocations.waiting_bytes = Some(allocations.end_bytes.saturating_sub(held));
        }
        in_ledger(|| {
            driver.drain(&self.prepared.left);
            driver.reclaim();
        });
        allocations.drained_bytes = ledger::with(|ledger| ledger.held());
        in_ledger(|| {
            driver.drop_map();
            driver.reclaim();
        });
        allocations.dropped_bytes = ledger::with(|ledger| ledger.held());
        drop(ledger::remove());
        (answers, Reading::Allocations(allocations))
    }
}
