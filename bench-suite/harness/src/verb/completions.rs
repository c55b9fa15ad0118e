//! `completions`: what a shell asks for to complete the words of a command line.

use anyhow::Result;
use clap_complete::Shell;

use crate::exit::ExitStatus;
use crate::output;

/// For which shell.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Shell that reads the script
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(args: &Args, mut command: clap::Command) -> Result<ExitStatus> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "churnmark", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(ExitStatus::Success)
}
