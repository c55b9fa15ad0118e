//! Events: what changed inside the maps, when on the tape, and which slots inserts decided for.

mod ends;
mod timeline;

use std::collections::BTreeSet;

use formats::observation::{Collector, EventKind, EventWindow, Events, Slots};
use maud::{Markup, html};

use super::{Files, SHADES, WorkloadSection};
use crate::chart::figure::{Table, figure};
use crate::chart::grid::{Among, GridRow, grid};
use crate::chart::scale::Unit;
use crate::csv_file::csv_file;
use crate::map_result::MapResult;
use crate::number;
use crate::prose::{leading, listed};
use crate::view::{View, WorkloadResults};

/// Columns of the tape.
const STRETCHES: usize = 40;

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
        (timeline::figure(workload, &results))
        (by_kind(workload, &results))
        (ends::figure(workload, &results))
    }
}

/// Events of a stretch that change the structure, whatever their kind.
fn structural(window: &EventWindow) -> u64 {
    let counts = window.counts.iter().filter(|(kind, _)| !kind.is_of_one_entry());
    counts.fold(0, |sum, (_, count)| sum.saturating_add(*count))
}

/// How many windows a column of the tape has, and the operation at which each column begins; `None` without a window.
fn columns(results: &[(&MapResult<'_>, &Events)]) -> Option<(usize, Vec<String>)> {
    let longest = results.iter().map(|(_, seen)| &seen.windows).max_by_key(|windows| windows.len())?;
    let stretch = longest.len().div_ceil(STRETCHES).max(1);
    let heads: Vec<String> =
        longest.chunks(stretch).map(|windows| number::approx(windows[0].first_op as f64)).collect();
    (!heads.is_empty()).then_some((stretch, heads))
}

fn over_tape(workload: &WorkloadResults<'_>, results: &[(&MapResult<'_>, &Events)]) -> Markup {
    let Some((stretch, heads)) = columns(results) else { return html! {} };
    let rows: Vec<GridRow<'_>> = results
        .iter()
        .map(|(result, seen)| {
            let events =
                |windows: &[EventWindow]| windows.iter().map(|window| structural(window) as f64).sum();
            GridRow {
                name: result.map,
                part: None,
                figures: seen.windows.chunks(stretch).map(events).collect(),
            }
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
    let title = format!("Structural changes over {}", workload.name);
    let about = "One row for each map, the tape from left to right; the darker a cell, the more changes.";
    let chart = grid(&id, &title, about, &heads, (Unit::Count, Among::All), &rows);
    figure(&id, "Structural changes over the tape", &tape_finding(workload, results), &chart, &data)
}

/// Maps that make new tables although nothing fills them for the first time.
fn tape_finding(workload: &WorkloadResults<'_>, results: &[(&MapResult<'_>, &Events)]) -> String {
    let mut makers: Vec<(u64, &str)> = results
        .iter()
        .filter(|(result, _)| result.is_candidate)
        .map(|(result, seen)| (new_tables(result, seen), result.map))
        .filter(|(count, _)| *count > 0)
        .collect();
    makers.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    if makers.is_empty() {
        return format!("No map is seen to make a new table {}.", workload.load());
    }
    let told: Vec<String> =
        makers.iter().map(|(count, map)| format!("{map} ({})", number::count(*count))).collect();
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    format!("New tables {}: {}. {SHADES}", workload.load(), listed(&told, 5))
}

/// How often a map made a new table in phases that count, in three ways to see it: it told so, the allocator handed
/// out a block that is large enough, or its capacity rose from one window to the next, which shows the small ones
/// too. The way that sees the most.
fn new_tables(result: &MapResult<'_>, seen: &Events) -> u64 {
    let windows = result.counted_along(&seen.windows, |window| window.first_op.saturating_add(window.ops));
    let count = |kinds: &[EventKind]| {
        let counts =
            windows.iter().flat_map(|window| kinds.iter().filter_map(|kind| window.counts.get(kind)));
        number::total(counts)
    };
    let told = count(&[EventKind::Grow, EventKind::SameSizeGrow, EventKind::Split]);
    told.max(count(&[EventKind::TableAllocated])).max(capacity_rises(result))
}

/// How often the capacity rose in phases that count. A rehash in place leaves it as it was.
fn capacity_rises(result: &MapResult<'_>) -> u64 {
    let all = result.first::<Slots>().map_or(&[][..], |slots| &slots.windows);
    let before = (all.len() - result.slot_windows().len()).saturating_sub(1);
    let rises = all[before..].windows(2).filter(|pair| pair[1].capacity > pair[0].capacity);
    rises.filter(|pair| pair[0].capacity.is_some()).count() as u64
}

fn by_kind(workload: &WorkloadResults<'_>, results: &[(&MapResult<'_>, &Events)]) -> Markup {
    let kinds: BTreeSet<EventKind> =
        results.iter().flat_map(|(_, seen)| seen.kinds.iter().map(|count| count.kind)).collect();
    let heads: Vec<String> = kinds.iter().map(|kind| kind.name().to_owned()).collect();
    let mut data =
        Table::new(["map", "event", "count", "total size", "first at operation", "last at operation"]);
    let mut rows = Vec::new();
    for (result, seen) in results {
        let count = |kind| seen.kinds.iter().find(|count| count.kind == kind);
        let figures = kinds.iter().map(|kind| count(*kind).map_or(0.0, |count| count.count as f64)).collect();
        rows.push(GridRow { name: result.map, part: None, figures });
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
    let title = format!("Structural changes by kind in {}", workload.name);
    let about = "One row for each map, one column for each kind; the darker a cell, the more changes.";
    let chart = grid(&id, &title, about, &heads, (Unit::Count, Among::All), &rows);
    figure(&id, "Structural changes by kind", &kinds_finding(results), &chart, &data)
}

/// What changes most often, what is rehashed in place, and what the lists leave out.
fn kinds_finding(results: &[(&MapResult<'_>, &Events)]) -> String {
    let counts = || {
        let candidates = results.iter().filter(|(result, _)| result.is_candidate);
        let counts = candidates.flat_map(|(result, seen)| seen.kinds.iter().map(|count| (result.map, count)));
        counts.filter(|(_, count)| !count.kind.is_of_one_entry())
    };
    let most = counts().max_by_key(|(_, count)| count.count).and_then(|(_, most)| {
        let of_kind = counts().filter(|(_, count)| count.kind == most.kind);
        Some((most.kind, leading(of_kind.map(|(map, count)| (map, count.count)))?))
    });
    let swept: Vec<&str> = results
        .iter()
        .filter(|(_, seen)| seen.kinds.iter().any(|count| count.kind == EventKind::RehashInPlace))
        .map(|(result, _)| result.map)
        .collect();
    let dropped = results.iter().fold(0_u64, |sum, (_, seen)| sum.saturating_add(seen.dropped));
    let mut said = Vec::new();
    said.extend(most.map(|(kind, (maps, count))| {
        format!("Most frequent: {}, {} times in {maps}.", kind.name(), number::count(count))
    }));
    if !swept.is_empty() {
        said.push(format!("Dead slots are cleared by a rehash in place in {}.", listed(&swept, 6)));
    }
    if dropped > 0 {
        said.push(format!("{} are counted, but too many to be listed one by one.", number::count(dropped)));
    }
    said.push(SHADES.to_owned());
    said.join(" ")
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

#[cfg(test)]
mod tests {
    use formats::observation::Reading;

    use super::*;

    #[test]
    fn a_small_table_that_grows_is_a_new_table() {
        let mut session = crate::sample::sized(&["hashbrown", "std", "btree"], &["a"], 1, 12);
        crate::sample::each_reading(&mut session, |pass, reading| match reading {
            Reading::Events(seen) => {
                seen.windows.iter_mut().for_each(|window| window.counts.clear());
                if pass.map == "std" {
                    seen.windows[3].counts.insert(EventKind::Grow, 4);
                }
            }
            Reading::Slots(seen) if pass.map == "std" => {
                seen.windows.iter_mut().for_each(|window| window.capacity = None);
            }
            _ => {}
        });
        let view = View::new(&session);
        let workload = &view.workloads[0];
        let results: Vec<_> =
            workload.results.iter().filter_map(|result| Some((result, result.first::<Events>()?))).collect();
        let said = tape_finding(workload, &results);
        assert!(said.starts_with("New tables after the initial fill: std (4) and hashbrown (1)."), "{said}");
    }
}
