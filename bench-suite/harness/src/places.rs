//! The folders that every verb shares: where data comes from, and where it goes.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::shipped;

/// The folders that data comes from and goes to.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Folders")]
pub(crate) struct Places {
    /// Folder of the workloads [default: workloads; where there is none, those built in]
    #[arg(id = "workloads-in", long = "workloads-in", global = true, value_name = "FOLDER")]
    workloads: Option<PathBuf>,
    /// Folder of the sessions and their reports
    #[arg(
        id = "reports-in",
        long = "reports-in",
        global = true,
        value_name = "FOLDER",
        default_value = "reports"
    )]
    pub(crate) reports: PathBuf,
    /// Folder of the flamegraphs
    #[arg(
        id = "flamegraphs-in",
        long = "flamegraphs-in",
        global = true,
        value_name = "FOLDER",
        default_value = "flamegraphs"
    )]
    pub(crate) flamegraphs: PathBuf,
}

/// The folder of workloads where nobody names one.
pub(crate) const WORKLOADS: &str = "workloads";

impl Places {
    /// The folder of the workloads: the one that was named, the usual one, or that of the workloads built in.
    pub(crate) fn workloads(&self) -> Result<PathBuf> {
        match &self.workloads {
            Some(named) => Ok(named.clone()),
            None if Path::new(WORKLOADS).is_dir() => Ok(WORKLOADS.into()),
            None => shipped::workloads(),
        }
    }

    /// The same, if this folder is in it; else that of the workloads built in, unless one was named.
    pub(crate) fn workloads_with(&self, inner: &str) -> Result<PathBuf> {
        let usual = self.workloads()?;
        if self.workloads.is_some() || usual.join(inner).is_dir() { Ok(usual) } else { shipped::workloads() }
    }

    /// Whether the workloads are those built in.
    pub(crate) fn are_built_in(&self) -> bool {
        self.workloads.is_none() && !Path::new(WORKLOADS).is_dir()
    }

    /// The options that say the same again; nothing where the usual folders are meant.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let usual = PathBuf::from(WORKLOADS);
        let places = [self.workloads.as_ref().unwrap_or(&usual), &self.reports, &self.flamegraphs];
        let said = places.into_iter().zip([WORKLOADS, "reports", "flamegraphs"]);
        said.filter(|(folder, usual)| *folder != Path::new(usual))
            .map(|(folder, usual)| format!("--{usual}-in {}", folder.display()))
            .collect()
    }
}
