//! `churnmark`: what happens to a map when entries keep being inserted and deleted.
//!
//! ```text
//! workloads/*.toml ─▶ catalogue ─▶ tapes ─┐
//! churnmark-maps list ─▶ programs ────────┼▶ plan ─▶ runner ─▶ child, judge ─▶ folder ─▶ publish
//! --suite, -w, -m, -c ─▶ suites, select ──┘          (one child a pass)       reports/<session>/
//! ```

mod cache;
mod catalogue;
mod child;
mod cli;
mod digest;
mod exit;
mod experiment;
mod folder;
mod gate;
mod interrupt;
mod judge;
mod machine;
mod noise;
mod output;
mod places;
mod plan;
mod programs;
mod progress;
mod publish;
mod runner;
mod select;
mod suites;
mod tapes;
mod toolchains;
mod turns;
mod verb;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;
use crate::exit::ExitStatus;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(status) => status.into(),
        Err(error) => {
            eprintln!("churnmark: {}", exit::told(&error));
            ExitCode::from(ExitStatus::code_of(&error))
        }
    }
}
