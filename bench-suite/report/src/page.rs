//! The page around the sections: one file, styled for light, dark and paper, whole without its script.

mod chapter;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use formats::shown::shown_text;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::chart::palette::{self, DARK, LIGHT};
use crate::parallel;
use crate::section::{self, SessionSection};
use crate::view::View;

const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = concat!(
    "(function(){",
    include_str!("page/script/read.js"),
    include_str!("page/script/view.js"),
    include_str!("page/script/lines.js"),
    include_str!("page/script/cells.js"),
    include_str!("page/script/page.js"),
    "})();"
);

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
    parallel::each(&view.workloads, |one| chapter::render(view, one)).into_iter().for_each(&mut push);
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
                (chapter::folded(&html! { h2 { (section.title) } }, &inner))
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
