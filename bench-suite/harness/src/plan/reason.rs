//! Whether a map plays a workload for a collector: judged here and nowhere else.

use std::num::NonZeroU32;

use formats::observation::Collector;
use formats::subject::{Demand, Incompatible, MapInfo};
use formats::suite::Skip;
use formats::workload::Workload;

use super::Request;
use crate::callgrind::{self, Callgrind};
use crate::programs::Programs;

/// Why a pass is not played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reason {
    /// Map, workload and collector do not go together.
    #[error(transparent)]
    Incompatible(#[from] Incompatible),
    /// Nobody can play it.
    #[error("no program that holds the map serves the collector")]
    NoProgram,
    /// It looks at what another allocator does not tell.
    #[error("the collector reads what jemalloc tells, and the map is on another allocator")]
    NotOnAllocator,
    /// It counts by a program that is not installed.
    #[error("instructions are not counted: {}", callgrind::MISSING)]
    NoCallgrind,
    /// The suite leaves it out and says why.
    #[error("{0}")]
    Skipped(String),
    /// It would take as long as its schedule.
    #[error("it has a schedule; named with -w it plays, and suite soak has the shipped ones")]
    Paced,
    /// The suite looks with this collector at other workloads.
    #[error("suite {suite} has this collector for {workloads} only")]
    NotLookedAt {
        /// The suite.
        suite: String,
        /// The workloads that it looks at.
        workloads: String,
    },
}

impl Request<'_> {
    /// How often a map plays a workload for a collector, or why it does not. What the user named goes before
    /// what the suite says; what cannot be goes before both.
    pub(super) fn judge(
        &self,
        workload: &Workload,
        map: &MapInfo,
        collector: Collector,
        programs: &Programs,
    ) -> Result<NonZeroU32, Reason> {
        map.supports(&Demand::from(workload), collector)?;
        if programs.serving(&map.name, collector).is_none() {
            let base = map.variant_of.as_ref().and_then(|base| programs.serving(base, collector));
            return Err(if base.is_some() { Reason::NotOnAllocator } else { Reason::NoProgram });
        }
        if collector == Collector::Instructions && Callgrind::find().is_none() {
            return Err(Reason::NoCallgrind);
        }
        let suite = self.suite;
        // A skip holds unless what it is about was named.
        let holds = |skip: &&Skip| {
            if skip.is_of_collectors() { self.collectors.is_empty() } else { self.selection.maps.is_empty() }
        };
        if let Some(skip) = suite.skips(workload, map, collector).find(holds) {
            return Err(Reason::Skipped(skip.why.clone()));
        }
        // A suite speaks of its own workloads only.
        let is_of_suite = suite.has_workload(workload);
        let meant = !self.selection.workloads.is_empty() || suite.paced;
        if !meant && is_of_suite && workload.is_paced() {
            return Err(Reason::Paced);
        }
        let rounds = match suite.rounds(collector, workload) {
            Some(rounds) => rounds,
            None if is_of_suite && self.collectors.is_empty() => return Err(self.not_looked_at(collector)),
            None => NonZeroU32::MIN,
        };
        let named = self.rounds.filter(|_| collector == workload.compared_by());
        Ok(named.unwrap_or(rounds))
    }

    fn not_looked_at(&self, collector: Collector) -> Reason {
        let workloads = self.suite.collectors.get(&collector).map_or(&[][..], |rounds| &rounds.workloads);
        let workloads: Vec<String> = workloads.iter().map(ToString::to_string).collect();
        Reason::NotLookedAt { suite: self.suite.name.clone(), workloads: workloads.join(", ") }
    }
}
