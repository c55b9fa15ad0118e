//! What a gate plays, how sure it wants to be, and what it lets pass: `policy.toml`.

mod wire;

use std::path::Path;

use glob::Pattern;
use jiff::civil::Date;

use crate::fault::Fault;
use crate::gate::{Class, Metric, TimeMetric, Waiver};
use crate::point::{base_name, split_scale};
use crate::whole;

/// The policy of a gate. [`Policy::default`] holds where nobody wrote one.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Workloads that are played, names or globs.
    pub workloads: Vec<String>,
    /// Maps that play, names or globs.
    pub maps: Vec<String>,
    /// Multiplies entries and operations of recipes for exact figures.
    pub exact_scale: f64,
    /// Seeds for which exact figures are measured, at least one.
    pub seeds: Vec<u64>,
    /// The chance that any comparison of times is called regressed although nothing differs; the same again for
    /// improved.
    pub alpha: f64,
    /// The relative difference in time that must be found.
    pub delta: f64,
    /// The relative difference in time that is none.
    pub tolerance: f64,
    /// The relative difference in time that must be found for maps with threads, which are noisier.
    pub threads_delta: f64,
    /// Pairs of processes after which a comparison ends.
    pub max_pairs: u32,
    /// Seconds after which a comparison ends. It is done in a few where nobody else works; beside busy neighbours each
    /// pair takes several times as long, and no less is seen by it.
    pub seconds: f64,
    /// Slices in which two processes take turns.
    pub slices: u32,
    /// First slices that do not count for the median.
    pub discarded: u32,
    /// Whether an inconclusive comparison fails the gate.
    pub inconclusive_fails: bool,
    /// Whether an exact figure that improved fails the gate, so that its baseline is renewed.
    pub improved_fails: bool,
    /// Rules for some figures; a later one goes before an earlier one.
    pub rules: Vec<PolicyRule>,
    /// Regressions that are accepted for a while.
    pub waivers: Vec<PolicyWaiver>,
}

/// Which figures are meant: all three must fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    /// Names of workloads.
    pub workload: Pattern,
    /// Names of maps.
    pub map: Pattern,
    /// Names of metrics.
    pub metric: Pattern,
}

/// A rule for some figures. What is `None` stays as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyRule {
    /// For which.
    pub scope: Scope,
    /// What is made of them.
    pub class: Option<Class>,
    /// The relative difference that must be found; times only.
    pub delta: Option<f64>,
    /// The relative difference that is none.
    pub tolerance: Option<f64>,
}

/// A waiver and the figures that it covers.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyWaiver {
    /// Which.
    pub scope: Scope,
    /// Why, and until when.
    pub waiver: Waiver,
}

/// What holds for one exact figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExactRule {
    /// What is made of it.
    pub class: Class,
    /// The relative difference that is none.
    pub tolerance: f64,
}

/// What holds for one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeRule {
    /// What is made of it.
    pub class: Class,
    /// The relative difference that must be found.
    pub delta: f64,
    /// The relative difference that is none.
    pub tolerance: f64,
}

impl Default for Policy {
    /// The figures come from A/A runs and injected slowdowns on a shared virtual machine with two processors.
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Self {
            workloads: names(&["fifo-window", "steady-uniform", "sawtooth", "threads-owned"]),
            maps: names(&["*"]),
            exact_scale: 0.05,
            seeds: vec![1, 2, 3],
            alpha: 0.01,
            delta: 0.03,
            tolerance: 0.005,
            threads_delta: 0.10,
            max_pairs: 36,
            seconds: 60.0,
            slices: 1024,
            discarded: 128,
            inconclusive_fails: false,
            improved_fails: false,
            rules: Vec::new(),
            waivers: Vec::new(),
        }
    }
}

impl Scope {
    fn covers(&self, workload: &str, map: &str, metric: &str) -> bool {
        // Rules speak of a workload whatever its scale, and of all its points or of one.
        let (plain, _) = split_scale(workload);
        let of_workload = self.workload.matches(plain) || self.workload.matches(base_name(plain));
        of_workload && self.map.matches(map) && self.metric.matches(metric)
    }
}

impl Policy {
    /// Reads a policy file. A waiver that no longer holds `today` is a fault like any other: what it covered is
    /// to be looked at again.
    pub fn read(file: &Path, today: Date) -> Result<Self, Fault> {
        let text = whole::read_text(file)
            .map_err(|error| Fault::of_file(file, format!("cannot be read: {error}")))?;
        Self::parse(&text, file, today)
    }

    /// Parses the text of a policy; `file` names it in errors.
    pub fn parse(text: &str, file: &Path, today: Date) -> Result<Self, Fault> {
        wire::parse(text, file, today)
    }

    /// What holds for an exact figure.
    #[must_use]
    pub fn exact(&self, workload: &str, map: &str, metric: Metric) -> ExactRule {
        let mut held = ExactRule { class: metric.class(), tolerance: metric.tolerance() };
        for rule in self.covering(workload, map, &metric.name()) {
            held.class = rule.class.unwrap_or(held.class);
            held.tolerance = rule.tolerance.unwrap_or(held.tolerance);
        }
        held
    }

    /// What holds for a time of a map that plays with so many threads.
    #[must_use]
    pub fn time(&self, workload: &str, map: &str, metric: TimeMetric, threads: usize) -> TimeRule {
        let delta = if threads > 1 { self.threads_delta } else { self.delta };
        let mut held = TimeRule { class: metric.class(), delta, tolerance: self.tolerance };
        for rule in self.covering(workload, map, metric.name()) {
            held.class = rule.class.unwrap_or(held.class);
            held.delta = rule.delta.unwrap_or(held.delta);
            held.tolerance = rule.tolerance.unwrap_or(held.tolerance);
        }
        held
    }

    /// The waiver that covers a figure.
    #[must_use]
    pub fn waiver(&self, workload: &str, map: &str, metric: &str) -> Option<&Waiver> {
        let covers = |row: &&PolicyWaiver| row.scope.covers(workload, map, metric);
        self.waivers.iter().find(covers).map(|row| &row.waiver)
    }

    fn covering(&self, workload: &str, map: &str, metric: &str) -> impl Iterator<Item = &PolicyRule> {
        self.rules.iter().filter(move |rule| rule.scope.covers(workload, map, metric))
    }
}
