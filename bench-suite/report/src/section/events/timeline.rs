//! When the maps that tell of it delete entries, grow, and move what their old buckets hold.

use formats::observation::{EventKind, EventWindow, Events};
use maud::{Markup, html};

use super::columns;
use crate::chart::figure::{Table, figure as captioned};
use crate::chart::grid::{Among, GridRow, grid};
use crate::chart::scale::Unit;
use crate::map_result::MapResult;
use crate::number;
use crate::prose::{listed, plural};
use crate::ratio::median;
use crate::section::SHADES;
use crate::view::WorkloadResults;

const DELETE: &[EventKind] = &[EventKind::Delete];
const GROW: &[EventKind] = &[EventKind::Grow, EventKind::SameSizeGrow, EventKind::Split];
const EVACUATE: &[EventKind] = &[EventKind::Evacuate];
/// The rows of a map.
const ROWS: [(&str, &[EventKind]); 3] = [("delete", DELETE), ("grow", GROW), ("evacuate", EVACUATE)];

/// Maps that a sentence names.
const NAMED: usize = 4;

fn count(window: &EventWindow, kinds: &[EventKind]) -> u64 {
    number::total(kinds.iter().filter_map(|kind| window.counts.get(kind)))
}

fn sum<'w>(windows: impl IntoIterator<Item = &'w EventWindow>, kinds: &[EventKind]) -> u64 {
    windows.into_iter().fold(0, |sum, window| sum.saturating_add(count(window, kinds)))
}

/// The figure; empty where no map tells that it grows or evacuates.
pub(super) fn figure(workload: &WorkloadResults<'_>, results: &[(&MapResult<'_>, &Events)]) -> Markup {
    let tells = |seen: &Events| sum(&seen.windows, GROW) > 0 || sum(&seen.windows, EVACUATE) > 0;
    let telling: Vec<(&MapResult<'_>, &Events)> =
        results.iter().copied().filter(|(_, seen)| tells(seen)).collect();
    let Some((stretch, heads)) = columns(&telling) else { return html! {} };
    let mut rows = Vec::new();
    let mut data = Table::new(["map", "event", "count", "windows of the tape with it"]);
    for (result, seen) in &telling {
        for (part, kinds) in ROWS {
            let all = sum(&seen.windows, kinds);
            if all == 0 {
                continue;
            }
            let figures = seen.windows.chunks(stretch).map(|windows| sum(windows, kinds) as f64).collect();
            rows.push(GridRow { name: result.map, part: Some(part), figures });
            let within = seen.windows.iter().filter(|window| count(window, kinds) > 0).count();
            let of_windows = format!("{within} of {}", seen.windows.len());
            data.row([result.map.to_owned(), part.to_owned(), number::count(all), of_windows]);
        }
    }
    let id = format!("{}-events-timeline", workload.anchor);
    let title = format!("Deletes, growth and evacuation over {}", workload.name);
    let about = "For each map a row of deletes, one of growths and one of evacuated buckets, the tape from left to right.";
    let chart = grid(&id, &title, about, &heads, (Unit::Count, Among::Row), &rows);
    let finding = format!("{} Each row is shaded by itself. {SHADES}", finding(&telling));
    captioned(&id, "Deletes, growth and evacuation over the tape", finding.trim_start(), &chart, &data)
}

/// How many operations each growth goes on for, of those that are listed from beginning to end.
fn growths(seen: &Events) -> Vec<f64> {
    let mut began = None;
    let mut lengths = Vec::new();
    for event in &seen.listed {
        match event.kind {
            EventKind::Grow | EventKind::SameSizeGrow => began = Some(event.op),
            EventKind::GrowthDone => {
                lengths.extend(began.take().map(|from| event.op.saturating_sub(from) as f64));
            }
            _ => {}
        }
    }
    lengths
}

/// Who grows little by little, and what else goes on meanwhile; who grows at once.
fn finding(telling: &[(&MapResult<'_>, &Events)]) -> String {
    let candidates = || telling.iter().filter(|(result, _)| result.is_candidate);
    let mut said: Vec<String> =
        candidates().filter_map(|(result, seen)| gradual(result.map, seen)).take(NAMED).collect();
    let at_once: Vec<&str> = candidates()
        .filter(|(_, seen)| sum(&seen.windows, GROW) > 0 && sum(&seen.windows, EVACUATE) == 0)
        .map(|(result, _)| result.map)
        .collect();
    if !at_once.is_empty() {
        said.push(format!("Within one operation: {}.", listed(&at_once, NAMED)));
    }
    said.join(" ")
}

/// How long the growths of a map last, and how many of its deletes fall into them.
fn gradual(map: &str, seen: &Events) -> Option<String> {
    let lengths = growths(seen);
    let usual = number::approx(median(lengths.iter().copied())?);
    let deletes = sum(&seen.windows, DELETE);
    let moving = seen.windows.iter().filter(|window| count(window, EVACUATE) > 0);
    let meanwhile = if deletes == 0 {
        String::new()
    } else {
        let share = number::percent(sum(moving, DELETE) as f64 / deletes as f64);
        format!("; {share} of its deletes are in windows of the tape in which it evacuates")
    };
    let growths = plural(lengths.len(), "growth");
    Some(format!("{map} grows over {usual} operations in the median of {growths}{meanwhile}."))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use formats::observation::{ListedEvent, Reading};

    use super::*;
    use crate::view::View;

    #[test]
    fn a_growth_is_told_from_its_beginning_to_its_end() {
        let mut session = crate::sample::sized(&["go-classic", "go-swiss", "std"], &["a"], 1, 4);
        crate::sample::each_reading(&mut session, |pass, reading| {
            let Reading::Events(seen) = reading else { return };
            let ops = seen.windows[1].first_op;
            let event = |op, kind| ListedEvent { op, kind, size: 0 };
            seen.windows.iter_mut().for_each(|window| window.counts.clear());
            match pass.map.as_str() {
                "go-classic" => {
                    seen.listed = vec![
                        event(ops, EventKind::Grow),
                        event(ops + 1, EventKind::Evacuate),
                        event(ops + 40, EventKind::GrowthDone),
                        event(ops + 50, EventKind::SameSizeGrow),
                    ];
                    seen.windows[1].counts = BTreeMap::from([
                        (EventKind::Grow, 1),
                        (EventKind::Evacuate, 9),
                        (EventKind::Delete, 30),
                    ]);
                    seen.windows[2].counts = BTreeMap::from([(EventKind::Delete, 10)]);
                }
                "go-swiss" => seen.windows[2].counts = BTreeMap::from([(EventKind::Split, 2)]),
                _ => {}
            }
        });
        let view = View::new(&session);
        let workload = &view.workloads[0];
        let results: Vec<_> =
            workload.results.iter().filter_map(|result| Some((result, result.first::<Events>()?))).collect();
        let page = figure(workload, &results).into_string();
        for said in [
            "go-classic grows over 40 operations in the median of 1 growth; 75.0 % of its deletes are in windows of the tape in \
             which it evacuates. Within one operation: go-swiss.",
            ">go-classic: delete<",
            ">evacuate<",
            ">go-swiss: grow<",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains(">std"), "it does not tell: {page}");
        let quiet: Vec<_> = results.into_iter().filter(|(result, _)| result.map == "std").collect();
        assert_eq!(figure(workload, &quiet).into_string(), "");
    }
}
