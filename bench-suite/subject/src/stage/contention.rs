//! `contention`: how threads wait for each other.

use formats::observation::{Answers, Contention, Reading, Waits};

use super::{Stage, answers};
use crate::driver::Driver;
use crate::entry::Value;
use crate::locking::{take_tracker_waits, take_waits};
use crate::watch::Boundary;

impl<K: Sync> Stage<'_, K> {
    /// What the threads met is given if the locks of this map count.
    pub(crate) fn contention<V: Value>(
        &self,
        driver: &mut dyn Driver<K, V>,
        counts: bool,
    ) -> (Answers, Reading) {
        driver.recreate(self.prepared.room);
        let mut met = vec![(Waits::NONE, Waits::NONE); self.prepared.threads.len()];
        let mut boundaries: Vec<_> = met
            .iter_mut()
            .map(|met| {
                move |boundary: Boundary<'_>| match boundary {
                    Boundary::PhaseStart(_) => {
                        // What was met before the phase belongs to none.
                        let _ = (take_waits(), take_tracker_waits());
                    }
                    Boundary::PhaseEnd => {
                        *met = (met.0.and(take_waits()), met.1.and(take_tracker_waits()));
                    }
                    Boundary::SliceStart | Boundary::SliceEnd { .. } => {}
                }
            })
            .collect();
        let tallies = self.play_untimed(driver, &mut boundaries);
        drop(boundaries);
        let tracked = driver.tracked();
        let at_tracker = || met.iter().map(|(_, tracker)| *tracker).fold(Waits::NONE, Waits::and);
        let contention = Contention {
            tracker: tracked.filter(|_| counts).map(|_| at_tracker()),
            threads: if counts { met.into_iter().map(|(all, _)| all).collect() } else { Vec::new() },
            ops: tallies.iter().map(|tally| tally.played).sum(),
            tracked,
            consistency: None,
        };
        (answers(&tallies, driver), Reading::Contention(contention))
    }
}
