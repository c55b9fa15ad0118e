//! The suites: what is measured when nobody says more, as data.

mod selector;
mod wire;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::Path;

use serde::Serialize;

pub use self::selector::{MapSelector, WorkloadSelector};
use crate::fault::Fault;
use crate::observation::Collector;
use crate::subject::MapInfo;
use crate::whole;
use crate::workload::Workload;

/// The name of the file of suites in a folder of workloads.
pub const SUITES_FILE: &str = "suites.toml";

/// The suites of one or more files, no two of the same name, in the order in which they are shown.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Suites(Vec<Suite>);

/// What plays, how often, and what is left out for which reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suite {
    /// Its name: lower-case letters, digits and dashes.
    pub name: String,
    /// What it is for and how long it takes.
    pub about: String,
    /// Its workloads: what one of these selects.
    pub workloads: Vec<WorkloadSelector>,
    /// Its maps: what one of these selects. Canaries are never among them.
    pub maps: Vec<MapSelector>,
    /// How often a collector looks, and at which workloads. What is not here looks once at each workload.
    pub collectors: BTreeMap<Collector, Rounds>,
    /// Whether workloads with a schedule play. Elsewhere they are left out unless they are named: a pass takes
    /// as long as the schedule.
    pub paced: bool,
    /// Size of its recipes against what their files say; `None`: as they say.
    pub scale: Option<f64>,
    /// What is left out although workload, map and collector are in.
    pub skips: Vec<Skip>,
}

/// How often a collector looks at some workloads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rounds {
    /// How often.
    pub rounds: NonZeroU32,
    /// The workloads: what one of these selects. It does not look at the others.
    pub workloads: Vec<WorkloadSelector>,
}

/// Maps that do not play some workloads for some collectors.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Skip {
    /// The workloads: what one of these selects.
    pub workloads: Vec<WorkloadSelector>,
    /// The maps: what one of these selects.
    pub maps: Vec<MapSelector>,
    /// The collectors.
    pub collectors: Vec<Collector>,
    /// The reason, for people.
    pub why: String,
}

impl Suites {
    /// Reads a file of suites.
    pub fn read(file: &Path) -> Result<Self, Fault> {
        let text = whole::read_text(file)
            .map_err(|error| Fault::of_file(file, format!("cannot be read: {error}")))?;
        Self::parse(&text, file)
    }

    /// Parses the text of a file of suites; `file` names it in errors.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Fault> {
        wire::parse(text, file)
    }

    /// These and those of `others`, which go before these where both have one of the same name.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        for other in others.0 {
            match self.0.iter_mut().find(|suite| suite.name == other.name) {
                Some(suite) => *suite = other,
                None => self.0.push(other),
            }
        }
        self
    }

    /// The suite of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Suite> {
        self.iter().find(|suite| suite.name == name)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Suite> {
        self.0.iter()
    }
}

impl Suite {
    /// Every collector once, of every map under every workload, those with a schedule too.
    #[must_use]
    pub fn of_everything(name: &str, about: &str) -> Self {
        Self {
            name: name.into(),
            about: about.into(),
            workloads: vec![WorkloadSelector::all()],
            maps: vec![MapSelector::all()],
            collectors: BTreeMap::new(),
            paced: true,
            scale: None,
            skips: Vec::new(),
        }
    }

    /// Whether this workload is one of its own.
    #[must_use]
    pub fn has_workload(&self, workload: &Workload) -> bool {
        WorkloadSelector::any(&self.workloads, workload)
    }

    /// Whether this map is one of its own.
    #[must_use]
    pub fn has_map(&self, map: &MapInfo) -> bool {
        !map.canary && MapSelector::any(&self.maps, map)
    }

    /// How often a collector looks at a workload; `None` when it does not. The rounds of `throughput` are those of the
    /// collector by which the workload compares maps, see [`Workload::compared_by`].
    #[must_use]
    pub fn rounds(&self, collector: Collector, workload: &Workload) -> Option<NonZeroU32> {
        let of = |collector: Collector| self.collectors.get(&collector);
        let looks = of(collector).is_none_or(|of| WorkloadSelector::any(&of.workloads, workload));
        let counted = if collector == workload.compared_by() { of(Collector::Throughput) } else { None };
        looks.then(|| counted.map_or(NonZeroU32::MIN, |of| of.rounds))
    }

    /// What says that a map does not play a workload for a collector.
    pub fn skips<'a>(
        &'a self,
        workload: &'a Workload,
        map: &'a MapInfo,
        collector: Collector,
    ) -> impl Iterator<Item = &'a Skip> {
        let fits = move |skip: &&Skip| {
            skip.collectors.contains(&collector)
                && WorkloadSelector::any(&skip.workloads, workload)
                && MapSelector::any(&skip.maps, map)
        };
        self.skips.iter().filter(fits)
    }
}

impl Skip {
    /// Whether it is about collectors only, whatever they look at.
    #[must_use]
    pub fn is_of_collectors(&self) -> bool {
        self.workloads == [WorkloadSelector::all()] && self.maps == [MapSelector::all()]
    }
}
