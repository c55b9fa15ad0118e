//! `man`: the manual pages, one for the command and one for each verb.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::exit::ExitStatus;
use crate::{output, publish};

/// Where to.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder to write all pages to, as `man` finds them: FOLDER/man1; without it the first page is printed
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, mut command: clap::Command) -> Result<ExitStatus> {
    command.build();
    let Some(folder) = &args.out else {
        output::print(&page(command)?)?;
        return Ok(ExitStatus::Success);
    };
    let verbs: Vec<clap::Command> = command.get_subcommands().cloned().collect();
    for command in std::iter::once(command).chain(verbs) {
        let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
        let file = folder.join("man1").join(format!("{name}.1"));
        publish::write(&file, page(command)?.as_bytes())?;
        output::print(&format!("{}\n", file.display()))?;
    }
    Ok(ExitStatus::Success)
}

fn page(command: clap::Command) -> Result<String> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).context("a page is written to memory")?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
