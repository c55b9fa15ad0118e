//! A session, arranged for reading: workload by workload and map by map, the maps that stand out.

use std::collections::{BTreeMap, BTreeSet};

use formats::observation::{HeapStacks, Stacks};
use formats::point::Point;
use formats::run::Run;
use formats::session::{Session, TapeInfo};
use formats::subject::MapInfo;
use formats::tape::PhaseMark;
use formats::workload::{Keys, Pace, Values};

use crate::file_name::file_name;
use crate::map_result::{MapResult, Reference};
use crate::number;
use crate::parallel;
use crate::ratio::{Ratio, median};

/// A session, arranged for reading.
pub(crate) struct View<'a> {
    pub(crate) session: &'a Session,
    /// Where the flamegraphs of the session lie, as a link from its page leads there.
    pub(crate) flamegraphs: String,
    /// The maps that were played, in the order of the programs that hold them.
    pub(crate) maps: Vec<&'a str>,
    pub(crate) workloads: Vec<WorkloadResults<'a>>,
}

/// One workload and what every map did with it.
pub(crate) struct WorkloadResults<'a> {
    /// The name of the workload.
    pub(crate) name: &'a str,
    /// What its anchors start with.
    pub(crate) anchor: String,
    /// The map that others are compared with; see [`reference`].
    pub(crate) reference: &'a str,
    /// `None` when the session does not describe the tape.
    pub(crate) tape: Option<&'a TapeInfo>,
    /// Best first, see [`MapResult::rank`]; maps that do nothing, and those without a figure, at the end.
    pub(crate) results: Vec<MapResult<'a>>,
    /// Places of the maps that charts draw in colour; see [`highlighted`].
    pub(crate) highlighted: BTreeSet<usize>,
}

/// How many passes ended in which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    /// With an observation.
    pub(crate) measured: usize,
    /// Without one, although there should be one.
    pub(crate) failed: usize,
    /// Without one, because the map cannot make such a pass.
    pub(crate) unavailable: usize,
    /// Not begun.
    pub(crate) missing: usize,
}

impl Tally {
    /// All passes.
    pub(crate) const fn all(self) -> usize {
        self.measured + self.failed + self.unavailable + self.missing
    }
}

/// How many comparisons there are, and what they show.
#[derive(Default)]
pub(crate) struct Differences {
    /// All of them.
    pub(crate) compared: usize,
    /// Those with enough rounds for an interval.
    pub(crate) with_interval: usize,
    /// Those whose interval excludes 1.
    pub(crate) shown: usize,
    /// How many would exclude 1 if no map differed from the reference.
    pub(crate) by_chance: f64,
}

impl Differences {
    fn count(&mut self, ratio: Ratio) {
        self.compared += 1;
        self.shown += usize::from(ratio.differs());
        if let Some(interval) = ratio.interval {
            self.with_interval += 1;
            self.by_chance += 1.0 - interval.confidence;
        }
    }
}

impl<'a> View<'a> {
    pub(crate) fn new(session: &'a Session) -> Self {
        let maps = maps(session);
        let names: Vec<(usize, &str)> = workloads(session).into_iter().enumerate().collect();
        let workloads =
            parallel::each(&names, |(index, name)| WorkloadResults::new(session, &maps, *index, name));
        let flamegraphs = format!("../../flamegraphs/{}", file_name(&session.manifest.id));
        Self { session, flamegraphs, maps, workloads }
    }

    /// How the passes ended.
    pub(crate) fn tally(&self) -> Tally {
        let runs = &self.session.runs;
        let failed = runs.iter().filter(|run| run.failure().is_some()).count();
        let unavailable = runs.iter().filter(|run| run.unavailable().is_some()).count();
        let missing = self.session.missing().count();
        Tally { measured: runs.len() - failed - unavailable, failed, unavailable, missing }
    }

    /// How the throughputs compare with those of the reference maps.
    pub(crate) fn differences(&self) -> Differences {
        let mut differences = Differences::default();
        for workload in &self.workloads {
            let compared = |result: &&MapResult<'_>| result.map != workload.reference && !result.is_null;
            let ratios =
                workload.results.iter().filter(compared).filter_map(|result| result.figures.speed_ratio);
            ratios.for_each(|ratio| differences.count(ratio));
        }
        differences
    }

    /// Whether any flamegraph was written.
    pub(crate) fn has_flamegraphs(&self) -> bool {
        let mut results = self.workloads.iter().flat_map(|workload| &workload.results);
        results.any(|result| result.first::<Stacks>().is_some() || result.first::<HeapStacks>().is_some())
    }

    /// What is known about a map.
    pub(crate) fn info(&self, map: &str) -> Option<&'a MapInfo> {
        info(self.session, map)
    }
}

impl<'a> WorkloadResults<'a> {
    fn new(session: &'a Session, maps: &[&'a str], index: usize, name: &'a str) -> Self {
        let mut runs: BTreeMap<&str, Vec<&Run>> = BTreeMap::new();
        for run in session.runs.iter().filter(|run| run.pass.workload == name) {
            runs.entry(&run.pass.map).or_default().push(run);
        }
        let tape = session.manifest.tapes.get(name);
        let header = tape.map(|tape| &tape.header);
        let mut results: Vec<MapResult<'a>> = maps
            .iter()
            .enumerate()
            .filter_map(|(place, map)| {
                Some(MapResult::new(map, place, info(session, map), header, runs.get(map)?))
            })
            .collect();
        let usual = median(results.iter().flat_map(MapResult::processor_shares).map(|(.., share)| share));
        let least = usual.unwrap_or_default() * INTERRUPTED_BELOW;
        for result in &mut results {
            result.drop_interrupted(least);
        }
        let reference = reference(&session.manifest.reference, &results);
        if let Some(base) = results.iter().find(|result| result.map == reference).map(Reference::of) {
            for result in &mut results {
                result.compare(&base);
            }
        }
        let rank = |result: &MapResult<'_>| {
            let speed = result.figures.ops_per_second;
            result.rank().or_else(|| speed.filter(|_| !result.is_paced())).unwrap_or(-1.0)
        };
        results.sort_by(|a, b| a.is_null.cmp(&b.is_null).then(rank(b).total_cmp(&rank(a))));
        let highlighted = highlighted(&results, reference);
        Self { name, anchor: format!("w{}", index + 1), reference, tape, results, highlighted }
    }

    /// Whether a table of all its maps is read at a glance; a longer one is folded.
    pub(crate) fn is_at_a_glance(&self) -> bool {
        const ROWS: usize = 8;
        self.results.len() <= ROWS
    }

    /// The results of maps that somebody could take for the load: sentences rank no other.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = &MapResult<'a>> {
        self.results.iter().filter(|result| result.is_candidate)
    }

    /// Whether entries are bounded, so that caches play it.
    pub(crate) fn is_bounded(&self) -> bool {
        self.tape.is_some_and(|tape| tape.header.bound.is_some())
    }

    /// What the throughputs of a map and of the reference map divide to, if that is not the ratio printed beside them:
    /// a tenth away from it, or on the other side of 1. The ratio pairs rounds, a throughput is a median of its own.
    pub(crate) fn quotient_apart(&self, result: &MapResult<'_>) -> Option<f64> {
        let base = self.results.iter().find(|other| other.map == self.reference)?.figures.ops_per_second?;
        let quotient = result.figures.ops_per_second? / base;
        let estimate = result.figures.speed_ratio.filter(|_| result.map != self.reference)?.estimate;
        let near = (quotient / estimate).ln().abs() <= 1.1_f64.ln();
        let same_side = quotient.max(1.0 / quotient) < 1.005 || (quotient > 1.0) == (estimate > 1.0);
        (!near || !same_side).then_some(quotient)
    }

    /// Whether some operations of the tape have a schedule.
    pub(crate) fn is_paced(&self) -> bool {
        self.tape.is_some_and(|tape| tape.header.is_paced())
    }

    /// When the operations of the tape start, where all that count have one pace.
    pub(crate) fn pace(&self) -> Option<Pace> {
        let header = &self.tape.filter(|tape| !tape.header.paces_differ())?.header;
        header.phases.last().map(|phase| header.pace_of(phase))
    }

    /// Which point of a sweep it is, if it is one.
    pub(crate) fn point(&self) -> Option<&'a Point> {
        self.tape.map(|tape| &tape.point).filter(|point| !point.is_whole())
    }

    /// How many threads play.
    pub(crate) fn threads(&self) -> usize {
        let phases = self.tape.map_or(&[][..], |tape| &tape.header.phases);
        phases.iter().map(|phase| phase.ops.len()).max().unwrap_or(1)
    }

    /// Bytes of a key and its value themselves, heap blocks of either included: no map can hold an entry in less. `None`
    /// when the session does not describe the tape.
    pub(crate) fn entry_bytes(&self) -> Option<f64> {
        // A text on the heap is a pointer and a length, and its bytes.
        const TEXT: f64 = 16.0;
        const POINTER: f64 = 8.0;
        let header = &self.tape?.header;
        let key = match header.keys {
            Keys::U32 => 4.0,
            Keys::U64 => 8.0,
            Keys::Uuid => 16.0,
            Keys::String(bytes) => TEXT + f64::from(bytes),
        };
        let pointer = if matches!(header.values, Values::Boxed(_)) { POINTER } else { 0.0 };
        Some(key + pointer + header.mean_value_bytes() as f64)
    }

    /// Of which part of the tape the figures are, for what names them.
    pub(crate) fn load(&self) -> &'static str {
        if self.preparing_ops() > 0 { "after the initial fill" } else { "over the whole tape" }
    }

    /// What the figures leave out, in a sentence; empty where everything counts.
    pub(crate) fn left_out(&self) -> String {
        match self.preparing_ops() {
            0 => String::new(),
            ops => format!(
                "The initial fill ({} operations) prepares the load and does not count.",
                number::count(ops)
            ),
        }
    }

    fn preparing_ops(&self) -> u64 {
        self.tape.map_or(0, |tape| tape.header.preparing_ops())
    }

    /// Stretches of the tape as `(name, first operation, operation after the last)`, all threads together.
    pub(crate) fn phases(&self) -> Vec<(&'a str, f64, f64)> {
        let mut start = 0.0;
        let marks = self.tape.map_or(&[][..], |tape| &tape.header.phases);
        let mut stretch = |name, ops: f64| {
            let from = start;
            start += ops;
            (name, from, start)
        };
        let ops = |mark: &PhaseMark| mark.ops.iter().map(|ops| *ops as f64).sum();
        marks.iter().map(|mark| stretch(mark.name.as_str(), ops(mark))).collect()
    }
}

fn info<'a>(session: &'a Session, map: &str) -> Option<&'a MapInfo> {
    session.manifest.programs.iter().flat_map(|program| &program.maps).find(|info| info.name == map)
}

fn maps(session: &Session) -> Vec<&str> {
    let played: BTreeSet<&str> = session.runs.iter().map(|run| run.pass.map.as_str()).collect();
    let known =
        session.manifest.programs.iter().flat_map(|program| &program.maps).map(|info| info.name.as_str());
    let mut known: Vec<&str> = in_order(known.filter(|map| played.contains(map)));
    // A variant stands behind the map that it is one of, whichever program plays it.
    let base = |map: &str| info(session, map).and_then(|info| info.variant_of.clone());
    let order = known.clone();
    known.sort_by_key(|map| {
        let base = base(map);
        (order.iter().position(|other| *other == base.as_deref().unwrap_or(map)), base.is_some())
    });
    in_order(known.iter().copied().chain(played.iter().copied()))
}

fn workloads(session: &Session) -> Vec<&str> {
    let planned = session.manifest.passes.iter().map(|pass| pass.workload.as_str());
    let described = session.manifest.tapes.keys().map(String::as_str);
    let played = session.runs.iter().map(|run| run.pass.workload.as_str());
    in_order(planned.chain(described).chain(played))
}

fn in_order<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    names.filter(|name| seen.insert(*name)).collect()
}

/// The session's reference map where it plays; else the first one that does, in the order of the programs: no
/// map of one thread plays what several threads share. A slot manager is no measure for maps, unless there are none.
fn reference<'a>(planned: &'a str, results: &[MapResult<'a>]) -> &'a str {
    let plays = |result: &&MapResult<'a>| !result.is_null && result.figures.ops_per_second.is_some();
    let first = || {
        let playing = results.iter().filter(plays);
        playing.min_by_key(|result| (!result.is_candidate, !result.has_keys)).map(|result| result.map)
    };
    let planned_plays = results.iter().any(|result| result.map == planned && result.is_measured());
    if planned_plays { planned } else { first().unwrap_or(planned) }
}

/// Places of the maps worth a colour: the reference map, and those at either end of throughput, p99.9, peak
/// bytes and slot reuse. At most [`MAX_HIGHLIGHTED`], so that they can be told apart.
fn highlighted(results: &[MapResult<'_>], reference: &str) -> BTreeSet<usize> {
    let real: Vec<&MapResult<'_>> =
        results.iter().filter(|result| !result.is_null && result.is_measured()).collect();
    let base = real.iter().filter(|result| result.map == reference).map(|result| result.place);
    let figures: [fn(&MapResult<'_>) -> Option<f64>; 4] = [
        |result| result.figures.ops_per_second,
        |result| Some(result.figures.percentiles?[2]? as f64),
        |result| result.figures.moments.map(|held| held.peak as f64),
        |result| result.figures.landed.map(super::map_result::Landed::reuse),
    ];
    let mut ends = Vec::new();
    for figure in figures {
        let mut ranked: Vec<(f64, usize)> =
            real.iter().filter_map(|result| Some((figure(result)?, result.place))).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        ends.extend(ranked.last().map(|&(_, place)| place));
        ends.extend(ranked.first().map(|&(_, place)| place));
    }
    let mut highlighted = BTreeSet::new();
    for place in base.chain(ends).chain(real.iter().map(|result| result.place)) {
        if highlighted.len() < MAX_HIGHLIGHTED {
            highlighted.insert(place);
        }
    }
    highlighted
}

/// A pass that had a processor for less than this part of what the passes of its workload usually had was interrupted.
/// Where a busy machine slows all of them down alike, pairs of rounds still compare maps.
const INTERRUPTED_BELOW: f64 = 0.8;

/// As many as the palette has colours, and the reference map.
pub(crate) const MAX_HIGHLIGHTED: usize = crate::chart::palette::LIGHT.len() + 1;
