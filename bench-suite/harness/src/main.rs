//! `churnmark`: what happens to a map when entries keep being inserted and deleted.
//!
//! ```text
//! workloads/*.toml ─▶ catalogue ─▶ tapes ─┐
//! churnmark-maps list ─▶ programs ─────┼▶ plan ─▶ runner ─▶ child, judge ─▶ folder ─▶ publish
//! --suite, -w, -m, -c ─▶ suite, select ───┘          (one child a pass)       reports/<session>/
//! ```

mod catalogue;
mod child;
mod cli;
mod ending;
mod experiment;
mod folder;
mod gate;
mod interrupt;
mod judge;
mod machine;
mod noise;
mod output;
mod plan;
mod programs;
mod progress;
mod publish;
mod runner;
mod select;
mod suite;
mod tapes;
mod toolchains;
mod turns;
mod verb;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Verb};
use crate::ending::Ending;

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(ending) => ending.into(),
        Err(error) => {
            eprintln!("churnmark: {error:#}");
            ExitCode::from(Ending::refused(&error))
        }
    }
}

fn run(Cli { places, verb }: Cli) -> anyhow::Result<Ending> {
    match verb {
        Verb::List(args) => verb::list::run(&places, &args),
        Verb::Verify(args) => verb::verify::run(&places, &args),
        Verb::Measure(args) => verb::measure::run(&places, &args),
        Verb::Report(args) => verb::report::run(&places, &args),
        Verb::Flame(args) => verb::flame::run(&places, &args),
        Verb::Tape(args) => verb::tape::run(&places, &args),
        Verb::Claims(args) => verb::claims::run(&places, &args),
        Verb::Inspect(args) => verb::inspect::run(&args),
        Verb::Truth(args) => verb::truth::run(&places, &args),
        Verb::Gate(args) => verb::gate::run(&places, &args),
        Verb::History(args) => verb::history::run(&places, &args),
        Verb::Bisect(args) => verb::bisect::run(&places, &args),
        Verb::Baseline(args) => verb::baseline::run(&places, &args),
        Verb::Doctor(args) => verb::doctor::run(&places, &args),
    }
}
