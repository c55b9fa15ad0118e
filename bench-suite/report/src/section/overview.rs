//! Maps by workload: one table for each figure that a reader chooses a map by.

use maud::{Markup, html};

use super::SessionSection;
use crate::map_result::MapResult;
use crate::number::{self, NONE};
use crate::prose::plural;
use crate::ratio::Ratio;
use crate::view::View;

/// A cell: its text, its ratio to the reference map for the tint, and whether it is grey.
struct Cell {
    text: String,
    ratio: Option<f64>,
    grey: bool,
    hint: String,
}

pub(super) const SECTION: SessionSection =
    SessionSection { anchor: "overview", title: "Maps by workload", render };

fn render(view: &View<'_>) -> Markup {
    if view.maps.is_empty() {
        return html! {};
    }
    let reference = view.session.manifest.reference.as_str();
    html! {
        p .lead {
            "Throughput divided by that of " b { (reference) } ", median of paired rounds, initial fills excluded. Grey: no difference is shown. "
            (NONE) ": not measured. A map in grey throughout does nothing: its cost is the suite's own."
            @for workload in view.workloads.iter().filter(|workload| workload.reference != reference) {
                " " (workload.name) ": divided by that of " b { (workload.reference) } "."
            }
        }
        (matrix(view, &speed))
        @for (title, cell) in OTHERS {
            details .data { summary { (title) } (matrix(view, &cell)) }
        }
    }
}

/// The name of a table, and how a result's cell is made.
type Other = (&'static str, fn(&MapResult<'_>) -> Option<Cell>);

const OTHERS: [Other; 4] = [
    ("p99.9 of all operations", |result| {
        let p999 = result.figures.percentiles?[2]?;
        let time = number::timed(p999 as f64, result.figures.granularity_ns);
        Some(Cell::of(time, result.figures.percentile_ratios[2], true))
    }),
    ("Bytes per live entry", |result| Some(Cell::plain(number::bytes_each(result.figures.bytes_per_entry?)))),
    ("Inserts into reused slots", |result| {
        Some(Cell::plain(number::percent(result.figures.landed?.reuse())))
    }),
    ("Allocations per operation", |result| {
        Some(Cell::plain(number::rate(result.figures.allocations_per_op?)))
    }),
];

fn speed(result: &MapResult<'_>) -> Option<Cell> {
    let ratio = result.figures.speed_ratio;
    let text = match ratio {
        Some(ratio) => number::factor(ratio.estimate),
        None => format!("{} /s", number::approx(result.figures.ops_per_second?)),
    };
    Some(Cell::of(text, ratio, false))
}

impl Cell {
    fn of(text: String, ratio: Option<Ratio>, less_is_better: bool) -> Self {
        let shown = ratio.filter(Ratio::differs).map(|ratio| ratio.estimate);
        let shown = shown.map(|estimate| if less_is_better { 1.0 / estimate } else { estimate });
        let claims = ratio.is_some_and(|ratio| ratio.interval.is_some());
        // A figure of its own, unlike a ratio, needs no claim to be printed.
        let grey = if less_is_better { claims && shown.is_none() } else { shown.is_none() };
        Self { text, ratio: shown, grey, hint: ratio.map_or_else(String::new, hint) }
    }

    fn plain(text: String) -> Self {
        Self { text, ratio: None, grey: false, hint: String::new() }
    }
}

/// What a ratio is based on, in words.
pub(crate) fn hint(ratio: Ratio) -> String {
    let rounds = plural(ratio.rounds, "paired round");
    match ratio.interval {
        Some(interval) => format!(
            "×{} to ×{} at {} confidence, {rounds}",
            number::factor_digits(interval.low),
            number::factor_digits(interval.high),
            number::confidence(interval.confidence)
        ),
        None => format!("{rounds}: too few to claim an interval"),
    }
}

fn matrix(view: &View<'_>, cell: &dyn Fn(&MapResult<'_>) -> Option<Cell>) -> Markup {
    let reference = &view.session.manifest.reference;
    html! {
        div .scroll { table .matrix {
            thead { tr {
                th scope="col" { "map" }
                @for workload in &view.workloads {
                    th scope="col" { a href=(format!("#{}", workload.anchor)) { (workload.name) } }
                }
            } }
            tbody {
                @for map in &view.maps {
                    tr class=[(map == reference).then_some("reference")] {
                        th scope="row" title=[view.info(map).map(|info| info.about.as_str())] { (map) }
                        @for workload in &view.workloads {
                            @match workload.results.iter().find(|result| result.map == *map) {
                                None => td .none { (NONE) },
                                Some(result) => (filled(result, cell(result), *map == workload.reference)),
                            }
                        }
                    }
                }
            }
        } }
    }
}

fn filled(result: &MapResult<'_>, cell: Option<Cell>, is_reference: bool) -> Markup {
    let Some(cell) = cell else {
        return if result.failures.is_empty() {
            html! { td .none { (NONE) } }
        } else {
            html! { td .failed { "failed" } }
        };
    };
    let tint = cell.ratio.filter(|_| !result.is_null).map(tint);
    let grey = (cell.grey && !is_reference || result.is_null).then_some("grey");
    html! { td class=[grey] style=[tint] title=[(!cell.hint.is_empty()).then_some(&cell.hint)] { (cell.text) } }
}

/// The faster the bluer, the slower the more orange; a factor of four is the strongest.
fn tint(ratio: f64) -> String {
    let strength = (ratio.log2().abs() / 2.0).clamp(0.0, 1.0) * 34.0 + 4.0;
    let colour = if ratio > 1.0 { "--better" } else { "--worse" };
    format!("background:color-mix(in srgb,var({colour}) {strength:.0}%,transparent)")
}
