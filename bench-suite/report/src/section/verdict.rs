//! Verdict: how many passes succeeded, what failed and why, how quiet the machine was, what is grey.

use formats::run::{Failure, Run};
use maud::{Markup, html};

use super::SessionSection;
use crate::number;
use crate::prose::plural;
use crate::view::{Tally, View};

pub(super) const SECTION: SessionSection = SessionSection { anchor: "verdict", title: "Verdict", render };

fn render(view: &View<'_>) -> Markup {
    let tally = view.tally();
    html! {
        div .tiles {
            @if let Some(gate) = &view.session.gate {
                @let (class, head, text) = super::baseline::tile(gate);
                (tile(class, &head, &text))
            }
            // A gate plays on its own: a session of nothing else plans no pass.
            @if view.session.gate.is_none() || !view.session.manifest.passes.is_empty() {
                (tile(
                    if tally.failed > 0 { "bad" } else if tally.missing > 0 || tally.measured == 0 { "warn" } else { "good" },
                    &headline(tally),
                    &passes(view, tally),
                ))
                @let differences = view.differences();
                (tile("", &format!("{} of {}", differences.shown, differences.compared), &format!(
                    "comparisons of throughput show a difference: the interval of the ratio to {} excludes 1. The others are grey.",
                    references(view)
                )))
            }
            (noise(view))
        }
        @if tally.failed > 0 { (failures(view)) }
        @if tally.unavailable > 0 { (unavailable(view)) }
        @if !view.session.manifest.left_out.is_empty() { (left_out(view)) }
    }
}

fn tile(class: &str, head: &str, text: &str) -> Markup {
    html! { div class=(format!("tile {class}")) { strong { (head) } p { (text) } } }
}

/// The maps that others are compared with, in words.
fn references(view: &View<'_>) -> String {
    let planned = view.session.manifest.reference.as_str();
    let elsewhere = view.workloads.iter().filter(|workload| workload.reference != planned).count();
    match elsewhere {
        0 => planned.to_owned(),
        count => format!("{planned} (on {} to another map, named there)", plural(count, "workload")),
    }
}

fn headline(tally: Tally) -> String {
    match tally {
        Tally { measured: 0, failed: 0, .. } => "Nothing was measured".to_owned(),
        Tally { failed: 1.., .. } => format!("{} of {} passes failed", tally.failed, tally.all()),
        Tally { missing: 1.., .. } => format!("{} of {} passes missing", tally.missing, tally.all()),
        Tally { unavailable: 1.., measured, .. } => {
            format!("{} succeeded, {} not to be had", plural(measured, "pass"), tally.unavailable)
        }
        Tally { measured, .. } => format!("All {} succeeded", plural(measured, "pass")),
    }
}

fn passes(view: &View<'_>, tally: Tally) -> String {
    let Tally { measured, failed, missing, .. } = tally;
    let mut text = format!(
        "{} on {}. Answers were checked, as far as a tape determines them.",
        plural(view.maps.len(), "map"),
        plural(view.workloads.len(), "workload"),
    );
    if measured == 0 {
        text = plural(view.session.manifest.passes.len(), "planned pass") + ", no observation.";
    }
    if failed > 0 {
        text.push_str(" A map that fails a pass has no figures from it.");
    }
    if missing > 0 {
        text.push_str(" The session was interrupted and can be resumed.");
    }
    text
}

fn noise(view: &View<'_>) -> Markup {
    let looks = &view.session.manifest.noise;
    let worst = looks.iter().map(|look| look.lost_percent).fold(0.0, f64::max);
    let head = format!("{} lost to pauses", number::percent(worst / 100.0));
    let each = |(name, look): (&str, &formats::session::Noise)| {
        format!(
            "{name}: {} pauses a second above 10 µs, the longest {}",
            number::significant(look.pauses_per_second),
            number::nanos(look.longest_us * 1000.0)
        )
    };
    let text: Vec<String> = ["before", "after"].into_iter().zip(looks).map(each).collect();
    if looks.is_empty() {
        return tile("warn", "Noise floor unknown", "The session measured no pauses of the machine.");
    }
    tile(if worst > 1.0 { "warn" } else { "" }, &head, &format!("Noise floor, {}.", text.join("; ")))
}

fn failures(view: &View<'_>) -> Markup {
    let failed = view.session.runs.iter().filter_map(|run| Some((run, run.failure()?)));
    html! {
        h3 { "Failed passes" }
        div .scroll { table .failures {
            thead { tr { th { "workload" } th { "map" } th { "collector" } th { "round" } th { "reason" } } }
            tbody { @for (run, failure) in failed { (failure_row(run, failure)) } }
        } }
    }
}

fn failure_row(run: &Run, failure: &Failure) -> Markup {
    let pass = &run.pass;
    html! {
        tr {
            th scope="row" { (pass.workload) }
            td .text { (pass.map) }
            td .text { (pass.collector.name()) }
            td { (pass.round + 1) }
            td .text {
                (failure)
                @if let Failure::Crash { stderr, .. } = failure && !stderr.is_empty() {
                    details { summary { "stderr" } pre { (stderr) } }
                }
            }
        }
    }
}

/// Passes that maps cannot make, by their own word.
fn unavailable(view: &View<'_>) -> Markup {
    let cannot = view.session.runs.iter().filter_map(|run| Some((&run.pass, run.unavailable()?)));
    html! {
        details .data {
            summary { "Passes that a map cannot make" }
            div .scroll { table {
                thead { tr { th { "workload" } th { "map" } th { "collector" } th { "reason" } } }
                tbody { @for (pass, why) in cannot { tr {
                    th scope="row" { (pass.workload) }
                    td .text { (pass.map) }
                    td .text { (pass.collector.name()) }
                    td .text { (why) }
                } } }
            } }
        }
    }
}

fn left_out(view: &View<'_>) -> Markup {
    html! {
        details .data {
            summary { "Not measured, and why" }
            div .scroll { table {
                thead { tr { th { "workload" } th { "maps" } th { "collectors" } th { "reason" } } }
                tbody {
                    @for left in &view.session.manifest.left_out {
                        tr {
                            th scope="row" { (left.workload) }
                            td .text { (left.maps.join(", ")) }
                            td .text { (left.collectors.iter().map(|one| one.name()).collect::<Vec<_>>().join(", ")) }
                            td .text { (left.why) }
                        }
                    }
                }
            } }
        }
    }
}
