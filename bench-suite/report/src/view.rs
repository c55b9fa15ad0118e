//! A session, arranged for reading: chapters by workload, parts by map, the maps that stand out.

use std::collections::{BTreeMap, BTreeSet};

use formats::run::{Outcome, Run};
use formats::session::{Session, TapeInfo};
use formats::subject::{MapInfo, MapKind};
use formats::tape::PhaseMark;
use formats::workload::Pace;

use crate::part::{Part, Reference};

/// A session, arranged for reading.
pub(crate) struct View<'a> {
    pub(crate) session: &'a Session,
    /// The maps that were played, in the order of the programs that hold them.
    pub(crate) maps: Vec<&'a str>,
    pub(crate) chapters: Vec<Chapter<'a>>,
}

/// One workload and what every map did with it.
pub(crate) struct Chapter<'a> {
    /// The name of the workload.
    pub(crate) workload: &'a str,
    /// What its anchors start with.
    pub(crate) anchor: String,
    /// The map that others are compared with; see [`reference`].
    pub(crate) reference: &'a str,
    /// `None` when the session does not describe the tape.
    pub(crate) tape: Option<&'a TapeInfo>,
    /// Fastest first; maps that do nothing, and those without a figure, at the end.
    pub(crate) parts: Vec<Part<'a>>,
    /// Places of the maps that charts draw in colour; see [`leads`].
    pub(crate) leads: BTreeSet<usize>,
}

impl<'a> View<'a> {
    pub(crate) fn new(session: &'a Session) -> Self {
        let maps = maps(session);
        let chapters = workloads(session)
            .into_iter()
            .enumerate()
            .map(|(index, workload)| Chapter::new(session, &maps, index, workload))
            .collect();
        Self { session, maps, chapters }
    }

    /// Passes that were measured, and that failed.
    pub(crate) fn tally(&self) -> (usize, usize) {
        let failed = self.session.runs.iter().filter(|run| matches!(run.outcome, Outcome::Failed(_))).count();
        (self.session.runs.len() - failed, failed)
    }

    /// What is known about a map.
    pub(crate) fn info(&self, map: &str) -> Option<&'a MapInfo> {
        info(self.session, map)
    }
}

impl<'a> Chapter<'a> {
    fn new(session: &'a Session, maps: &[&'a str], index: usize, workload: &'a str) -> Self {
        let mut runs: BTreeMap<&str, Vec<&Run>> = BTreeMap::new();
        for run in session.runs.iter().filter(|run| run.pass.workload == workload) {
            runs.entry(&run.pass.map).or_default().push(run);
        }
        let is_null = |map| info(session, map).is_some_and(|info| info.kind == MapKind::Null);
        let mut parts: Vec<Part<'a>> = maps
            .iter()
            .enumerate()
            .filter_map(|(place, map)| Some(Part::new(map, place, is_null(map), runs.get(map)?)))
            .collect();
        let has_keys = |map: &str| info(session, map).is_none_or(|info| info.kind.has_keys());
        let reference = reference(&session.plan.reference, &parts, has_keys);
        if let Some(base) = parts.iter().find(|part| part.map == reference).map(Reference::of) {
            for part in &mut parts {
                part.compare(&base);
            }
        }
        let speed = |part: &Part<'_>| part.figures.ops_per_second.unwrap_or(-1.0);
        parts.sort_by(|a, b| a.is_null.cmp(&b.is_null).then(speed(b).total_cmp(&speed(a))));
        let leads = leads(&parts, reference);
        let tape = session.plan.tapes.get(workload);
        Self { workload, anchor: format!("w{}", index + 1), reference, tape, parts, leads }
    }

    /// The parts that charts draw in colour, in the order of the tables.
    pub(crate) fn lead_parts(&self) -> impl Iterator<Item = &Part<'a>> {
        self.parts.iter().filter(|part| self.leads.contains(&part.place))
    }

    /// When the operations of the tape start.
    pub(crate) fn pace(&self) -> Pace {
        self.tape.map_or_else(Pace::default, |tape| tape.header.pace)
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
    session.plan.programs.iter().flat_map(|program| &program.maps).find(|info| info.name == map)
}

fn maps(session: &Session) -> Vec<&str> {
    let played: BTreeSet<&str> = session.runs.iter().map(|run| run.pass.map.as_str()).collect();
    let known = session.plan.programs.iter().flat_map(|program| &program.maps).map(|info| info.name.as_str());
    let known: Vec<&str> = in_order(known.filter(|map| played.contains(map)));
    in_order(known.iter().copied().chain(played.iter().copied()))
}

fn workloads(session: &Session) -> Vec<&str> {
    let planned = session.plan.passes.iter().map(|pass| pass.workload.as_str());
    let described = session.plan.tapes.keys().map(String::as_str);
    let played = session.runs.iter().map(|run| run.pass.workload.as_str());
    in_order(planned.chain(described).chain(played))
}

fn in_order<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    names.filter(|name| seen.insert(*name)).collect()
}

/// The session's reference map where it plays; else the first one that does, in the order of the programs: no
/// map of one thread plays what several threads share. A slot manager is no measure for maps, unless there are none.
fn reference<'a>(planned: &'a str, parts: &[Part<'a>], has_keys: impl Fn(&str) -> bool) -> &'a str {
    let plays = |part: &&Part<'a>| !part.is_null && part.figures.ops_per_second.is_some();
    let first = || parts.iter().filter(plays).map(|part| part.map).min_by_key(|map| !has_keys(map));
    let planned_plays = parts.iter().any(|part| part.map == planned && part.is_measured());
    if planned_plays { planned } else { first().unwrap_or(planned) }
}

/// Places of the maps worth a colour: the reference map, and those at either end of throughput, p99.9, peak
/// bytes and slot reuse. At most [`MAX_LEADS`], so that they can be told apart.
fn leads(parts: &[Part<'_>], reference: &str) -> BTreeSet<usize> {
    let real: Vec<&Part<'_>> = parts.iter().filter(|part| !part.is_null && part.is_measured()).collect();
    let base = real.iter().filter(|part| part.map == reference).map(|part| part.place);
    let figures: [fn(&Part<'_>) -> Option<f64>; 4] = [
        |part| part.figures.ops_per_second,
        |part| part.figures.percentiles.map(|quoted| quoted[2] as f64),
        |part| part.figures.peak_bytes.map(|bytes| bytes as f64),
        |part| part.figures.landed.map(super::part::Landed::reuse),
    ];
    let mut ends = Vec::new();
    for figure in figures {
        let mut ranked: Vec<(f64, usize)> =
            real.iter().filter_map(|part| Some((figure(part)?, part.place))).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        ends.extend(ranked.last().map(|&(_, place)| place));
        ends.extend(ranked.first().map(|&(_, place)| place));
    }
    let mut leads = BTreeSet::new();
    for place in base.chain(ends).chain(real.iter().map(|part| part.place)) {
        if leads.len() < MAX_LEADS {
            leads.insert(place);
        }
    }
    leads
}

/// As many as the palette has colours, and the reference map.
const MAX_LEADS: usize = crate::chart::palette::LIGHT.len() + 1;
