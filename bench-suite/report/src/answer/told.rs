//! The answer in words: the same in the terminal, in Markdown and on the page.

use std::fmt::Write;

use formats::shown::shown;
use maud::{Markup, html};

use super::{Answer, Choice, Load};
use crate::markdown::cell;

/// The heads of the table of loads.
const HEAD: [&str; 7] =
    ["load", "kind", "take", "against it", "goes with its speed", "how sure", "what would change it"];

fn cells<'a>(load: &'a Load, choice: &'a Choice, maps: &'a str) -> [&'a str; 7] {
    let Choice { against, why, sure, change, .. } = choice;
    [&load.workload, choice.kind.title(), maps, against, why, sure, change]
}

/// Lines for a terminal: what to take, and what to know.
pub(super) fn text(answer: &Answer) -> String {
    let mut out = String::new();
    for take in &answer.takes {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{}", shown(take));
    }
    for fact in &answer.facts {
        let _ = writeln!(out, "- {}", shown(&fact.text));
    }
    if let Some(gate) = &answer.gate {
        let _ = writeln!(out, "{}", shown(gate));
    }
    out
}

/// The same, with the table of loads, in Markdown.
pub(crate) fn markdown(answer: &Answer) -> String {
    let mut out = String::new();
    for take in &answer.takes {
        let _ = writeln!(out, "**{}**\n", cell(take));
    }
    for fact in &answer.facts {
        let _ = writeln!(out, "- {}", cell(&fact.text));
    }
    if !answer.facts.is_empty() {
        out.push('\n');
    }
    if answer.loads.is_empty() {
        return out;
    }
    let _ = writeln!(out, "| {} |\n|{}", HEAD.join(" | "), "---|".repeat(HEAD.len()));
    for load in &answer.loads {
        for choice in &load.choices {
            let maps = choice.maps();
            let row = cells(load, choice, &maps).map(cell);
            let _ = writeln!(out, "| {} |", row.join(" | "));
        }
    }
    out.push('\n');
    out
}

/// The same on the page; facts are links to their figures.
pub(crate) fn section(answer: &Answer) -> Markup {
    if answer.loads.is_empty() && answer.facts.is_empty() {
        return html! {};
    }
    html! {
        @for take in &answer.takes { p .take { (take) } }
        @if !answer.facts.is_empty() {
            ul .facts { @for fact in &answer.facts { li { a href=(format!("#{}", fact.figure)) { (fact.text) } } } }
        }
        @if !answer.loads.is_empty() {
            div .scroll { table .answer {
                thead { tr { @for head in HEAD { th scope="col" { (head) } } } }
                tbody { @for load in &answer.loads { @for choice in &load.choices { (row(load, choice)) } } }
            } }
        }
    }
}

/// What to take for one load, a sentence for each kind of map.
pub(super) fn load(load: &Load) -> Markup {
    html! {
        @for choice in &load.choices {
            p .finding { "Take, " (choice.kind.title()) ": " b { (choice.maps()) } " (" (choice.sure) "). Against it: " (choice.against) "." }
        }
    }
}

fn row(load: &Load, choice: &Choice) -> Markup {
    let maps = choice.maps();
    let [load, kind, maps, rest @ ..] = cells(load, choice, &maps);
    html! {
        tr {
            th scope="row" { (load) }
            td { (kind) }
            td { strong { (maps) } }
            @for cell in rest { td .text { (cell) } }
        }
    }
}
