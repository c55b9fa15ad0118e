//! The policy and the exact figures that were committed: where they are, how they are read and renewed.

use std::path::{Path, PathBuf};

use anyhow::Result;
use formats::baseline::{BASELINE_FOLDER, Baseline, BaselineError, EXACT_FILE, Figures, POLICY_FILE, Update};
use formats::gate::{Class, ExactFinding, NotCompared};
use formats::policy::Policy;
use jiff::tz::TimeZone;

use crate::folder;
use crate::gate::exact::{self, ExactMeasurement};
use crate::places::Places;

/// The option that names a policy.
#[derive(Debug, clap::Args)]
pub(crate) struct PolicyFile {
    /// Policy: what is compared, and how strictly [default: baseline/policy.toml in the folder of sessions]
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    policy: Option<PathBuf>,
}

/// The options that name the committed files of a gate.
#[derive(Debug, clap::Args)]
pub(crate) struct CommittedFiles {
    #[command(flatten)]
    policy: PolicyFile,
    /// Committed exact figures [default: baseline/exact.json in the folder of sessions]
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    baseline: Option<PathBuf>,
}

impl PolicyFile {
    /// The policy: the one that was named, or the usual one, or what holds where nobody wrote one.
    pub(crate) fn read(&self, places: &Places) -> Result<Policy> {
        let today = TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date();
        let usual = places.reports.join(BASELINE_FOLDER).join(POLICY_FILE);
        match &self.policy {
            Some(named) => Ok(Policy::read(named, today)?),
            None if usual.exists() => Ok(Policy::read(&usual, today)?),
            None => usual_of(places),
        }
    }
}

/// What holds where nobody wrote a policy: the usual workloads as far as they are there, or, in a folder that has none
/// of them, all.
fn usual_of(places: &Places) -> Result<Policy> {
    let (mut policy, folder) = (Policy::default(), places.workloads()?);
    policy.workloads.retain(|name| folder.join(format!("{name}.toml")).is_file());
    if policy.workloads.is_empty() {
        policy.workloads = vec!["*".into()];
    }
    Ok(policy)
}

impl CommittedFiles {
    /// The policy.
    pub(crate) fn policy(&self, places: &Places) -> Result<Policy> {
        self.policy.read(places)
    }

    /// The file of exact figures.
    pub(crate) fn file(&self, places: &Places) -> PathBuf {
        let usual = || places.reports.join(BASELINE_FOLDER).join(EXACT_FILE);
        self.baseline.clone().unwrap_or_else(usual)
    }
}

/// Compares what was measured with a baseline that was read from `file`. It must have been measured under the same
/// conditions.
pub(crate) fn compare(
    baseline: &Baseline,
    file: &Path,
    head: &ExactMeasurement,
    policy: &Policy,
) -> Result<(Vec<ExactFinding>, Vec<NotCompared>)> {
    baseline.must_fit(file, &head.fingerprint, &policy.seeds)?;
    exact::compare(&baseline.figures, None, head, policy)
}

/// The baseline that an update goes on with, if there is one. A damaged one is not written over: its reasons would
/// be lost.
pub(crate) fn previous(file: &Path) -> Result<Option<Baseline>> {
    match Baseline::read(file) {
        Ok(baseline) => Ok(Some(baseline)),
        Err(BaselineError::Missing { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The baseline after one more update.
pub(crate) fn renewed(
    previous: Option<&Baseline>,
    measured: ExactMeasurement,
    figures: Figures,
    policy: &Policy,
    reason: &str,
) -> Baseline {
    let mut updates = previous.map_or_else(Vec::new, |previous| previous.updates.clone());
    let when = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    updates.push(Update { when, reason: reason.into(), revision: folder::revision() });
    Baseline { updates, fingerprint: measured.fingerprint, seeds: policy.seeds.clone(), figures }
}

/// The figures that the policy looks at and that were the same both times, and a sentence for each that was not.
pub(crate) fn repeated(measured: &ExactMeasurement, policy: &Policy) -> (Figures, Vec<String>) {
    let (mut figures, mut others) = (measured.figures.clone(), Vec::new());
    let again = measured.again.as_ref().unwrap_or(&measured.figures);
    for (workload, maps) in &mut figures {
        for (map, metrics) in maps {
            let second = again.get(workload).and_then(|maps| maps.get(map));
            metrics.retain(|metric, first| {
                if policy.exact(workload, map, *metric).class == Class::Off {
                    return false;
                }
                let second = second.and_then(|metrics| metrics.get(metric));
                let same = second == Some(first);
                if !same {
                    let name = metric.name();
                    let second = second.map_or_else(|| "nothing".into(), |second| format!("{second:?}"));
                    others.push(format!("{workload} {map} {name} gave {first:?} and then {second}"));
                }
                same
            });
        }
    }
    (figures, others)
}
