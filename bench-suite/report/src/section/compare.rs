//! Comparison: every map of a workload, one row each, with its difference to the reference map.

use formats::observation::{Collector, Throughput};
use std::collections::BTreeSet;

use maud::{Markup, html};

use super::overview::{confidence, hint};
use super::{Files, WorkloadSection};
use crate::chart::palette::Style;
use crate::csv_file::csv_file;
use crate::map_result::{Figures, MapResult, QUOTED};
use crate::number::{self, NONE};
use crate::prose::{listed, plural};
use crate::ratio::{MIN_ROUNDS, Ratio};
use crate::view::{View, WorkloadResults};

pub(super) const SECTION: WorkloadSection =
    WorkloadSection { anchor: "maps", title: "Comparison", shows: &[Collector::Throughput], render, files };

fn render(view: &View<'_>, workload: &WorkloadResults<'_>) -> Markup {
    if workload.results.is_empty() {
        return html! {};
    }
    html! {
        p .finding { (finding(workload)) }
        div .scroll { table .compare data-sort="" {
            (head(workload))
            tbody { @for result in &workload.results { (row(view, workload, result)) } }
        } }
        p .note { (basis(workload)) }
    }
}

fn head(workload: &WorkloadResults<'_>) -> Markup {
    html! {
        thead {
            tr .group {
                th {} th colspan="2" { "Throughput" } th colspan="4" { "Service time, all operations" }
                th colspan="4" { "Memory" } th colspan="2" { "Slots" }
            }
            tr {
                th scope="col" { "map" }
                th scope="col" { "Mop/s" }
                th scope="col" { "against " (workload.reference) }
                @for (name, _) in QUOTED { th scope="col" { (name) } }
                th scope="col" title="Blocks allocated for each operation" { "allocs/op" }
                th scope="col" title="Bytes held over live entries, mean over the tape" { "B/entry" }
                th scope="col" title="Most bytes held at once" { "peak" }
                th scope="col" title="Bytes held at the end of the tape" { "end" }
                th scope="col" title="Inserts that landed where, in the same allocation, an entry lived before" { "reused" }
                th scope="col" title="Largest share of the capacity that dead slots took" { "dead" }
            }
        }
    }
}

fn row(view: &View<'_>, workload: &WorkloadResults<'_>, result: &MapResult<'_>) -> Markup {
    let figures = &result.figures;
    let is_reference = result.map == workload.reference;
    let style = Style::of(result.place, result.map, workload.reference);
    let class = if is_reference { Some("reference") } else { result.is_null.then_some("null") };
    let about = view.info(result.map).map(|info| format!("{} {}: {}", info.name, info.version, info.about));
    html! {
        tr class=[class] {
            th scope="row" title=[about] {
                svg class=(format!("key {}", style.class())) viewBox="0 0 18 8" aria-hidden="true" { path d="M0 4H18" {} }
                (result.map)
                @if result.is_null { small { "the suite's own cost" } }
                @if !result.failures.is_empty() {
                    small .bad title=(result.failures[0].1.to_string()) { (plural(result.failures.len(), "pass")) " failed" }
                }
            }
            td data-v=[figures.ops_per_second] { (some(figures.ops_per_second, |speed| number::significant(speed / 1e6))) }
            (speed_ratio(figures, is_reference))
            @for at in 0..QUOTED.len() { (percentile(figures, at, is_reference)) }
            td data-v=[figures.allocations_per_op] { (some(figures.allocations_per_op, number::rate)) }
            td data-v=[figures.bytes_per_entry] { (some(figures.bytes_per_entry, number::significant)) }
            td data-v=[figures.peak_bytes] { (some(figures.peak_bytes, |bytes| number::bytes(bytes as f64))) }
            td data-v=[figures.end_bytes] { (some(figures.end_bytes, |bytes| number::bytes(bytes as f64))) }
            @let reuse = figures.landed.map(crate::map_result::Landed::reuse);
            td data-v=[reuse] { (some(reuse, number::percent)) }
            td data-v=[figures.dead] { (some(figures.dead, number::percent)) }
        }
    }
}

fn some<T>(figure: Option<T>, text: impl Fn(T) -> String) -> String {
    figure.map_or_else(|| NONE.to_owned(), text)
}

fn speed_ratio(figures: &Figures, is_reference: bool) -> Markup {
    match figures.speed_ratio {
        _ if is_reference => html! { td data-v="1" { "reference" } },
        None => html! { td { (NONE) } },
        Some(ratio) => html! {
            td class=[(!ratio.differs()).then_some("grey")] data-v=(ratio.estimate) title=(hint(ratio)) {
                b { (number::factor(ratio.estimate)) }
                span .interval {
                    @match ratio.interval {
                        Some(interval) => (format!(
                            "{}–{}",
                            number::factor_digits(interval.low),
                            number::factor_digits(interval.high)
                        )),
                        None => (plural(ratio.rounds, "round")),
                    }
                }
            }
        },
    }
}

fn percentile(figures: &Figures, at: usize, is_reference: bool) -> Markup {
    let Some(quoted) = figures.percentiles else { return html! { td { (NONE) } } };
    let ratio = figures.percentile_ratios[at];
    let same = ratio.is_some_and(|ratio| ratio.interval.is_some() && !ratio.differs());
    html! {
        td class=[(same && !is_reference).then_some("grey")] data-v=(quoted[at]) title=[ratio.filter(|_| !is_reference).map(|ratio| format!(
            "{} of the reference, {}", number::factor(ratio.estimate), hint(ratio)
        ))] { (number::nanos(quoted[at] as f64)) }
    }
}

/// The map with the highest throughput, and which cannot be told from the reference map.
fn finding(workload: &WorkloadResults<'_>) -> String {
    let rated = || {
        workload.results.iter().filter(|result| !result.is_null && result.figures.ops_per_second.is_some())
    };
    let Some(fastest) = rated().next() else { return "No map has a throughput.".to_owned() };
    let speed = fastest.figures.ops_per_second.unwrap_or_default();
    let ratio = fastest.figures.speed_ratio.filter(|_| fastest.map != workload.reference);
    let ratio = ratio.map(|ratio| format!(", {} of {}", number::factor(ratio.estimate), workload.reference));
    let others = || rated().filter(|result| result.map != workload.reference);
    let same: Vec<&str> = others()
        .filter(|result| {
            result.figures.speed_ratio.is_some_and(|ratio| ratio.interval.is_some() && !ratio.differs())
        })
        .map(|result| result.map)
        .collect();
    let without = others()
        .filter(|result| result.figures.speed_ratio.is_none_or(|ratio| ratio.interval.is_none()))
        .count();
    let same = (!same.is_empty())
        .then(|| format!(" Not to be told from {}: {}.", workload.reference, listed(&same, 6)));
    let without = (without > 0).then(|| {
        format!(
            " {} ran in fewer than {MIN_ROUNDS} paired rounds: no interval is claimed.",
            plural(without, "map")
        )
    });
    format!(
        "Highest throughput: {}, {} operations a second{}.{}{}",
        fastest.map,
        number::approx(speed),
        ratio.unwrap_or_default(),
        same.unwrap_or_default(),
        without.unwrap_or_default()
    )
}

/// What the intervals are made of.
fn basis(workload: &WorkloadResults<'_>) -> String {
    let claims = |ratio: &dyn Fn(&Figures) -> Option<Ratio>| -> String {
        let others = workload.results.iter().filter(|result| result.map != workload.reference);
        let claims: BTreeSet<String> =
            others.filter_map(|result| ratio(&result.figures)).map(claim).collect();
        if claims.is_empty() { "no pair".to_owned() } else { Vec::from_iter(claims).join(", ") }
    };
    format!(
        "Throughput: median over the rounds, without the first filling; intervals: {}. Percentiles merge the histograms \
         of all rounds and include one read of the clock; differences: {}. Grey: the interval contains 1, or a ratio has \
         too few rounds for one. Memory and slots are counted, not timed: the same in every round.",
        claims(&|figures| figures.speed_ratio),
        claims(&|figures| figures.percentile_ratios[2])
    )
}

/// How sure a ratio is, for a sentence.
fn claim(ratio: Ratio) -> String {
    let rounds = plural(ratio.rounds, "paired round");
    match ratio.interval {
        Some(interval) => format!("{rounds}, {} confidence", confidence(interval.confidence)),
        None => format!("{rounds}, nothing is claimed"),
    }
}

fn files(_: &WorkloadResults<'_>, result: &MapResult<'_>) -> Files {
    match result.first::<Throughput>() {
        Some(_) => vec![("throughput.csv".to_owned(), slices(result))],
        None => Files::new(),
    }
}

fn slices(result: &MapResult<'_>) -> Vec<u8> {
    let mut rows = Vec::new();
    for (round, seen) in result.rounds::<Throughput>() {
        for (at, phase) in seen.phases.iter().enumerate() {
            for (thread, slices) in phase.threads.iter().enumerate() {
                for (index, slice) in slices.iter().enumerate() {
                    rows.push([
                        round.to_string(),
                        at.to_string(),
                        phase.phase.clone(),
                        thread.to_string(),
                        index.to_string(),
                        slice.ops.to_string(),
                        slice.wall_ns.to_string(),
                        slice.cpu_ns.to_string(),
                    ]);
                }
            }
        }
    }
    csv_file(["round", "phase_index", "phase", "thread", "slice", "ops", "wall_ns", "cpu_ns"], rows)
}
