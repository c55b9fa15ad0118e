//! Exact figures that were committed, what they were measured with, and why: `baseline/exact.json`.

mod text;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::gate::Metric;
use crate::observation::SCHEMA;
use crate::tape::TapeId;
use crate::whole;

/// Name of the folder of what the gate compares with, among the sessions.
pub const BASELINE_FOLDER: &str = "baseline";
/// Name of the file of exact figures in it.
pub const EXACT_FILE: &str = "exact.json";
/// Name of the file of the policy in it.
pub const POLICY_FILE: &str = "policy.toml";

/// Exact figures by workload, map and metric, each one for every seed.
pub type Figures = BTreeMap<String, BTreeMap<String, BTreeMap<Metric, Vec<u64>>>>;

/// Exact figures that were committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Every update, the first one first.
    pub updates: Vec<Update>,
    /// What the figures depend on.
    pub fingerprint: Fingerprint,
    /// The seeds.
    pub seeds: Vec<u64>,
    /// The figures.
    pub figures: Figures,
}

/// One update of a baseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Update {
    /// When, UTC, RFC 3339.
    pub when: String,
    /// Why.
    pub reason: String,
    /// Revision of the measured source, with `+` when files were changed; empty when unknown.
    pub revision: String,
}

/// What exact figures depend on, apart from the code under test.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fingerprint {
    /// The compiler, as it names itself.
    pub compiler: String,
    /// The target triple.
    pub target: String,
    /// The allocator of the programs, its version and its settings.
    pub allocator: String,
    /// The versions of the maps, by their names.
    pub maps: BTreeMap<String, String>,
    /// The tapes, by workload, one for each seed.
    pub tapes: BTreeMap<String, Vec<TapeId>>,
}

/// A figure that an update moved. What was or is not measured is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved<'a> {
    /// The workload.
    pub workload: &'a str,
    /// The map.
    pub map: &'a str,
    /// The figure.
    pub metric: Metric,
    /// What it was, for each seed.
    pub old: Option<&'a [u64]>,
    /// What it is, for each seed.
    pub new: Option<&'a [u64]>,
}

/// Why a baseline cannot be compared with.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// There is none.
    #[error("{}: there is no baseline; make one: {MAKE}", file.display())]
    Missing {
        /// The file.
        file: PathBuf,
    },
    /// It cannot be read or written.
    #[error("{}: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is nothing in it.
    #[error("{}: is empty; {RESTORE}", file.display())]
    Empty {
        /// The file.
        file: PathBuf,
    },
    /// It ends too early.
    #[error("{}:{line}: is cut off; {RESTORE}", file.display())]
    Truncated {
        /// The file.
        file: PathBuf,
        /// The last line, from 1.
        line: usize,
    },
    /// It is no baseline.
    #[error("{}:{line}: {problem}; {RESTORE}", file.display())]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// It is not what was written.
    #[error(
        "{}: was edited by hand or merged: its checksum is {recorded}, that of what it holds {computed}; {RESTORE}",
        file.display()
    )]
    Edited {
        /// The file.
        file: PathBuf,
        /// The checksum in the file.
        recorded: String,
        /// The checksum of what the file holds.
        computed: String,
    },
    /// Written by a newer version.
    #[error("{}: has schema {found}; this program reads up to {SCHEMA}: use a newer churnmark", file.display())]
    TooNew {
        /// The file.
        file: PathBuf,
        /// The version it names.
        found: u32,
    },
    /// It was measured under other conditions.
    #[error("{}: cannot be compared with: {}; measure anew: {MAKE}", file.display(), differences.join(", "))]
    Incompatible {
        /// The file.
        file: PathBuf,
        /// What differs, each with both sides.
        differences: Vec<String>,
    },
}

/// The command that makes a baseline.
const MAKE: &str = "churnmark baseline update --reason \"...\"";
/// What to do with a damaged one: its log of reasons is worth more than its figures.
const RESTORE: &str =
    "restore it (git checkout), or delete it and make one: churnmark baseline update --reason \"...\"";

impl Baseline {
    /// The part of it that can be compared with `figures`: the workloads and maps that both have.
    #[must_use]
    pub fn narrowed(&self, figures: &Figures) -> Self {
        let mut narrowed = self.clone();
        let has_map = |map: &String| figures.values().any(|maps| maps.contains_key(map));
        narrowed.figures.retain(|workload, _| figures.contains_key(workload));
        narrowed.figures.values_mut().for_each(|maps| maps.retain(|map, _| has_map(map)));
        narrowed.fingerprint.tapes.retain(|workload, _| figures.contains_key(workload));
        narrowed.fingerprint.maps.retain(|map, _| has_map(map));
        narrowed
    }

    /// Reads a baseline.
    pub fn read(file: &Path) -> Result<Self, BaselineError> {
        let bytes = whole::read(file).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => BaselineError::Missing { file: file.into() },
            _ => BaselineError::Io { file: file.into(), source },
        })?;
        Self::parse(&bytes, file)
    }

    /// Parses the bytes of a baseline; `file` names it in errors.
    pub fn parse(bytes: &[u8], file: &Path) -> Result<Self, BaselineError> {
        text::parse(bytes, file)
    }

    /// The text of its file.
    ///
    /// # Panics
    /// Never: its keys are strings and its numbers whole.
    #[must_use]
    pub fn text(&self) -> String {
        text::write(self)
    }

    /// Writes its file, whole or not at all, and makes the folder if there is none.
    pub fn write(&self, file: &Path) -> Result<(), BaselineError> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| whole::write_text(file, &self.text()))
            .map_err(|source| BaselineError::Io { file: file.into(), source })
    }

    /// Refuses a comparison with figures measured under other conditions. Maps and workloads that only one of
    /// the two knows are no such condition.
    pub fn must_fit(&self, file: &Path, now: &Fingerprint, seeds: &[u64]) -> Result<(), BaselineError> {
        let mut differences = self.fingerprint.differences(now);
        if self.seeds != seeds {
            differences.push(format!("seeds {:?} there, {seeds:?} here", self.seeds));
        }
        if differences.is_empty() {
            return Ok(());
        }
        Err(BaselineError::Incompatible { file: file.into(), differences })
    }

    /// The checksum of all but itself.
    fn checksum(&self) -> String {
        let payload = serde_json::to_vec(self).expect("string keys and whole numbers are JSON");
        format!("{:032x}", xxh3_128(&payload))
    }
}

impl Fingerprint {
    /// What differs, each with both sides.
    fn differences(&self, now: &Self) -> Vec<String> {
        let mut all = Vec::new();
        let mut compare = |what: &str, there: &str, here: &str| {
            if there != here {
                all.push(format!("{what} `{there}` there, `{here}` here"));
            }
        };
        compare("compiler", &self.compiler, &now.compiler);
        compare("target", &self.target, &now.target);
        compare("allocator", &self.allocator, &now.allocator);
        for (map, there) in &self.maps {
            if let Some(here) = now.maps.get(map) {
                compare(&format!("version of {map}"), there, here);
            }
        }
        for (workload, there) in &self.tapes {
            if let Some(here) = now.tapes.get(workload)
                && there != here
            {
                let short = |tapes: &[TapeId]| {
                    let ids = tapes.iter().map(|id| id.to_string().chars().take(8).collect::<String>());
                    ids.collect::<Vec<_>>().join("+")
                };
                compare(&format!("tapes of {workload}"), &short(there), &short(here));
            }
        }
        all
    }
}

/// Every figure that differs, in order.
#[must_use]
pub fn moved<'a>(old: &'a Figures, new: &'a Figures) -> Vec<Moved<'a>> {
    let rows = |figures: &'a Figures| -> BTreeMap<(&'a str, &'a str, Metric), &'a [u64]> {
        let maps = figures.iter().flat_map(|(workload, maps)| maps.iter().map(move |map| (workload, map)));
        maps.flat_map(|(workload, (map, metrics))| {
            let row = move |(metric, values): (&Metric, &'a Vec<u64>)| {
                ((workload.as_str(), map.as_str(), *metric), values.as_slice())
            };
            metrics.iter().map(row)
        })
        .collect()
    };
    let (old, new) = (rows(old), rows(new));
    let mut keys: Vec<_> = old.keys().chain(new.keys()).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    let row = |key: (&'a str, &'a str, Metric)| {
        let (workload, map, metric) = key;
        Moved { workload, map, metric, old: old.get(&key).copied(), new: new.get(&key).copied() }
    };
    keys.into_iter().map(row).filter(|row| row.old != row.new).collect()
}
