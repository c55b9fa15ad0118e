//! Events: what changed inside the maps, when on the tape, and which slots inserts decided for.

use std::collections::BTreeSet;

use formats::observation::{Collector, EventKind, EventWindow, Events};
use maud::{Markup, html};

use super::{Files, WorkloadSection};
use crate::chart::figure::{Table, figure};
use crate::chart::grid::{Row, grid};
use crate::csv_file::csv_file;
use crate::map_result::{MapResult, after_fill};
use crate::number;
use crate::prose::listed;
use crate::view::{View, WorkloadResults};

/// Columns of the tape.
const STRETCHES: usize = 40;
/// Decisions of one map that are quoted; all are in the data files.
const QUOTED: usize = 8;

pub(super) const SECTION: WorkloadSection =
    WorkloadSection { anchor: "events", title: "Events", shows: &[Collector::Events], render, files };

fn render(_: &View<'_>, workload: &WorkloadResults<'_>) -> Markup {
    let results: Vec<(&MapResult<'_>, &Events)> =
        workload.results.iter().filter_map(|result| Some((result, result.first::<Events>()?))).collect();
    if results.iter().all(|(_, seen)| seen.kinds.is_empty()) {
        return html! {};
    }
    html! {
        (over_tape(workload, &results))
        (by_kind(workload, &results))
        (decisions(workload, &results))
    }
}

/// Events of a stretch that change the structure, whatever their kind.
fn structural(window: &EventWindow) -> u64 {
    let counts = window.counts.iter().filter(|(kind, _)| !kind.is_of_one_entry());
    counts.fold(0, |sum, (_, count)| sum.saturating_add(*count))
}

fn over_tape(workload: &WorkloadResults<'_>, results: &[(&MapResult<'_>, &Events)]) -> Markup {
    let longest = results.iter().map(|(_, seen)| &seen.windows).max_by_key(|windows| windows.len());
    let Some(longest) = longest.filter(|windows| !windows.is_empty()) else { return html! {} };
    let stretch = longest.len().div_ceil(STRETCHES);
    let heads: Vec<String> =
        longest.chunks(stretch).map(|windows| number::approx(windows[0].first_op as f64)).collect();
    let rows: Vec<Row<'_>> = results
        .iter()
        .map(|(result, seen)| {
            let events =
                |windows: &[EventWindow]| windows.iter().map(|window| structural(window) as f64).sum();
            Row { name: result.map, figures: seen.windows.chunks(stretch).map(events).collect() }
        })
        .collect();
    let mut data = Table::new(["map", "event", "at operation", "size"]);
    for (result, seen) in results {
        let tables = seen.listed.iter().filter(|event| event.kind != EventKind::Evacuate);
        for event in tables.rev().take(4) {
            let size = event
                .kind
                .size_counts()
                .map_or_else(String::new, |counts| format!("{} {counts}", number::count(event.size)));
            data.row([result.map.to_owned(), event.kind.name().to_owned(), number::count(event.op), size]);
        }
    }
    let id = format!("{}-events-tape", workload.anchor);
    let title = format!("Structural events over {}", workload.name);
    let about = "One row for each map, the tape from left to right; the darker a cell, the more events.";
    let chart = grid(&id, &title, about, &heads, &rows);
    figure(&id, "Structural events over the tape, by operation", &tape_finding(results), &chart, &data)
}

/// Maps that make new tables although nothing fills them for the first time.
fn tape_finding(results: &[(&MapResult<'_>, &Events)]) -> String {
    let tables = |seen: &Events| {
        let windows = after_fill(&seen.windows, |window| &window.phase);
        let counts = windows.iter().filter_map(|window| window.counts.get(&EventKind::TableAllocated));
        counts.fold(0_u64, |sum, count| sum.saturating_add(*count))
    };
    let mut makers: Vec<(u64, &str)> = results
        .iter()
        .filter(|(result, _)| !result.is_null)
        .map(|(result, seen)| (tables(seen), result.map))
        .filter(|(count, _)| *count > 0)
        .collect();
    makers.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    if makers.is_empty() {
        return "No map makes a new table after the first filling.".to_owned();
    }
    let told: Vec<String> =
        makers.iter().map(|(count, map)| format!("{map} ({})", number::count(*count))).collect();
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    format!("New tables after the first filling: {}. Shades are logarithmic.", listed(&told, 5))
}

fn by_kind(workload: &WorkloadResults<'_>, results: &[(&MapResult<'_>, &Events)]) -> Markup {
    let kinds: BTreeSet<EventKind> =
        results.iter().flat_map(|(_, seen)| seen.kinds.iter().map(|count| count.kind)).collect();
    let heads: Vec<String> = kinds.iter().map(|kind| kind.name().to_owned()).collect();
    let mut data = Table::new(["map", "event", "times", "size in all", "first at", "last at"]);
    let mut rows = Vec::new();
    for (result, seen) in results {
        let count = |kind| seen.kinds.iter().find(|count| count.kind == kind);
        let figures = kinds.iter().map(|kind| count(*kind).map_or(0.0, |count| count.count as f64)).collect();
        rows.push(Row { name: result.map, figures });
        for count in &seen.kinds {
            let size = count
                .kind
                .size_counts()
                .map_or_else(String::new, |counts| format!("{} {counts}", number::count(count.size)));
            let [times, first, last] = [count.count, count.first_op, count.last_op].map(number::count);
            data.row([result.map.to_owned(), count.kind.name().to_owned(), times, size, first, last]);
        }
    }
    let id = format!("{}-events-kinds", workload.anchor);
    let title = format!("Events by kind in {}", workload.name);
    let about = "One row for each map, one column for each kind; the darker a cell, the more events.";
    let chart = grid(&id, &title, about, &heads, &rows);
    figure(&id, "Events by kind", &kinds_finding(results), &chart, &data)
}

/// What the maps sweep in place, and what the lists leave out.
fn kinds_finding(results: &[(&MapResult<'_>, &Events)]) -> String {
    let swept: Vec<&str> = results
        .iter()
        .filter(|(_, seen)| seen.kinds.iter().any(|count| count.kind == EventKind::RehashInPlace))
        .map(|(result, _)| result.map)
        .collect();
    let dropped = results.iter().fold(0_u64, |sum, (_, seen)| sum.saturating_add(seen.dropped));
    let swept = match swept.as_slice() {
        [] => "No map was seen to sweep dead slots in place.".to_owned(),
        maps => format!("Swept in place: {}.", listed(maps, 6)),
    };
    let dropped = match dropped {
        0 => String::new(),
        dropped => {
            format!(" {} events are counted but not listed one by one.", number::count(dropped))
        }
    };
    swept + &dropped
}

fn decisions(workload: &WorkloadResults<'_>, results: &[(&MapResult<'_>, &Events)]) -> Markup {
    let head = ["map", "slot taken", "while growing", "overflow", "behind it", "inserts", "share"];
    let mut table = Table::new(head);
    let mut told = Vec::new();
    for (result, seen) in results {
        let all = seen.decisions.iter().fold(0_u64, |sum, one| sum.saturating_add(one.count));
        if all == 0 {
            continue;
        }
        let share = |count: u64| number::percent(count as f64 / all as f64);
        let mut ranked: Vec<_> = seen.decisions.iter().collect();
        ranked.sort_by_key(|one| std::cmp::Reverse(one.count));
        for one in ranked.iter().take(QUOTED) {
            let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
            table.row([
                result.map.to_owned(),
                one.taken.name().to_owned(),
                yes(one.growing),
                yes(one.overflow),
                one.follows.name().to_owned(),
                number::count(one.count),
                share(one.count),
            ]);
        }
        if let Some(most) = ranked.first() {
            let (taken, behind) = (most.taken.name(), most.follows.name());
            told.push(format!("{}: {} into {taken} with {behind} behind", result.map, share(most.count)));
        }
    }
    if table.rows.is_empty() {
        return html! {};
    }
    let id = format!("{}-events-decisions", workload.anchor);
    html! {
        figure id=(id) {
            figcaption {
                h4 { a href=(format!("#{id}")) { "Which slot an insert decides for" } }
                p .finding { "Most often. " (told.join("; ")) "." }
            }
            details .data { summary { "Decisions of the maps that tell" } (table.markup()) }
        }
    }
}

fn files(_: &WorkloadResults<'_>, result: &MapResult<'_>) -> Files {
    let Some(seen) = result.first::<Events>() else { return Files::new() };
    let mut files = vec![
        ("events.csv".to_owned(), window_figures(seen)),
        ("event-list.csv".to_owned(), event_list(seen)),
    ];
    if !seen.decisions.is_empty() {
        files.push(("decisions.csv".to_owned(), decision_figures(seen)));
    }
    files
}

fn window_figures(seen: &Events) -> Vec<u8> {
    let rows = seen.windows.iter().flat_map(|window| {
        window.counts.iter().map(|(kind, count)| {
            let [first_op, ops, live, count] =
                [window.first_op, window.ops, window.live, *count].map(|figure| figure.to_string());
            [window.phase.clone(), first_op, ops, live, kind.name().to_owned(), count]
        })
    });
    csv_file(["phase", "first_op", "ops", "live", "kind", "count"], rows)
}

fn event_list(seen: &Events) -> Vec<u8> {
    let rows = seen.listed.iter().map(|event| {
        let counts = event.kind.size_counts().unwrap_or_default().to_owned();
        [event.op.to_string(), event.kind.name().to_owned(), event.size.to_string(), counts]
    });
    csv_file(["op", "kind", "size", "size_counts"], rows)
}

fn decision_figures(seen: &Events) -> Vec<u8> {
    let rows = seen.decisions.iter().map(|one| {
        let (taken, follows) = (one.taken.name().to_owned(), one.follows.name().to_owned());
        [taken, one.growing.to_string(), one.overflow.to_string(), follows, one.count.to_string()]
    });
    csv_file(["taken", "growing", "overflow", "follows", "inserts"], rows)
}
