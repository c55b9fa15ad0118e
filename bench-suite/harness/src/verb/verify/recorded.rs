//! `verify --recorded`: recordings of the real Go runtime, replayed on the ports of Go's maps.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use formats::observation::SCHEMA;
use formats::replay::{Compared, Ending as Replayed, Replay};
use formats::run::Failure;
use serde::Serialize;

use crate::child::{self, End, Finished, Limits};
use crate::exit::ExitStatus;
use crate::interrupt::Interrupt;
use crate::judge;
use crate::output::{self, Format};
use crate::programs::ours;
use crate::surroundings;

/// One line for one recording.
const STDOUT_LIMIT: usize = 16 << 20;

/// One recording and what became of it.
#[derive(Debug, Serialize)]
struct Row {
    file: String,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// The program said how the replay ended.
    Ending(Replayed),
    /// The program said nothing of use.
    Failure(Failure),
}

/// Replays every file in a child of its own, so that one that brings the child down costs one row.
pub(super) fn run(files: &[PathBuf], time: Duration, format: Format) -> Result<ExitStatus> {
    let interrupt = Interrupt::listen()?;
    let program = ours::article()?;
    let mut rows = Vec::new();
    for file in files {
        match replay(&program, file, time, &interrupt)? {
            Some(outcome) => rows.push(Row { file: file.display().to_string(), outcome }),
            None => break,
        }
    }
    output::print(&show(&rows, format)?)?;
    if interrupt.requested() {
        return Ok(ExitStatus::Interrupted);
    }
    refused(&rows)?;
    let same = |row: &Row| matches!(row.outcome, Outcome::Ending(Replayed::Same(_)));
    Ok(if rows.iter().all(same) { ExitStatus::Success } else { ExitStatus::Failed })
}

/// `None` when the user asked to stop.
fn replay(program: &Path, file: &Path, time: Duration, interrupt: &Interrupt) -> Result<Option<Outcome>> {
    let mut command = surroundings::bare(program);
    // A file whose name starts with a dash is a file.
    command.args(["replay", "--"]).arg(file);
    let finished = child::run(command, Limits { time, stdout: STDOUT_LIMIT }, interrupt)?;
    Ok(match finished {
        Finished { end: End::Interrupted, .. } => None,
        Finished { end: End::TimedOut, .. } => {
            Some(Outcome::Failure(Failure::Timeout { after_s: time.as_secs_f64(), reached: None }))
        }
        Finished { end: End::OutputLimit, .. } => {
            Some(invalid(format!("it printed more than {STDOUT_LIMIT} bytes")))
        }
        Finished { end: End::Exited(status), stdout, stderr, .. } if !status.success() => {
            drop(stdout);
            Some(Outcome::Failure(judge::ended_badly(status, stderr)))
        }
        Finished { stdout, .. } => Some(match serde_json::from_slice::<Replay>(&stdout) {
            Ok(Replay { schema, ending, .. }) if schema <= SCHEMA => Outcome::Ending(ending),
            Ok(Replay { schema, .. }) => invalid(format!("it speaks schema {schema}")),
            Err(error) => invalid(format!("it printed no replay: {error}")),
        }),
    })
}

fn invalid(problem: String) -> Outcome {
    Outcome::Failure(Failure::InvalidOutput { problem })
}

/// The error of the first recording that cannot be read; the table has them all.
fn refused(rows: &[Row]) -> Result<()> {
    let mut problems = rows.iter().filter_map(|row| match &row.outcome {
        Outcome::Ending(Replayed::Malformed { line, problem }) => Some(at(&row.file, *line, problem)),
        _ => None,
    });
    let Some(first) = problems.next() else { return Ok(()) };
    Err(match problems.count() {
        0 => anyhow!("{first}"),
        more => anyhow!("{first} (and {more} more of the recordings cannot be read)"),
    })
}

fn at(file: &str, line: Option<u64>, problem: &str) -> String {
    line.map_or_else(|| format!("{file}: {problem}"), |line| format!("{file}:{line}: {problem}"))
}

const HEAD: [&str; 11] = [
    "recording",
    "port",
    "of",
    "operations",
    "digests",
    "placements",
    "results",
    "events",
    "dumps",
    "hashes",
    "outcome",
];

fn show(rows: &[Row], format: Format) -> Result<String> {
    if format == Format::Json {
        return Ok(serde_json::to_string(rows).context("rows are JSON")? + "\n");
    }
    let cells: Vec<Vec<String>> = rows.iter().map(cells).collect();
    Ok(output::table(format, &HEAD, &cells))
}

fn cells(row: &Row) -> Vec<String> {
    let (compared, outcome) = match &row.outcome {
        Outcome::Ending(Replayed::Same(compared)) => (Some(compared), "no difference".into()),
        Outcome::Ending(Replayed::Differs { compared, difference }) => {
            (Some(compared), format!("differs: {difference}"))
        }
        Outcome::Ending(Replayed::Malformed { line: Some(line), problem }) => {
            (None, format!("cannot be read: line {line}: {problem}"))
        }
        Outcome::Ending(Replayed::Malformed { line: None, problem }) => (None, problem.clone()),
        Outcome::Failure(failure) => (None, failure.to_string()),
    };
    let counts = compared.map_or_else(|| vec![String::new(); HEAD.len() - 2], counts);
    std::iter::once(row.file.clone()).chain(counts).chain([outcome]).collect()
}

/// The columns between the name and the outcome.
fn counts(compared: &Compared) -> Vec<String> {
    let Compared { port, go, operations, digests, placements, results, events, dumps, hashes, .. } = compared;
    let numbers = [operations, digests, placements, results, events, dumps, hashes];
    let texts = [port, go].into_iter().cloned();
    texts.chain(numbers.into_iter().map(ToString::to_string)).collect()
}
