//! `list`: what there is to choose from, or what a suite plays.

use anyhow::{Context, Result};
use formats::observation::Collector;
use formats::subject::Family;
use formats::workload::{Source, Workload};
use serde_json::json;

use crate::catalogue::{self, Entry};
use crate::exit::ExitStatus;
use crate::output::{self, Format};
use crate::places::Places;
use crate::plan::{self, Draft, Wish};
use crate::programs::Programs;
use crate::select::Selection;
use crate::suite::{self, SUITES, Suite};

/// What to show.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Show what this suite plays, how often, and what it leaves out
    #[arg(long, value_name = "NAME", value_parser = suite::by_name)]
    suite: Option<&'static Suite>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    selection: Selection,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let programs = Programs::find(&args.selection.programs()?)?;
    let catalogue = catalogue::read(&places.workloads)?;
    let text = match args.suite {
        Some(suite) => {
            let wish = Wish { suite, selection: &args.selection, collectors: &[], rounds: None, seed: 1 };
            show_draft(&wish.draft(&catalogue, &programs)?, args.format)?
        }
        None => show_all(&catalogue, &programs, args)?,
    };
    output::print(&text)?;
    Ok(ExitStatus::Success)
}

fn show_all(catalogue: &[Entry], programs: &Programs, args: &Args) -> Result<String> {
    let entries = catalogue::choose(catalogue, &args.selection.workloads, args.selection.scale)?;
    let maps = programs.maps();
    let maps = match args.selection.maps.as_slice() {
        [] => maps.iter().collect(),
        patterns => crate::select::pick("map", patterns, &maps)?,
    };
    if args.format == Format::Json {
        let workloads = entries.iter().map(|entry| {
            let Workload { name, why, threads, .. } = &entry.workload;
            json!({ "name": name, "why": why, "threads": threads, "load": load(&entry.workload) })
        });
        let suites = SUITES.iter().map(|suite| json!({ "name": suite.name, "about": suite.about }));
        let all = json!({
            "workloads": workloads.collect::<Vec<_>>(),
            "maps": maps,
            "collectors": Collector::ALL,
            "suites": suites.collect::<Vec<_>>(),
        });
        return Ok(serde_json::to_string(&all).context("names are JSON")? + "\n");
    }
    let workloads = entries.iter().map(|entry| {
        let Workload { name, why, threads, .. } = &entry.workload;
        vec![name.clone(), threads.to_string(), load(&entry.workload), why.clone()]
    });
    let maps = maps.iter().map(|map| {
        let kind = if map.canary { "canary" } else { family(map.family) };
        vec![map.name.clone(), map.version.clone(), kind.into(), map.about.clone()]
    });
    let collectors = Collector::ALL.iter().map(|collector| {
        vec![
            collector.name().into(),
            if collector.is_timed() { "alone, timed" } else { "same on every run" }.into(),
        ]
    });
    let suites = SUITES.iter().map(|suite| vec![suite.name.into(), suite.about.into()]);
    let tables = [
        output::table(args.format, &["workload", "threads", "load", "why"], &workloads.collect::<Vec<_>>()),
        output::table(args.format, &["map", "version", "kind", "about"], &maps.collect::<Vec<_>>()),
        output::table(args.format, &["collector", "how"], &collectors.collect::<Vec<_>>()),
        output::table(args.format, &["suite", "about"], &suites.collect::<Vec<_>>()),
    ];
    Ok(tables.join("\n"))
}

fn load(workload: &Workload) -> String {
    let load = match &workload.source {
        Source::Recipe(recipe) => {
            format!("{} live, {} operations of churn", recipe.live, workload.churn_ops())
        }
        Source::Script(script) => {
            format!("{} steps, {} operations", script.steps().len(), script.operations())
        }
        Source::Trace(trace) => format!("recorded: {}", trace.origin),
    };
    match workload.pace.per_second() {
        Some(rate) => format!("{load}, {rate} a second"),
        None => load,
    }
}

const fn family(family: Family) -> &'static str {
    match family {
        Family::Single => "one thread",
        Family::Shared => "threads",
        Family::SlotManager => "slot manager",
        Family::SharedSlots => "slot manager, threads",
        Family::Eventual => "threads, eventually",
        Family::Null => "does nothing",
    }
}

fn show_draft(draft: &Draft, format: Format) -> Result<String> {
    if format == Format::Json {
        let plan = json!({ "passes": draft.passes, "left_out": draft.left_out });
        return Ok(serde_json::to_string(&plan).context("a plan is JSON")? + "\n");
    }
    let mut rows = Vec::new();
    for entry in &draft.entries {
        let name = &entry.workload.name;
        let passes = |collector: Collector| {
            let of = |pass: &&formats::run::Pass| pass.workload == *name && pass.collector == collector;
            draft.passes.iter().filter(of).count().to_string()
        };
        rows.push(std::iter::once(name.clone()).chain(Collector::ALL.map(passes)).collect());
    }
    let head: Vec<&str> = std::iter::once("passes of").chain(Collector::ALL.map(Collector::name)).collect();
    let left_out = output::bullets(format, plan::describe(&draft.left_out));
    let table = output::table(format, &head, &rows);
    Ok(format!("{table}\n{} passes in all; left out:\n{left_out}", draft.passes.len()))
}
