//! The command line: the verbs, and the options that all of them share.

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::exit::ExitStatus;
use crate::places::Places;
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
    places: Places,
    #[command(subcommand)]
    verb: Verb,
}

impl Cli {
    /// Runs the verb that was asked for.
    pub(crate) fn run(self) -> Result<ExitStatus> {
        let Self { places, verb } = self;
        match verb {
            Verb::List(args) => list::run(&places, &args),
            Verb::Verify(args) => verify::run(&places, &args),
            Verb::Measure(args) => measure::run(&places, &args),
            Verb::Report(args) => report::run(&places, &args),
            Verb::Flame(args) => flame::run(&places, &args),
            Verb::Tape(args) => tape::run(&places, &args),
            Verb::Claims(args) => claims::run(&places, &args),
            Verb::Inspect(args) => inspect::run(&args),
            Verb::Truth(args) => truth::run(&places, &args),
            Verb::Gate(args) => gate::run(&places, &args),
            Verb::History(args) => history::run(&places, &args),
            Verb::Bisect(args) => bisect::run(&places, &args),
            Verb::Baseline(args) => baseline::run(&places, &args),
            Verb::Doctor(args) => doctor::run(&places, &args),
        }
    }
}

#[derive(Debug, Subcommand)]
enum Verb {
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
