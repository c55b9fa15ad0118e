//! What the allocator is asked for: size classes, and how long blocks live.

use formats::observation::Allocations;
use std::collections::BTreeSet;

use maud::{Markup, html};

use super::super::{SHADES, half, half_finding};
use crate::chart::figure::{Table, figure};
use crate::chart::grid::{Among, GridRow, grid};
use crate::chart::scale::Unit;
use crate::csv_file::csv_file;
use crate::number::{self, power_of_two};
use crate::prose::leading;
use crate::view::WorkloadResults;

/// Blocks by size class.
pub(super) fn classes(workload: &WorkloadResults<'_>) -> Markup {
    let results =
        || workload.results.iter().filter_map(|result| Some((result, result.first::<Allocations>()?)));
    let sizes: BTreeSet<u64> = results()
        .flat_map(|(_, seen)| {
            seen.classes.iter().filter(|class| class.allocations > 0).map(|class| class.size)
        })
        .collect();
    if sizes.is_empty() {
        return html! {};
    }
    let columns: Vec<String> = sizes.iter().map(|size| number::bytes(*size as f64)).collect();
    let mut data = Table::new(["map", "class", "allocations", "frees"]);
    let mut counts: Vec<(u64, (&str, u64))> = Vec::new();
    let mut rows = Vec::new();
    for (result, seen) in results() {
        let mut figures = vec![0.0; sizes.len()];
        for class in &seen.classes {
            if let Some(column) = sizes.iter().position(|size| *size == class.size) {
                figures[column] = class.allocations as f64;
            }
            if result.is_candidate {
                counts.push((class.size, (result.map, class.allocations)));
            }
        }
        let mut ranked: Vec<_> = seen.classes.iter().collect();
        ranked.sort_by_key(|class| (std::cmp::Reverse(class.allocations), class.size));
        for class in ranked.into_iter().take(4).filter(|class| class.allocations > 0) {
            let counts = [class.allocations, class.frees].map(number::count);
            data.row([result.map.to_owned(), number::bytes(class.size as f64)].into_iter().chain(counts));
        }
        rows.push(GridRow { name: result.map, part: None, figures });
    }
    let id = format!("{}-classes", workload.anchor);
    let title = format!("Allocations by size class in {}", workload.name);
    let chart = grid(
        &id,
        &title,
        "One row for each map; the darker a cell, the more blocks.",
        &columns,
        (Unit::Count, Among::All),
        &rows,
    );
    let busiest = counts.iter().max_by_key(|(_, (_, count))| *count).map(|(size, _)| *size);
    let finding = busiest.and_then(|size| {
        let of_class = counts.iter().filter(|(class, _)| *class == size).map(|(_, of_map)| *of_map);
        let (maps, count) = leading(of_class)?;
        let (size, count) = (number::bytes(size as f64), number::count(count));
        Some(format!("Busiest size class: {size}, {count} blocks in {maps}. {SHADES}"))
    });
    let finding = finding.unwrap_or_default();
    figure(&id, "Allocations by size class", &finding, &chart, &data)
}

/// How long freed blocks lived, all classes together.
pub(super) fn lifetimes(workload: &WorkloadResults<'_>) -> Markup {
    let mut rows = Vec::new();
    let mut data = Table::new(["map", "blocks freed", "median below (operations)"]);
    let mut halves = Vec::new();
    for result in &workload.results {
        let Some(seen) = result.first::<Allocations>() else { continue };
        let longest = seen.classes.iter().map(|class| class.lifetimes.len()).max().unwrap_or(0);
        let mut counts = vec![0_u64; longest];
        for (at, count) in seen.classes.iter().flat_map(|class| class.lifetimes.iter().enumerate()) {
            counts[at] = counts[at].saturating_add(*count);
        }
        let all = number::total(&counts);
        if all > 0 {
            let half = half(&counts);
            data.row([result.map.to_owned(), number::count(all), power_of_two(half)]);
            if result.is_candidate {
                halves.push((half, result.map));
            }
        }
        rows.push(GridRow {
            name: result.map,
            part: None,
            figures: counts.iter().map(|count| *count as f64).collect(),
        });
    }
    let columns = rows.iter().map(|row| row.figures.len()).max().unwrap_or(0);
    if data.rows.is_empty() {
        return html! {};
    }
    let heads: Vec<String> = (0..columns).map(power_of_two).collect();
    let id = format!("{}-lifetimes", workload.anchor);
    let title = format!("Lifetimes of blocks in {}", workload.name);
    let about =
        "One row for each map, one column for each power of two of operations; the darker, the more blocks.";
    let chart = grid(&id, &title, about, &heads, (Unit::Count, Among::All), &rows);
    let finding = half_finding("lifetime", &mut halves);
    figure(&id, "Lifetimes of freed blocks, in operations", &finding, &chart, &data)
}

/// Size classes as CSV.
pub(super) fn class_figures(seen: &Allocations) -> Vec<u8> {
    let rows = seen.classes.iter().map(|class| {
        let lifetimes: Vec<String> = class.lifetimes.iter().map(u64::to_string).collect();
        let figures = [class.size, class.allocations, class.frees].map(|figure| figure.to_string());
        let [size, allocations, frees] = figures;
        [size, allocations, frees, lifetimes.join(" ")]
    });
    csv_file(["size_bytes", "allocations", "frees", "lifetimes_by_power_of_two_ops"], rows)
}
