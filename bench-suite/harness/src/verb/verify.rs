//! `verify`: every tape into every map, every answer checked.

mod recorded;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use formats::run::{Outcome, Run};
use formats::suite::Suite;

use crate::catalogue::{Catalogue, Entry};
use crate::exit::ExitStatus;
use crate::interrupt::Interrupt;
use crate::judge::Check;
use crate::output::{self, Format};
use crate::places::Places;
use crate::plan::Request;
use crate::programs::Programs;
use crate::runner::Runner;
use crate::select::Selection;
use crate::tapes;

/// What to verify.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Replay these recordings of the real Go runtime on the ports of Go's maps instead
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "Selection")]
    recorded: Vec<PathBuf>,
    /// Kill a child process after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300.0, value_parser = super::seconds)]
    timeout: f64,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    selection: Selection,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let time = Duration::from_secs_f64(args.timeout);
    if !args.recorded.is_empty() {
        return recorded::run(&args.recorded, time, args.format);
    }
    let interrupt = Interrupt::listen()?;
    let throughput = ["throughput".to_string()];
    // The throughput pass carries the answers.
    let everything = Suite::of_everything("verify", "every tape into every map");
    let request = Request {
        suite: &everything,
        selection: &args.selection,
        collectors: &throughput,
        rounds: None,
        seed: 0,
    };
    // Answers do not depend on when an operation starts.
    let catalogue =
        Catalogue::read(&places.workloads()?, &args.selection.workloads)?.map(Entry::at_full_speed);
    let programs = Programs::find_for(&args.selection.programs()?, request.maps_named(&catalogue))?;
    let plan = request.plan(&catalogue, &programs)?;
    let runner = Runner {
        programs: &programs,
        tapes: tapes::of(&plan.entries)?,
        time,
        timing: false,
        reference: None,
        interrupt: &interrupt,
    };
    let mut runs = Vec::new();
    runner.run(&plan.passes, |run| {
        runs.push(run);
        Ok(())
    })?;
    runs.sort_by_key(|run| plan.passes.iter().position(|pass| *pass == run.pass));
    let rows: Vec<[String; 4]> = runs.iter().map(|run| row(run, &runner, &programs)).collect();
    output::print(&show(&rows, args.format)?)?;
    let status = if interrupt.requested() { ExitStatus::Interrupted } else { ExitStatus::of(&runs) };
    Ok(catalogue.status(status))
}

const HEAD: [&str; 4] = ["workload", "map", "checked", "answers"];

fn row(run: &Run, runner: &Runner<'_>, programs: &Programs) -> [String; 4] {
    let kind = programs.info(&run.pass.map).map(|map| map.kind);
    let tape = runner.tapes.get(&run.pass.workload).map(|(_, tape)| tape);
    let check = kind.zip(tape).map(|(kind, tape)| Check::of(kind, tape));
    let told = run.observation().is_none_or(|observation| observation.answers.told.is_some());
    let check = check.map_or("", |check| check.name(told));
    let answers = match &run.outcome {
        Outcome::Measured(_) => "right".into(),
        Outcome::Failed(failure) => failure.with_last_words(),
    };
    [run.pass.workload.clone(), run.pass.map.clone(), check.into(), answers]
}

fn show(rows: &[[String; 4]], format: Format) -> Result<String> {
    if format == Format::Json {
        let objects: Vec<serde_json::Map<String, serde_json::Value>> = rows
            .iter()
            .map(|row| {
                HEAD.iter().zip(row).map(|(head, cell)| ((*head).into(), cell.as_str().into())).collect()
            })
            .collect();
        return Ok(serde_json::to_string(&objects).context("rows are JSON")? + "\n");
    }
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.to_vec()).collect();
    Ok(output::table(format, &HEAD, &rows))
}
