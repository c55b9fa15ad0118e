//! The exact layer: figures that are the same whenever a map does the same work. They are measured here and compared
//! in `compare`.

mod compare;
mod figures;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;
use formats::baseline::{Figures, Fingerprint};
use formats::gate::NotCompared;
use formats::observation::Collector;
use formats::policy::Policy;
use formats::run::{Failure, Outcome, Pass, Run};
use formats::session::TapeInfo;
use formats::subject::MapInfo;
use formats::tape::TapeId;

pub(crate) use self::compare::{against, compare};
use crate::catalogue::{self, Entry};
use crate::interrupt::Interrupt;
use crate::programs::Programs;
use crate::runner::Runner;
use crate::{pick, tapes};

/// A pass of the small tapes played here takes a fraction of a second.
const TIME: Duration = Duration::from_mins(2);

/// The exact figures of some programs.
#[derive(Debug)]
pub(crate) struct ExactMeasurement {
    /// The figures.
    pub(crate) figures: Figures,
    /// The same, measured again, if that was asked for.
    pub(crate) again: Option<Figures>,
    /// What they depend on.
    pub(crate) fingerprint: Fingerprint,
    /// What has no figures, and why. None of it is a fault.
    pub(crate) left_out: Vec<NotCompared>,
    /// Maps that the policy names and no program holds.
    pub(crate) unknown: Vec<String>,
    /// Passes that crashed, hung or answered wrongly.
    pub(crate) failed: Vec<Run>,
    /// Every pass, in the order of the plan.
    pub(crate) runs: Vec<Run>,
    /// What they played.
    pub(crate) tapes: BTreeMap<String, TapeInfo>,
}

/// Measures the policy's maps under its workloads, `times` times; `None` when the user stopped it.
pub(crate) fn measure(
    programs: &Programs,
    policy: &Policy,
    catalogue: &[Entry],
    interrupt: &Interrupt,
    times: u32,
) -> Result<Option<ExactMeasurement>> {
    let Plan { seeded, maps, passes, mut left_out, unknown } = Plan::of(programs, policy, catalogue, times)?;
    let runner = Runner {
        programs,
        tapes: tapes::of(&seeded)?,
        time: TIME,
        timing: false,
        reference: None,
        interrupt,
    };
    let mut runs = Vec::new();
    runner.run(&passes, |run| {
        runs.push(run);
        Ok(())
    })?;
    if interrupt.requested() {
        return Ok(None);
    }
    // Side by side, passes end in any order; what is told of them does not depend on it.
    runs.sort_by_key(|run| passes.iter().position(|pass| *pass == run.pass));
    let mut played: BTreeMap<String, Vec<TapeId>> = BTreeMap::new();
    for entry in &seeded {
        let name = &entry.workload.name;
        if let (Some((workload, _)), Some((_, tape))) = (unseeded(name), runner.tapes.get(name)) {
            played.entry(workload.into()).or_default().push(tape.id);
        }
    }
    let fingerprint = Fingerprint {
        compiler: env!("CHURNMARK_RUSTC").into(),
        target: env!("CHURNMARK_TARGET").into(),
        allocator: programs.allocators(&figures::collectors()),
        maps: maps.into_iter().map(|map| (map.name, map.version)).collect(),
        tapes: played,
    };
    left_out.extend(figures::unseen(&runs));
    let round = |round| figures::of(runs.iter().filter(|run| run.pass.round == round), &policy.seeds);
    let (figures, again) = (round(0), (times > 1).then(|| round(1)));
    let failed = runs.iter().filter(|run| has_failed(run)).cloned().collect();
    let tapes = runner.tapes.into_iter().map(|(name, (_, tape))| (name, tape)).collect();
    Ok(Some(ExactMeasurement { figures, again, fingerprint, left_out, unknown, failed, runs, tapes }))
}

fn has_failed(run: &Run) -> bool {
    matches!(&run.outcome, Outcome::Failed(failure) if !matches!(failure, Failure::Unavailable { .. }))
}

/// What is played.
struct Plan {
    /// The workloads at the policy's scale, once for every seed.
    seeded: Vec<Entry>,
    maps: Vec<MapInfo>,
    passes: Vec<Pass>,
    left_out: Vec<NotCompared>,
    unknown: Vec<String>,
}

impl Plan {
    fn of(programs: &Programs, policy: &Policy, catalogue: &[Entry], times: u32) -> Result<Self> {
        let (maps, unknown) = maps(programs, policy);
        let mut left_out = Vec::new();
        let pairs = collectors(programs, &maps, &mut left_out);
        let (seeded, threaded) = followed(policy, catalogue, &policy.seeds)?;
        left_out.extend(threaded);
        let mut passes = Vec::new();
        for entry in &seeded {
            for (map, collector) in &pairs {
                passes.extend((0..times).map(|round| Pass {
                    workload: entry.workload.name.clone(),
                    map: map.clone(),
                    collector: *collector,
                    round,
                }));
            }
        }
        Ok(Self { seeded, maps, passes, left_out, unknown })
    }
}

/// The policy's workloads at its scale, once for each seed, and those that cannot be followed.
pub(super) fn followed(
    policy: &Policy,
    catalogue: &[Entry],
    seeds: &[u64],
) -> Result<(Vec<Entry>, Vec<NotCompared>)> {
    let (mut seeded, mut threaded) = (Vec::new(), Vec::new());
    for entry in catalogue::choose(catalogue, &policy.workloads, Some(policy.exact_scale))? {
        match entry.workload.threads.get() {
            1 => seeded.extend(seeds.iter().map(|&seed| entry.clone().at_full_speed().seeded(seed))),
            threads => threaded.push(NotCompared {
                workload: entry.workload.name,
                map: String::new(),
                why: format!("exact figures are those of one thread, the workload has {threads}"),
                fails: false,
            }),
        }
    }
    Ok((seeded, threaded))
}

/// The maps that the policy names, and what it names in vain.
pub(crate) fn maps(programs: &Programs, policy: &Policy) -> (Vec<MapInfo>, Vec<String>) {
    let all = programs.maps();
    let (mut names, mut unknown) = (BTreeSet::new(), Vec::new());
    for pattern in &policy.maps {
        match pick::pick("map", std::slice::from_ref(pattern), &all) {
            Ok(maps) => names.extend(maps.into_iter().map(|map| map.name.clone())),
            Err(_) => unknown.push(pattern.clone()),
        }
    }
    (all.into_iter().filter(|map| names.contains(&map.name)).collect(), unknown)
}

/// Each map with each collector that can look at it.
fn collectors(
    programs: &Programs,
    maps: &[MapInfo],
    left_out: &mut Vec<NotCompared>,
) -> Vec<(String, Collector)> {
    let mut pairs = Vec::new();
    for map in maps {
        let serves = |collector: &Collector| programs.serving(&map.name, *collector).is_some();
        let (looking, missing): (Vec<_>, Vec<_>) = figures::collectors().into_iter().partition(serves);
        pairs.extend(looking.into_iter().map(|collector| (map.name.clone(), collector)));
        if !missing.is_empty() {
            let missing: Vec<&str> = missing.into_iter().map(Collector::name).collect();
            let why = format!("no program that holds it serves {}", missing.join(", "));
            left_out.push(NotCompared { workload: String::new(), map: map.name.clone(), why, fails: false });
        }
    }
    pairs
}

/// The workload and the seed that a name made by [`Entry::seeded`] stands for.
pub(crate) fn unseeded(name: &str) -> Option<(&str, u64)> {
    let (workload, seed) = name.rsplit_once('#')?;
    Some((workload, seed.parse().ok()?))
}
