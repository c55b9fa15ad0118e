//! What the workloads expect of maps, measured in the head: their whole tapes, and of all figures those that are the
//! same on every run. Times are what `measure` judges.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;
use formats::expectation::Expectation;
use formats::observation::Collector;
use formats::policy::Policy;
use formats::run::{Pass, Run};
use formats::session::TapeInfo;
use formats::subject::{Demand, MapInfo};

use crate::catalogue::{self, Entry};
use crate::gate::exact;
use crate::interrupt::Interrupt;
use crate::programs::Programs;
use crate::runner::Runner;
use crate::tapes;

/// A whole tape is played once for each collector, without a clock.
const TIME: Duration = Duration::from_mins(5);

/// What was played so that expectations can be judged.
#[derive(Debug, Default)]
pub(crate) struct Played {
    /// Every pass.
    pub(crate) runs: Vec<Run>,
    /// The tapes.
    pub(crate) tapes: BTreeMap<String, TapeInfo>,
}

/// Plays what the expectations of the policy's workloads need of the policy's maps; `None` when the user stopped it.
pub(crate) fn play(
    programs: &Programs,
    policy: &Policy,
    catalogue: &[Entry],
    interrupt: &Interrupt,
) -> Result<Option<Played>> {
    let (maps, _) = exact::maps(programs, policy);
    let mut entries = Vec::new();
    let mut passes = Vec::new();
    for entry in catalogue::choose(catalogue, &policy.workloads, None)? {
        let of_entry = needed(programs, &maps, &entry);
        if !of_entry.is_empty() {
            passes.extend(of_entry);
            entries.push(entry.at_full_speed());
        }
    }
    let mut runs = Vec::new();
    let tapes = tapes::of(&entries)?;
    let runner = Runner { programs, tapes, time: TIME, timing: false, reference: None, interrupt };
    runner.run(&passes, |run| {
        runs.push(run);
        Ok(())
    })?;
    // Side by side, passes end in any order; what is told of them does not depend on it.
    runs.sort_by_key(|run| passes.iter().position(|pass| *pass == run.pass));
    let tapes = runner.tapes.into_iter().map(|(name, (_, tape))| (name, tape)).collect();
    Ok((!interrupt.requested()).then_some(Played { runs, tapes }))
}

/// The passes that judge the expectations of one workload: for each map that one is of, and for the map whose figure is
/// its unit, the first collector that sees the figure.
fn needed(programs: &Programs, maps: &[MapInfo], entry: &Entry) -> Vec<Pass> {
    let workload = &entry.workload;
    let demand = Demand::from(workload);
    let mut pairs: BTreeSet<(&str, Collector)> = BTreeSet::new();
    let judged = |one: &&Expectation| !one.figure.is_timed() && workload.threads.get() == 1;
    for one in workload.expectations.iter().filter(judged) {
        let of = maps.iter().filter(|map| one.is_of(&map.name, map.is_candidate()));
        let unit = maps.iter().filter(|map| one.of.as_deref() == Some(map.name.as_str()));
        for map in of.chain(unit) {
            let sees = |collector: &&Collector| {
                map.supports(&demand, **collector).is_ok()
                    && programs.serving(&map.name, **collector).is_some()
            };
            let first = one.figure.collectors().iter().find(sees);
            pairs.extend(first.map(|collector| (map.name.as_str(), *collector)));
        }
    }
    let pass = |(map, collector): (&str, Collector)| Pass {
        workload: workload.name.clone(),
        map: map.into(),
        collector,
        round: 0,
    };
    pairs.into_iter().map(pass).collect()
}
