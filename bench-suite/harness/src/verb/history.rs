//! `history`: trends over all gates that no single one shows.

use std::path::PathBuf;

use anyhow::{Context, Result};
use formats::history::{HISTORY_FILE, History};
use formats::shown::shown;
use verdict::history::analyse;

use crate::exit::ExitStatus;
use crate::gate::committed::PolicyFile;
use crate::gate::history_entry;
use crate::history_branch::{BRANCH, HistoryBranch};
use crate::output::{self, Format};
use crate::places::Places;
use crate::publish;
use crate::stderr::tell;

/// The page of the history, among the sessions.
const PAGE: &str = "history.html";

/// Which history, and in what form.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// History file [default: history.jsonl in the folder of sessions]
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// First take in what this branch keeps
    #[arg(long, value_name = "BRANCH", num_args = 0..=1, default_missing_value = BRANCH, conflicts_with = "keep")]
    restore: Option<String>,
    /// Then keep it on this branch, where no gate's machine forgets it; it is made if it is not there
    #[arg(long, value_name = "BRANCH", num_args = 0..=1, default_missing_value = BRANCH)]
    keep: Option<String>,
    /// Repository of the branch
    #[arg(long, value_name = "REMOTE", default_value = "origin")]
    remote: String,
    #[command(flatten)]
    policy: PolicyFile,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let policy = args.policy.read(places)?;
    let file = args.history.clone().unwrap_or_else(|| places.reports.join(HISTORY_FILE));
    let branch = |name: &String| HistoryBranch { name: name.clone(), remote: args.remote.clone() };
    if let Some(name) = &args.restore {
        let entries = branch(name).restore(&file)?;
        tell!("churnmark: the branch `{}` has {entries} of the entries", shown(name));
        // The first gate of all finds none.
        if !file.exists() {
            return Ok(ExitStatus::Success);
        }
    }
    if let Some(name) = &args.keep {
        if !file.exists() {
            tell!("churnmark: nothing to keep: there is no {}", file.display());
            return Ok(ExitStatus::Success);
        }
        branch(name).keep(&file)?;
    }
    let History { entries, cut } = History::read(&file)
        .with_context(|| "there is no history yet: each `churnmark gate` with a base appends to it")?;
    if cut {
        tell!("churnmark: {}: the last line was cut off and is left out", file.display());
    }
    let found = analyse(&entries, &history_entry::rule(&policy))?;
    let page = places.reports.join(PAGE);
    publish::write(&page, report::history::page(&entries, &found).as_bytes())?;
    tell!("churnmark: {}", page.display());
    match args.format {
        Format::Text => output::print(&report::history::text(&entries, &found))?,
        Format::Markdown => {
            output::print(&format!("```text\n{}```\n", report::history::text(&entries, &found)))?;
        }
        Format::Json => output::print(&(serde_json::to_string(&found).context("findings are JSON")? + "\n"))?,
    }
    Ok(ExitStatus::Success)
}
