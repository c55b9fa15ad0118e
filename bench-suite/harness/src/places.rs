//! The folders that every verb shares: where data comes from, and where it goes.

use std::path::{Path, PathBuf};

/// The folders that data comes from and goes to.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Folders")]
pub(crate) struct Places {
    /// Folder of the workloads
    #[arg(
        id = "workloads-in",
        long = "workloads-in",
        global = true,
        value_name = "FOLDER",
        default_value = "workloads"
    )]
    pub(crate) workloads: PathBuf,
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

impl Places {
    /// The options that say the same again; nothing where the usual folders are meant.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let places = [&self.workloads, &self.reports, &self.flamegraphs];
        let said = places.into_iter().zip(["workloads", "reports", "flamegraphs"]);
        said.filter(|(folder, usual)| *folder != Path::new(usual))
            .map(|(folder, usual)| format!("--{usual}-in {}", folder.display()))
            .collect()
    }
}
