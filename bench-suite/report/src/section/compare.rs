//! Comparison: every map of a workload, one row each, with its difference to the reference map.

pub(super) mod cloud;
mod cycles;
#[cfg(test)]
mod tests;

use formats::observation::{Allocations, Collector, Found, Throughput};
use std::collections::BTreeSet;

use maud::{Markup, html};

use super::overview::hint;
use super::{Files, WorkloadSection};
use crate::chart::palette::Style;
use crate::csv_file::csv_file;
use crate::map_result::{Figures, MapResult, QUOTED};
use crate::number::{self, NONE};
use crate::prose::{listed, plural};
use crate::ratio::{MIN_ROUNDS, Ratio, median};
use crate::view::{View, WorkloadResults};

pub(super) const SECTION: WorkloadSection = WorkloadSection {
    anchor: COMPARISON,
    title: "Comparison",
    shows: &[Collector::Throughput],
    render,
    files,
};

/// What the anchor of a comparison ends with.
pub(crate) const COMPARISON: &str = "maps";

fn render(view: &View<'_>, workload: &WorkloadResults<'_>) -> Markup {
    if workload.results.is_empty() {
        return html! {};
    }
    html! {
        p .finding { (finding(workload)) (interrupted(workload)) }
        div .scroll { table .compare data-sort="" {
            (head(workload))
            tbody { @for result in &workload.results { (row(view, workload, result)) } }
        } }
        p .note { (basis(workload)) }
        (cycles::figure(workload))
    }
}

fn head(workload: &WorkloadResults<'_>) -> Markup {
    html! {
        thead {
            tr .group {
                td {} th colspan="2" { "Throughput" } th colspan="4" { "Service time, all operations" }
                th colspan="4" { "Memory" } th colspan="2" { "Slots" }
                @if workload.is_bounded() { th { "Cache" } }
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
                @if workload.is_bounded() {
                    th scope="col" title="Gets and fetches that found their entry" { "hits" }
                }
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
            @let unsure = figures.speeds.is_empty() && figures.interrupted > 0;
            td class=[unsure.then_some("grey")] data-v=[figures.ops_per_second] { (some(figures.ops_per_second, |speed| number::significant(speed / 1e6))) }
            (speed_ratio(figures, is_reference, workload.quotient_apart(result)))
            @for at in 0..QUOTED.len() { (percentile(figures, at, is_reference)) }
            td data-v=[figures.allocations_per_op] { (some(figures.allocations_per_op, number::rate)) }
            td data-v=[figures.bytes_per_entry] { (some(figures.bytes_per_entry, number::bytes_each)) }
            @let [peak, end] = [figures.moments.map(|held| held.peak), figures.moments.map(|held| held.end)];
            td data-v=[peak] { (some(peak, |bytes| number::bytes(bytes as f64))) }
            td data-v=[end] { (some(end, |bytes| number::bytes(bytes as f64))) }
            @let reuse = figures.landed.map(crate::map_result::Landed::reuse);
            td data-v=[reuse] { (some(reuse, number::percent)) }
            td data-v=[figures.dead] { (some(figures.dead, number::percent)) }
            @if workload.is_bounded() {
                td data-v=[figures.hit_rate()] { (some(figures.hit_rate(), number::percent)) }
            }
        }
    }
}

fn some<T>(figure: Option<T>, text: impl Fn(T) -> String) -> String {
    figure.map_or_else(|| NONE.to_owned(), text)
}

fn speed_ratio(figures: &Figures, is_reference: bool, apart: Option<f64>) -> Markup {
    match figures.speed_ratio {
        _ if is_reference => html! { td data-v="1" { "reference" } },
        None => html! { td { (NONE) } },
        Some(ratio) => html! {
            td class=[(!ratio.differs()).then_some("grey")] data-v=(ratio.estimate) title=(hint(ratio)) {
                b { (number::factor(ratio.estimate)) }
                @if let Some(quotient) = apart {
                    abbr title=(format!("The two medians in Mop/s divide to {}.", number::factor(quotient))) { "†" }
                }
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
    let Some(quoted) = figures.percentiles.and_then(|quoted| quoted[at]) else {
        return html! { td { (NONE) } };
    };
    let ratio = figures.percentile_ratios[at];
    let same = ratio.is_some_and(|ratio| ratio.interval.is_some() && !ratio.differs()) && !is_reference;
    html! {
        td class=[(same || figures.latency_interrupted).then_some("grey")] data-v=(quoted) title=[ratio.filter(|_| !is_reference).map(|ratio| format!(
            "{} of the reference, {}", number::factor(ratio.estimate), hint(ratio)
        ))] { (number::timed(quoted as f64, figures.granularity_ns)) }
    }
}

/// The fastest maps, and those that cannot be told from the reference map. No map is called both.
fn finding(workload: &WorkloadResults<'_>) -> String {
    if workload.is_paced() {
        return kept(workload);
    }
    let has_figure = |one: &&MapResult<'_>| !one.figures.speeds.is_empty();
    let (keyed, slots): (Vec<&MapResult<'_>>, Vec<&MapResult<'_>>) =
        workload.candidates().filter(has_figure).partition(|one| one.has_keys);
    let slots = of_kind(workload, &slots)
        .map(|said| format!("Among slot managers, which choose the keys themselves: {said}"));
    let said: Vec<String> = of_kind(workload, &keyed).into_iter().chain(slots).collect();
    if said.is_empty() { "No map has a throughput.".to_owned() } else { said.join(" ") }
}

/// Where a schedule says when operations start: all maps do as many a second, and are told apart by how long requests
/// wait.
fn kept(workload: &WorkloadResults<'_>) -> String {
    const SAYS: &str = "A schedule says when operations start: throughput shows whether it was kept, and maps are told \
                        apart by the p99.9 of the response time";
    let mut ranked = workload.candidates().filter(|one| !one.figures.responses.is_empty());
    let Some(first) = ranked.next() else { return format!("{SAYS}, which was not measured.") };
    let close: Vec<&str> =
        ranked.filter(|one| one.lead_over(first).is_some_and(is_shown_alike)).map(|one| one.map).collect();
    let shortest = number::nanos(median(first.figures.responses.values().copied()).unwrap_or_default());
    let rounds = plural(first.ranked_rounds(), "round");
    if close.is_empty() {
        return format!("{SAYS}: {shortest} with {}, the shortest in {rounds}.", first.map);
    }
    format!("{SAYS}: {shortest} with {}, from which {rounds} cannot tell {}.", first.map, listed(&close, 6))
}

/// The same of maps of one kind, fastest first; `None` where there is none.
fn of_kind(workload: &WorkloadResults<'_>, rated: &[&MapResult<'_>]) -> Option<String> {
    let (fastest, others) = rated.split_first()?;
    let behind = |one: &MapResult<'_>| one.speed_against(fastest);
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
    Some(said.join(" "))
}

/// Passes that something else than the map held up, and what became of them.
fn interrupted(workload: &WorkloadResults<'_>) -> String {
    let told = workload.results.iter().filter_map(|result| {
        let Figures { interrupted, latency_interrupted, speeds, .. } = &result.figures;
        let rounds = (*interrupted > 0).then(|| {
            format!("{interrupted} of {} of throughput", plural(interrupted + speeds.len(), "round"))
        });
        let latency = latency_interrupted.then(|| "of latency".to_owned());
        let passes: Vec<String> = rounds.into_iter().chain(latency).collect();
        (!passes.is_empty()).then(|| format!("{} ({})", result.map, passes.join(", ")))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        return String::new();
    }
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    format!(
        " Stopped or preempted, much less on a processor than the other passes, and therefore not compared: {}.",
        listed(&told, 6)
    )
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
        "{left_out}Throughput: median of the rounds; intervals from {}.{} Percentiles: histograms of all rounds added, one \
         clock read included, {} where operations are too few for one; intervals from {}. Grey: compared with {}, and no \
         difference is shown. {}",
        claims(&|figures| figures.speed_ratio),
        apart(workload),
        NONE,
        claims(&|figures| figures.percentile_ratios[2]),
        workload.reference,
        how_counted(workload)
    )
}

/// Why a ratio is not the quotient of the two figures beside it, where it is not.
fn apart(workload: &WorkloadResults<'_>) -> &'static str {
    if workload.results.iter().all(|result| workload.quotient_apart(result).is_none()) {
        return "";
    }
    " †: not the quotient of the two medians, each of which may come from another round. A ratio compares maps round by \
     round and is the median of that, so what slows a whole round down does not move it."
}

/// How bytes and slots were counted, and for which maps only at the boundaries of slices.
fn how_counted(workload: &WorkloadResults<'_>) -> String {
    let with = |exact: bool| -> Vec<&str> {
        let held = workload.results.iter().filter(|result| result.figures.moments.is_some());
        held.filter(|result| result.first::<Allocations>().is_some() == exact)
            .map(|result| result.map)
            .collect()
    };
    let counted = "Memory and slots are counted, not timed.";
    match (with(true).as_slice(), with(false).as_slice()) {
        (_, []) => format!("{counted} Peak and end are exact."),
        ([], _) => format!("{counted} Peak and end are of samples at slice boundaries."),
        (_, sampled) => format!(
            "{counted} Peak and end are exact, but of samples at slice boundaries in {}.",
            listed(sampled, 6)
        ),
    }
}

/// How sure a ratio is, for a sentence.
fn claim(ratio: Ratio) -> String {
    let rounds = plural(ratio.rounds, "paired round");
    match ratio.interval {
        Some(interval) => format!("{rounds}, {} confidence", number::confidence(interval.confidence)),
        None => format!("{rounds}: too few"),
    }
}

fn files(_: &WorkloadResults<'_>, result: &MapResult<'_>) -> Files {
    match result.first::<Throughput>() {
        Some(_) => {
            let hits = (!result.found.is_empty()).then(|| ("hits.csv".to_owned(), hits(result)));
            std::iter::once(("throughput.csv".to_owned(), slices(result))).chain(hits).collect()
        }
        None => Files::new(),
    }
}

/// What a bounded cache found, phase by phase.
fn hits(result: &MapResult<'_>) -> Vec<u8> {
    let of_round = |(round, found): (&u32, &&[Found])| {
        let round = *round;
        let row = move |(at, phase): (usize, &Found)| {
            [round.to_string(), at.to_string(), phase.asked.to_string(), phase.found.to_string()]
        };
        found.iter().enumerate().map(row).collect::<Vec<_>>()
    };
    csv_file(["round", "phase_index", "asked", "found"], result.found.iter().flat_map(of_round))
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
