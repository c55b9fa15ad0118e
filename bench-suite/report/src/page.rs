//! The page around the sections: one file, styled for light, dark and paper, whole without its script.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use formats::shown::shown_text;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::chart::palette::{self, DARK, LIGHT};
use crate::section::{self, SessionSection};
use crate::view::{View, WorkloadResults};
use crate::{answer, asked};

const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = include_str!("page/script.js");

/// A heading in the table of contents, and what stands below it.
struct Heading {
    anchor: String,
    title: String,
    below: Vec<Heading>,
}

pub(crate) fn render(view: &View<'_>) -> String {
    let mut contents = Vec::new();
    let mut body = Vec::new();
    let mut push = |(entry, markup): (Heading, Markup)| {
        contents.push(entry);
        body.push(markup);
    };
    section::BEFORE.iter().filter_map(|section| whole(view, section, false)).for_each(&mut push);
    view.workloads.iter().map(|one| workload(view, one)).for_each(&mut push);
    section::AFTER.iter().filter_map(|section| whole(view, section, true)).for_each(&mut push);

    let title = format!("Churnmark: {}", view.session.manifest.id);
    document(
        &title,
        &styles(view),
        &html! {
            a .skip href="#main" { "Skip to the answer" }
            (nav(&contents))
            main id="main" {
                header {
                    h1 { "Churnmark" }
                    p .id { (view.session.manifest.id) " · suite " (view.session.manifest.suite) " · " (view.session.manifest.started) }
                }
                @for markup in &body { (markup) }
            }
            script { (PreEscaped(SCRIPT)) }
        },
    )
}

/// How each map is drawn: those that stand out most often choose their colours first.
fn styles(view: &View<'_>) -> String {
    let mut often: BTreeMap<usize, usize> = BTreeMap::new();
    for place in view.workloads.iter().flat_map(|workload| &workload.highlighted) {
        *often.entry(*place).or_default() += 1;
    }
    let mut order: Vec<usize> = (0..view.maps.len()).collect();
    order.sort_by_key(|place| (Reverse(often.get(place).copied().unwrap_or(0)), *place));
    let reference = view.maps.iter().position(|map| *map == view.session.manifest.reference);
    palette::styles(order, reference)
}

/// The colours, for light, dark and paper.
fn colours() -> String {
    format!(
        ":root{{{}}}@media(prefers-color-scheme:dark){{:root{{{}}}}}@media print{{:root{{{}}}}}",
        palette::variables(&LIGHT),
        palette::variables(&DARK),
        palette::variables(&LIGHT)
    )
}

/// What a chart needs that stands in a file of its own.
pub(crate) fn drawing_styles(view: &View<'_>) -> String {
    [STYLE, &colours(), &styles(view)].concat()
}

/// A page with the shared style.
pub(crate) fn document(title: &str, styles: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                meta name="color-scheme" content="light dark";
                // A page that asks for nothing must not ask for an icon either.
                link rel="icon" href="data:,";
                title { (title) }
                style { (PreEscaped(STYLE)) (PreEscaped(colours())) (PreEscaped(styles)) }
            }
            body { (body) }
        }
    };
    shown_text(page.into_string())
}

fn whole(view: &View<'_>, section: &SessionSection, is_folded: bool) -> Option<(Heading, Markup)> {
    let inner = (section.render)(view);
    if inner.0.is_empty() {
        return None;
    }
    let markup = html! {
        section id=(section.anchor) {
            @if is_folded {
                (folded(&html! { h2 { (section.title) } }, &inner))
            } @else {
                h2 { a href=(format!("#{}", section.anchor)) { (section.title) } }
                (inner)
            }
        }
    };
    Some((
        Heading { anchor: section.anchor.to_owned(), title: section.title.to_owned(), below: Vec::new() },
        markup,
    ))
}

fn workload(view: &View<'_>, workload: &WorkloadResults<'_>) -> (Heading, Markup) {
    let mut below = Vec::new();
    let mut inner = Vec::new();
    for section in section::EACH {
        let markup = (section.render)(view, workload);
        if markup.0.is_empty() {
            continue;
        }
        let anchor = format!("{}-{}", workload.anchor, section.anchor);
        inner.push(html! {
            section id=(anchor) {
                // How the maps compare is what a load is looked at for; what explains it is behind its heading.
                @if inner.is_empty() {
                    h3 { a href=(format!("#{anchor}")) { (section.title) } }
                    (markup)
                } @else {
                    (folded(&html! { h3 { (section.title) } }, &markup))
                }
            }
        });
        below.push(Heading { anchor, title: section.title.to_owned(), below: Vec::new() });
    }
    let compared = view.session.manifest.comparisons.iter().any(|one| one.workload == workload.name);
    let markup = html! {
        article .workload id=(workload.anchor) {
            h2 { a href=(format!("#{}", workload.anchor)) { (workload.name) } }
            @if let Some(tape) = workload.tape {
                p .why { (tape.why) }
                @for reply in asked::of_workload(view, workload) { p .reply { (reply.text) } }
                (answer::of_workload(view, workload))
                p .recipe { (section::recipe(tape)) }
            }
            @if inner.is_empty() && compared {
                p .note { "The gate compared times on it, in pairs of processes; no pass of it was measured." }
            } @else if inner.is_empty() {
                p .note { "No pass of this workload was measured." }
            }
            @for section in &inner { (section) }
        }
    };
    (Heading { anchor: workload.anchor.clone(), title: workload.name.to_owned(), below }, markup)
}

/// What is shown when its heading is opened, and when a link leads into it.
fn folded(heading: &Markup, inner: &Markup) -> Markup {
    html! { details .fold { summary { (heading) } (inner) } }
}

fn nav(contents: &[Heading]) -> Markup {
    html! {
        nav aria-label="Contents" {
            a .home href="../index.html" { "All sessions" }
            (list(contents))
        }
    }
}

fn list(entries: &[Heading]) -> Markup {
    html! {
        ol {
            @for entry in entries {
                li {
                    a href=(format!("#{}", entry.anchor)) { (entry.title) }
                    @if !entry.below.is_empty() { (list(&entry.below)) }
                }
            }
        }
    }
}
