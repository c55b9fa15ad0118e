//! `report`: the pages of a session, written again from what was kept.

use std::path::PathBuf;

use anyhow::Result;

use crate::exit::ExitStatus;
use crate::output::{self, Format};
use crate::places::Places;
use crate::stderr::tell;
use crate::{folder, kept, publish};

/// Which session, and what to print.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder of the session, finished or not [default: the newest finished one]
    folder: Option<PathBuf>,
    /// What to print: the path of the page (text), the summary (markdown), or the whole session (json)
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let folder = folder::named_or_latest(&places.reports, args.folder.as_deref())?;
    let session = kept::read(&folder)?;
    if session.cut {
        tell!("churnmark: the last line of the runs was cut off; the report is without it");
    }
    publish::pages(&folder, &session, places)?;
    if !folder::is_partial(&folder) {
        publish::pack(&folder);
    }
    publish::trends(&folder, places)?;
    output::print(&match args.format {
        Format::Text => format!("{}\n", folder.join(publish::INDEX).display()),
        Format::Markdown => publish::summary(&session),
        Format::Json => publish::json(&session)?,
    })?;
    Ok(ExitStatus::Success)
}
