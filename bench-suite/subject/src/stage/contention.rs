//! `contention`: how threads wait for each other.

use formats::observation::{Answers, Contention, Reading, Waits};

use super::{Stage, answers};
use crate::entry::Value;
use crate::host::Host;
use crate::locking::{take_tracker_waits, take_waits};
use crate::watch::Border;

impl<K: Sync> Stage<'_, K> {
    /// What the threads met is given if the locks of this map count.
    pub(crate) fn contention<V: Value>(&self, host: &mut dyn Host<K, V>, counts: bool) -> (Answers, Reading) {
        host.renew();
        let mut met = vec![(Waits::NONE, Waits::NONE); self.prepared.threads.len()];
        let mut borders: Vec<_> = met
            .iter_mut()
            .map(|met| {
                move |border: Border<'_>| match border {
                    Border::PhaseStart(_) => {
                        // What was met before the phase belongs to none.
                        let _ = (take_waits(), take_tracker_waits());
                    }
                    Border::PhaseEnd => {
                        *met = (met.0.and(take_waits()), met.1.and(take_tracker_waits()));
                    }
                    Border::SliceStart | Border::SliceEnd { .. } => {}
                }
            })
            .collect();
        let tallies = self.play_untimed(host, &mut borders);
        drop(borders);
        let tracked = host.tracked();
        let at_tracker = || met.iter().map(|(_, tracker)| *tracker).fold(Waits::NONE, Waits::and);
        let contention = Contention {
            tracker: tracked.filter(|_| counts).map(|_| at_tracker()),
            threads: if counts { met.into_iter().map(|(all, _)| all).collect() } else { Vec::new() },
            ops: tallies.iter().map(|tally| tally.played).sum(),
            tracked,
            consistency: None,
        };
        (answers(&tallies, host), Reading::Contention(contention))
    }
}
