//! `throughput`: times of slices; the clock is read at their borders only.

use formats::observation::{Answers, Reading, Throughput};

use super::{Stage, answers};
use crate::entry::Value;
use crate::host::Host;
use crate::job::Unsupported;
use crate::turns::Partner;
use crate::watch::Border;
use crate::watch::clock::{Stopwatch, phase_times};

impl<K: Sync> Stage<'_, K> {
    pub(super) fn throughput<V: Value>(
        &self,
        host: &mut dyn Host<K, V>,
    ) -> Result<(Answers, Reading), Unsupported> {
        let turns = self.job.turns.as_ref();
        let mut partner =
            turns.map(|turns| Partner::meet(turns, self.route.phases, self.route.slice_ops)).transpose()?;
        let (answers, mut stopwatches) = self.timed(host, partner.as_mut());
        for play in 1..turns.map_or(1, |turns| turns.plays.get()) {
            let (again, more) = self.timed(host, partner.as_mut());
            if again != answers {
                return Err(Unsupported::Unsteady { play: play + 1 });
            }
            stopwatches.iter_mut().zip(&more).for_each(|(sum, one)| sum.add(one));
        }
        partner.map_or(Ok(()), Partner::finish)?;
        let phases = phase_times(&self.names, &stopwatches);
        Ok((answers, Reading::Throughput(Throughput { phases })))
    }

    /// Plays once, in turn with a partner if there is one.
    fn timed<V: Value>(
        &self,
        host: &mut dyn Host<K, V>,
        mut partner: Option<&mut Partner<'_>>,
    ) -> (Answers, Vec<Stopwatch>) {
        host.renew();
        let mut stopwatches = self.stopwatches();
        let border = |watch| {
            let (watch, mut partner): (&mut Stopwatch, _) = (watch, partner.take());
            move |border: Border<'_>| {
                if let Some(partner) = &mut partner {
                    partner.before(&border);
                }
                watch.look(border);
                if let Some(partner) = &mut partner {
                    partner.after(&border);
                }
            }
        };
        let mut borders: Vec<_> = stopwatches.iter_mut().map(border).collect();
        let tallies = self.play_untimed(host, &mut borders);
        drop(borders);
        (answers(&tallies, host), stopwatches)
    }
}
