//! `history`: trends over all gates that no single one shows.

use std::path::PathBuf;

use anyhow::{Context, Result};
use formats::history::{HISTORY_FILE, History};
use verdict::history::{HistoryRule, analyse};

use crate::exit::ExitStatus;
use crate::gate::committed::PolicyFile;
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
    #[command(flatten)]
    policy: PolicyFile,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let policy = args.policy.read(places)?;
    let file = args.history.clone().unwrap_or_else(|| places.reports.join(HISTORY_FILE));
    let History { entries, cut } = History::read(&file)
        .with_context(|| "there is no history yet: each `churnmark gate` with a base appends to it")?;
    if cut {
        tell!("churnmark: {}: the last line was cut off and is left out", file.display());
    }
    let rule = HistoryRule { tolerance: policy.tolerance, delta: policy.delta, alpha: policy.alpha };
    let found = analyse(&entries, &rule)?;
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
