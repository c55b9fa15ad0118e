//! Slots: where inserts land, dead slots, and how long a slot waits before it is reused.

mod film;

use formats::observation::{Collector, SlotWindow, Slots};
use maud::{Markup, html};

use super::{Files, WorkloadSection, farthest, half, half_finding, heights, sampled, series};
use crate::chart::bars::{Bar, bars};
use crate::chart::figure::{Table, figure};
use crate::chart::frame::Axis;
use crate::chart::grid::{Among, GridRow, grid};
use crate::chart::line::{Lines, Series, Shape};
use crate::chart::scale::{Scale, Unit};
use crate::csv_file::csv_file;
use crate::held::no_more_live;
use crate::map_result::{Landed, MapResult, dead_share};
use crate::number::{self, power_of_two};
use crate::prose::{listed, spread};
use crate::view::{View, WorkloadResults};

pub(super) const SECTION: WorkloadSection =
    WorkloadSection { anchor: "slots", title: "Slots", shows: &[Collector::Slots], render, files };

fn render(_: &View<'_>, workload: &WorkloadResults<'_>) -> Markup {
    let reuse = series(workload, |result| over_windows(result, |window| Some(Landed::of([window])?.reuse())));
    let unseen: Vec<(&str, &str)> = workload
        .results
        .iter()
        .filter(|result| !result.is_null)
        .filter_map(|result| Some((result.map, result.first::<Slots>()?.unavailable.as_deref()?)))
        .collect();
    if reuse.is_empty() && unseen.is_empty() {
        return html! {};
    }
    html! {
        (landed(workload))
        (film::render(workload))
        div .pair {
            (over_tape(workload, "reuse", "Inserts into reused slots", "share of inserts", &reuse_finding(workload), reuse))
            @let dead = series(workload, |result| over_windows(result, dead_share));
            (over_tape(workload, "dead", "Dead slots (tombstones)", "share of capacity", &dead_finding(workload), dead))
        }
        (distance(workload))
        @if !unseen.is_empty() {
            p .note {
                "Slots that cannot be observed: "
                @for (index, (map, why)) in unseen.iter().enumerate() { @if index > 0 { "; " } (map) " (" (why) ")" }
                "."
            }
        }
    }
}

/// A figure of each window, at the operation that ends it.
fn over_windows(result: &MapResult<'_>, figure: impl Fn(&SlotWindow) -> Option<f64>) -> Vec<(f64, f64)> {
    let windows = result.first::<Slots>().map_or(&[][..], |slots| &slots.windows);
    windows
        .iter()
        .filter_map(|window| Some((window.first_op as f64 + window.ops as f64, figure(window)?)))
        .collect()
}

fn over_tape(
    workload: &WorkloadResults<'_>,
    anchor: &str,
    shows: &str,
    label: &'static str,
    finding: &str,
    lines: Vec<Series<'_>>,
) -> Markup {
    if lines.is_empty() {
        return html! {};
    }
    let id = format!("{}-slots-{anchor}", workload.anchor);
    let bands = workload.phases();
    let data = sampled(&lines, Unit::Count, Unit::Share);
    let most = heights(&lines).fold(0.0, f64::max);
    let chart = Lines {
        id: &id,
        title: &format!("{shows} over {}", workload.name),
        description: "One line for each map, window by window.",
        width: 566.0,
        x: Axis { label: "operations", unit: Unit::Count, scale: Scale::exact(0.0, farthest(&lines)) },
        y: Axis {
            label,
            unit: Unit::Share,
            scale: if most > 0.5 { Scale::exact(0.0, 1.0) } else { Scale::from_zero([most], Unit::Share) },
        },
        bands: &bands,
        limits: Vec::new(),
        shape: Shape::Straight,
        series: lines,
    };
    figure(&id, shows, finding, &chart.draw(), &data)
}

fn landed(workload: &WorkloadResults<'_>) -> Markup {
    let results: Vec<(&MapResult<'_>, Landed)> =
        workload.results.iter().filter_map(|result| Some((result, result.figures.landed?))).collect();
    if results.is_empty() {
        return html! {};
    }
    let mut data = Table::new(["map", "inserts", "reused", "recycled", "fresh"]);
    let rows: Vec<Bar<'_>> = results
        .iter()
        .map(|(result, landed)| {
            let all = landed.all() as f64;
            let counts = [landed.reused, landed.recycled, landed.fresh];
            let cells = std::iter::once(landed.all()).chain(counts).map(number::count);
            data.row(std::iter::once(result.map.to_owned()).chain(cells));
            let shares: Vec<f64> = counts.iter().map(|count| *count as f64 / all).collect();
            let text = shares.iter().map(|share| number::percent(*share)).collect::<Vec<_>>().join(" · ");
            Bar { name: result.map, shares, text }
        })
        .collect();
    let id = format!("{}-slots-landed", workload.anchor);
    let title = format!("Where the inserts of {} landed", workload.name);
    let about = "For each map, the shares of inserts into reused slots, recycled blocks and fresh slots.";
    let chart = bars(&id, &title, about, 1140.0, &["reused slot", "recycled block", "fresh slot"], &rows);
    let shows = format!("Where inserts landed, {}", workload.load());
    figure(&id, &shows, &landed_finding(&results), &chart, &data)
}

fn landed_finding(results: &[(&MapResult<'_>, Landed)]) -> String {
    let mainly = |share: fn(&Landed) -> u64| -> Vec<&str> {
        results
            .iter()
            .filter(|(_, landed)| share(landed) as f64 >= 0.99 * landed.all() as f64)
            .map(|(result, _)| result.map)
            .collect()
    };
    let kinds = [
        ("in reused slots", mainly(|landed| landed.reused)),
        ("in recycled blocks", mainly(|landed| landed.recycled)),
        ("in fresh slots", mainly(|landed| landed.fresh)),
    ];
    let told: Vec<String> = kinds
        .iter()
        .filter(|(_, maps)| !maps.is_empty())
        .map(|(how, maps)| format!("{how}: {}", listed(maps, 6)))
        .collect();
    if told.is_empty() {
        return "No map has 99 % of its inserts in slots of one kind.".to_owned();
    }
    format!("At least 99 % of inserts land {}.", told.join("; "))
}

fn reuse_finding(workload: &WorkloadResults<'_>) -> String {
    let figures =
        workload.candidates().filter_map(|result| Some((result.map, result.figures.landed?.reuse())));
    let load = workload.load();
    spread(figures, number::percent, ["lowest", "highest"]).map_or_else(
        || format!("No map inserts {load}."),
        |spread| format!("{spread}: share of the inserts, {load}."),
    )
}

/// The map with the most dead slots, and when its capacity grew although no more entries live.
fn dead_finding(workload: &WorkloadResults<'_>) -> String {
    let dead = || workload.candidates().filter_map(|result| Some((result, result.figures.dead?)));
    let Some((result, most)) = dead().max_by(|a, b| a.1.total_cmp(&b.1)) else { return String::new() };
    let share = number::percent(most);
    let tied: Vec<&str> =
        dead().filter(|(_, dead)| number::percent(*dead) == share).map(|(result, _)| result.map).collect();
    if most == 0.0 {
        return format!(
            "No map that reports dead slots has any at the end of a window, {}.",
            workload.load()
        );
    }
    let windows = result.first::<Slots>().map_or(&[][..], |slots| &slots.windows);
    // What grows in the first window that counts has the last one before it to grow from.
    let before = (windows.len() - result.slot_windows().len()).saturating_sub(1);
    let grown = windows[before..].windows(2).find_map(|pair| {
        let (from, to) = (pair[0].capacity?, pair[1].capacity?);
        (to > from && no_more_live(pair[0].live, pair[1].live)).then_some((pair[1].first_op, from, to))
    });
    let grown = grown.map(|(op, from, to)| {
        let [op, from, to] = [op, from, to].map(number::count);
        format!(
            " The capacity of {} grows from {from} to {to} after operation {op}, without more live entries.",
            result.map
        )
    });
    format!(
        "Most dead slots, {}: {}, {share} of the capacity.{}",
        workload.load(),
        listed(&tied, 4),
        grown.unwrap_or_default()
    )
}

fn distance(workload: &WorkloadResults<'_>) -> Markup {
    let mut data = Table::new(["map", "reuses sampled", "median below (operations)"]);
    let mut rows = Vec::new();
    let mut halves: Vec<(usize, &str)> = Vec::new();
    for result in &workload.results {
        let distance = result.first::<Slots>().map_or(&[][..], |slots| &slots.distance);
        let all = number::total(distance);
        if all == 0 {
            continue;
        }
        let share = |count: &u64| *count as f64 / all as f64;
        // Below a thousandth a share says nothing about the map; the figures are in the data.
        let figures =
            distance.iter().map(share).map(|share| if share < 0.001 { 0.0 } else { share }).collect();
        rows.push(GridRow { name: result.map, part: None, figures });
        let half = half(distance);
        data.row([result.map.to_owned(), number::count(all), power_of_two(half)]);
        halves.push((half, result.map));
    }
    if halves.is_empty() {
        return html! {};
    }
    let finding = half_finding("reuse distance", &mut halves);
    let columns = rows.iter().map(|row| row.figures.len()).max().unwrap_or(0);
    let heads: Vec<String> = (0..columns).map(power_of_two).collect();
    let id = format!("{}-slots-distance", workload.anchor);
    let title = format!("Reuse distance in {}", workload.name);
    let about = "One row for each map; the darker a cell, the more reused slots waited that many operations.";
    let chart = grid(&id, &title, about, &heads, (Unit::Share, Among::All), &rows);
    figure(
        &id,
        "Reuse distance: operations between a slot's delete and its next insert",
        &finding,
        &chart,
        &data,
    )
}

fn files(_: &WorkloadResults<'_>, result: &MapResult<'_>) -> Files {
    let windows = result.first::<Slots>().map(|seen| ("slots.csv".to_owned(), windows(seen)));
    windows.into_iter().chain(film::files(result)).collect()
}

fn windows(slots: &Slots) -> Vec<u8> {
    let told = |figure: Option<u64>| figure.map_or_else(String::new, |figure| figure.to_string());
    let rows = slots.windows.iter().map(|window| {
        let figures =
            [window.first_op, window.ops, window.reused, window.recycled, window.fresh, window.live];
        let [first_op, ops, reused, recycled, fresh, live] = figures.map(|figure| figure.to_string());
        let (dead, capacity) = (told(window.dead), told(window.capacity));
        [window.phase.clone(), first_op, ops, reused, recycled, fresh, live, dead, capacity]
    });
    csv_file(["phase", "first_op", "ops", "reused", "recycled", "fresh", "live", "dead", "capacity"], rows)
}
