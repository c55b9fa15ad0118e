//! `flame`: the flamegraphs of a session, written again from what was kept.

use std::path::PathBuf;

use anyhow::Result;

use crate::exit::ExitStatus;
use crate::places::Places;
use crate::{folder, kept, output, publish};

/// Which session.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder of the session, finished or not [default: the newest finished one]
    folder: Option<PathBuf>,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let folder = folder::named_or_latest(&places.reports, args.folder.as_deref())?;
    let files = publish::flamegraphs(&kept::read(&folder)?, &places.flamegraphs)?;
    anyhow::ensure!(!files.is_empty(), "{} has no run of the stacks collector", folder.display());
    let lines: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    output::print(&(lines.join("\n") + "\n"))?;
    Ok(ExitStatus::Success)
}
