//! Against the baseline: what a gate found, with what it rests on and how to read it.

use formats::gate::{Conclusion, Gate};
use maud::{Markup, html};

use super::SessionSection;
use crate::chart::figure::{Table, figure};
use crate::chart::interval::{IntervalRow, intervals};
use crate::gate::{
    Figure, Finding, Status, controls, designs, expectations, findings, rule, sides, unsettled, why,
    with_status,
};
use crate::view::View;

/// Rows that are drawn; the table below has all.
const DRAWN: usize = 48;

pub(super) const SECTION: SessionSection =
    SessionSection { anchor: "baseline", title: "Against the baseline", render };

fn render(view: &View<'_>) -> Markup {
    let Some(gate) = &view.session.gate else { return html! {} };
    let found = findings(gate);
    html! {
        p .finding { b { (gate.conclusion.word()) " (exit " (gate.conclusion.code()) ")" } ": " (why(gate)) }
        p .note { @for line in sides(gate) { (line) br; } }
        (times(&found))
        (moved(&found))
        (not_repeated(&found))
        (told("Expectations", &expectations(gate)))
        (told("Not compared", &unsettled(gate)))
        (told("Controls", &controls(gate)))
        (told("Rule", &rule(&gate.rule)))
        (reading(gate))
    }
}

/// The tile of the verdict strip.
pub(super) fn tile(gate: &Gate) -> (&'static str, String, String) {
    let class = match gate.conclusion {
        Conclusion::Passed => "good",
        Conclusion::Inconclusive => "warn",
        _ => "bad",
    };
    let head = format!("Gate: {}", gate.conclusion.word().to_lowercase());
    (class, head, format!("Against {}: {}.", gate.base.name, why(gate)))
}

const fn class(status: Status) -> Option<&'static str> {
    match status {
        Status::Regressed => Some("regressed"),
        Status::Advisory | Status::Waived => Some("advisory"),
        Status::Improved => Some("improved"),
        Status::Inconclusive | Status::Told | Status::Unchanged => None,
    }
}

fn times(found: &[Finding<'_>]) -> Markup {
    let mut timed: Vec<&Finding<'_>> =
        found.iter().filter(|one| matches!(one.figure, Figure::Timing(_))).collect();
    timed.sort_by_key(|one| one.status);
    if timed.is_empty() {
        return html! {};
    }
    let titles: Vec<String> = timed.iter().map(|one| one.title()).collect();
    let rows: Vec<IntervalRow<'_>> =
        timed.iter().zip(&titles).take(DRAWN).filter_map(|(one, title)| row(one, title)).collect();
    let mut data = Table::new(["workload", "map", "figure", "ratio", "verdict", "evidence"]);
    for (one, title) in timed.iter().zip(&titles) {
        data.row([
            one.workload.to_owned(),
            one.map.to_owned(),
            title.clone(),
            one.change(),
            one.status.title().to_owned(),
            one.evidence(),
        ]);
    }
    let chart = intervals(
        "gate-times",
        "Times of the head against those of the base",
        "One row for each comparison: the ratio as a dot, its interval as a line. Narrow band: no difference. Wide \
         band: smaller than what must be found.",
        &rows,
    );
    figure("gate-times", "Times against the base, with intervals", &times_finding(&timed), &chart, &data)
}

fn row<'a>(one: &Finding<'a>, title: &'a str) -> Option<IntervalRow<'a>> {
    let Figure::Timing(time) = one.figure else { return None };
    Some(IntervalRow {
        names: [one.workload, one.map, title],
        difference: time.ratio - 1.0,
        interval: time.interval.map(|(low, high)| (low - 1.0, high - 1.0)),
        tolerance: time.tolerance,
        delta: time.delta,
        class: class(one.status),
        text: one.change(),
    })
}

fn times_finding(timed: &[&Finding<'_>]) -> String {
    let counts: Vec<String> = Status::ALL
        .into_iter()
        .map(|status| (status, timed.iter().filter(|one| one.status == status).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(status, count)| format!("{count} {}", status.title().to_lowercase()))
        .collect();
    format!(
        "{}. Dot: ratio of head to base; line: its interval. Narrow band: code layout alone can move a ratio so far. Wide \
         band: a difference that the gate need not find. Grey: no difference is claimed.",
        counts.join(" · ")
    )
}

/// Exact figures that are not what they were.
fn moved(found: &[Finding<'_>]) -> Markup {
    let exact = |one: &&Finding<'_>| matches!(one.figure, Figure::Exact(_)) && one.status != Status::Told;
    let all = found.iter().filter(exact).count();
    let mut moved: Vec<&Finding<'_>> =
        found.iter().filter(exact).filter(|one| one.status != Status::Unchanged).collect();
    moved.sort_by_key(|one| one.status);
    if all == 0 {
        return html! {};
    }
    html! {
        h3 { "Exact figures that changed" }
        @if moved.is_empty() {
            p .note { "None of " (all) " changed: allocations, bytes, rehashed entries and the others." }
        } @else {
            div .scroll { table .told {
                thead { tr {
                    th { "workload" } th { "map" } th { "figure" } th { "change" } th { "verdict" } th { "evidence" }
                } }
                tbody { @for one in &moved { tr {
                    th scope="row" { (one.workload) }
                    td { (one.map) }
                    td { (one.title()) }
                    td { (one.change()) }
                    td class=[(one.status == Status::Regressed).then_some("bad")] {
                        strong { (one.status.title()) }
                    }
                    td .text { (one.evidence()) }
                } } }
            } }
            p .note { "The other " (all - moved.len()) " of " (all) " did not change beyond their tolerance." }
        }
    }
}

fn not_repeated(found: &[Finding<'_>]) -> Markup {
    let said: Vec<String> = with_status(found, Status::Told).iter().map(Finding::sentence).collect();
    told(Status::Told.title(), &said)
}

fn told(title: &str, lines: &[String]) -> Markup {
    html! {
        @if !lines.is_empty() {
            h3 { (title) }
            div .prose { ul { @for line in lines { li { (line) } } } }
        }
    }
}

fn reading(gate: &Gate) -> Markup {
    html! {
        h3 { "How to read it" }
        div .prose { ul {
            @for line in designs(gate) { li { (line) } }
            li {
                "Ratios of the gate are not those of the comparison of maps: two processes that alternate on one core compete \
                 for its caches, so that cache misses weigh more. They compare head with base, not map with map."
            }
            li {
                "Unchanged: the difference is shown to be smaller than what must be found. Inconclusive: neither a difference nor \
                 its absence is shown."
            }
            li { "Times are compared only with a base that ran beside the head. Exact figures are the same on every run of a tape." }
        } }
    }
}
