//! `tail`: what made the slowest operations slow.

use std::collections::BTreeMap;
use std::sync::Barrier;

use formats::observation::{Answers, Done, Reading, SlowInPlays, Tail, UsualOfKind};
use formats::tape::Kind;

use super::{Stage, answers, in_ledger};
use crate::clock::Ticker;
use crate::driver::{Driver, Host, Route};
use crate::entry::Value;
use crate::job::Unsupported;
use crate::watch::heap::{flush_thread_cache, purge};
use crate::watch::ledger;
use crate::watch::slowest::{Kept, Slowest};
use crate::watch::tail::TailWatch;
use crate::watch::timed::TimedWatch;

/// After how many operations each timed play is cut, to look at the counters of the thread. The numbers are prime: what a
/// cut costs is hardly ever at the same operation twice, and what is not timed behind one is timed in the other plays.
const CUTS: [usize; 3] = [997, 1009, 1013];
/// One operation in so many is kept.
const ONE_IN: u64 = 1000;
/// The fewest that are kept, and the most.
const KEPT: (u64, u64) = (64, 4096);

impl<K: Sync> Stage<'_, K> {
    pub(super) fn tail<V: Value>(
        &self,
        driver: &mut dyn Driver<K, V>,
    ) -> Result<(Answers, Reading), Unsupported> {
        if driver.reclaim() {
            let why = "the map frees later what is taken out, at operations that differ from play to play";
            return Err(self.cannot(why.into()));
        }
        let ticker = Ticker::calibrate();
        let mut first = None;
        let mut kept = Vec::with_capacity(CUTS.len());
        for (play, cut) in (1..).zip(CUTS) {
            let (answers, slowest) = self.timed_slowest(driver, ticker, cut);
            if *first.get_or_insert_with(|| answers.clone()) != answers {
                return Err(Unsupported::Unsteady { play });
            }
            kept.push(slowest);
        }
        let kinds: BTreeMap<u64, Kind> = kept.iter().flat_map(Kept::slow).collect();
        let (answers, done, usual) = self.looked_at(driver, &kinds.keys().copied().collect::<Vec<_>>());
        if first.is_some_and(|first| first != answers) {
            return Err(Unsupported::Unsteady { play: CUTS.len() as u64 + 1 });
        }
        let slow = kinds.into_iter().zip(done).map(|((index, kind), done)| SlowInPlays {
            index,
            kind,
            ns: kept.iter().map(|kept| kept.ns(index)).collect(),
            done,
        });
        let slow = slow.collect();
        let plays = kept.into_iter().map(Kept::into_play).collect();
        Ok((answers, Reading::Tail(Tail { clock: ticker.describe(), plays, slow, usual })))
    }

    /// Plays with the time of every operation taken, cut after so many operations.
    fn timed_slowest<V: Value>(
        &self,
        driver: &mut dyn Driver<K, V>,
        ticker: Ticker,
        cut: usize,
    ) -> (Answers, Kept) {
        renew(driver);
        driver.recreate(self.prepared.room);
        let phases = self.route.phases;
        let load: u64 = phases.iter().filter(|phase| phase.counts).map(|phase| phase.ops[0]).sum();
        let room = usize::try_from((load / ONE_IN).clamp(KEPT.0, KEPT.1)).unwrap_or(usize::MAX);
        let mut slowest = Slowest::new(phases, ticker, cut, room);
        let route = Route { phases, slice_ops: cut, timetable: None, gate: Barrier::new(1) };
        let tallies = driver.play_timed(&route, self.prepared, &mut [TimedWatch::new(ticker, &mut slowest)]);
        (answers(&tallies, driver), slowest.finish())
    }

    /// Plays once more without a clock: what each of the chosen operations did, and what those of each kind do.
    fn looked_at<V: Value>(
        &self,
        driver: &mut dyn Driver<K, V>,
        chosen: &[u64],
    ) -> (Answers, Vec<Done>, Vec<UsualOfKind>) {
        renew(driver);
        let entry_bytes = size_of::<K>() + size_of::<V>();
        let phases = self.route.phases;
        let mut watch = TailWatch::install(phases, chosen, entry_bytes, self.prepared.value_bytes);
        in_ledger(|| driver.recreate(self.prepared.room));
        let host: &mut dyn Host<K, V> = driver;
        let tally = host.play_watched(&self.route, self.prepared, &mut watch);
        let (done, usual) = watch.finish();
        let answers = answers(&[tally], host);
        drop(ledger::remove());
        (answers, done, usual)
    }
}

/// Drops the map and gives its memory back to the kernel, so that the next one has as many pages to ask for.
fn renew<K, V: Value>(host: &mut dyn Host<K, V>) {
    host.drop_map();
    host.reclaim();
    flush_thread_cache();
    purge();
}
