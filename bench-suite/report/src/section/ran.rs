//! What was run: machine, toolchain, revision, and the tapes as executed.

use std::num::NonZeroU64;

use formats::session::TapeInfo;
use formats::tape::{Header, Kind};
use formats::workload::{KeyPattern, Keys, Sizes, Values};
use maud::{Markup, html};

use super::SessionSection;
use crate::chart::frame::px;
use crate::number::{self, NONE};
use crate::prose::plural;
use crate::view::{View, WorkloadResults};

pub(super) const SECTION: SessionSection = SessionSection { anchor: "ran", title: "What was run", render };

fn render(view: &View<'_>) -> Markup {
    let manifest = &view.session.manifest;
    let machine = &manifest.machine;
    let known = |text: &str| if text.is_empty() { "unknown".to_owned() } else { text.to_owned() };
    html! {
        dl .facts {
            dt { "Machine" }
            dd { (machine.host) ": " (machine.cpu) ", " (plural(machine.cores, "core")) ", "
                (number::bytes(machine.memory as f64)) ", Linux " (machine.kernel) ", clock " (machine.clock) }
            dt { "Toolchain" } dd { (manifest.toolchain) }
            dt { "Revision" } dd { code { (known(&manifest.revision)) } }
            dt { "Suite" } dd { (manifest.suite) ", started " (manifest.started) }
            dt { "Command" } dd { code { (manifest.arguments.join(" ")) } }
            @for program in &manifest.programs {
                dt { "Program" }
                dd { (program.name) ", XXH3-128 " code { (program.digest) } ", "
                    (plural(program.maps.len(), "map")) }
            }
        }
        h3 { "Tapes as executed" }
        (tapes(view))
        details .data { summary { "Maps: versions, and how each is used" } (maps(view)) }
    }
}

fn tapes(view: &View<'_>) -> Markup {
    html! {
        div .scroll { table {
            thead { tr {
                th { "workload" } th { "operations" } th { "threads" } th { "keys" } th { "values" }
                th .text { "mix" } th { "hit rate" } th { "peak live" } th { "live entries over the tape" } th { "tape" }
            } }
            tbody {
                @for workload in &view.workloads {
                    @match workload.tape {
                        Some(tape) => (row(workload, tape)),
                        None => tr { th scope="row" { (workload.name) } td .text colspan="9" {
                            "The session does not describe this tape."
                        } },
                    }
                }
            }
        } }
    }
}

fn row(workload: &WorkloadResults<'_>, tape: &TapeInfo) -> Markup {
    let header = &tape.header;
    let ops = number::total(&header.executed.kinds);
    let id = tape.id.to_string();
    html! {
        tr {
            th scope="row" { a href=(format!("#{}", workload.anchor)) { (workload.name) } }
            td { (number::count(ops)) }
            td { (header.phases.first().map_or(0, |phase| phase.ops.len())) }
            td { (keys(header)) }
            td { (values(header)) }
            td .text { (mix(header)) }
            td { (hit_rate(header)) }
            td { (header.most_live().map_or_else(|| NONE.to_owned(), number::count)) }
            td { (spark(header)) }
            td { code title=(id) { (&id[..8]) } }
        }
    }
}

pub(super) fn keys(header: &Header) -> String {
    let kind = match header.keys {
        Keys::U32 => "u32".to_owned(),
        Keys::U64 => "u64".to_owned(),
        Keys::Uuid => "uuid".to_owned(),
        Keys::String(bytes) => format!("string, {bytes} B"),
    };
    match header.key_pattern {
        KeyPattern::Scattered => kind,
        KeyPattern::MultiplesOf(NonZeroU64::MIN) => format!("{kind}, in sequence"),
        KeyPattern::MultiplesOf(factor) => format!("{kind}, multiples of {factor}"),
        KeyPattern::CommonPrefix(bytes) => format!("{kind}, {bytes} of them in common"),
    }
}

pub(super) fn values(header: &Header) -> String {
    match header.values {
        Values::U64 => "u64".to_owned(),
        Values::Bytes(bytes) => format!("{bytes} B"),
        Values::Boxed(Sizes::Same(bytes)) => format!("boxed, {bytes} B"),
        Values::Boxed(sizes) => {
            let mean = number::bytes(header.mean_value_bytes() as f64);
            format!("boxed, {}, on average {mean}", number::sizes(sizes))
        }
    }
}

/// The operations of the whole tape by kind.
pub(super) fn mix(header: &Header) -> String {
    let all = number::total(&header.executed.kinds);
    let shares = Kind::ALL.iter().zip(header.executed.kinds).filter(|(_, count)| *count > 0);
    let text: Vec<String> = shares
        .map(|(kind, count)| format!("{} {}", kind.name(), number::percent(count as f64 / all as f64)))
        .collect();
    text.join(" · ")
}

/// The share of gets that found their key.
pub(super) fn hit_rate(header: &Header) -> String {
    let get = Kind::Get as usize;
    match header.executed.hits {
        Some(hits) if header.executed.kinds[get] > 0 => {
            number::percent(hits[get] as f64 / header.executed.kinds[get] as f64)
        }
        _ => NONE.to_owned(),
    }
}

/// Live entries over the tape, as a line without axes.
fn spark(header: &Header) -> Markup {
    let live = &header.executed.live;
    let most = live.iter().copied().max().unwrap_or(0).max(1) as f64;
    let points: Vec<(f64, f64)> = (0..).zip(live).map(|(at, live)| (f64::from(at), *live as f64)).collect();
    let last = live.len().saturating_sub(1).max(1) as f64;
    let spots: Vec<String> = super::sketch(&points)
        .iter()
        .map(|(at, live)| format!("{} {}", px(1.0 + 138.0 * at / last), px(27.0 - 25.0 * live / most)))
        .collect();
    html! {
        @if spots.len() < 2 {
            (NONE)
        } @else {
            svg .spark viewBox="0 0 140 28" role="img" aria-label=(format!(
                "live entries over the tape, from {} to {}, at most {}",
                live[0], live[live.len() - 1], most
            )) {
                path .fill d=(format!("M1 27L{}L139 27Z", spots.join("L"))) {}
                path d=(format!("M{}", spots.join("L"))) {}
            }
        }
    }
}

fn maps(view: &View<'_>) -> Markup {
    html! {
        div .scroll { table {
            thead { tr { th { "map" } th { "version" } th .text { "what it is and how it is used" } } }
            tbody {
                @for map in &view.maps {
                    tr {
                        th scope="row" { (map) }
                        @match view.info(map) {
                            Some(info) => { td .text { (info.version) } td .text { (info.about) } },
                            None => { td { (NONE) } td .text { "No program of this session knows it." } },
                        }
                    }
                }
            }
        } }
    }
}
