//! The command line: the verbs, and the options that all of them share.

use anyhow::Result;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::examples;
use crate::exit::ExitStatus;
use crate::places::Places;
use crate::verb::{
    baseline, bisect, choose, claims, compare, completions, doctor, evidence, export, flame, gate, history,
    import, init, inspect, list, man, measure, report, schema, tape, truth, verify,
};

/// Load-tests and profiles maps while entries keep being inserted and deleted.
///
/// Exit codes: 0 success, 1 a pass or a check failed, 2 wrong usage or bad input, 3 regressed or an expectation is
/// broken, 4 inconclusive where the policy demands a verdict, 5 the base or the baseline is missing or cannot be
/// compared with, 6 the session is invalid because a control failed, 130 interrupted. make turns them all into 2: in CI
/// call churnmark itself.
#[derive(Debug, Parser)]
#[command(name = "churnmark", version, propagate_version = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    places: Places,
    #[command(subcommand)]
    verb: Verb,
}

impl Cli {
    /// What was typed. Help, a version and a mistake end the program.
    pub(crate) fn typed() -> Self {
        let matches = examples::with(Self::command()).get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// Runs the verb that was asked for.
    pub(crate) fn run(self) -> Result<ExitStatus> {
        let Self { places, verb } = self;
        match verb {
            Verb::List(args) => list::run(&places, &args),
            Verb::Verify(args) => verify::run(&places, &args),
            Verb::Measure(args) => measure::run(&places, &args),
            Verb::Choose(args) => choose::run(&places, &args),
            Verb::Compare(args) => compare::run(&places, &args),
            Verb::Report(args) => report::run(&places, &args),
            Verb::Export(args) => export::run(&places, &args),
            Verb::Flame(args) => flame::run(&places, &args),
            Verb::Tape(args) => tape::run(&places, &args),
            Verb::Import(args) => import::run(&args),
            Verb::Init(args) => init::run(&places, &args),
            Verb::Claims(args) => claims::run(&places, &args),
            Verb::Inspect(args) => inspect::run(&args),
            Verb::Truth(args) => truth::run(&places, &args),
            Verb::Gate(args) => gate::run(&places, &args),
            Verb::Evidence(args) => evidence::run(&places, &args),
            Verb::History(args) => history::run(&places, &args),
            Verb::Bisect(args) => bisect::run(&places, &args),
            Verb::Baseline(args) => baseline::run(&places, &args),
            Verb::Doctor(args) => doctor::run(&places, &args),
            Verb::Schema(args) => schema::run(&args),
            Verb::Completions(args) => completions::run(&args, Self::command()),
            Verb::Man(args) => man::run(&args, examples::with(Self::command())),
        }
    }
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List workloads, maps, collectors and suites, or what a suite plays
    List(list::Args),
    /// Check every answer of every map on every workload, or replay recordings of Go's maps
    Verify(verify::Args),
    /// Measure maps, keep every run, and write the report
    Measure(measure::Args),
    /// Say which map of a session to take for a stated need
    Choose(choose::Args),
    /// Show two sessions beside each other: what moved, and what they were measured with
    Compare(compare::Args),
    /// Rewrite the report of a session
    Report(report::Args),
    /// Write the figures of a session for other tools: CSV, histograms of latency, a trace
    Export(export::Args),
    /// Rewrite the flamegraphs of a session
    Flame(flame::Args),
    /// Show the operations that a workload consists of
    Tape(tape::Args),
    /// Look at a recording, say what it is and what it comes to, and make a workload of it
    Import(import::Args),
    /// Write what a repository of your own needs to measure and gate its map: workload, policy, workflow
    Init(init::Args),
    /// Test what the article claims about Go's maps
    Claims(claims::Args),
    /// Show one of Go's maps slot by slot while a script runs
    Inspect(inspect::Args),
    /// Check the ports of Go's maps against real Go: measure both, record Go anew and replay the recordings
    Truth(truth::Args),
    /// Compare this build with another; the exit code is the verdict
    Gate(gate::Args),
    /// Measure a finding, and write what an issue at the home of a library needs
    Evidence(evidence::Args),
    /// Show trends over all gate runs: lasting steps and slow drift
    History(history::Args),
    /// Find the first commit that made a map slower
    Bisect(bisect::Args),
    /// Renew or show the exact figures that the gate compares with
    Baseline(baseline::Args),
    /// Check whether timings on this machine can be trusted, and what is missing
    Doctor(doctor::Args),
    /// Print the JSON schema of a file, or list all that there are
    Schema(schema::Args),
    /// Print what a shell needs to complete command lines
    Completions(completions::Args),
    /// Print the manual page, or write all of them
    Man(man::Args),
}
