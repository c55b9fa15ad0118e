//! From a suite and what the user named to the list of passes, and to what is left out.

mod left_out;
mod reason;

use std::num::NonZeroU32;

use anyhow::{Context, Result, bail};
use formats::observation::Collector;
use formats::run::Pass;
use formats::session::LeftOut;
use formats::subject::MapInfo;
use formats::suite::{Suite, WorkloadSelector};
use formats::workload::Workload;
use xxhash_rust::xxh3::xxh3_64_with_seed;

pub(crate) use self::left_out::describe;
use crate::catalogue::{Catalogue, Entry};
use crate::pick;
use crate::programs::Programs;
use crate::room;
use crate::select::Selection;
use crate::stderr::tell;

/// What decides about the passes. What the user named goes before what the suite says.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    /// What plays when nothing else is named.
    pub(crate) suite: &'a Suite,
    /// Workloads, maps and scale that were named.
    pub(crate) selection: &'a Selection,
    /// Collectors that were named.
    pub(crate) collectors: &'a [String],
    /// Rounds of throughput, if named.
    pub(crate) rounds: Option<NonZeroU32>,
    /// The seed for the order of the maps in a round.
    pub(crate) seed: u64,
}

/// What will be played, in order, and what not.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The workloads that play.
    pub(crate) entries: Vec<Entry>,
    /// The maps that play.
    pub(crate) maps: Vec<MapInfo>,
    /// The passes, in order.
    pub(crate) passes: Vec<Pass>,
    /// What is not played, and why.
    pub(crate) left_out: Vec<LeftOut>,
}

/// Without the points of sweeps for which there is no room: the others play.
fn without_points_too_large(
    entries: Vec<Entry>,
    maps: &[MapInfo],
    collectors: &[Collector],
) -> (Vec<Entry>, Vec<LeftOut>) {
    let mut left_out = Vec::new();
    let has_room = |entry: &Entry| {
        let Entry { workload, .. } = entry;
        let Some(why) = room::lacking(workload).filter(|_| !workload.point.is_whole()) else { return true };
        tell!("churnmark: left out: {}: {why}", workload.name);
        left_out.push(LeftOut {
            workload: workload.name.clone(),
            maps: maps.iter().map(|map| map.name.clone()).collect(),
            collectors: collectors.to_vec(),
            why,
        });
        false
    };
    (entries.into_iter().filter(has_room).collect(), left_out)
}

impl Request<'_> {
    /// Plans the passes.
    pub(crate) fn plan(&self, catalogue: &Catalogue, programs: &Programs) -> Result<Plan> {
        let entries = self.entries(catalogue)?;
        let maps = self.maps(&entries, programs)?;
        let collectors = self.collectors()?;
        let (entries, left_out) = without_points_too_large(entries, &maps, &collectors);
        let mut plan = Plan { entries, maps, passes: Vec::new(), left_out };
        for Entry { workload, .. } in &plan.entries {
            for map in plan.maps.iter().filter(|map| self.is_meant(workload, map, programs)) {
                for &collector in &collectors {
                    match self.judge(workload, map, collector, programs) {
                        Ok(rounds) => plan.passes.extend((0..rounds.get()).map(|round| Pass {
                            workload: workload.name.clone(),
                            map: map.name.clone(),
                            collector,
                            round,
                        })),
                        Err(why) => left_out::add(&mut plan.left_out, workload, map, collector, &why),
                    }
                }
            }
        }
        left_out::merge_collectors(&mut plan.left_out);
        self.order(&mut plan);
        if plan.passes.is_empty() {
            bail!("there is nothing to play\n{}", describe(&plan.left_out).join("\n"));
        }
        Ok(plan)
    }

    fn entries(&self, catalogue: &Catalogue) -> Result<Vec<Entry>> {
        let scale = self.selection.scale.or(self.suite.scale);
        if !self.selection.workloads.is_empty() {
            return catalogue.choose(&self.selection.workloads, scale);
        }
        let of_suite: Vec<&Entry> =
            catalogue.iter().filter(|entry| self.suite.has_workload(&entry.workload)).collect();
        if of_suite.is_empty() {
            // A folder of the user's own: all of it is meant.
            return catalogue.choose(&[], scale);
        }
        let names = self.suite.workloads.iter().filter_map(|selector| match selector {
            WorkloadSelector::Named(pattern) => Some(pattern.as_str().to_string()),
            WorkloadSelector::Tagged { .. } => None,
        });
        let names = names.filter(|pattern| !catalogue.lacks(pattern));
        pick::pick("workload", &names.collect::<Vec<_>>(), catalogue)
            .map_err(|error| error.context(format!("suite {}: name workloads with -w", self.suite.name)))?;
        of_suite.into_iter().map(|entry| entry.scaled(scale)).collect()
    }

    /// The maps that are named: on the command line, or by the workloads.
    pub(crate) fn maps_named<'n>(&'n self, catalogue: &'n Catalogue) -> impl Iterator<Item = &'n str> {
        let of_workloads = catalogue.iter().flat_map(|entry| &entry.workload.maps);
        self.selection.maps.iter().chain(of_workloads).map(String::as_str)
    }

    fn maps(&self, entries: &[Entry], programs: &Programs) -> Result<Vec<MapInfo>> {
        let maps = if self.selection.maps.is_empty() {
            let of_suite = programs.maps().into_iter().filter(|map| self.is_of_suite(map, programs));
            let mut names: Vec<String> = of_suite.map(|map| map.name).collect();
            for Entry { workload, .. } in entries {
                let further = programs.pick(&workload.maps);
                let further = further.with_context(|| format!("workload `{}`: maps", workload.name))?;
                names.extend(further.into_iter().map(|map| map.name));
            }
            programs.pick_names(&names)
        } else {
            programs.pick(&self.selection.maps)?
        };
        if maps.is_empty() {
            bail!("the programs hold none of the maps of suite {}: name maps with -m", self.suite.name);
        }
        Ok(maps)
    }

    fn is_of_suite(&self, map: &MapInfo, programs: &Programs) -> bool {
        map.variant_of.is_none() && (self.suite.has_map(map) || (programs.named(&map.name) && !map.canary))
    }

    /// Whether a map is to play a workload: it was named, it is one of the suite, or the workload names it.
    fn is_meant(&self, workload: &Workload, map: &MapInfo, programs: &Programs) -> bool {
        let by_workload = || {
            !workload.maps.is_empty() && programs.pick(&workload.maps).is_ok_and(|maps| maps.contains(map))
        };
        !self.selection.maps.is_empty() || self.is_of_suite(map, programs) || by_workload()
    }

    fn collectors(&self) -> Result<Vec<Collector>> {
        if self.collectors.is_empty() {
            return Ok(Collector::ALL.to_vec());
        }
        Ok(pick::pick("collector", self.collectors, &Collector::ALL)?.into_iter().copied().collect())
    }

    /// Collector by collector; within one, round by round; within a round the maps of a workload run next to
    /// each other in an order that differs from round to round, so that neither warmth nor drift favours one.
    /// One profile goes before all: how long a pass takes that samples for a time shows in no other pass.
    fn order(&self, plan: &mut Plan) {
        let place = |name: &str| plan.entries.iter().position(|entry| entry.workload.name == name);
        plan.passes.sort_by_cached_key(|pass| {
            let text = format!("{} {} {}", pass.workload, pass.map, pass.round);
            (pass.collector, pass.round, place(&pass.workload), xxh3_64_with_seed(text.as_bytes(), self.seed))
        });
        if let Some(profile) = plan.passes.iter().position(|pass| pass.collector == Collector::Stacks) {
            plan.passes[..=profile].rotate_right(1);
        }
    }
}
