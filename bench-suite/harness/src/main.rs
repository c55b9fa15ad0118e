//! `churnmark`: what happens to a map when entries keep being inserted and deleted.
//!
//! ```text
//! workloads/*.toml ─▶ catalogue ─▶ tapes ─┐
//! churnmark-maps list ─▶ programs ────────┼▶ plan ─▶ runner ─▶ child, judge ─▶ folder ─▶ publish
//! --suite, -w, -m, -c ─▶ suites, select ──┘          (one child a pass)       reports/<session>/
//! ```

#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a reader that is gone would be a panic: see output and stderr"
)]

mod cache;
mod callgrind;
mod catalogue;
mod child;
mod cli;
mod descendants;
mod digest;
mod embedded;
mod examples;
mod exit;
mod experiment;
mod folder;
mod gate;
mod history_branch;
mod interrupt;
mod judge;
mod kept;
mod machine;
mod metrics_file;
mod noise;
mod output;
mod pick;
mod places;
mod plan;
mod programs;
mod progress;
mod publish;
mod room;
mod runner;
mod select;
mod shipped;
mod stderr;
mod suites;
mod surroundings;
mod tapes;
mod toolchains;
mod turns;
mod verb;

use std::process::ExitCode;

use crate::cli::Cli;
use crate::exit::ExitStatus;

fn main() -> ExitCode {
    match Cli::typed().run() {
        Ok(status) => status.into(),
        Err(error) => {
            stderr::lines(&format!("churnmark: {}", exit::told(&error)));
            ExitCode::from(ExitStatus::code_of(&error))
        }
    }
}
