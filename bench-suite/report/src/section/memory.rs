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
use crate::growth::{Growth, largest_step};
use crate::held::{Moments, held};
use crate::map_result::MapResult;
use crate::number;
use crate::prose::{listed, spread};
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
        limits: Vec::new(),
        shape: Shape::Step,
        series: lines,
    };
    figure(&id, "Heap over the tape", &steps(workload), &chart.draw(), &data)
}

/// Steps that are told.
const TOLD: f64 = 1.25;

fn steps(workload: &WorkloadResults<'_>) -> String {
    let mut steps: Vec<Growth<'_>> =
        workload.candidates().filter_map(largest_step).filter(|step| step.factor() >= TOLD).collect();
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
    let data = per_entry_table(workload);
    let finding = per_entry_finding(workload);
    let chart = Lines {
        id: &id,
        title: &format!("Bytes per live entry in {}", workload.name),
        description: "For each map, its path through the number of live entries and the bytes per entry.",
        width: 566.0,
        x: Axis { label: "live entries", unit: Unit::Count, scale: Scale::exact(0.0, farthest(&lines)) },
        y: Axis { label: "bytes per entry", unit: Unit::Bytes, scale: Scale::log(heights(&lines)) },
        bands: &[],
        limits: Vec::new(),
        shape: Shape::Straight,
        series: lines,
    };
    figure(&id, "Bytes per live entry, by number of live entries", &finding, &chart.draw(), &data)
}

/// Of every sample with an entry alive; the chart leaves out those with few.
fn per_entry_table(workload: &WorkloadResults<'_>) -> Table {
    let mut data = Table::new(["map", "with most entries", "with fewest", "at the last sample"]);
    for result in workload.results.iter().filter(|result| !result.is_null) {
        let Some(heap) = result.first::<Heap>() else { continue };
        let each = |sample: &HeapSample| match sample.live {
            0 => format!("{} with no entry", number::bytes(held(heap, sample) as f64)),
            live => number::bytes(held(heap, sample) as f64 / live as f64),
        };
        let alive = || heap.samples.iter().filter(|sample| sample.live > 0);
        let by_live = |sample: &&HeapSample| sample.live;
        let ends = [alive().max_by_key(by_live), alive().min_by_key(by_live), heap.samples.last()];
        let cells = ends.map(|sample| sample.map_or_else(String::new, each));
        data.row(std::iter::once(result.map.to_owned()).chain(cells));
    }
    data
}

fn per_entry_finding(workload: &WorkloadResults<'_>) -> String {
    let figures =
        workload.candidates().filter_map(|result| Some((result.map, result.figures.bytes_per_entry?)));
    spread(figures, number::bytes, ["least", "most"]).map_or_else(String::new, |spread| {
        format!(
            "Bytes per entry {}, those of all samples over the entries of all samples: {spread}.",
            workload.load()
        )
    })
}

fn given_back(workload: &WorkloadResults<'_>) -> Markup {
    let mut table =
        Table::new(["map", "peak", "end", "drained", "dropped", "RSS added, peak", "RSS added, dropped"]);
    let mut kept: Vec<(&str, f64)> = Vec::new();
    for result in &workload.results {
        let (Some(heap), Some(moments)) = (result.first::<Heap>(), result.figures.moments) else { continue };
        // What the process held before the map was made, tape and program, is none of the map's.
        let added = |rss: u64| rss.saturating_sub(heap.before.rss);
        let rss = heap.samples.iter().map(|sample| sample.rss).max().unwrap_or(0);
        let Moments { peak, end, drained, dropped } = moments;
        let figures = [peak, end, drained, dropped, added(rss), added(heap.dropped.rss)];
        table.row(
            std::iter::once(result.map.to_owned()).chain(figures.map(|bytes| number::bytes(bytes as f64))),
        );
        if peak > 0 && result.is_candidate {
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
        (Some((only, share)), []) if kept.len() == 1 => {
            format!(
                "With every entry removed, {only} holds {} of its peak on the tape.",
                number::percent(*share)
            )
        }
        (Some((_, share)), []) => {
            let share = number::percent(*share);
            let is_tied = |(_, other): &&(&str, f64)| number::percent(*other) == share;
            let tied: Vec<&str> = kept.iter().filter(is_tied).map(|(map, _)| *map).collect();
            format!(
                "With every entry removed, the most is held by {}: {share} of the peak on the tape.",
                listed(&tied, 5)
            )
        }
        (Some((first, share)), all) => {
            let more = format!(
                " The peak is of the tape alone: removing the last entries makes {first} hold {} of it.",
                number::percent(*share)
            );
            format!(
                "With every entry removed, at least 99 % of the peak on the tape is held by {}.{}",
                listed(all, 5),
                if *share > 1.005 { more } else { String::new() }
            )
        }
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

#[cfg(test)]
mod tests {
    use formats::observation::Reading;

    use super::*;

    #[test]
    fn ties_hold_as_much_and_a_drain_may_hold_more_than_the_tape() {
        assert_eq!(kept_finding(&[]), "");
        assert_eq!(
            kept_finding(&[("a", 1.0), ("b", 0.999), ("c", 0.2)]),
            "With every entry removed, at least 99 % of the peak on the tape is held by a and b."
        );
        let more = kept_finding(&[("pool", 1.87), ("c", 0.2)]);
        assert!(more.ends_with("removing the last entries makes pool hold 187 % of it."), "{more}");
        assert_eq!(
            kept_finding(&[("a", 0.4), ("b", 0.4)]),
            "With every entry removed, the most is held by a and b: 40.0 % of the peak on the tape."
        );
    }

    #[test]
    fn the_last_sample_is_the_last_one_and_a_map_has_one_peak() {
        let mut session = crate::sample::sized(&["hashbrown", "btree"], &["a"], 1, 12);
        crate::sample::each_reading(&mut session, |pass, reading| {
            let Reading::Heap(heap) = reading else { return };
            if pass.map == "hashbrown" {
                let last = heap.samples.last_mut().unwrap();
                (last.live, last.allocated) = (1, heap.before.allocated + 17_831);
            }
        });
        let view = View::new(&session);
        let workload = &view.workloads[0];
        let table = per_entry_table(workload);
        let row = table.rows.iter().find(|row| row[0] == "hashbrown").unwrap();
        assert_eq!(row[3], number::bytes(17_831.0));
        let peak = number::bytes(workload.results[0].figures.moments.unwrap().peak as f64);
        let given_back = given_back(workload).into_string();
        let name = workload.results[0].map;
        assert!(
            given_back.contains(&format!(r#"<th scope="row">{name}</th><td>{peak}</td>"#)),
            "{given_back}"
        );
        let before = number::bytes(3_000_000.0);
        assert!(!given_back.contains(&before), "what the process held before is not the map's: {given_back}");
    }
}
