//! `choose`: which map of a session to take for a stated need.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, Result};
use formats::figure::Figure;
use formats::session::Session;
use report::choose::{self, Ability, Demand, Need};

use crate::exit::ExitStatus;
use crate::output::{self, Format};
use crate::places::Places;
use crate::{folder, pick};

/// What the map must do, and which session to ask.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line, each on its own")]
pub(crate) struct Args {
    /// Folder of the session [default: the newest finished one]
    session: Option<PathBuf>,
    #[arg(long = "need", value_name = "BOUND", help = help_of_needs())]
    needs: Vec<Need>,
    /// Several threads use the map at once
    #[arg(long)]
    threads: bool,
    /// The map is walked over
    #[arg(long)]
    iterates: bool,
    /// The map keeps its entries in the order of their keys
    #[arg(long)]
    ordered: bool,
    /// The map may choose the keys itself: slot managers will do
    #[arg(long)]
    slots: bool,
    /// Loads to look at, as names or globs [default: all that ask the same of a map]
    #[arg(short, long = "workload", value_name = "NAMES", value_delimiter = ',')]
    workloads: Vec<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let folder = folder::named_or_latest(&places.reports, args.session.as_deref())?;
    let session = Session::read(&folder)?;
    let names: Vec<String> = session.manifest.tapes.keys().cloned().collect();
    let workloads = pick::pick("workload in this session", &args.workloads, &names)?;
    let demand = Demand {
        needs: args.needs.clone(),
        abilities: abilities(args),
        workloads: workloads.into_iter().cloned().collect(),
    };
    let chosen = choose::choose(&session, &demand);
    output::print(&match args.format {
        Format::Json => serde_json::to_string(&chosen).context("a choice is JSON")? + "\n",
        format => choose::text(&chosen, format == Format::Markdown),
    })?;
    Ok(if chosen.take.is_empty() { ExitStatus::Failed } else { ExitStatus::Success })
}

/// What `--need` takes, with the names of the figures.
fn help_of_needs() -> String {
    format!(
        "A bound that must hold under every load, such as 'p99.9 <= 50us', 'peak <= 100MiB' or 'throughput >= 10M'; may \
         be repeated. Figures: {}",
        Figure::names()
    )
}

fn abilities(args: &Args) -> BTreeSet<Ability> {
    let flags = [
        (args.threads, Ability::Threads),
        (args.iterates, Ability::Iterates),
        (args.ordered, Ability::Ordered),
        (args.slots, Ability::ChoosesKeys),
    ];
    flags.into_iter().filter(|(given, _)| *given).map(|(_, ability)| ability).collect()
}
