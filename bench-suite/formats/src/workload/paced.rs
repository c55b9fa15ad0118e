//! When the operations of a workload start, phase by phase.

use super::{Act, Pace, Source, Workload};
use crate::observation::Collector;
use crate::pace::one_after_the_other;

impl Workload {
    /// Whether some of its operations have a schedule.
    #[must_use]
    pub fn is_paced(&self) -> bool {
        self.paces().iter().any(|pace| !pace.is_closed())
    }

    /// The collector whose figures tell maps apart. With a schedule all maps do as many operations a second as it asks for,
    /// and how long a request waits is what differs.
    #[must_use]
    pub fn compared_by(&self) -> Collector {
        if self.is_paced() { Collector::Latency } else { Collector::Throughput }
    }

    /// Its schedule as people read it, if it has one.
    #[must_use]
    pub fn schedule(&self) -> Option<String> {
        self.is_paced().then(|| one_after_the_other(self.paces()))
    }

    /// Takes every schedule away: the same operations, each when the one before is done.
    pub fn unpace(&mut self) {
        self.pace = Pace::Closed;
        if let Source::Recipe(recipe) = &mut self.source {
            recipe.phases.iter_mut().for_each(|phase| phase.pace = None);
        }
    }

    /// The paces of its phases, in order, without those of the fillings that it begins with, unless it is nothing else.
    fn paces(&self) -> Vec<Pace> {
        let phases = match &self.source {
            Source::Recipe(recipe) => recipe.phases.as_slice(),
            Source::Script(_) | Source::Trace(_) => &[],
        };
        let first = phases.iter().position(|phase| !matches!(phase.act, Act::Fill(_))).unwrap_or(0);
        let load = phases.iter().skip(first);
        let paces: Vec<Pace> = load.map(|phase| phase.pace.unwrap_or(self.pace)).collect();
        if paces.is_empty() { vec![self.pace] } else { paces }
    }
}
