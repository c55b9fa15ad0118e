//! Memory: bytes over the tape and against the entries alive, what is given back, size classes, lifetimes.

mod allocated;
mod waiting;

use formats::observation::{Allocations, Collector, Heap, HeapSample};
use maud::{Markup, html};

use super::{Files, WorkloadSection, farthest, heights, sampled, series};
use crate::chart::figure::{Table, figure};
use crate::chart::frame::Axis;
use crate::chart::line::{Lines, Shape};
use crate::chart::scale::{Scale, Unit};
use crate::csv_file::csv_file;
use crate::map_result::{MapResult, held, no_more_live};
use crate::number;
use crate::prose::listed;
use crate::view::{View, WorkloadResults};

pub(super) const SECTION: WorkloadSection = WorkloadSection {
    anchor: "memory",
    title: "Memory",
    shows: &[Collector::Heap, Collector::Allocations],
    render,
    files,
};

fn render(_: &View<'_>, workload: &WorkloadResults<'_>) -> Markup {
    let any = workload
        .results
        .iter()
        .any(|result| result.first::<Heap>().is_some() || result.first::<Allocations>().is_some());
    if !any {
        return html! {};
    }
    html! {
            (timeline(workload))
            div .pair { (per_entry(workload)) (given_back(workload)) }
            (waiting::waiting(workload))
            (collections(workload))
            (allocated::classes(workload))
            (allocated::lifetimes(workload))
    }
}

fn samples<'a>(result: &MapResult<'a>) -> &'a [HeapSample] {
    result.first::<Heap>().map_or(&[][..], |heap| &heap.samples)
}

fn timeline(workload: &WorkloadResults<'_>) -> Markup {
    let lines = series(workload, |result| {
        let Some(heap) = result.first::<Heap>() else { return Vec::new() };
        heap.samples.iter().map(|sample| (sample.ops as f64, held(heap, sample) as f64)).collect()
    });
    if lines.is_empty() {
        return html! {};
    }
    let id = format!("{}-heap", workload.anchor);
    let bands = workload.phases();
    let data = sampled(&lines, Unit::Count, Unit::Bytes);
    let chart = Lines {
        id: &id,
        title: &format!("Bytes held over {}", workload.name),
        description: "For each map, bytes allocated since before it was created, at slice boundaries.",
        width: 1140.0,
        x: Axis { label: "operations", unit: Unit::Count, scale: Scale::exact(0.0, farthest(&lines)) },
        y: Axis {
            label: "bytes held",
            unit: Unit::Bytes,
            scale: Scale::from_zero(heights(&lines), Unit::Bytes),
        },
        bands: &bands,
        shape: Shape::Step,
        series: lines,
    };
    figure(&id, "Heap over the tape", &steps(workload), &chart.draw(), &data)
}

/// A step upwards: when, from and to how many bytes, and whether it was ever undone.
struct Growth<'a> {
    map: &'a str,
    op: u64,
    from: u64,
    to: u64,
    kept: bool,
}

impl Growth<'_> {
    fn factor(&self) -> f64 {
        self.to as f64 / self.from.max(1) as f64
    }
}

/// The largest step in phases that count at which no more entries live than before.
fn step<'a>(result: &MapResult<'a>) -> Option<Growth<'a>> {
    let heap = result.first::<Heap>()?;
    let samples = result.heap_samples();
    let steps = samples.windows(2).enumerate().filter_map(|(at, pair)| {
        let (from, to) = (held(heap, &pair[0]), held(heap, &pair[1]));
        let same_load = no_more_live(pair[0].live, pair[1].live);
        let kept = samples[at + 1..].iter().all(|sample| held(heap, sample) >= to - to / 20);
        (same_load && from > 0).then_some(Growth { map: result.map, op: pair[1].ops, from, to, kept })
    });
    steps.max_by(|a, b| a.factor().total_cmp(&b.factor())).filter(|step| step.factor() >= 1.25)
}

fn steps(workload: &WorkloadResults<'_>) -> String {
    let mut steps: Vec<Growth<'_>> =
        workload.results.iter().filter(|result| !result.is_null).filter_map(step).collect();
    steps.sort_by(|a, b| b.factor().total_cmp(&a.factor()));
    let told: Vec<String> = steps
        .iter()
        .take(3)
        .map(|step| {
            format!(
                "{} from {} to {} at operation {}{}",
                step.map,
                number::bytes(step.from as f64),
                number::bytes(step.to as f64),
                number::count(step.op),
                if step.kept { ", and never shrinks" } else { "" }
            )
        })
        .collect();
    let load = workload.load();
    match steps.len() {
        0 => format!("No map's heap grows by 25 % or more without more live entries, {load}."),
        more if more > told.len() => format!(
            "Growth without more live entries, {load}: {}; {} more maps.",
            told.join("; "),
            more - told.len()
        ),
        _ => format!("Growth without more live entries, {load}: {}.", told.join("; ")),
    }
}

fn per_entry(workload: &WorkloadResults<'_>) -> Markup {
    let real = workload.results.iter().filter(|result| !result.is_null);
    let most = real.flat_map(|result| samples(result)).map(|sample| sample.live).max().unwrap_or(0);
    // Below a hundredth of the peak the fixed parts of a map drown the entries.
    let few = most / 100 + 1;
    let lines = series(workload, |result| {
        // What holds nothing would only stretch the axis.
        let Some(heap) = result.first::<Heap>().filter(|_| !result.is_null) else { return Vec::new() };
        let mut points: Vec<(f64, f64)> = heap
            .samples
            .iter()
            .filter(|sample| sample.live >= few)
            .map(|sample| (sample.live as f64, held(heap, sample) as f64 / sample.live as f64))
            .collect();
        points.dedup();
        points
    });
    let low = lines.iter().flat_map(|line| line.points.iter().map(|point| point.0)).fold(f64::MAX, f64::min);
    if lines.is_empty() || farthest(&lines) < low * 1.5 {
        return html! {};
    }
    let id = format!("{}-per-entry", workload.anchor);
    let mut data = Table::new(["map", "with most entries", "with fewest", "at the last sample"]);
    for line in &lines {
        let by_live = |a: &&(f64, f64), b: &&(f64, f64)| a.0.total_cmp(&b.0);
        let ends =
            [line.points.iter().max_by(by_live), line.points.iter().min_by(by_live), line.points.last()];
        let cells = ends.map(|point| point.map_or_else(String::new, |point| number::bytes(point.1)));
        data.row(std::iter::once(line.name.to_owned()).chain(cells));
    }
    let finding = per_entry_finding(workload);
    let chart = Lines {
        id: &id,
        title: &format!("Bytes per live entry in {}", workload.name),
        description: "For each map, its path through the number of live entries and the bytes per entry.",
        width: 566.0,
        x: Axis { label: "live entries", unit: Unit::Count, scale: Scale::exact(0.0, farthest(&lines)) },
        y: Axis { label: "bytes per entry", unit: Unit::Bytes, scale: Scale::log(heights(&lines)) },
        bands: &[],
        shape: Shape::Straight,
        series: lines,
    };
    figure(&id, "Bytes per live entry, by number of live entries", &finding, &chart.draw(), &data)
}

fn per_entry_finding(workload: &WorkloadResults<'_>) -> String {
    let figures = || {
        let real = workload.results.iter().filter(|result| !result.is_null);
        real.filter_map(|result| Some((result.map, result.figures.bytes_per_entry?)))
    };
    let low = figures().min_by(|a, b| a.1.total_cmp(&b.1));
    let high = figures().max_by(|a, b| a.1.total_cmp(&b.1));
    let (Some(low), Some(high)) = (low, high) else { return String::new() };
    format!(
        "Mean {}: {} ({}, least) to {} ({}, most) per entry.",
        workload.load(),
        number::bytes(low.1),
        low.0,
        number::bytes(high.1),
        high.0
    )
}

fn given_back(workload: &WorkloadResults<'_>) -> Markup {
    let mut table =
        Table::new(["map", "peak", "end", "drained", "dropped", "process RSS, peak", "process RSS, dropped"]);
    let mut kept: Vec<(&str, f64)> = Vec::new();
    for result in &workload.results {
        let Some(heap) = result.first::<Heap>() else { continue };
        let peak = heap.samples.iter().map(|sample| held(heap, sample)).max().unwrap_or(0);
        let end = heap.samples.last().map_or(0, |sample| held(heap, sample));
        let drained = held(heap, &heap.drained);
        let rss = heap.samples.iter().map(|sample| sample.rss).max().unwrap_or(0);
        let figures = [peak, end, drained, held(heap, &heap.dropped), rss, heap.dropped.rss];
        table.row(
            std::iter::once(result.map.to_owned()).chain(figures.map(|bytes| number::bytes(bytes as f64))),
        );
        if peak > 0 && !result.is_null {
            kept.push((result.map, drained as f64 / peak as f64));
        }
    }
    if table.rows.is_empty() {
        return html! {};
    }
    let id = format!("{}-given-back", workload.anchor);
    kept.sort_by(|a, b| b.1.total_cmp(&a.1));
    let finding = kept_finding(&kept);
    html! {
        figure id=(id) {
            figcaption {
                h4 { a href=(format!("#{id}")) { "Memory given back" } }
                p .finding { (finding) }
            }
            (table.markup())
        }
    }
}

/// Which maps keep the most of their peak, the most first.
fn kept_finding(kept: &[(&str, f64)]) -> String {
    let all: Vec<&str> = kept.iter().filter(|(_, share)| *share >= 0.99).map(|(map, _)| *map).collect();
    match (kept.first(), all.as_slice()) {
        (None, _) => String::new(),
        (Some((map, share)), []) => {
            format!(
                "With every entry removed, {map} holds the most: {} of its peak on the tape.",
                number::percent(*share)
            )
        }
        (_, all) => format!(
            "With every entry removed, at least 99 % of the peak on the tape is held by {}.",
            listed(all, 5)
        ),
    }
}

/// What the garbage collectors did; nothing where no map has one.
fn collections(workload: &WorkloadResults<'_>) -> Markup {
    let head =
        ["map", "collections", "forced", "stop-the-world time", "longest recent pause", "share of CPU time"];
    let mut table = Table::new(head);
    for result in &workload.results {
        let Some(gc) = result.first::<Heap>().and_then(|heap| heap.gc.as_deref()) else { continue };
        let longest = gc.pauses_ns.iter().max().copied().unwrap_or(0);
        table.row([
            result.map.to_owned(),
            number::count(gc.cycles),
            number::count(gc.forced),
            number::nanos(gc.pause_total_ns as f64),
            number::nanos(longest as f64),
            number::percent(gc.cpu_fraction),
        ]);
    }
    if table.rows.is_empty() {
        return html! {};
    }
    let id = format!("{}-collections", workload.anchor);
    html! {
        figure id=(id) {
            figcaption {
                h4 { a href=(format!("#{id}")) { "Garbage collections" } }
                p .finding { "Collections and stop-the-world pauses while the tape was played." }
            }
            (table.markup())
        }
    }
}

fn files(_: &WorkloadResults<'_>, result: &MapResult<'_>) -> Files {
    let heap = result.first::<Heap>().map(|seen| ("heap.csv".to_owned(), heap_samples(seen)));
    let classes =
        result.first::<Allocations>().map(|seen| ("classes.csv".to_owned(), allocated::class_figures(seen)));
    heap.into_iter().chain(classes).collect()
}

fn heap_samples(heap: &Heap) -> Vec<u8> {
    let moments = std::iter::once(("before", &heap.before))
        .chain(heap.samples.iter().map(|sample| ("tape", sample)))
        .chain(heap.reclaimed.as_deref().map(|sample| ("reclaimed", sample)))
        .chain([("drained", &heap.drained), ("dropped", &heap.dropped)]);
    let rows = moments.map(|(moment, sample)| {
        let figures = [
            sample.ops,
            sample.live,
            sample.allocated,
            sample.active,
            sample.resident,
            sample.retained,
            sample.rss,
        ];
        let [ops, live, allocated, active, resident, retained, rss] =
            figures.map(|figure| figure.to_string());
        [moment.to_owned(), sample.phase.clone(), ops, live, allocated, active, resident, retained, rss]
    });
    let columns = [
        "moment",
        "phase",
        "ops",
        "live",
        "allocated_bytes",
        "active_bytes",
        "resident_bytes",
        "retained_bytes",
        "rss_bytes",
    ];
    csv_file(columns, rows)
}
