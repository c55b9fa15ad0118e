//! CPU: where each map spends its time.

use formats::observation::{Collector, Stacks};
use maud::{Markup, html};

use super::{Files, WorkloadSection};
use crate::chart::figure::Table;
use crate::file_name::file_name;
use crate::flame::{self, Function, Graph};
use crate::map_result::MapResult;
use crate::number;
use crate::view::{View, WorkloadResults};

/// Functions shown for each map.
const TOP: usize = 8;

pub(super) const SECTION: WorkloadSection =
    WorkloadSection { anchor: "cpu", title: "CPU", shows: &[Collector::Stacks], render, files };

fn render(view: &View<'_>, workload: &WorkloadResults<'_>) -> Markup {
    let results: Vec<(&MapResult<'_>, &Stacks, Vec<Function>)> = workload
        .results
        .iter()
        .filter_map(|result| Some((result, result.first::<Stacks>()?)))
        .map(|(result, stacks)| (result, stacks, flame::functions(&stacks.folded)))
        .collect();
    if results.is_empty() {
        return html! {};
    }
    html! {
        p .finding { (finding(&results)) }
        (overview(&results))
        p .note {
            "Phases that count, of whole plays of the tape: no initial fill. What a map does in threads that it starts \
             itself is below " code { "thread of the map" } ". Expected: CPU time of all threads, at the rate asked for. \
             Outside: samples of what the suite does between, in no graph."
        }
        @for (result, stacks, functions) in &results { (graph(view, workload, result, stacks, functions)) }
    }
}

/// The share of the samples whose stack is known.
fn share(samples: u64, functions: &[Function]) -> f64 {
    let all = number::total(functions.iter().map(|function| &function.itself));
    samples as f64 / all.max(1) as f64
}

/// The function that takes the largest part of a map's time.
fn finding(results: &[(&MapResult<'_>, &Stacks, Vec<Function>)]) -> String {
    let hottest = results
        .iter()
        .filter(|(result, ..)| result.is_candidate)
        .filter_map(|(result, _, functions)| {
            let first = functions.first()?;
            Some((result.map, first, share(first.itself, functions)))
        })
        .max_by(|a, b| a.2.total_cmp(&b.2));
    hottest.map_or_else(
        || "No sample was taken.".to_owned(),
        |(map, function, share)| {
            format!(
                "Hottest function: {}, {} of the samples of {map}.",
                function.name,
                number::percent(share)
            )
        },
    )
}

fn overview(results: &[(&MapResult<'_>, &Stacks, Vec<Function>)]) -> Markup {
    let mut table = Table::new([
        "map",
        "samples",
        "expected",
        "outside",
        "tape played",
        "hottest function",
        "self",
        "second",
        "self",
    ]);
    for (result, stacks, functions) in results {
        let due = f64::from(stacks.hz) * stacks.cpu_ns as f64 / 1e9;
        let mut cells = vec![
            result.map.to_owned(),
            number::count(stacks.samples),
            format!("{due:.0}"),
            number::count(stacks.outside),
            stacks.plays.to_string(),
        ];
        for function in functions.iter().take(2) {
            cells.extend([shortened(&function.name), number::percent(share(function.itself, functions))]);
        }
        cells.resize(9, String::new());
        table.row(cells);
    }
    html! { div .names { (table.markup()) } }
}

/// The end of a path is what tells functions apart.
fn shortened(name: &str) -> String {
    const LONGEST: usize = 44;
    let letters = name.chars().count();
    if letters <= LONGEST {
        return name.to_owned();
    }
    let end: String = name.chars().skip(letters + 1 - LONGEST).collect();
    format!("…{end}")
}

fn graph(
    view: &View<'_>,
    workload: &WorkloadResults<'_>,
    result: &MapResult<'_>,
    stacks: &Stacks,
    functions: &[Function],
) -> Markup {
    let title = format!("{} on {}", result.map, workload.name);
    let drawn = Graph::of_cpu(&title, stacks);
    let folder = format!("{}/{}", view.flamegraphs, file_name(workload.name));
    let file = file_name(result.map);
    html! {
        details .flame {
            summary { (result.map) small { (drawn.subtitle) } }
            (flame::embedded(&drawn))
            p .note {
                "As files: "
                a href=(format!("{folder}/{file}.svg")) { "SVG, with zoom and search" } " · "
                a href=(format!("{folder}/{file}.folded")) { "folded stacks" } " · "
                a href=(format!("{folder}/{file}.pb.gz")) { "profile for " code { "go tool pprof" } }
            }
            (top(functions).markup())
        }
    }
}

fn top(functions: &[Function]) -> Table {
    let mut table = Table::new(["function", "self", "total"]);
    for function in functions.iter().take(TOP).filter(|function| function.itself > 0) {
        let shares =
            [function.itself, function.total].map(|samples| number::percent(share(samples, functions)));
        table.row(std::iter::once(function.name.clone()).chain(shares));
    }
    table
}

/// None here: flamegraphs have a folder of their own.
fn files(_: &WorkloadResults<'_>, _: &MapResult<'_>) -> Files {
    Files::new()
}
