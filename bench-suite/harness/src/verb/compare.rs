//! `compare`: two sessions beside each other.

use std::path::PathBuf;

use anyhow::{Context, Result};
use report::compare;

use crate::exit::ExitStatus;
use crate::output::{self, Format};
use crate::places::Places;
use crate::{folder, kept};

/// Which sessions, and how much of them.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder of the earlier session
    first: PathBuf,
    /// Folder of the later one [default: the newest finished one]
    second: Option<PathBuf>,
    /// Also show what did not change
    #[arg(long)]
    all: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let read =
        |named| kept::read(&folder::named_or_latest(&places.reports, named)?).map_err(anyhow::Error::from);
    let (first, second) = (read(Some(&args.first))?, read(args.second.as_deref())?);
    let comparison = compare::compare(&first, &second);
    output::print(&match args.format {
        Format::Json => serde_json::to_string(&comparison).context("a comparison is JSON")? + "\n",
        format => compare::text(&comparison, format == Format::Markdown, args.all),
    })?;
    Ok(ExitStatus::Success)
}
