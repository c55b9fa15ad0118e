//! The sections of the report: one file each, and a name in one of the lists below.

mod cycle_lines;

use formats::observation::Collector;
use formats::session::TapeInfo;
use maud::Markup;

use crate::chart::figure::Table;
use crate::chart::line::{Series, thinned};
use crate::chart::palette::Style;
use crate::chart::scale::Unit;
use crate::map_result::MapResult;
use crate::number::{self, power_of_two};
use crate::prose::{plural, spread};
use crate::view::{View, WorkloadResults};

pub(crate) use self::compare::COMPARISON;
pub(crate) use self::compare::cloud::figure as cloud;

/// A section of the whole session.
pub(crate) struct SessionSection {
    /// Its anchor.
    pub(crate) anchor: &'static str,
    /// Its heading.
    pub(crate) title: &'static str,
    /// What stands in it; empty when the session has nothing to say about it.
    pub(crate) render: fn(&View<'_>) -> Markup,
}

/// A section in the results of each workload.
pub(crate) struct WorkloadSection {
    /// What its anchor ends with.
    pub(crate) anchor: &'static str,
    /// Its heading.
    pub(crate) title: &'static str,
    /// Whose readings it shows.
    pub(crate) shows: &'static [Collector],
    /// What stands in it; empty when the session has nothing to say about it.
    pub(crate) render: fn(&View<'_>, &WorkloadResults<'_>) -> Markup,
    /// The same figures of one map, and those that are not drawn, for other tools.
    pub(crate) files: fn(&WorkloadResults<'_>, &MapResult<'_>) -> Files,
}

/// Data files of one map and workload: the end of each name, and its bytes.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// Writes the modules of the sections and their lists: one name, one file with a constant `SECTION`.
macro_rules! sections {
    ($($(#[$about:meta])* $LIST:ident: $Section:ident { $($name:ident,)* })*) => {
        $($(mod $name;)*)*

        $($(#[$about])* pub(crate) const $LIST: &[$Section] = &[$($name::SECTION),*];)*
    };
}

// rustfmt does not look for modules that a macro declares: `make test` names the files to it.
sections! {
    /// At the front.
    BEFORE: SessionSection {
        answer,
        verdict,
        overview,
        sweep,
        expectations,
        baseline,
    }
    /// In the results of each workload.
    EACH: WorkloadSection {
        compare,
        latency,
        tail,
        contention,
        slots,
        memory,
        events,
        calls,
        probes,
        instructions,
        cpu,
        heap_stacks,
    }
    /// At the end, folded.
    AFTER: SessionSection {
        ran,
        claims,
        method,
    }
}

// A collector whose figures nobody would see does not compile.
const _: () = {
    let mut at = 0;
    while at < Collector::ALL.len() {
        assert!(is_shown(Collector::ALL[at]), "no section shows this collector: name it in `shows` of one");
        at += 1;
    }
};

const fn is_shown(collector: Collector) -> bool {
    let mut section = 0;
    while section < EACH.len() {
        let mut at = 0;
        while at < EACH[section].shows.len() {
            if EACH[section].shows[at] as usize == collector as usize {
                return true;
            }
            at += 1;
        }
        section += 1;
    }
    false
}

/// A tape in one line: how long, how many threads, what kinds of operations, what keys and values.
pub(crate) fn recipe(tape: &TapeInfo) -> String {
    let header = &tape.header;
    let ops = number::total(&header.executed.kinds);
    let threads = header.phases.first().map_or(0, |phase| phase.ops.len());
    format!(
        "{} operations on {} · {} · keys {} · values {}",
        number::count(ops),
        plural(threads, "thread"),
        ran::mix(header),
        ran::keys(header),
        ran::values(header)
    ) + &header.schedule().map_or_else(String::new, |schedule| format!(" · {schedule}"))
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

/// What the shades of a grid mean, for its caption.
const SHADES: &str = "Darker is more, on a logarithmic scale.";

/// The exponent of the power of two below which half of a histogram by powers of two lies.
fn half(counts: &[u64]) -> usize {
    let half = number::total(counts) as f64 / 2.0;
    let mut below = 0.0;
    let full = counts.iter().take_while(|count| {
        below += **count as f64;
        below < half
    });
    full.count() + 1
}

/// Where half of something lies for the map for which it is shortest and the one for which it is longest.
fn half_finding(what: &str, halves: &mut [(usize, &str)]) -> String {
    halves.sort_unstable();
    let below = |half: usize| format!("below {} operations", power_of_two(half));
    spread(halves.iter().map(|(half, map)| (*map, *half)), below, ["shortest", "longest"])
        .map_or_else(String::new, |spread| format!("Median {what}: {spread}. {SHADES}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_sections_have_the_same_anchor() {
        let whole = BEFORE.iter().chain(AFTER).map(|section| section.anchor.to_owned());
        // As the page makes them for the first workload.
        let each = EACH.iter().map(|section| format!("w1-{}", section.anchor));
        let anchors: Vec<String> = whole.chain(each).collect();
        assert_eq!(BTreeSet::from_iter(&anchors).len(), anchors.len(), "{anchors:?}");
    }

    #[test]
    fn half_of_a_histogram_lies_below() {
        assert_eq!(half(&[10]), 1, "all of them are 1");
        assert_eq!(half(&[1, 1, 6]), 3, "most of them are 4 to 7");
    }
}
