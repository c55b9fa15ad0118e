//! The chapter of a load: what it asks and what the figures say, speed against memory beside it, and what explains both,
//! folded. On paper, which folds nothing out, it has a chart for each question instead.

use formats::question::Question;
use maud::{Markup, html};

use super::Heading;
use crate::asked::{self, Reply};
use crate::view::{View, WorkloadResults};
use crate::{answer, section};

/// Names of sections and figures, as they stand in the contents.
const CLOUD: &str = "Speed against memory";

pub(super) fn render(view: &View<'_>, workload: &WorkloadResults<'_>) -> (Heading, Markup) {
    let mut below = Vec::new();
    let mut inner = Vec::new();
    let mut push = |anchor: String, title: &str, markup| {
        inner.push(markup);
        below.push(Heading { anchor, title: title.to_owned(), below: Vec::new() });
    };
    let cloud = section::cloud(workload);
    if !cloud.0.is_empty() {
        push(format!("{}-cloud", workload.anchor), CLOUD, cloud);
    }
    for section in section::EACH {
        let markup = (section.render)(view, workload);
        if !markup.0.is_empty() {
            let anchor = format!("{}-{}", workload.anchor, section.anchor);
            let is_open = section.anchor == section::COMPARISON && workload.is_at_a_glance();
            let markup = within(&anchor, section.title, &markup, is_open);
            push(anchor, section.title, markup);
        }
    }
    let has_cloud = below.first().is_some_and(|first| first.title == CLOUD);
    let (cloud, sections) = inner.split_at(usize::from(has_cloud));
    let compared = view.session.manifest.comparisons.iter().any(|one| one.workload == workload.name);
    let markup = html! {
        article .workload id=(workload.anchor) {
            h2 { a href=(format!("#{}", workload.anchor)) { (workload.name) } }
            @if let Some(tape) = workload.tape {
                @let replies = asked::of_workload(view, workload);
                p .why { (tape.why) }
                p .recipe { (section::recipe(tape)) }
                div .pair.brief {
                    div {
                        @for reply in &replies { p .reply { (reply.text) (link(workload, reply, &inner)) } }
                        (answer::of_workload(view, workload))
                    }
                    @for cloud in cloud { (cloud) }
                }
                (on_paper(workload, &replies, &inner))
            } @else {
                @for cloud in cloud { (cloud) }
            }
            @if inner.is_empty() && compared {
                p .note { "The gate compared times on it, in pairs of processes; no pass of it was measured." }
            } @else if inner.is_empty() {
                p .note { "No pass of this workload was measured." }
            }
            @for section in sections { (section) }
        }
    };
    (Heading { anchor: workload.anchor.clone(), title: workload.name.to_owned(), below }, markup)
}

/// What compares the maps is open where it is read at a glance; what explains a load is behind its heading.
fn within(anchor: &str, title: &str, markup: &Markup, is_open: bool) -> Markup {
    html! {
        section id=(anchor) {
            @if is_open {
                h3 { a href=(format!("#{anchor}")) { (title) } }
                (markup)
            } @else {
                (folded(&html! { h3 { (title) } }, markup))
            }
        }
    }
}

/// What is shown when its heading is opened, and when a link leads into it.
pub(super) fn folded(heading: &Markup, inner: &Markup) -> Markup {
    html! { details .fold { summary { (heading) } (inner) } }
}

/// Where the figure stands that an answer is read from, if the chapter has it.
fn link(workload: &WorkloadResults<'_>, reply: &Reply, sections: &[Markup]) -> Markup {
    let anchors = figures(reply.question).iter().map(|figure| format!("{}-{figure}", workload.anchor));
    let stands = |anchor: &String| sections.iter().any(|one| one.0.contains(&format!(" id=\"{anchor}\"")));
    html! {
        @if let Some(anchor) = anchors.into_iter().find(stands) {
            " " a .shown href=(format!("#{anchor}")) aria-label=(format!("{}: figure", asked::subject(reply.question))) { "figure" }
        }
    }
}

/// The charts of a chapter for paper: one for each question that has one, or else speed against memory. Each is drawn
/// where it stands, and shown here.
fn on_paper(workload: &WorkloadResults<'_>, replies: &[Reply], sections: &[Markup]) -> Markup {
    let chart = |figure: &str| {
        let id = format!("{}-{figure}-chart", workload.anchor);
        Some((view_box(&id, sections)?.to_owned(), id))
    };
    let mut shown: Vec<(&str, String, String)> = Vec::new();
    for reply in replies {
        let found = figures(reply.question).iter().find_map(|figure| chart(figure));
        let Some((size, id)) = found.filter(|(_, id)| shown.iter().all(|other| other.2 != *id)) else {
            continue;
        };
        shown.push((asked::subject(reply.question), size, id));
    }
    if shown.is_empty() {
        shown.extend(chart("cloud").map(|(size, id)| (CLOUD, size, id)));
    }
    html! {
        @if !shown.is_empty() {
            div .paper {
                @for (subject, size, id) in &shown {
                    figure {
                        figcaption { h4 { (subject) } }
                        svg .chart viewBox=(size) { use href=(format!("#{id}")) {} }
                    }
                }
            }
        }
    }
}

/// The view box of a chart that stands in one of these sections.
fn view_box<'m>(id: &str, sections: &'m [Markup]) -> Option<&'m str> {
    let start = format!(" id=\"{id}\" viewBox=\"");
    let rest = sections.iter().find_map(|one| Some(one.0.split_once(&start)?.1))?;
    Some(rest.split_once('"')?.0)
}

/// What the anchors of the figures end with that show the answer to a question, the best first.
const fn figures(question: Question) -> &'static [&'static str] {
    match question {
        Question::Cost => &["cloud"],
        Question::Reuse => &["slots-reuse", "slots-landed"],
        Question::Dead => &["slots-dead"],
        Question::Growth => &["heap"],
        Question::GivenBack => &["heap", "given-back"],
        Question::Drift => &["cycles", "tail-cycles", "maps"],
        Question::Walk => &["latency-iterate", "latency-clear", "latency-retain", "latency-shrink"],
        Question::Tail => {
            &["latency-fetch", "latency-insert", "latency-update", "latency-get", "latency-remove"]
        }
        Question::Response => &["response"],
        Question::Contention => &["contention"],
        Question::Misses | Question::Comparisons => &["probes", "calls"],
        Question::Bytes => &["per-entry", "heap"],
        Question::Allocations => &["classes", "maps"],
        Question::Choices => &["events-decisions"],
        Question::Collections => &["collections"],
        Question::Hits | Question::Sweep | Question::Variants => &["maps"],
    }
}
