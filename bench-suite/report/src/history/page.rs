//! `reports/history.html`: one chart for each series.

use formats::gate::Verdict;
use formats::history::Entry;
use maud::{Markup, html};
use verdict::history::{HistoryFindings, Series, Value};

use super::{by_gravity, changes, commit, counts, drift_verdict, drifted, moves, newest, span, title};
use crate::chart::figure::{Table, figure};
use crate::chart::past::{Mark, Past, Spot};
use crate::gate::{exact_title, ratio};
use crate::number::NONE;
use crate::page::document;

/// A history as one HTML file that needs no network and no script.
#[must_use]
pub fn page(entries: &[Entry], found: &HistoryFindings) -> String {
    let series = by_gravity(found);
    document(
        "Churnmark: history",
        "",
        &html! {
            main .alone {
                header { h1 { "Churnmark" } p .id { "History of the gate: " (span(entries, found)) } }
                @if series.is_empty() {
                    p .note { "No gate has measured a time yet." }
                } @else {
                    section id="series" { h2 { "Series" } (table(entries, &series)) (reading()) }
                    section id="charts" {
                        h2 { "Charts" }
                        div .pair {
                            @for (at, one) in series.iter().enumerate() { (chart(entries, one, at)) }
                        }
                    }
                }
                (moved(entries))
            }
        },
    )
}

fn table(entries: &[Entry], series: &[&Series]) -> Markup {
    html! {
        div .scroll { table .told {
            thead { tr {
                th { "workload" } th { "map" } th { "figure" } th { "against the anchor" } th { "newest step" }
                th { "drift" } th { "changes that stayed" }
            } }
            tbody { @for (at, one) in series.iter().enumerate() { tr {
                th scope="row" { a href=(format!("#s{at}")) { (one.workload) } }
                td { (one.map) }
                td { (title(one)) }
                td { (drifted(one)) }
                td { (newest(&one.steps)) }
                td class=[class(one)] { strong { (drift_verdict(entries, one)) } }
                td .text { @for said in changes(entries, one) { div { (said) } } }
            } } }
        } }
    }
}

fn class(one: &Series) -> Option<&'static str> {
    match one.drift?.verdict {
        Verdict::Regressed => Some("bad"),
        Verdict::Improved => Some("good"),
        Verdict::Unchanged | Verdict::Inconclusive => None,
    }
}

fn reading() -> Markup {
    html! {
        div .prose { ul {
            li { "Every figure is a ratio of two builds that ran beside each other; no time of another day or machine is in it." }
            li { "The line is the commit against the anchor, where small steps add up; bars are steps against the parent, which \
                  the gate judged one by one." }
            li { "A change is a level that stayed for five gates or more. Its p-value is that of the best of all splits, and of \
                  all series together 1 in 20 changes may be false: measure the named commit against its parent before \
                  anybody is told." }
        } }
    }
}

fn chart(entries: &[Entry], one: &Series, at: usize) -> Markup {
    let spots = |values: &[Value]| -> Vec<Spot> {
        let spot = |value: &Value| Spot {
            at: value.entry,
            difference: value.log_ratio.exp() - 1.0,
            // The exponential of a small error is that error.
            error: value.standard_error,
        };
        values.iter().map(spot).collect()
    };
    let mark = |change: &verdict::change_points::ChangePoint| {
        let at = one.levels.get(change.index)?.entry;
        Some(Mark { at, text: entries.get(at)?.revision.chars().take(10).collect() })
    };
    let past = Past {
        id: format!("s{at}"),
        title: format!("{} of {} on {}", title(one), one.map, one.workload),
        gates: entries.len(),
        levels: spots(&one.levels),
        steps: spots(&one.steps),
        marks: one.changes.iter().filter_map(mark).collect(),
        class: class(one),
    };
    let mut data = Table::new(["commit", "against the anchor", "against the parent"]);
    for (index, _) in entries.iter().enumerate() {
        let told = |values: &[Value]| {
            let value = values.iter().find(|value| value.entry == index);
            value.map_or_else(
                || NONE.to_owned(),
                |value| format!("{} ± {:.4}", ratio(value.log_ratio.exp()), value.standard_error),
            )
        };
        data.row([commit(entries, index), told(&one.levels), told(&one.steps)]);
    }
    figure(&past.id, &past.title, &finding(entries, one), &past.draw(), &data)
}

fn finding(entries: &[Entry], one: &Series) -> String {
    let drift = match one.drift {
        Some(_) => format!("Against the anchor {}: {}.", drifted(one), drift_verdict(entries, one)),
        None => "Never compared with an anchor.".to_owned(),
    };
    let changes = changes(entries, one);
    if changes.is_empty() { drift } else { format!("{drift} Changed: {}.", changes.join("; ")) }
}

fn moved(entries: &[Entry]) -> Markup {
    let moves = moves(entries);
    html! {
        @if !moves.is_empty() {
            section id="exact" {
                h2 { "Exact figures that moved" }
                div .scroll { table .told {
                    thead { tr { th { "commit" } th { "workload" } th { "map" } th { "figure" } th { "counts" } } }
                    tbody { @for (commit, moved) in &moves { tr {
                        th scope="row" { (commit) }
                        td { (moved.workload) }
                        td { (moved.map) }
                        td { (exact_title(moved.metric)) }
                        td { (counts(moved)) }
                    } } }
                } }
            }
        }
    }
}
