//! Experiments on Go's maps: what the article claims, tried on the ports.
//!
//! Each prints figures and no opinion. Real Go has the same experiments with the same names, so that the figures
//! can stand side by side.

mod bucket;
mod bucket_paths;
mod churn;
mod classes;
mod decision;
mod growth;
mod layout;
mod memory;
mod overflow;
mod play;
mod pool;
mod port;
mod pressure;
mod sync;
mod tail;
mod times;
mod trackers;

use std::collections::BTreeMap;

use formats::evidence::{Evidence, Family, Figure, SCHEMA};
use formats::observation::PhaseAllocations;

use subject::watch::ledger::{self, Ledger};

/// One experiment.
pub(crate) struct Experiment {
    /// Its name.
    pub(crate) name: &'static str,
    run: fn() -> Vec<Found>,
}

/// Every experiment.
pub(crate) const EXPERIMENTS: [Experiment; 15] = [
    Experiment { name: "layout", run: layout::run },
    Experiment { name: "bucket", run: bucket::run },
    Experiment { name: "tail", run: tail::run },
    Experiment { name: "overflow", run: overflow::run },
    Experiment { name: "decision", run: decision::run },
    Experiment { name: "growth", run: growth::run },
    Experiment { name: "sync", run: sync::run },
    Experiment { name: "times", run: times::run },
    Experiment { name: "classes", run: classes::run },
    Experiment { name: "pool", run: pool::run },
    Experiment { name: "trackers", run: trackers::run },
    Experiment { name: "churn", run: churn::run },
    Experiment { name: "pressure", run: pressure::run },
    Experiment { name: "memory", run: memory::run },
    Experiment { name: "bucket-paths", run: bucket_paths::run },
];

impl Experiment {
    /// Makes the experiment with every implementation that it has.
    #[must_use]
    pub(crate) fn run(&self) -> Vec<Evidence> {
        let evidence = |found: Found| Evidence {
            schema: SCHEMA,
            implementation: found.implementation.to_owned(),
            family: found.family,
            experiment: self.name.to_owned(),
            figures: found.figures,
        };
        (self.run)().into_iter().map(evidence).collect()
    }
}

/// What an experiment found out about one implementation.
struct Found {
    implementation: &'static str,
    family: Family,
    figures: BTreeMap<String, Figure>,
}

impl Found {
    const fn new(implementation: &'static str, family: Family) -> Self {
        Self { implementation, family, figures: BTreeMap::new() }
    }

    const fn classic() -> Self {
        Self::new("port-classic", Family::Classic)
    }

    const fn swiss() -> Self {
        Self::new("port-swiss", Family::Swiss)
    }

    /// With one figure more.
    fn with(mut self, name: &str, figure: impl Into<Figure>) -> Self {
        self.figures.insert(name.to_owned(), figure.into());
        self
    }

    /// With a count, a size or a position.
    fn count(self, name: &str, count: impl TryInto<u64>) -> Self {
        // Nothing that is counted here is negative.
        let count = count.try_into().unwrap_or(0);
        self.with(name, count as f64)
    }

    /// With state bytes in the order of slots.
    fn states(self, name: &str, states: &[u8]) -> Self {
        let states: Vec<f64> = states.iter().map(|&state| f64::from(state)).collect();
        self.with(name, states)
    }
}

/// Counts the blocks that `act` allocates, and what it holds.
fn counted<T>(act: impl FnOnce() -> T) -> (T, PhaseAllocations) {
    ledger::install(Ledger::default());
    ledger::with(|ledger| ledger.open(0));
    let result = act();
    (result, ledger::remove().take_totals())
}

#[cfg(test)]
mod tests;
