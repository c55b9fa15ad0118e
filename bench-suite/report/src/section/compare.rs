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
                th scope="col" { "vs " (workload.reference) }
                @for (name, _) in QUOTED { th scope="col" { (name) } }
                th scope="col" title="Blocks allocated per operation" { "allocs/op" }
                th scope="col" title="Bytes held divided by live entries, mean over the samples" { "B/entry" }
                th scope="col" title="Most bytes held at once" { "peak" }
                th scope="col" title="Bytes held at the end of the tape" { "end" }
                th scope="col" title="Inserts into a slot of the same allocation in which an entry had lived before" { "reused" }
                th scope="col" title="Largest share of the capacity taken by dead slots (tombstones)" { "dead" }
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
        ))] { (number::timed(quoted[at] as f64, figures.granularity_ns)) }
    }
}

/// The fastest maps, and those that cannot be told from the reference map. No map is called both.
fn finding(workload: &WorkloadResults<'_>) -> String {
    let rated: Vec<&MapResult<'_>> =
        workload.results.iter().filter(|one| !one.is_null && one.figures.ops_per_second.is_some()).collect();
    let Some((fastest, others)) = rated.split_first() else { return "No map has a throughput.".to_owned() };
    let behind = |one: &MapResult<'_>| Ratio::paired(&one.figures.speeds, &fastest.figures.speeds);
    let close: Vec<&str> =
        others.iter().filter(|one| behind(one).is_some_and(is_shown_alike)).map(|one| one.map).collect();
    let told_apart = others.iter().filter_map(|one| behind(one)).any(|ratio| ratio.interval.is_some());
    let mut said = vec![lead(workload, fastest, &close, told_apart || others.is_empty())];
    let compared = || rated.iter().filter(|one| one.map != workload.reference);
    let alike: Vec<&str> = compared()
        .filter(|one| one.map != fastest.map && !close.contains(&one.map))
        .filter(|one| one.figures.speed_ratio.is_some_and(is_shown_alike))
        .map(|one| one.map)
        .collect();
    if !alike.is_empty() {
        said.push(format!("Indistinguishable from {}: {}.", workload.reference, listed(&alike, 6)));
    }
    let unsure = |ratio: Option<Ratio>| ratio.is_none_or(|ratio| ratio.interval.is_none());
    let unsure = compared().filter(|one| unsure(one.figures.speed_ratio)).count();
    if unsure > 0 {
        let maps = plural(unsure, "map");
        said.push(format!("{maps} ran in fewer than {MIN_ROUNDS} paired rounds: no difference is claimed."));
    }
    said.join(" ")
}

/// Whether there are rounds enough, and they show no difference.
fn is_shown_alike(ratio: Ratio) -> bool {
    ratio.interval.is_some() && !ratio.differs()
}

/// Who leads: one map, or all that are within noise of it.
fn lead(workload: &WorkloadResults<'_>, fastest: &MapResult<'_>, close: &[&str], told_apart: bool) -> String {
    let (map, reference) = (fastest.map, workload.reference);
    let speed = number::approx(fastest.figures.ops_per_second.unwrap_or_default());
    let speed = format!("{speed} operations a second");
    if !told_apart {
        return format!("Highest median throughput: {map}, {speed}.");
    }
    let ratio = fastest.figures.speed_ratio.filter(Ratio::differs);
    let ratio = ratio.map(|ratio| format!(", {} that of {reference}", number::factor(ratio.estimate)));
    let ratio = ratio.unwrap_or_default();
    if close.is_empty() {
        return format!("Fastest: {map}, {speed}{ratio}.");
    }
    let all: Vec<&str> = std::iter::once(map).chain(close.iter().copied()).collect();
    format!("Fastest within noise: {} ({map}: {speed}{ratio}).", listed(&all, 6))
}

/// What the intervals are made of.
fn basis(workload: &WorkloadResults<'_>) -> String {
    let claims = |ratio: &dyn Fn(&Figures) -> Option<Ratio>| -> String {
        let others = workload.results.iter().filter(|result| result.map != workload.reference);
        let claims: BTreeSet<String> =
            others.filter_map(|result| ratio(&result.figures)).map(claim).collect();
        if claims.is_empty() { "no pair".to_owned() } else { Vec::from_iter(claims).join(", ") }
    };
    let left_out = match workload.left_out() {
        all if all.is_empty() => all,
        some => some + " The peak is of the whole tape. ",
    };
    format!(
        "{left_out}Throughput: median of the rounds; intervals from {}. Percentiles: histograms of all rounds added, one \
         clock read included; intervals from {}. Grey: compared with {}, and no difference is shown. Memory and slots are \
         counted, not timed.",
        claims(&|figures| figures.speed_ratio),
        claims(&|figures| figures.percentile_ratios[2]),
        workload.reference
    )
}

/// How sure a ratio is, for a sentence.
fn claim(ratio: Ratio) -> String {
    let rounds = plural(ratio.rounds, "paired round");
    match ratio.interval {
        Some(interval) => format!("{rounds}, {} confidence", confidence(interval.confidence)),
        None => format!("{rounds}: too few"),
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

#[cfg(test)]
mod tests {
    use formats::observation::{Reading, Slice};
    use formats::run::Outcome;

    use super::*;

    /// What is said of maps with these operations a second, one for each round.
    fn said(maps: &[(&str, [u64; 5])]) -> String {
        let names: Vec<&str> = maps.iter().map(|(name, _)| *name).collect();
        let mut session = crate::sample::sized(&names, &["fifo-window"], 5, 2);
        for run in &mut session.runs {
            let Outcome::Measured(observation) = &mut run.outcome else { continue };
            let Reading::Throughput(seen) = &mut observation.reading else { continue };
            let speeds = maps.iter().find(|(name, _)| *name == run.pass.map).unwrap().1;
            let (ops, wall_ns) = (speeds[run.pass.round as usize], 1_000_000_000);
            // The filling does not count.
            for phase in &mut seen.phases {
                phase.wall_ns = wall_ns;
                phase.threads = vec![vec![Slice { ops, wall_ns, cpu_ns: wall_ns }]];
            }
        }
        finding(&View::new(&session).workloads[0])
    }

    #[test]
    fn a_map_is_not_the_fastest_and_indistinguishable_from_the_reference() {
        let reference = ("hashbrown", [100, 100, 101, 99, 100]);
        let ahead = ("slab", [290, 300, 310, 305, 295]);
        let noisy = ("slotmap", [320, 90, 310, 315, 330]);
        let alike = ("std", [101, 99, 100, 100, 99]);
        let behind = ("btree", [40, 41, 42, 40, 41]);
        assert_eq!(
            said(&[reference, ahead, alike, behind]),
            "Fastest: slab, 300 operations a second, ×3.00 that of hashbrown. Indistinguishable from hashbrown: std."
        );
        assert_eq!(
            said(&[reference, ahead, noisy, alike, behind]),
            "Fastest within noise: slotmap, slab, hashbrown and std (slotmap: 315 operations a second)."
        );
    }

    #[test]
    fn too_few_rounds_claim_nothing() {
        let said =
            finding(&View::new(&crate::sample::sized(&["hashbrown", "std"], &["a"], 2, 2)).workloads[0]);
        assert!(said.starts_with("Highest median throughput: "), "{said}");
        assert!(
            said.ends_with("1 map ran in fewer than 5 paired rounds: no difference is claimed."),
            "{said}"
        );
    }
}
