//! `import`: a recording of one's own becomes a workload.

mod describe;
mod keep;
mod kinds;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use formats::fault::Fault;
use formats::tape::{Executed, Op};
use formats::workload::{Layout, Pace, Source, Trace, TraceFormat, Workload};
use generator::trace::{self, Guess, Recording};
use generator::{Drawn, play_model};

use crate::exit::ExitStatus;
use crate::{output, room};

/// What to make of which file.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The recording
    file: PathBuf,
    /// Folder to write the workload and a compact recording to; nothing is written without it
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Name of the workload; the file's when left out
    #[arg(long)]
    name: Option<String>,
    /// One sentence: where does this load occur?
    #[arg(long, value_name = "SENTENCE")]
    why: Option<String>,
    /// How its records are written, instead of what they look like
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// What each column holds: key, op, time, size, ttl, count, or - for something else
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', allow_hyphen_values = true)]
    columns: Option<Vec<String>>,
    /// What the words of the column op mean: insert, remove, get, update, clear, iterate or ignore
    #[arg(long, value_name = "KIND=WORD,…", value_delimiter = ',')]
    kinds: Vec<String>,
    /// The sign between two columns
    #[arg(long, value_name = "SIGN")]
    divider: Option<String>,
    /// Whether the first row names the columns
    #[arg(long)]
    header: Option<bool>,
    /// Entries of the cache that requests are played through; a tenth of the keys when left out
    #[arg(long, value_name = "ENTRIES")]
    capacity: Option<u64>,
    /// What a time to live counts: seconds or operations
    #[arg(long, value_name = "UNIT")]
    ttl: Option<String>,
    /// Records to pass over at the start
    #[arg(long, value_name = "N")]
    skip: Option<u64>,
    /// Records to read after those
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Share of the keys to keep, each with its whole history
    #[arg(long, value_name = "SHARE")]
    sample: Option<f64>,
}

/// A recording that was read, and what it comes to.
struct Import<'a> {
    args: &'a Args,
    guess: Guess,
    trace: Trace,
    recording: Recording,
    /// What is played behind the cache, where there is one.
    cached: Option<Drawn>,
    /// Entries of the cache, before a sample made it smaller.
    capacity: Option<u64>,
    executed: Executed,
}

impl Import<'_> {
    /// What is played.
    fn drawn(&self) -> &Drawn {
        self.cached.as_ref().unwrap_or(&self.recording.drawn)
    }
}

pub(crate) fn run(args: &Args) -> Result<ExitStatus> {
    let targets = args.out.as_ref().map(|folder| keep::Targets::new(folder, args)).transpose()?;
    let import = read(args)?;
    let packed = std::thread::scope(|scope| {
        // Packing takes longer than all else that is left to do.
        let packing = targets.is_some().then(|| scope.spawn(|| keep::pack(&import)));
        output::print(&describe::describe(&import))?;
        anyhow::Ok(packing.map(std::thread::ScopedJoinHandle::join))
    })?;
    match (targets, packed) {
        (Some(targets), Some(packed)) => {
            let packed = packed.map_err(|_| anyhow::anyhow!("the recording could not be packed"))?;
            output::print(&targets.write(&import, &packed)?)?;
        }
        _ => output::print("nothing is written; say --out FOLDER to keep it as a workload\n")?,
    }
    Ok(ExitStatus::Success)
}

fn read(args: &Args) -> Result<Import<'_>> {
    ensure!(args.file.exists(), "there is no file `{}`", args.file.display());
    let said = kinds::said(&args.kinds)?;
    let guess = match &args.format {
        Some(name) => Guess {
            format: format(name)?,
            layout: Layout { kinds: (!args.kinds.is_empty()).then_some(said), ..Layout::default() },
            why: vec!["you said so".into()],
        },
        None => trace::guess(&args.file, &said)?,
    };
    ensure!(
        args.kinds.is_empty() || guess.layout.kinds.is_some(),
        "--kinds: no column has only words that are said or known; say --format operations and --columns, and its \
         reader names the row",
    );
    let trace = trace_of(args, &guess)?;
    room::recorded(&trace, Pace::Closed)?;
    let recording = trace::read(&trace)?;
    let (mut capacity, mut cached) = (None, None);
    if trace.format.needs_capacity() {
        let share = trace.sample.unwrap_or(1.0);
        let entries = args.capacity.unwrap_or_else(|| (times(recording.facts.keys, 0.1 / share)).max(1));
        capacity = Some(entries);
        cached = Some(recording.through_cache(&trace, times(entries, share).max(1)));
    }
    let drawn = cached.as_ref().unwrap_or(&recording.drawn);
    let threads: Vec<&[Op]> = drawn.threads.iter().map(Vec::as_slice).collect();
    let executed = play_model(drawn.distinct, false, &threads);
    Ok(Import { args, guess, trace, recording, cached, capacity, executed })
}

fn times(count: u64, factor: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of keys are far below 2^53, and the factor is positive"
    )]
    let product = (count as f64 * factor).round() as u64;
    product
}

fn format(name: &str) -> Result<TraceFormat> {
    let known: Vec<&str> = TraceFormat::ALL.iter().map(|format| format.name()).collect();
    let found = TraceFormat::ALL.into_iter().find(|format| format.name() == name);
    found.with_context(|| format!("--format: there is no form `{name}`; there is {}", known.join(", ")))
}

/// The trace that guess and options come to: written as a workload file is, and read by the same rules.
fn trace_of(args: &Args, guess: &Guess) -> Result<Trace> {
    let file = std::path::absolute(&args.file)?;
    let mut text = String::from("name = \"import\"\nwhy = \"An import.\"\n");
    let capacity = guess.format.needs_capacity().then_some(100_000_000);
    text += &keep::table(&file.to_string_lossy(), guess, args, capacity)?;
    let workload = Workload::parse(&text, Path::new("import")).map_err(|fault: Fault| {
        let option = if fault.field.is_empty() { "the options".into() } else { format!("--{}", fault.field) };
        anyhow::Error::new(Fault { line: None, field: option, file: args.file.clone(), ..fault })
    })?;
    match workload.source {
        Source::Trace(trace) => Ok(*trace),
        _ => anyhow::bail!("the options make no recording"),
    }
}

/// `name = value` in a TOML file, where there is a value.
fn field(text: &mut String, name: &str, value: Option<impl serde::Serialize>) -> Result<()> {
    if let Some(value) = value {
        // Strings, numbers and lists of JSON are those of TOML.
        let value = serde_json::to_string(&value).with_context(|| format!("{name} cannot be written"))?;
        let _ = writeln!(text, "{name:<8} = {value}");
    }
    Ok(())
}
