//! `latency`: how long each single operation takes.

use formats::observation::{Answers, Latency, Reading};

use super::{Stage, answers};
use crate::clock::Ticker;
use crate::driver::Driver;
use crate::entry::Value;
use crate::pace::Timetable;
use crate::watch::latency::LatencyWatch;
use crate::watch::stopwatch::phase_times;
use crate::watch::timed::TimedWatch;

impl<K: Sync> Stage<'_, K> {
    pub(super) fn latency<V: Value>(&self, driver: &mut dyn Driver<K, V>) -> (Answers, Reading) {
        driver.recreate(self.prepared.room);
        let ticker = self.route.timetable.as_ref().map_or_else(Ticker::calibrate, Timetable::ticker);
        let window = self.route.slice_ops as u64;
        let watch = |stopwatch| LatencyWatch::new(ticker, stopwatch, window);
        let mut seen: Vec<_> = self.stopwatches().into_iter().map(watch).collect();
        let mut watches: Vec<_> = seen.iter_mut().map(|seen| TimedWatch::new(ticker, seen)).collect();
        let tallies = driver.play_timed(&self.route, self.prepared, &mut watches);
        drop(watches);
        let stopwatches: Vec<_> = seen.iter().map(|watch| watch.stopwatch().clone()).collect();
        let mut latency = Latency {
            clock: ticker.describe(),
            times: phase_times(&self.names, &stopwatches),
            kinds: Vec::new(),
            windows: seen[0].windows(self.route.phases),
            worst: Vec::new(),
        };
        let header = self.job.tape.header();
        for (number, (thread, watch)) in (0..).zip(seen.iter().enumerate()) {
            watch.add_kinds(self.route.phases, header.role_of(thread), &mut latency.kinds);
            latency.worst.extend(watch.worst(number));
        }
        latency.worst.sort_by_key(|slow| (std::cmp::Reverse(slow.ns), slow.thread, slow.index));
        (answers(&tallies, driver), Reading::Latency(latency))
    }
}
