//! What became of expectations in words: lines for a terminal, a table on the page, cases of a test report.

use std::fmt::Write;

use formats::expectation::{Bound, Expectation, Judgement, Outcome};
use formats::shown::shown;
use maud::{Markup, html};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::markdown::cell;
use crate::measured;
use crate::number;

/// Broken ones that are told one by one where room is short.
const MOST: usize = 3;

/// What must hold: `peak at most 4.00 MiB`, `peak at most ×2.00 of std`.
fn statement(one: &Expectation) -> String {
    let (side, limit) = match one.bound {
        Bound::AtMost(limit) => ("at most", limit),
        Bound::AtLeast(limit) => ("at least", limit),
    };
    let limit = match &one.of {
        Some(of) => format!("{} of {of}", number::factor(limit)),
        None => measured::text(one.figure, limit),
    };
    format!("{} {side} {limit}", one.figure.name())
}

/// How many became what: `1 broken, 12 held, 3 undecided`.
pub(crate) fn tally(judged: &[Judgement]) -> String {
    let count = |outcome: Outcome| judged.iter().filter(|one| one.outcome == outcome).count();
    let told = [Outcome::Broken, Outcome::Held, Outcome::Undecided]
        .into_iter()
        .map(|outcome| (count(outcome), outcome.name()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{} {name}", number::count(count as u64)));
    told.collect::<Vec<_>>().join(", ")
}

/// The tally and the broken ones, where room is short; nothing where nothing is expected.
pub(crate) fn lines(judged: &[Judgement]) -> Vec<String> {
    if judged.is_empty() {
        return Vec::new();
    }
    let broken: Vec<&Judgement> = judged.iter().filter(|one| one.outcome == Outcome::Broken).collect();
    let mut lines = vec![format!("Expectations: {}.", tally(judged))];
    lines.extend(broken.iter().take(MOST).map(|one| sentence(one)));
    if broken.len() > MOST {
        lines.push(format!("And {} more are broken.", broken.len() - MOST));
    }
    lines
}

/// All of one in a sentence.
pub(crate) fn sentence(one: &Judgement) -> String {
    let outcome = match one.outcome {
        Outcome::Broken => "BROKEN",
        Outcome::Held => "Held",
        Outcome::Undecided => "Undecided",
    };
    let Judgement { workload, map, said, expectation, .. } = one;
    format!("{outcome}: {map} on {workload}: {said}. Why: {}", full_stop(&expectation.reason))
}

fn full_stop(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// Every one on a line, the gravest first, for a terminal.
#[must_use]
pub fn text(judged: &[Judgement]) -> String {
    let line = |one: &&Judgement| format!("  {}\n", shown(&sentence(one)));
    by_gravity(judged).iter().map(line).collect()
}

/// The same as a list in Markdown, without those that held.
pub(crate) fn list(judged: &[Judgement]) -> String {
    let mut out = String::new();
    for one in by_gravity(judged).into_iter().filter(|one| one.outcome != Outcome::Held) {
        // Writing to a string does not fail.
        let _ = writeln!(out, "- {}", cell(&sentence(one)));
    }
    out
}

fn by_gravity(judged: &[Judgement]) -> Vec<&Judgement> {
    let mut all: Vec<&Judgement> = judged.iter().collect();
    all.sort_by_key(|one| one.outcome);
    all
}

/// A table of all, the gravest first.
pub(crate) fn section(judged: &[Judgement]) -> Markup {
    if judged.is_empty() {
        return html! {};
    }
    html! {
        p .finding {
            "A workload says what must hold of maps that play it, and why. Of what it says here: " (tally(judged)) "."
        }
        @for one in judged.iter().filter(|one| one.outcome == Outcome::Broken) { p .finding .bad { (sentence(one)) } }
        p .note {
            "Counts and bytes of one thread are the same on every run and are held against the bound as they are. What a \
             clock measures is judged by its interval: held when all of it is within the bound, broken when none of it is."
        }
        details .data { summary { "Each expectation" } div .scroll { table .told {
            thead { tr {
                @for head in ["workload", "map", "expected", "outcome", "measured", "why it must hold"] { th scope="col" { (head) } }
            } }
            tbody { @for one in by_gravity(judged) { tr {
                th scope="row" { (one.workload) }
                td { (one.map) }
                td { (statement(&one.expectation)) }
                td class=[(one.outcome == Outcome::Broken).then_some("bad")] { strong { (one.outcome.name()) } }
                td .text { (one.said) }
                td .text { (one.expectation.reason) }
            } } }
        } } }
    }
}

/// The name of its case in a test report: the map and the figure.
fn case_name(one: &Judgement) -> String {
    format!("{}/expected {}", one.map, statement(&one.expectation))
}

/// A case for each, in a suite for each workload; what is undecided is skipped.
///
/// # Panics
/// Never: writing to memory does not fail.
#[must_use]
pub fn junit(judged: &[Judgement]) -> String {
    let mut report = Report::new("churnmark expectations");
    for of_workload in judged.chunk_by(|a, b| a.workload == b.workload) {
        let mut suite = TestSuite::new(of_workload[0].workload.as_str());
        suite.add_test_cases(of_workload.iter().map(case));
        report.add_test_suite(suite);
    }
    // The two characters that XML forbids and quick-junit lets pass.
    report.to_string().expect("memory can be written").replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// The case of one in a test report.
pub(crate) fn case(one: &Judgement) -> TestCase {
    let status = match one.outcome {
        Outcome::Held => TestCaseStatus::success(),
        Outcome::Undecided => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(sentence(one));
            status
        }
        Outcome::Broken => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_type("ExpectationBroken")
                .set_message(one.said.as_str())
                .set_description(sentence(one));
            status
        }
    };
    let mut case = TestCase::new(case_name(one), status);
    case.set_classname(one.workload.as_str());
    case
}
