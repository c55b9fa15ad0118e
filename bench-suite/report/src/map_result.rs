//! What one map did with one tape: the readings of its passes, and the figures that they come to.

mod figures;
#[cfg(test)]
mod tests;
mod times;

use std::collections::BTreeMap;

use formats::histogram::{Latencies, carries, value_at};
use formats::observation::{
    Allocations, Collector, Found, Heap, HeapSample, KindLatency, Latency, PhaseAllocations, Reading,
    SlotWindow, Slots, Throughput,
};
use formats::run::{Failure, Outcome, Pass, Run};
use formats::subject::{Fact, MapInfo, MapKind};
use formats::tape::{Header, Kind};
use hdrhistogram::Histogram;

pub(crate) use self::figures::{Figures, Landed, Percentiles};
use self::times::processor_share;
pub(crate) use self::times::{ns_per_op, ops_per_second};
use crate::held::{Moments, bytes_per_entry};
use crate::in_turn::Speeds;
use crate::ratio::{Ratio, median};

/// The percentiles that tables quote, with their names. The last one is the maximum and is called that.
pub(crate) const QUOTED: [(&str, f64); 4] = [("p50", 50.0), ("p99", 99.0), ("p99.9", 99.9), ("max", 100.0)];

/// What one map did with one tape: its readings and the figures that they come to.
pub(crate) struct MapResult<'a> {
    pub(crate) map: &'a str,
    /// The map's place in the session, by which it is styled.
    pub(crate) place: usize,
    /// Whether the map does nothing: its cost is the suite's own.
    pub(crate) is_null: bool,
    /// Whether somebody could take it for a load; see [`MapInfo::is_candidate`]. Sentences rank no other map.
    pub(crate) is_candidate: bool,
    /// Whether it is asked for keys of the tape; a slot manager makes its own.
    pub(crate) has_keys: bool,
    /// What it states about itself; `None` where no program of the session knows it.
    info: Option<&'a MapInfo>,
    /// The tape; `None` when the session does not describe it.
    pub(crate) tape: Option<&'a Header>,
    /// By collector and round.
    readings: BTreeMap<(Collector, u32), &'a Reading>,
    /// What was found in each phase, by round; of a bounded cache.
    pub(crate) found: BTreeMap<u32, &'a [Found]>,
    /// Passes that failed; those that the map cannot make are none.
    pub(crate) failures: Vec<(&'a Pass, &'a Failure)>,
    pub(crate) figures: Figures,
}

impl<'a> MapResult<'a> {
    /// Gathers the runs of one map and one workload.
    pub(crate) fn new(
        map: &'a str,
        place: usize,
        info: Option<&'a MapInfo>,
        tape: Option<&'a Header>,
        runs: &[&'a Run],
    ) -> Self {
        let mut result = Self {
            map,
            place,
            is_null: info.is_some_and(|info| info.kind == MapKind::Null),
            is_candidate: info.is_none_or(MapInfo::is_candidate),
            has_keys: info.is_none_or(|info| info.kind.has_keys()),
            info,
            tape,
            readings: BTreeMap::new(),
            found: BTreeMap::new(),
            failures: Vec::new(),
            figures: Figures::default(),
        };
        for run in runs {
            match &run.outcome {
                Outcome::Measured(observation) => {
                    let reading = &observation.reading;
                    result.readings.insert((reading.collector(), run.pass.round), reading);
                    if let Some(found) = &observation.answers.found {
                        result.found.insert(run.pass.round, found);
                    }
                }
                Outcome::Failed(failure) => {
                    result.failures.extend(run.failure().is_some().then_some((&run.pass, failure)));
                }
            }
        }
        result.figures = result.derive();
        result
    }

    /// What a collector saw in each round.
    pub(crate) fn rounds<T: 'a>(&self) -> impl Iterator<Item = (u32, &'a T)>
    where
        &'a T: TryFrom<&'a Reading>,
    {
        let of_collector = |(&(_, round), &reading)| Some((round, <&T>::try_from(reading).ok()?));
        self.readings.iter().filter_map(of_collector)
    }

    /// The same without the number of the round.
    pub(crate) fn each<T: 'a>(&self) -> impl Iterator<Item = &'a T>
    where
        &'a T: TryFrom<&'a Reading>,
    {
        self.rounds().map(|(_, figures)| figures)
    }

    /// What a collector saw in its first round: all there is where every round gives the same figures.
    pub(crate) fn first<T: 'a>(&self) -> Option<&'a T>
    where
        &'a T: TryFrom<&'a Reading>,
    {
        self.each().next()
    }

    /// Whether the map states this.
    pub(crate) fn states(&self, fact: Fact) -> bool {
        self.info.is_some_and(|info| info.states(fact))
    }

    /// Whether any pass of it was measured.
    pub(crate) fn is_measured(&self) -> bool {
        !self.readings.is_empty()
    }

    /// Of what was read once in each phase, that of the phases that count: all of them, but those that come first
    /// and only prepare the load.
    pub(crate) fn counted<'b, T>(&self, by_phase: &'b [T]) -> &'b [T] {
        self.tape.map_or(by_phase, |tape| tape.counted(by_phase))
    }

    /// The numbers of the phases that count.
    fn counted_phases(&self) -> std::ops::Range<usize> {
        let all = self.first::<Throughput>().map_or(0, |seen| seen.phases.len());
        let numbers: Vec<usize> = (0..all).collect();
        all - self.counted(&numbers).len()..all
    }

    /// Of what was read along the tape, that of the phases that count; `played` says after how many operations of
    /// all threads a reading was taken.
    pub(crate) fn counted_along<'b, T>(&self, readings: &'b [T], played: impl Fn(&T) -> u64) -> &'b [T] {
        self.tape.map_or(readings, |tape| tape.counted_along(readings, played))
    }

    /// Whether an operation, by its thread and its position on that thread's tape, is of a phase that does not count.
    pub(crate) fn prepares(&self, thread: u32, index: u64) -> bool {
        let thread = usize::try_from(thread).unwrap_or(usize::MAX);
        self.tape.is_some_and(|tape| index < tape.preparing_ops_of(thread))
    }

    /// The windows in which slots were seen in phases that count.
    pub(crate) fn slot_windows(&self) -> &'a [SlotWindow] {
        let windows = self.first::<Slots>().map_or(&[][..], |slots| &slots.windows);
        self.counted_along(windows, |window| window.first_op.saturating_add(window.ops))
    }

    /// The samples of the heap in phases that count.
    pub(crate) fn heap_samples(&self) -> &'a [HeapSample] {
        self.counted_along(self.first::<Heap>().map_or(&[][..], |heap| &heap.samples), |sample| sample.ops)
    }

    fn derive(&self) -> Figures {
        let rounds: Vec<(u32, &Throughput)> = self.rounds::<Throughput>().collect();
        let in_turn = Speeds::of(&rounds, self.counted_phases());
        let alone =
            |(round, seen): &(u32, &Throughput)| Some((*round, ops_per_second(self.counted(&seen.phases))?));
        let speeds: BTreeMap<u32, f64> = in_turn.as_ref().map_or_else(
            || rounds.iter().filter_map(alone).collect(),
            |in_turn| in_turn.rounds.iter().map(|(round, (own, _))| (*round, *own)).collect(),
        );
        let relative = in_turn.iter().flat_map(|both| &both.rounds);
        let relative = relative.map(|(round, (own, other))| (*round, own / other)).collect();
        let (percentiles, percentiles_by_round) = self.percentiles();
        let (heap, allocations) = (self.first::<Heap>(), self.first::<Allocations>());
        let windows = self.slot_windows();
        Figures {
            ops_per_second: median(speeds.values().copied()),
            speeds,
            relative,
            beside: in_turn.map(|in_turn| in_turn.beside),
            percentiles,
            percentiles_by_round,
            responses: self.responses_by_round(),
            granularity_ns: self.first::<Latency>().map_or(0.0, |seen| seen.clock.granularity_ns),
            allocations_per_op: allocations.and_then(|seen| allocations_per_op(self.counted(&seen.phases))),
            bytes_per_entry: heap.and_then(|heap| bytes_per_entry(heap, self.heap_samples())),
            moments: Moments::of(allocations, heap),
            hits: self.hits(),
            landed: Landed::of(windows),
            dead: windows.iter().filter_map(dead_share).reduce(f64::max),
            ..Figures::default()
        }
    }

    fn hits(&self) -> BTreeMap<u32, f64> {
        let rate = |(round, found): (&u32, &&[Found])| {
            Some((*round, self.counted(found).iter().sum::<Found>().hit_rate()?))
        };
        self.found.iter().filter_map(rate).collect()
    }

    fn percentiles(&self) -> (Option<Percentiles>, BTreeMap<u32, Percentiles>) {
        let mut all = Latencies::sum();
        let mut by_round = BTreeMap::new();
        for (round, latency) in self.rounds::<Latency>() {
            let mut here = Latencies::sum();
            for kind in counted_kinds(latency) {
                here.add(&kind.service);
            }
            if here.count() > 0 {
                by_round.insert(round, quoted(&here));
                all.add(&here);
            }
        }
        ((all.count() > 0).then(|| quoted(&all)), by_round)
    }

    /// The share of their wall time that the phases that count had a processor, for each timed pass without turns; none
    /// where operations wait: for a schedule, for each other, or for a thread of the map.
    pub(crate) fn processor_shares(&self) -> Vec<(Collector, u32, f64)> {
        let waits = self.tape.is_none_or(Header::is_paced)
            || self.states(Fact::OwnThreads)
            || self.states(Fact::HandsOverWrites);
        let of_pass = |(&(collector, round), reading): (&(Collector, u32), &&Reading)| {
            let phases = match reading {
                // Interruptions are no part of what turns come to.
                Reading::Throughput(seen) if self.figures.beside.is_none() => self.counted(&seen.phases),
                Reading::Latency(seen) => self.counted(&seen.times),
                _ => return None,
            };
            Some((collector, round, processor_share(phases)?))
        };
        self.readings.iter().filter(|_| !waits).filter_map(of_pass).collect()
    }

    /// Takes passes out of account that had a processor for less of their time than `least`: they were stopped or
    /// preempted, and how long that took is nothing that the map did.
    pub(crate) fn drop_interrupted(&mut self, least: f64) {
        let few: Vec<(Collector, u32)> = self
            .processor_shares()
            .into_iter()
            .filter(|(.., share)| *share < least)
            .map(|(collector, round, _)| (collector, round))
            .collect();
        let figures = &mut self.figures;
        for (collector, round) in few {
            if collector == Collector::Throughput {
                figures.interrupted += usize::from(figures.speeds.remove(&round).is_some());
            } else {
                figures.latency_interrupted |= figures.percentiles_by_round.remove(&round).is_some();
            }
        }
        if !figures.speeds.is_empty() {
            figures.ops_per_second = median(figures.speeds.values().copied());
        }
    }

    /// The durations of each kind, all rounds together.
    pub(crate) fn kinds(&self) -> BTreeMap<Kind, Latencies> {
        let mut kinds: BTreeMap<Kind, Latencies> = BTreeMap::new();
        for seen in self.each::<Latency>().flat_map(counted_kinds) {
            kinds.entry(seen.kind).or_insert_with(Latencies::sum).add(&seen.service);
        }
        kinds
    }

    /// The response times of each kind, all rounds together; empty where the tape has no schedule.
    pub(crate) fn responses(&self) -> BTreeMap<Kind, Latencies> {
        let mut kinds: BTreeMap<Kind, Latencies> = BTreeMap::new();
        for seen in self.each::<Latency>().flat_map(counted_kinds) {
            if let Some(response) = &seen.response {
                kinds.entry(seen.kind).or_insert_with(Latencies::sum).add(response);
            }
        }
        kinds
    }

    fn responses_by_round(&self) -> BTreeMap<u32, f64> {
        let p999 = |(round, latency): (u32, &Latency)| {
            let mut all = Latencies::sum();
            counted_kinds(latency).filter_map(|kind| kind.response.as_ref()).for_each(|one| all.add(one));
            Some((round, percentile(&all.histogram(), 99.9)? as f64))
        };
        self.rounds::<Latency>().filter_map(p999).collect()
    }

    /// Whether a schedule says when operations start: then all maps do as many a second, and are told apart by how long
    /// a request waits.
    pub(crate) fn is_paced(&self) -> bool {
        self.tape.is_some_and(Header::is_paced)
    }

    /// By what maps are ranked under this load, the more the better; `None` where it was not measured. Operations a
    /// second, or with a schedule 1e9 over the p99.9 of the response time in ns: the median over the rounds.
    pub(crate) fn rank(&self) -> Option<f64> {
        if self.is_paced() {
            median(self.figures.responses.values().copied()).map(|ns| 1e9 / ns.max(1.0))
        } else {
            self.figures.ops_per_second.filter(|_| !self.figures.speeds.is_empty())
        }
    }

    /// How many times as good it is as another map in that by which they are ranked: as fast, or with a schedule how many
    /// times as long the other one's p99.9 of the response time is.
    pub(crate) fn lead_over(&self, other: &Self) -> Option<Ratio> {
        if self.is_paced() {
            Ratio::paired(&other.figures.responses, &self.figures.responses)
        } else {
            self.speed_against(other)
        }
    }

    /// In how many rounds that was measured.
    pub(crate) fn ranked_rounds(&self) -> usize {
        if self.is_paced() { self.figures.responses.len() } else { self.figures.speeds.len() }
    }

    /// How many times as fast it is as another map under the same load. Where both took turns with the reference map, by
    /// how they compare with that.
    pub(crate) fn speed_against(&self, other: &Self) -> Option<Ratio> {
        let [own, others] = [&self.figures, &other.figures];
        if own.relative.is_empty() || others.relative.is_empty() {
            Ratio::paired(&own.speeds, &others.speeds)
        } else {
            Ratio::paired(&own.relative, &others.relative)
        }
    }

    /// Compares the figures with those of the reference map.
    pub(crate) fn compare(&mut self, reference: &Reference<'_>) {
        let figures = &mut self.figures;
        if self.map == reference.map {
            // It may have played beside itself: that is how far a ratio is off, and not how fast it is.
            figures.relative.values_mut().for_each(|ratio| *ratio = 1.0);
        } else if figures.beside.as_deref() != Some(reference.map) {
            figures.relative.clear();
        }
        figures.speed_ratio = if figures.relative.is_empty() {
            Ratio::paired(&figures.speeds, &reference.speeds)
        } else {
            Ratio::of(&figures.relative)
        };
        for at in 0..QUOTED.len() {
            let mine = nth(&self.figures.percentiles_by_round, at);
            self.figures.percentile_ratios[at] = Ratio::paired(&mine, &nth(&reference.percentiles, at));
        }
    }
}

/// The figures of the reference map that others are compared with, by round.
pub(crate) struct Reference<'a> {
    map: &'a str,
    speeds: BTreeMap<u32, f64>,
    percentiles: BTreeMap<u32, Percentiles>,
}

impl<'a> Reference<'a> {
    pub(crate) fn of(result: &MapResult<'a>) -> Self {
        let figures = &result.figures;
        Self {
            map: result.map,
            speeds: figures.speeds.clone(),
            percentiles: figures.percentiles_by_round.clone(),
        }
    }
}

fn nth(by_round: &BTreeMap<u32, Percentiles>, at: usize) -> BTreeMap<u32, f64> {
    by_round.iter().filter_map(|(&round, quoted)| Some((round, quoted[at]? as f64))).collect()
}

fn quoted(latencies: &Latencies) -> Percentiles {
    let histogram = latencies.histogram();
    // The percentile 100 is the end of the bucket that holds the maximum; both are told as one figure.
    QUOTED.map(|(_, percent)| percentile(&histogram, percent))
}

/// A percentile of some durations, ns; `None` where they are too few for it.
pub(crate) fn percentile(histogram: &Histogram<u64>, percent: f64) -> Option<u64> {
    carries(histogram.len(), percent).then(|| value_at(histogram, percent))
}

fn counted_kinds(latency: &Latency) -> impl Iterator<Item = &KindLatency> {
    latency.kinds.iter().filter(|kind| kind.counts)
}

fn allocations_per_op(phases: &[PhaseAllocations]) -> Option<f64> {
    let ops: f64 = phases.iter().map(|phase| phase.ops as f64).sum();
    let blocks: f64 = phases.iter().map(|phase| phase.allocations as f64).sum();
    (ops > 0.0).then(|| blocks / ops)
}

/// Dead slots over the entries that the table could hold, 0 to 1.
pub(crate) fn dead_share(window: &SlotWindow) -> Option<f64> {
    let capacity = window.capacity.filter(|&capacity| capacity > 0)?;
    Some(window.dead? as f64 / capacity as f64)
}
