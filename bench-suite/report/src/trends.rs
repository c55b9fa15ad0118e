//! All sessions on one page: what was measured when, and how the throughput ratios moved.

use std::collections::BTreeMap;

use formats::session::Session;
use maud::{Markup, html};

use crate::chart::frame::px;
use crate::file_name::file_name;
use crate::number::{self, NONE};
use crate::page::document;
use crate::view::{Tally, View};

pub(crate) fn render(sessions: &[Session]) -> String {
    let mut views: Vec<View<'_>> = sessions.iter().map(View::new).collect();
    views.sort_by(|a, b| {
        a.session
            .manifest
            .started
            .cmp(&b.session.manifest.started)
            .then(a.session.manifest.id.cmp(&b.session.manifest.id))
    });
    document(
        "Churnmark: all sessions",
        "",
        &html! {
            main .alone {
                header { h1 { "Churnmark" } p .id { "All sessions" } }
                section id="sessions" { h2 { "Sessions" } (table(&views)) }
                @if views.len() > 1 { section id="trend" { h2 { "Throughput against the reference map" } (trend(&views)) } }
            }
        },
    )
}

/// Newest first.
fn table(views: &[View<'_>]) -> Markup {
    if views.is_empty() {
        return html! { p .note { "No session yet: " code { "make bench" } " measures the first." } };
    }
    html! {
        div .scroll { table {
            thead { tr {
                th { "session" } th .text { "started" } th .text { "suite" } th .text { "revision" } th .text { "machine" }
                th { "workloads" } th { "maps" } th { "measured" } th { "failed" } th { "missing" }
            } }
            tbody {
                @for view in views.iter().rev() {
                    @let manifest = &view.session.manifest;
                    @let Tally { measured, failed, missing, .. } = view.tally();
                    tr {
                        th scope="row" { a href=(format!("{}/index.html", file_name(&manifest.id))) { (manifest.id) } }
                        td .text { (manifest.started) }
                        td .text { (manifest.suite) }
                        td .text { code { (manifest.revision) } }
                        td .text { (manifest.machine.host) ", " (manifest.machine.cpu) }
                        td { (view.workloads.len()) }
                        td { (view.maps.len()) }
                        td { (number::count(measured as u64)) }
                        td class=[(failed > 0).then_some("failed")] { (number::count(failed as u64)) }
                        td { (number::count(missing as u64)) }
                    }
                }
            }
        } }
    }
}

/// Ratios by workload and map, one for each session; `None` where the tape or the reference map was another
/// than in the newest session, so that the ratio would compare other things.
type Ratios<'a> = BTreeMap<(&'a str, &'a str), Vec<Option<f64>>>;

fn ratios<'a>(views: &'a [View<'a>]) -> Ratios<'a> {
    let mut ratios = Ratios::new();
    let Some(newest) = views.last() else { return ratios };
    for (at, view) in views.iter().enumerate() {
        for workload in &view.workloads {
            let tape = |view: &View<'_>| view.session.manifest.tapes.get(workload.name).map(|tape| tape.id);
            let base = newest.workloads.iter().find(|other| other.name == workload.name);
            let base = base.map(|other| other.reference);
            let same = tape(view) == tape(newest) && base == Some(workload.reference);
            for result in workload
                .results
                .iter()
                .filter(|result| same && result.map != workload.reference && !result.is_null)
            {
                let Some(ratio) = result.figures.speed_ratio else { continue };
                let row =
                    ratios.entry((workload.name, result.map)).or_insert_with(|| vec![None; views.len()]);
                row[at] = Some(ratio.estimate);
            }
        }
    }
    ratios.retain(|_, row| row.iter().flatten().count() > 1);
    ratios
}

fn trend(views: &[View<'_>]) -> Markup {
    let ratios = ratios(views);
    if ratios.is_empty() {
        return html! { p .note { "No two sessions played the same tape with the same reference map." } };
    }
    let workloads = in_order(ratios.keys().map(|(workload, _)| *workload));
    let maps = in_order(ratios.keys().map(|(_, map)| *map));
    let oldest = views.first().map_or("", |view| view.session.manifest.id.as_str());
    html! {
        p .lead {
            "From " (oldest) " to the newest session, where tape and reference map are the same. The horizontal line is 1; \
             sessions of different machines are shown together."
        }
        div .scroll { table .matrix {
            thead { tr { th { "map" } @for workload in &workloads { th scope="col" { (workload) } } } }
            tbody {
                @for map in &maps {
                    tr {
                        th scope="row" { (map) }
                        @for workload in &workloads {
                            @match ratios.get(&(*workload, *map)) {
                                Some(row) => td { (spark(row)) },
                                None => td .none { (NONE) },
                            }
                        }
                    }
                }
            }
        } }
    }
}

fn in_order<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The line of one map, a factor of four up and down, and its newest figure.
fn spark(row: &[Option<f64>]) -> Markup {
    let last = row.len().saturating_sub(1).max(1) as f64;
    let y = |ratio: f64| 11.0 - 9.0 * (ratio.log2() / 2.0).clamp(-1.0, 1.0);
    let spots: Vec<(String, String)> = row
        .iter()
        .enumerate()
        .filter_map(|(at, ratio)| Some((px(2.0 + 56.0 * at as f64 / last), px(y((*ratio)?)))))
        .collect();
    let path: Vec<String> = spots.iter().map(|(x, y)| format!("{x} {y}")).collect();
    let newest = row.iter().rev().flatten().next().copied().unwrap_or(f64::NAN);
    html! {
        (number::factor(newest))
        svg .spark viewBox="0 0 60 22" role="img" aria-label=(format!("{} ratios, the newest {}", spots.len(), number::factor(newest))) {
            path .base d="M0 11H60" {}
            path d=(format!("M{}", path.join("L"))) {}
        }
    }
}
