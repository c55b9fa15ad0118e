//! `list`: what there is to choose from, or what a suite plays.

use anyhow::{Context, Result};
use formats::observation::Collector;
use formats::run::Pass;
use formats::shown::shown;
use formats::subject::{Axis, KeyKind, MapInfo, ValueKind};
use formats::suite::{Suite, Suites};
use formats::workload::{Source, Workload};
use serde_json::json;

use crate::catalogue::{Catalogue, Entry};
use crate::exit::ExitStatus;
use crate::output::{self, Format};
use crate::places::Places;
use crate::plan::{self, Plan, Request};
use crate::programs::Programs;
use crate::select::Selection;
use crate::suites::{self, SuitesFile};

/// What to show.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Show what this suite plays, how often, and what it leaves out for which reason
    #[arg(long, value_name = "NAME")]
    suite: Option<String>,
    #[command(flatten)]
    suites: SuitesFile,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    selection: Selection,
}

pub(crate) fn run(places: &Places, args: &Args) -> Result<ExitStatus> {
    let suites = args.suites.read(places)?;
    let suite = args.suite.as_deref().map(|name| suites::choose(&suites, name)).transpose()?;
    let programs = Programs::find_for(&args.selection.programs()?, ["*:allocator="])?;
    let catalogue = Catalogue::read(&places.workloads()?, &args.selection.workloads)?;
    let text = match suite {
        Some(suite) => {
            let selection = &args.selection;
            let request = Request { suite, selection, collectors: &[], rounds: None, seed: 1 };
            show_plan(suite, &request.plan(&catalogue, &programs)?, args.format)?
        }
        None => show_all(places, &catalogue, &programs, &suites, args)?,
    };
    output::print(&text)?;
    Ok(catalogue.status(ExitStatus::Success))
}

fn show_all(
    places: &Places,
    catalogue: &Catalogue,
    programs: &Programs,
    suites: &Suites,
    args: &Args,
) -> Result<String> {
    let from = if places.are_built_in() {
        "this program: there is no folder `workloads` here".into()
    } else {
        shown(&places.workloads()?.display().to_string())
    };
    let entries = catalogue.choose(&args.selection.workloads, args.selection.scale)?;
    let maps = programs.maps();
    let maps = match args.selection.maps.as_slice() {
        [] => maps,
        patterns => programs.pick(patterns)?,
    };
    if args.format == Format::Json {
        let workloads = entries.iter().map(|Entry { workload, .. }| {
            let Workload { name, why, threads, .. } = workload;
            let tags: Vec<&str> = workload.tags().collect();
            json!({ "name": name, "why": why, "threads": threads, "tags": tags, "load": load(workload) })
        });
        let all = json!({
            "workloads": workloads.collect::<Vec<_>>(),
            "workloads_from": from,
            "maps": maps,
            "collectors": Collector::ALL,
            "suites": suites,
        });
        return Ok(serde_json::to_string(&all).context("names are JSON")? + "\n");
    }
    let is_text = args.format == Format::Text;
    let workloads = entries.iter().map(|Entry { workload, .. }| of_workload(workload, is_text));
    let axes = axes(&maps, programs, is_text);
    let maps = maps.iter().map(|map| of_map(map, is_text));
    let collectors = Collector::ALL.iter().map(|collector| {
        vec![
            collector.name().into(),
            if collector.is_timed() { "alone, timed" } else { "same on every run" }.into(),
        ]
    });
    let suites = suites.iter().map(|suite| vec![suite.name.clone(), suite.about.clone()]);
    let table = |head: &[&str], rows: &[Vec<String>]| output::page(args.format, head, rows);
    let (of_workloads, of_maps): (&[&str], &[&str]) = if is_text {
        (&["workload", "load, tags, why"], &["map", "version", "kind, facts, about"])
    } else {
        (&["workload", "threads", "load", "tags", "why"], &["map", "version", "kind", "facts", "about"])
    };
    let from = format!("workloads from {from}\n");
    let tables = [
        from,
        table(of_workloads, &workloads.collect::<Vec<_>>()),
        table(of_maps, &maps.collect::<Vec<_>>()),
        table(
            if is_text { &["axis", "allowed, maps"] } else { &["axis", "allowed", "usual", "maps"] },
            &axes,
        ),
        table(&["collector", "how"], &collectors.collect::<Vec<_>>()),
        table(&["suite", "about"], &suites.collect::<Vec<_>>()),
    ];
    Ok(tables.join("\n"))
}

/// The row of a workload; in text all but its name is one cell, which is folded.
fn of_workload(workload: &Workload, is_text: bool) -> Vec<String> {
    let tags = workload.tags().collect::<Vec<_>>().join(", ");
    let Workload { name, why, threads, .. } = workload;
    if !is_text {
        return vec![name.clone(), threads.to_string(), load(workload), tags, why.clone()];
    }
    let threads = if threads.get() > 1 { format!(", {threads} threads") } else { String::new() };
    let tags = if tags.is_empty() { tags } else { format!(" [{tags}]") };
    vec![name.clone(), format!("{}{threads}{tags}. {why}", load(workload))]
}

/// The row of a map, likewise.
fn of_map(map: &MapInfo, is_text: bool) -> Vec<String> {
    let kind = if map.canary { "canary" } else { map.kind.about() };
    let (name, version, facts, about) =
        (map.name.clone(), map.version.clone(), facts(map), map.about.clone());
    if !is_text {
        return vec![name, version, kind.into(), facts, about];
    }
    let facts = if facts.is_empty() { facts } else { format!(", {facts}") };
    vec![name, version, format!("{kind}{facts}. {about}")]
}

/// In what maps can be made otherwise: the axes of each, and what they have around them.
fn axes(maps: &[MapInfo], programs: &Programs, is_text: bool) -> Vec<Vec<String>> {
    let mut rows: Vec<(Axis, Vec<&str>)> = Vec::new();
    for map in maps {
        for axis in map.axes.iter().cloned().chain(programs.around(map)) {
            match rows.iter_mut().find(|(known, _)| *known == axis) {
                Some((_, of)) => of.push(&map.name),
                None => rows.push((axis, vec![&map.name])),
            }
        }
    }
    let row = |(axis, of): (Axis, Vec<&str>)| {
        let of = if of.len() == maps.len() { "every map".into() } else { of.join(", ") };
        let Axis { name, values, default } = axis;
        if !is_text {
            return vec![name, values.join(", "), default, of];
        }
        vec![name, format!("{}; usually {default}. Of {of}", values.join(", "))]
    };
    rows.into_iter().map(row).collect()
}

fn load(workload: &Workload) -> String {
    let load = match &workload.source {
        Source::Recipe(recipe) => {
            format!("{} live, {} operations of churn", recipe.live, workload.churn_ops())
        }
        Source::Script(script) => {
            format!("{} steps, {} operations", script.steps().len(), script.operations())
        }
        Source::Trace(trace) => {
            let file = || trace.file.display().to_string();
            format!("recorded: {}", trace.origin.clone().unwrap_or_else(file))
        }
    };
    match workload.schedule() {
        Some(schedule) => format!("{load}, {schedule}"),
        None => load,
    }
}

/// What a map states, what it has that not every map has, and the kinds of keys and values that it takes where those are not all.
fn facts(map: &MapInfo) -> String {
    let mut facts: Vec<String> = map.facts.iter().map(|fact| fact.about().into()).collect();
    if map.keys.len() < KeyKind::ALL.len() {
        facts.push(format!("keys {}", map.keys.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" ")));
    }
    if map.values.len() < ValueKind::ALL.len() {
        let values: Vec<&str> = map.values.iter().map(|kind| kind.name()).collect();
        facts.push(format!("values {}", values.join(" ")));
    }
    if !map.extras.is_empty() {
        facts.push(format!(
            "has {}",
            map.extras.iter().map(|extra| extra.name()).collect::<Vec<_>>().join(" ")
        ));
    }
    facts.join(", ")
}

fn show_plan(suite: &Suite, plan: &Plan, format: Format) -> Result<String> {
    if format == Format::Json {
        let plan = json!({ "suite": suite, "passes": plan.passes, "left_out": plan.left_out });
        return Ok(serde_json::to_string(&plan).context("a plan is JSON")? + "\n");
    }
    let mut rows = Vec::new();
    for Entry { workload, .. } in &plan.entries {
        let passes = |collector: Collector| {
            let of = |pass: &&Pass| pass.workload == workload.name && pass.collector == collector;
            plan.passes.iter().filter(of).count().to_string()
        };
        rows.push(std::iter::once(workload.name.clone()).chain(Collector::ALL.map(passes)).collect());
    }
    let head: Vec<&str> = std::iter::once("passes of").chain(Collector::ALL.map(Collector::name)).collect();
    let left_out = output::bullets(format, plan::describe(&plan.left_out));
    let (name, about, table) = (&suite.name, &suite.about, output::table(format, &head, &rows));
    Ok(format!("{name}: {about}\n\n{table}\n{} passes in all; left out:\n{left_out}", plan.passes.len()))
}
