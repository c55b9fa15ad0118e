//! `events`: structural changes inside a map.

use formats::observation::{Answers, Reading};

use super::{Stage, answers, in_ledger};
use crate::driver::Host;
use crate::entry::Value;
use crate::watch::events::EventsWatch;
use crate::watch::ledger;

impl<K: Sync> Stage<'_, K> {
    pub(super) fn events<V: Value>(&self, host: &mut dyn Host<K, V>) -> (Answers, Reading) {
        let entry_bytes = size_of::<K>() + size_of::<V>();
        let mut watch = EventsWatch::install(&self.names, entry_bytes, self.prepared.value_bytes);
        in_ledger(|| host.recreate(self.prepared.room));
        let tally = host.play_watched(&self.route, self.prepared, &mut watch);
        let events = watch.finish();
        let answers = answers(&[tally], host);
        drop(ledger::remove());
        (answers, Reading::Events(events))
    }
}
