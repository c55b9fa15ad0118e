//! The article's claims: each with its verdict and the figures of every implementation.

use formats::evidence::Claims;
use maud::{Markup, html};
use verdict::claims::{Finding, Judged, Verdict, judge};

use super::SessionSection;
use crate::prose::plural;
use crate::view::View;

pub(super) const SECTION: SessionSection =
    SessionSection { anchor: "claims", title: "The article's claims", render };

fn render(view: &View<'_>) -> Markup {
    let Some(claims) = &view.session.claims else { return html! {} };
    let judged = judge(&claims.evidence);
    let (source, measurable): (Vec<&Judged>, Vec<&Judged>) =
        judged.iter().partition(|judged| judged.verdict == Verdict::AboutSource);
    html! {
        p .finding { (finding(&judged)) }
        @for chapter in chapters(&measurable) { (table(chapter)) }
        @if !claims.failures.is_empty() { (failures(claims)) }
        h3 { "About source code" }
        p .note { "No measurement decides these: they are about text, a compiler, or a program that is not given." }
        div .scroll { table .names {
            thead { tr { th { "#" } th .text { "claim" } th .text { "why" } } }
            tbody { @for one in source {
                tr { th scope="row" { (one.number) } td .text { (one.claim) } td .text { @if let Some(why) = &one.why { (why) } } }
            } }
        } }
    }
}

/// How many claims have which verdict.
fn finding(judged: &[Judged]) -> String {
    let count = |verdict: Verdict| {
        let count = judged.iter().filter(|one| one.verdict == verdict).count();
        format!("{count} {}", verdict.word())
    };
    format!(
        "{}: {}. Verdicts are computed from the figures beside them.",
        plural(judged.len(), "claim"),
        Verdict::ALL.map(count).join(", ")
    )
}

/// The claims of each chapter.
fn chapters<'j>(judged: &'j [&'j Judged]) -> impl Iterator<Item = &'j [&'j Judged]> {
    judged.chunk_by(|one, next| one.chapter == next.chapter)
}

fn table(judged: &[&Judged]) -> Markup {
    html! {
        h3 { "Chapter " (judged[0].chapter) }
        div .scroll { table .claims {
            thead { tr { th { "#" } th .text { "claim" } th .text { "verdict" } th .text { "measured" } } }
            tbody { @for one in judged { (row(one)) } }
        } }
    }
}

fn row(judged: &Judged) -> Markup {
    let class = match judged.verdict {
        Verdict::Confirmed => "good",
        Verdict::Refuted => "bad",
        Verdict::Depends => "warn",
        Verdict::NotMeasured | Verdict::AboutSource => "none",
    };
    html! {
        tr {
            th scope="row" { (judged.number) }
            td .text { (judged.claim) }
            td class=(format!("text {class}")) { strong { (judged.verdict.word()) } }
            td .text {
                @for cell in &judged.cells {
                    div { (cell.implementation) ": " (cell.figure)
                        @if disagrees(judged, cell.finding) { " (" (cell.finding.word()) ")" }
                    }
                }
                @if let Some(why) = &judged.why { span .none { (why) } }
            }
        }
    }
}

/// Whether implementations differ, so that each must say what it found.
fn disagrees(judged: &Judged, finding: Finding) -> bool {
    judged.cells.iter().any(|cell| cell.finding != finding)
}

fn failures(claims: &Claims) -> Markup {
    html! {
        h3 { "Failed experiments" }
        div .scroll { table .failures {
            thead { tr { th { "experiment" } th { "program" } th { "reason" } } }
            tbody { @for failure in &claims.failures {
                tr { th scope="row" { (failure.experiment) } td .text { (failure.program) } td .text { (failure.why) } }
            } }
        } }
    }
}
