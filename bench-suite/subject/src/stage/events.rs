//! `events`: structural changes inside a map.

use formats::observation::{Answers, Reading};

use super::{Stage, answers, in_ledger};
use crate::driver::Driver;
use crate::entry::Value;
use crate::watch::events::EventsWatch;
use crate::watch::ledger;

impl<K: Sync> Stage<'_, K> {
    pub(super) fn events<V: Value>(&self, driver: &mut dyn Driver<K, V>) -> (Answers, Reading) {
        let entry_bytes = size_of::<K>() + size_of::<V>();
        let mut watch = EventsWatch::install(&self.names, entry_bytes, self.prepared.value_bytes);
        in_ledger(|| driver.recreate(self.prepared.capacity));
        let tally = driver.play_watched(&self.route, self.prepared, &mut watch);
        let events = watch.finish();
        let answers = answers(&[tally], driver);
        drop(ledger::remove());
        (answers, Reading::Events(events))
    }
}
