//! `throughput`: times of slices; the clock is read at their boundaries only.

use formats::observation::{Answers, PhaseTimes, Reading, Stamps, Throughput};

use super::{Stage, answers};
use crate::driver::{Driver, Host};
use crate::entry::Value;
use crate::job::Unsupported;
use crate::tally::Tally;
use crate::turns::Partner;
use crate::watch::Boundary;
use crate::watch::stopwatch::{Stopwatch, phase_times};

impl<K: Sync> Stage<'_, K> {
    pub(super) fn throughput<V: Value>(
        &self,
        driver: &mut dyn Driver<K, V>,
    ) -> Result<(Answers, Reading), Unsupported> {
        let turns = self.job.turns.as_ref();
        let mut partner =
            turns.map(|turns| Partner::meet(turns, self.route.phases, self.route.slice_ops)).transpose()?;
        let (mut answers, mut stopwatches) = self.timed(driver, partner.as_mut());
        for play in 1..turns.map_or(1, |turns| turns.plays.get()) {
            let (again, more) = self.timed(driver, partner.as_mut());
            // Which entries leave a bounded cache may depend on more than the operations.
            if again != answers && self.job.tape.header().bound.is_none() {
                return Err(Unsupported::Unsteady { play: play + 1 });
            }
            stopwatches.iter_mut().zip(&more).for_each(|(sum, one)| sum.add(one));
        }
        partner.map_or(Ok(()), Partner::finish)?;
        (answers.told, answers.found) = match self.job.tape.header().bound {
            Some(_) => self.found(driver),
            None => (self.told(driver), None),
        };
        let mut phases = phase_times(&self.names, &stopwatches);
        if turns.is_some() {
            phases.iter_mut().for_each(without_turns_of_others);
        }
        Ok((answers, Reading::Throughput(Throughput { phases, turns: None })))
    }

    /// What left the map and what is left in it, where the map chose which entry leaves.
    fn stamps<V: Value>(&self, tallies: &[Tally], host: &mut dyn Host<K, V>) -> Option<Stamps> {
        self.job.tape.header().executed.stamps?;
        let taken = tallies.iter().map(|tally| tally.taken).fold(0, u64::wrapping_add);
        Some(Stamps { taken, left: host.stamps() })
    }

    /// Plays once, in turn with a partner if there is one.
    fn timed<V: Value>(
        &self,
        driver: &mut dyn Driver<K, V>,
        mut partner: Option<&mut Partner<'_>>,
    ) -> (Answers, Vec<Stopwatch>) {
        driver.recreate(self.prepared.room);
        let mut stopwatches = self.stopwatches();
        let boundary = |watch| {
            let (watch, mut partner): (&mut Stopwatch, _) = (watch, partner.take());
            move |boundary: Boundary<'_>| {
                if let Some(partner) = &mut partner {
                    partner.before(&boundary);
                }
                watch.look(boundary);
                if let Some(partner) = &mut partner {
                    partner.after(&boundary);
                }
            }
        };
        let mut boundaries: Vec<_> = stopwatches.iter_mut().map(boundary).collect();
        let tallies = self.play_untimed(driver, &mut boundaries);
        drop(boundaries);
        let mut answers = answers(&tallies, driver);
        answers.stamps = self.stamps(&tallies, driver);
        (answers, stopwatches)
    }
}

/// What a phase took is what its slices took, where another process had its turns between them.
fn without_turns_of_others(times: &mut PhaseTimes) {
    times.wall_ns = times.threads.iter().flatten().map(|slice| slice.wall_ns).sum();
}
