//! The command line: the verbs, and the folders that all of them share.

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

use crate::verb::{
    baseline, bisect, claims, doctor, flame, gate, history, inspect, list, measure, report, tape, truth,
    verify,
};

/// Load tests and profiles maps under insert/delete churn.
///
/// Exit codes: 0 fine, 1 a pass or a check failed, 2 usage or bad input, 3 regressed, 4 inconclusive where the
/// policy demands a verdict, 5 a base or baseline is missing or cannot be compared with, 6 the session is invalid: a
/// control failed, 130 interrupted. make turns them all into 2: CI calls the command itself.
#[derive(Debug, Parser)]
#[command(name = "churnmark", version, propagate_version = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) places: Places,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// The folders that data comes from and goes to.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Folders")]
pub(crate) struct Places {
    /// Where the workloads are
    #[arg(
        id = "workloads-in",
        long = "workloads-in",
        global = true,
        value_name = "FOLDER",
        default_value = "workloads"
    )]
    pub(crate) workloads: PathBuf,
    /// Where sessions are kept
    #[arg(
        id = "reports-in",
        long = "reports-in",
        global = true,
        value_name = "FOLDER",
        default_value = "reports"
    )]
    pub(crate) reports: PathBuf,
    /// Where flamegraphs are kept
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

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Show the workloads, maps, collectors and suites, or what a suite plays
    List(list::Args),
    /// Play every tape into every map and check every answer, or replay recordings of Go's maps
    Verify(verify::Args),
    /// Measure, keep every run, and write the report
    Measure(measure::Args),
    /// Write the pages of a session again
    Report(report::Args),
    /// Write the flamegraphs of a session again
    Flame(flame::Args),
    /// Show what a child gets to play
    Tape(tape::Args),
    /// Judge what the article claims about Go's maps by measurements made now
    Claims(claims::Args),
    /// Show one of Go's maps slot by slot while a script runs
    Inspect(inspect::Args),
    /// Measure real Go beside the ports of its maps, record it anew, and hold the ports against the recordings
    Truth(truth::Args),
    /// Hold a build against another, and end with the exit code of the verdict
    Gate(gate::Args),
    /// Tell what all gates together show: steps that stay, and small steps that add up
    History(history::Args),
    /// Find the first commit that made a map slower
    Bisect(bisect::Args),
    /// Renew the exact figures that the gate compares with, or show them
    Baseline(baseline::Args),
    /// Say whether this machine can be trusted with timings, and what is missing
    Doctor(doctor::Args),
}
