//! The answer in words: the same in the terminal, in Markdown and on the page.

use std::fmt::Write;

use formats::shown::shown;
use maud::{Markup, html};

use super::curve;
use super::points::{Group, stretches};
use super::{Answer, Category, Choice, Load};
use crate::markdown::cell;

/// The heads of the table of loads.
const HEAD: [&str; 7] =
    ["load", "kind", "take", "against it", "goes with its speed", "how sure", "what would change it"];

/// The rows of the table: one for each load and kind of map. Of a swept workload it is one for all points; what stands
/// behind the maps is of the last.
fn rows(answer: &Answer) -> Vec<[String; 7]> {
    let row = |group: &Group<'_>, kind: Category| {
        let choices = group.choices(kind);
        let (last, Choice { against, why, sure, change, .. }) = choices.last()?;
        let told = [against, why, sure, change].map(|text| match (&last.point, choices.len()) {
            (Some(point), 2..) => format!("{point}: {text}"),
            _ => text.clone(),
        });
        let [against, why, sure, change] = told;
        Some([group.name(), kind.title().to_owned(), stretches(&choices), against, why, sure, change])
    };
    let groups = Group::all(&answer.loads);
    groups.iter().flat_map(|group| group.kinds().filter_map(move |kind| row(group, kind))).collect()
}

/// Lines for a terminal: what to take, and what to know.
pub(super) fn text(answer: &Answer) -> String {
    let mut out = String::new();
    for take in &answer.takes {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{}", shown(take));
    }
    // Of many loads a table on the page tells it.
    if let [load] = answer.loads.as_slice() {
        for choice in &load.choices {
            let _ = writeln!(out, "- {}", shown(&because(choice)));
        }
    }
    for fact in &answer.facts {
        let _ = writeln!(out, "- {}", shown(&fact.text));
    }
    for table in &answer.curves {
        // A line at a time: what is a control character in a name is no end of a line.
        for line in curve::text(table).lines() {
            let _ = writeln!(out, "{}", shown(line));
        }
    }
    if let Some(gate) = &answer.gate {
        let _ = writeln!(out, "{}", shown(gate));
    }
    for line in &answer.expectations {
        let _ = writeln!(out, "{}", shown(line));
    }
    out
}

/// Why a choice is one, and what speaks against it.
fn because(choice: &Choice) -> String {
    let Choice { sure, why, against, .. } = choice;
    format!("{}, because: {sure}; {why}. Against it: {against}.", choice.maps())
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
    for line in &answer.expectations {
        let _ = writeln!(out, "{}  ", cell(line));
    }
    if !answer.expectations.is_empty() {
        out.push('\n');
    }
    if answer.loads.is_empty() {
        return out;
    }
    let _ = writeln!(out, "| {} |\n|{}", HEAD.join(" | "), "---|".repeat(HEAD.len()));
    for row in rows(answer) {
        let _ = writeln!(out, "| {} |", row.map(|text| cell(&text)).join(" | "));
    }
    out.push('\n');
    out
}

/// The same on the page; facts are links to their figures.
pub(crate) fn section(answer: &Answer) -> Markup {
    if answer.loads.is_empty() && answer.facts.is_empty() && answer.expectations.is_empty() {
        return html! {};
    }
    html! {
        @for take in &answer.takes { p .take { (take) } }
        @if !answer.facts.is_empty() {
            ul .facts { @for fact in &answer.facts { li { a href=(format!("#{}", fact.figure)) { (fact.text) } } } }
        }
        @if !answer.expectations.is_empty() {
            p .expected { a href="#expectations" { @for line in &answer.expectations { (line) " " } } }
        }
        @if !answer.loads.is_empty() {
            div .scroll { table .answer {
                thead { tr { @for head in HEAD { th scope="col" { (head) } } } }
                tbody { @for cells in rows(answer) { (row(&cells)) } }
            } }
        }
    }
}

/// What to take for one load, in one line: what stands behind it is told in the answer.
pub(super) fn load(load: &Load) -> Markup {
    html! {
        p .takes {
            "Take "
            @for (at, choice) in load.choices.iter().enumerate() {
                @if at > 0 { "; " }
                b { (choice.maps()) } " (" (choice.kind.title()) ")"
            }
            ". " a href="#answer" { "How sure that is, and what speaks against it" }
        }
    }
}

fn row([load, kind, maps, rest @ ..]: &[String; 7]) -> Markup {
    html! {
        tr {
            th scope="row" { (load) }
            td { (kind) }
            td { strong { (maps) } }
            @for cell in rest { td .text { (cell) } }
        }
    }
}
