//! The program that tries what the article claims, on the ports of Go's maps.
//!
//! ```text
//! experiment NAME ─▶ ports, measured ──▶ Evidence     (harness: `claims`)
//! replay FILE     ─▶ ports, replayed ──▶ Replay       (harness: `verify --recorded`, `truth`)
//! inspect SCRIPT  ─▶ ports, pictured ──▶ Inspection   (harness: `inspect`)
//! ```
//!
//! Each prints JSON on stdout, one value a line.

mod experiment;
mod inspect;
mod replay;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use subject::stdout::{fail, print, write};
use subject::watch::ledger::CountingAllocator;

use crate::experiment::EXPERIMENTS;
use crate::inspect::Request;

/// Tells the ledger of every block where one is installed; elsewhere it costs a look at a thread-local.
#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Exit code for bad usage.
const USAGE: u8 = 2;

#[derive(Parser)]
#[command(about = "Tries what the article claims, on the ports of Go's maps, and prints what was found")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Play a script into one of Go's maps and print every slot after every step as one line of JSON
    Inspect(Request),
    /// Replay recordings of the real Go runtime on the ports of Go's maps; one line of JSON for each
    Replay {
        /// The recordings, packed with gzip or not
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Try what the article claims on Go's maps and print the figures, one line of JSON for each of them
    Experiment {
        /// Which experiment; `list` prints the names
        name: String,
    },
}

fn main() -> ExitCode {
    match Arguments::parse().verb {
        Verb::Inspect(request) => match inspect::inspect(&request) {
            Ok(inspection) => print(&inspection),
            Err(error) => fail(USAGE, &error.to_string()),
        },
        Verb::Replay { files } => replay::replay(&files),
        Verb::Experiment { name } => experiment(&name),
    }
}

/// Makes an experiment, or lists them.
fn experiment(name: &str) -> ExitCode {
    if name == "list" {
        let names: Vec<&str> = EXPERIMENTS.iter().flat_map(|experiment| [experiment.name, "\n"]).collect();
        return write(names.concat().as_bytes());
    }
    let Some(experiment) = EXPERIMENTS.iter().find(|experiment| experiment.name == name) else {
        return fail(
            USAGE,
            &format!("there is no experiment `{name}`; `churnmark-article experiment list` names them"),
        );
    };
    let line = |one| serde_json::to_string(&one).expect("evidence has string keys and finite numbers") + "\n";
    write(experiment.run().into_iter().map(line).collect::<String>().as_bytes())
}
