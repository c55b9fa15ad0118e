//! Heap by stack: who allocated what a map holds when the tape ends, and what it gave back before.

use formats::observation::{Collector, HeapProfile, HeapStacks};
use maud::{Markup, html};

use super::{Files, WorkloadSection};
use crate::chart::figure::Table;
use crate::file_name::file_name;
use crate::flame::{self, Function, Graph};
use crate::map_result::MapResult;
use crate::number::{self, NONE};
use crate::view::{View, WorkloadResults};

/// Functions shown for each map.
const TOP: usize = 8;

pub(super) const SECTION: WorkloadSection = WorkloadSection {
    anchor: "heap-stacks",
    title: "Heap by stack",
    shows: &[Collector::HeapStacks],
    render,
    files,
};

fn render(view: &View<'_>, workload: &WorkloadResults<'_>) -> Markup {
    let seen = |result| Some((result, MapResult::first::<HeapStacks>(result)?));
    let seen: Vec<(&MapResult<'_>, &HeapStacks)> = workload.results.iter().filter_map(seen).collect();
    let Some((_, first)) = seen.first() else { return html! {} };
    html! {
        p .finding { (finding(&seen)) }
        div .names { (overview(&seen).markup()) }
        p .note {
            "Blocks are sampled by bytes, every " (number::bytes(first.every_bytes as f64)) " on average, at distances that \
             no pattern of sizes is in step with; each sample is weighted by how likely it was. Held and churned are exact, \
             the sums of the stacks stand beside them with their standard deviation. Held: when the tape ends. Churned: \
             allocated and freed again before. Whole tape, initial fill included. Identical on every run."
        }
        @for (result, seen) in &seen { (graph(view, workload, result, seen)) }
    }
}

/// The function that allocated the largest part of what a map holds.
fn finding(seen: &[(&MapResult<'_>, &HeapStacks)]) -> String {
    let candidates = seen.iter().filter(|(result, _)| result.is_candidate);
    let leading = candidates.filter_map(|(result, seen)| Some((result.map, leading(&seen.live)?)));
    let largest = leading.max_by_key(|(_, function)| function.itself);
    largest.map_or_else(
        || "No map holds enough for a sample.".to_owned(),
        |(map, Function { name, itself, .. })| {
            format!("Most is held by {map}, allocated in {name}: {}.", number::bytes(itself as f64))
        },
    )
}

fn leading(profile: &HeapProfile) -> Option<Function> {
    flame::functions(&profile.folded).into_iter().next()
}

fn overview(seen: &[(&MapResult<'_>, &HeapStacks)]) -> Table {
    let mut table = Table::new([
        "map",
        "held",
        "by samples",
        "allocated most in",
        "share",
        "churned",
        "by samples",
        "allocated most in",
        "share",
    ]);
    for (result, seen) in seen {
        let cells = [&seen.live, &seen.churned].into_iter().flat_map(|profile| {
            let bytes = number::bytes(profile.bytes as f64);
            let none = || [NONE, NONE].map(str::to_owned);
            let [name, share] = leading(profile).map_or_else(none, |function| {
                [function.name.clone(), number::percent(function.itself as f64 / sum(profile).max(1) as f64)]
            });
            [bytes, by_samples(profile), name, share]
        });
        table.row(std::iter::once(result.map.to_owned()).chain(cells));
    }
    table
}

/// The sum of the stacks.
fn sum(profile: &HeapProfile) -> u64 {
    let functions = flame::functions(&profile.folded);
    number::total(functions.iter().map(|function| &function.itself))
}

fn by_samples(profile: &HeapProfile) -> String {
    if profile.samples == 0 {
        return NONE.to_owned();
    }
    let [sum, deviation] = [sum(profile), profile.deviation].map(|bytes| number::bytes(bytes as f64));
    format!("{sum} ± {deviation}")
}

fn graph(
    view: &View<'_>,
    workload: &WorkloadResults<'_>,
    result: &MapResult<'_>,
    seen: &HeapStacks,
) -> Markup {
    let title = format!("{} on {}", result.map, workload.name);
    let held = Graph::of_heap(&title, seen, &seen.live, "held when the tape ends");
    let file = format!("{}/{}/{}", view.flamegraphs, file_name(workload.name), file_name(result.map));
    html! {
        details .flame {
            summary { (result.map) small { (held.subtitle) } }
            (flame::embedded(&held))
            p .note {
                "As files: "
                a href=(format!("{file}.heap.svg")) { "what is held, with zoom and search" } " · "
                a href=(format!("{file}.heap.folded")) { "its folded stacks" } " · "
                a href=(format!("{file}.churned.svg")) { "what was churned" } " · "
                a href=(format!("{file}.churned.folded")) { "its folded stacks" } " · "
                a href=(format!("{file}.heap.pb.gz")) { "both for " code { "go tool pprof" } }
            }
            (top(&seen.live).markup())
        }
    }
}

fn top(profile: &HeapProfile) -> Table {
    let mut table = Table::new(["function", "allocated itself", "and below"]);
    let functions = flame::functions(&profile.folded);
    for function in functions.iter().take(TOP).filter(|function| function.itself > 0) {
        let bytes = [function.itself, function.total].map(|bytes| number::bytes(bytes as f64));
        table.row(std::iter::once(function.name.clone()).chain(bytes));
    }
    table
}

/// None here: flamegraphs have a folder of their own.
fn files(_: &WorkloadResults<'_>, _: &MapResult<'_>) -> Files {
    Files::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_stands_with_its_deviation() {
        let profile = HeapProfile {
            bytes: 4000,
            samples: 2,
            deviation: 512,
            folded: "play;insert 3072\nplay;grow 1024\n".into(),
        };
        assert_eq!((sum(&profile), by_samples(&profile)), (4096, "4.00 KiB ± 512 B".to_owned()));
        assert_eq!(leading(&profile).map(|function| function.name), Some("insert".to_owned()));
        assert_eq!(by_samples(&HeapProfile::default()), NONE);
    }
}
