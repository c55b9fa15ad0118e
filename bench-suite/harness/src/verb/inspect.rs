//! `inspect`: one of Go's maps slot by slot, before and after each step of a script.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use formats::inspection::{Inspection, SCHEMA};
use formats::script::Script;
use report::inspect::{self, Show};

use crate::child::{self, End, Limits};
use crate::exit::ExitStatus;
use crate::interrupt::Interrupt;
use crate::output;
use crate::programs::ours;
use crate::surroundings;

/// The largest pictures that are taken stay well below this.
const LIMITS: Limits = Limits { time: Duration::from_mins(1), stdout: 64 << 20 };

/// What to show of which map.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Steps are separated by `;` or a new line:
  put K, put A..B      put a key, or every key from A up to but not including B
  put K=V, put A..B=V  the same with this value instead of the number of the operation
  del K, del A..B      delete
  get K, get A..B      look up
  clear                delete everything

Example: the slot of a deleted key is taken by the next insert
  churnmark inspect --map go-classic 'put 0..8; del 3; put 100'
  churnmark inspect --map go-swiss --format svg --output swiss.svg 'put 0..30; del 3; put 100'")]
pub(crate) struct Args {
    /// Map to show: go-classic, go-classic-no-reuse, go-swiss, go-sync-map or go-hash-trie
    #[arg(short, long, value_name = "NAME", default_value = "go-classic")]
    map: String,
    /// Seed of the hash; another seed puts keys into other places
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Number of entries that the map is made for, Go's size hint; built-in maps only
    #[arg(long, value_name = "N", default_value_t = 0)]
    hint: usize,
    /// Show only the buckets or groups that a step changed
    #[arg(long)]
    changes: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The steps, such as 'put 0..8; del 3; put 100'
    #[arg(required = true)]
    script: Vec<String>,
}

/// The form of the picture.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Form {
    /// For reading in a terminal.
    #[default]
    Text,
    /// One drawing, in light or dark as the reader prefers.
    Svg,
    /// For programs.
    Json,
}

pub(crate) fn run(args: &Args) -> Result<ExitStatus> {
    let script: Script = args.script.join(" ").parse().context("the script")?;
    let inspection = play(args, &script)?;
    let show = if args.changes { Show::Changes } else { Show::All };
    let picture = match args.format {
        Form::Text => inspect::text(&inspection, show),
        Form::Svg => inspect::svg(&inspection, show),
        Form::Json => serde_json::to_string(&inspection).context("pictures are JSON")? + "\n",
    };
    match &args.output {
        Some(file) => std::fs::write(file, picture)
            .with_context(|| format!("`{}` cannot be written to", file.display()))?,
        None => output::print(&picture)?,
    }
    Ok(ExitStatus::Success)
}

/// Has the article's program play the script.
fn play(args: &Args, script: &Script) -> Result<Inspection> {
    let program = ours::article()?;
    let mut command = surroundings::bare(&program);
    command.args(["inspect", "--map", &args.map]);
    command.args(["--seed", &args.seed.to_string(), "--hint", &args.hint.to_string()]);
    command.arg(script.to_string());
    let answer = child::run(command, LIMITS, &Interrupt::default())?;
    match answer.end {
        End::Exited(status) if status.success() => {}
        End::Exited(_) if !answer.stderr.trim().is_empty() => bail!("{}", answer.stderr.trim()),
        End::Exited(status) => bail!("`{} inspect` ended with {status}", program.display()),
        _ => bail!("`{} inspect` gave no answer and was killed", program.display()),
    }
    let inspection: Inspection = serde_json::from_slice(&answer.stdout)
        .with_context(|| format!("`{} inspect` printed something that is no picture", program.display()))?;
    ensure!(
        inspection.schema == SCHEMA,
        "`{}` draws pictures of schema {}; this churnmark reads {SCHEMA}: use programs built together",
        program.display(),
        inspection.schema
    );
    Ok(inspection)
}
