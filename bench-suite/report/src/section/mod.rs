//! The sections of the report: one file each, and one list.

use formats::session::TapeInfo;
use maud::Markup;

use crate::chart::figure::Table;
use crate::chart::line::{Series, thinned};
use crate::chart::palette::Style;
use crate::chart::scale::Unit;
use crate::map_result::MapResult;
use crate::view::{View, WorkloadResults};

mod allocated;
mod baseline;
mod calls;
mod claims;
mod compare;
mod contention;
mod cpu;
mod events;
mod latency;
mod memory;
mod method;
mod overview;
mod ran;
mod response;
mod slots;
mod verdict;
mod worst;

pub(crate) use self::verdict::differences;

/// One section of the report.
pub(crate) struct Section {
    /// What its anchor ends with.
    pub(crate) anchor: &'static str,
    /// Its heading.
    pub(crate) title: &'static str,
    /// What stands in it; empty when the session has nothing to say about it.
    pub(crate) render: Render,
}

/// How often a section occurs.
pub(crate) enum Render {
    /// Once, for the whole session.
    Session(fn(&View<'_>) -> Markup),
    /// Once for each workload.
    Workload(fn(&View<'_>, &WorkloadResults<'_>) -> Markup),
}

/// Every section, in the order of the report. Those for each workload stand together.
pub(crate) const SECTIONS: [Section; 14] = [
    Section { anchor: "verdict", title: "Verdict", render: Render::Session(verdict::render) },
    Section { anchor: "overview", title: "Maps by workload", render: Render::Session(overview::render) },
    Section { anchor: "baseline", title: "Against the baseline", render: Render::Session(baseline::render) },
    Section { anchor: "ran", title: "What was run", render: Render::Session(ran::render) },
    Section { anchor: "maps", title: "Comparison", render: Render::Workload(compare::render) },
    Section { anchor: "latency", title: "Latency", render: Render::Workload(latency::render) },
    Section { anchor: "contention", title: "Contention", render: Render::Workload(contention::render) },
    Section { anchor: "slots", title: "Slots", render: Render::Workload(slots::render) },
    Section { anchor: "memory", title: "Memory", render: Render::Workload(memory::render) },
    Section { anchor: "events", title: "Events", render: Render::Workload(events::render) },
    Section { anchor: "calls", title: "Hashes and comparisons", render: Render::Workload(calls::render) },
    Section { anchor: "cpu", title: "CPU", render: Render::Workload(cpu::render) },
    Section { anchor: "claims", title: "The article's claims", render: Render::Session(claims::render) },
    Section { anchor: "method", title: "Method and limits", render: Render::Session(method::render) },
];

/// A tape in one line: how long, how many threads, what kinds of operations, what keys and values.
pub(crate) fn recipe(tape: &TapeInfo) -> String {
    let header = &tape.header;
    let ops = crate::number::total(&header.executed.kinds);
    let threads = header.phases.first().map_or(0, |phase| phase.ops.len());
    format!(
        "{} operations on {} · {} · keys {} · values {}",
        crate::number::count(ops),
        plural(threads, "thread"),
        ran::mix(header),
        ran::keys(header.keys),
        ran::values(header.values)
    ) + &header.pace.per_second().map_or_else(String::new, |rate| format!(" · {rate} operations a second"))
}

/// A line for each result that has points.
fn series<'a>(
    workload: &WorkloadResults<'a>,
    points: impl Fn(&MapResult<'a>) -> Vec<(f64, f64)>,
) -> Vec<Series<'a>> {
    let line = |result: &MapResult<'a>| Series {
        name: result.map,
        style: Style::of(result.place, result.map, workload.reference),
        highlighted: workload.highlighted.contains(&result.place),
        points: points(result),
    };
    workload.results.iter().map(line).filter(|series| !series.points.is_empty()).collect()
}

/// The figures behind lines at some places of the horizontal axis; all of them are in the data files.
fn sampled(series: &[Series<'_>], x: Unit, y: Unit) -> Table {
    const COLUMNS: usize = 9;
    let longest = series.iter().map(|series| series.points.as_slice()).max_by_key(|points| points.len());
    let Some(longest) = longest.filter(|points| !points.is_empty()) else { return Table::default() };
    let last = longest.len() - 1;
    let columns = last.min(COLUMNS - 1);
    let places: Vec<f64> = (0..=columns).map(|at| longest[at * last / columns.max(1)].0).collect();
    let head = std::iter::once("map".to_owned()).chain(places.iter().map(|place| x.text(*place)));
    let mut table = Table::new(head);
    for line in series {
        let cells =
            places.iter().map(|&place| at(&line.points, place).map_or_else(String::new, |v| y.text(v)));
        table.row(std::iter::once(line.name.to_owned()).chain(cells));
    }
    table
}

/// The last figure at or before a place.
fn at(points: &[(f64, f64)], place: f64) -> Option<f64> {
    points.iter().take_while(|(x, _)| *x <= place).last().map(|(_, y)| *y)
}

/// All figures of some lines, as a scale needs them.
fn heights<'s>(series: &'s [Series<'_>]) -> impl Iterator<Item = f64> + 's {
    series.iter().flat_map(|series| series.points.iter().map(|(_, y)| *y))
}

/// The largest place on the horizontal axis of some lines.
fn farthest(series: &[Series<'_>]) -> f64 {
    series.iter().flat_map(|series| series.points.iter().map(|(x, _)| *x)).fold(0.0, f64::max)
}

/// Few enough points to be drawn small.
fn sketch(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    thinned(points, 80)
}

/// Names in a sentence: `a, b and c`, cut after `most`.
fn listed(names: &[&str], most: usize) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => (*one).to_owned(),
        _ if names.len() > most => format!("{} and {} more", names[..most].join(", "), names.len() - most),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `1 map`, `2 maps`, `2 passes`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    let ending = match count {
        1 => "",
        _ if noun.ends_with('s') => "es",
        _ => "s",
    };
    format!("{} {noun}{ending}", crate::number::count(count as u64))
}

/// The power of two below which half of a histogram by powers of two lies.
fn half(counts: &[u64]) -> f64 {
    let half = crate::number::total(counts) as f64 / 2.0;
    let mut below = 0.0;
    let full = counts.iter().take_while(|count| {
        below += **count as f64;
        below < half
    });
    (full.count() as f64 + 1.0).exp2()
}

/// Where half of something lies for the map that is soonest and the one that is latest.
fn half_finding(what: &str, halves: &mut [(f64, &str)]) -> String {
    halves.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (Some(soonest), Some(latest)) = (halves.first(), halves.last()) else { return String::new() };
    format!(
        "Half of the {what} less than {} operations in {}, and less than {} in {}. Shades are logarithmic.",
        crate::number::approx(soonest.0),
        soonest.1,
        crate::number::approx(latest.0),
        latest.1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_histogram_lies_below() {
        assert!((half(&[10]) - 2.0).abs() < 1e-12, "all of them are 1");
        assert!((half(&[1, 1, 6]) - 8.0).abs() < 1e-12, "most of them are 4 to 7");
    }
}
