//! Latency: the percentile spectrum of each kind of operation, durations over the tape, the slowest operations.

use formats::observation::{Collector, Latency, Throughput};
mod cycles;
mod heat;
mod histogram;
mod paces;
mod response;
mod roles;
mod worst;

use std::collections::BTreeMap;

use formats::histogram::{Latencies, value_at, value_of_rank};
use formats::tape::Kind;
use maud::{Markup, html};
use verdict::percentile_interval::ranks;

use super::{Files, WorkloadSection, series};
use crate::chart::figure::{Table, figure};
use crate::chart::frame::Axis;
use crate::chart::line::{Lines, Shape};
use crate::chart::scale::{Scale, Unit};
use crate::map_result::{MapResult, QUOTED, ns_per_op, percentile};
use crate::number::{self, NONE};
use crate::prose::spread;
use crate::ratio::median;
use crate::view::{View, WorkloadResults};

/// Durations of each kind, by place of the map.
type Kinds = BTreeMap<Kind, BTreeMap<usize, Latencies>>;

pub(super) const SECTION: WorkloadSection =
    WorkloadSection { anchor: "latency", title: "Latency", shows: &[Collector::Latency], render, files };

fn render(_: &View<'_>, workload: &WorkloadResults<'_>) -> Markup {
    let mut kinds = Kinds::new();
    for result in &workload.results {
        for (kind, latencies) in result.kinds() {
            kinds.entry(kind).or_default().insert(result.place, latencies);
        }
    }
    if kinds.is_empty() {
        return html! {};
    }
    html! {
        p .note { (clock(workload)) }
        div .pair { @for (kind, of_maps) in &kinds { (spectrum(workload, *kind, of_maps, &kinds)) } }
        (roles::figure(workload))
        (cycles::figure(workload))
        (response::figure(workload))
        (paces::figure(workload))
        (heat::figure(workload))
        (worst::figure(workload))
    }
}

/// What reading the clock costs: the difference to the pass that reads it at slice borders only.
fn clock(workload: &WorkloadResults<'_>) -> String {
    // Slices of a throughput pass with a schedule hold the waits too: there is nothing to compare.
    let comparable = workload.results.iter().filter(|_| !workload.is_paced());
    let costs = comparable.filter_map(|result| {
        let timed =
            median(result.each::<Latency>().filter_map(|seen| ns_per_op(result.counted(&seen.times))));
        let untimed =
            median(result.each::<Throughput>().filter_map(|seen| ns_per_op(result.counted(&seen.phases))));
        Some(timed? - untimed?)
    });
    let clock = workload.results.iter().find_map(|result| Some(&result.first::<Latency>()?.clock));
    let clock = clock.map(|clock| {
        let steps = match clock.granularity_ns {
            0.0 => String::new(),
            step => format!(", in steps of {}", number::nanos(step)),
        };
        format!(
            ", read from {} at {}Hz ({} a read{steps})",
            clock.name,
            number::approx(clock.hz),
            number::nanos(clock.read_ns)
        )
    });
    let cost = median(costs).map(cost_of_timing);
    format!(
        "Service time: from the end of the previous operation to the end of this one{}.{} In tables, percentiles have their 95 % \
         interval beside them where its ends read differently, whatever the distribution (order statistics); where \
         operations are too few for one, the percentile is not told. {}",
        clock.unwrap_or_default(),
        cost.unwrap_or_default(),
        workload.left_out()
    )
}

/// What timing every operation adds to it, ns. Reading a clock takes time: where operations seem to have become
/// faster by it, other things moved more.
fn cost_of_timing(ns: f64) -> String {
    if ns < 0.0 {
        return format!(
            " An operation took {} less than in the throughput pass (median over the maps): the machine changed by more \
             than timing costs.",
            number::nanos(-ns)
        );
    }
    format!(
        " Timing every operation adds {} to it (median over the maps, against the throughput pass).",
        number::nanos(ns)
    )
}

fn spectrum(
    workload: &WorkloadResults<'_>,
    kind: Kind,
    of_maps: &BTreeMap<usize, Latencies>,
    all: &Kinds,
) -> Markup {
    let id = format!("{}-latency-{}", workload.anchor, kind.name());
    let points = |result: &MapResult<'_>| of_maps.get(&result.place).map_or_else(Vec::new, quantiles);
    let lines = series(workload, points);
    // One vertical axis for all kinds, so that charts side by side can be compared.
    let ends = || all.values().flat_map(BTreeMap::values);
    // What is shorter than the decade of the shortest median is clock noise: two reads within one tick.
    let heights = ends().flat_map(|one| [one.percentile(50.0) as f64, one.max() as f64]);
    let x_end = ends().map(|one| one.count() as f64).fold(10.0, f64::max);
    let chart = Lines {
        id: &id,
        title: &format!("Percentile spectrum of {} in {}", kind.name(), workload.name),
        description: "For each map, the service time that this share of its operations does not exceed.",
        width: 566.0,
        x: Axis {
            label: "share of operations",
            unit: Unit::Quantile,
            scale: Scale::Log { low: 1.0, high: x_end },
        },
        y: Axis { label: "service time", unit: Unit::Nanos, scale: Scale::decades(heights) },
        bands: &[],
        limits: Vec::new(),
        shape: Shape::Straight,
        series: lines,
    };
    figure(
        &id,
        &format!("Service time of {}", kind.name()),
        &finding(workload, kind, of_maps),
        &chart.draw(),
        &table(workload, of_maps),
    )
}

/// `(1/(1-q), duration)` at ten quantiles for each factor of ten, up to the maximum.
fn quantiles(latencies: &Latencies) -> Vec<(f64, f64)> {
    let histogram = latencies.histogram();
    let count = histogram.len() as f64;
    if histogram.is_empty() {
        return Vec::new();
    }
    let steps = (0..).map(|step| 10_f64.powf(f64::from(step) / 10.0)).take_while(|inverse| *inverse < count);
    let mut points: Vec<(f64, f64)> =
        steps.map(|inverse| (inverse, histogram.value_at_quantile(1.0 - 1.0 / inverse) as f64)).collect();
    points.push((count.max(1.0), histogram.max() as f64));
    points
}

fn finding(workload: &WorkloadResults<'_>, kind: Kind, of_maps: &BTreeMap<usize, Latencies>) -> String {
    let of_candidates =
        || workload.candidates().filter_map(|result| Some((result.map, of_maps.get(&result.place)?)));
    let tails =
        of_candidates().filter_map(|(map, seen)| Some((map, percentile(&seen.histogram(), 99.9)? as f64)));
    let tails = spread(tails, number::nanos, ["lowest", "highest"]);
    let longest = of_candidates().map(|(map, latencies)| (map, latencies.max())).max_by_key(|(_, max)| *max);
    let Some((map, longest)) = longest else {
        return "No map was measured that could be taken for a load.".to_owned();
    };
    let tails = tails
        .map_or_else(|| "Too few operations for a p99.9.".to_owned(), |tails| format!("p99.9: {tails}."));
    format!("{tails} Longest {}: {map}, {}.", kind.name(), number::nanos(longest as f64))
}

fn table(workload: &WorkloadResults<'_>, of_maps: &BTreeMap<usize, Latencies>) -> Table {
    let percentiles = [("p90", 90.0), ("p99.99", 99.99)];
    let mut columns: Vec<(&str, f64)> = QUOTED.into_iter().chain(percentiles).collect();
    columns.sort_by(|a, b| a.1.total_cmp(&b.1));
    let head = ["map", "operations", "mean"].into_iter().chain(columns.iter().map(|(name, _)| *name));
    let mut table = Table::new(head);
    for result in &workload.results {
        let Some(latencies) = of_maps.get(&result.place) else { continue };
        let histogram = latencies.histogram();
        let first = [result.map.to_owned(), number::count(histogram.len()), number::nanos(histogram.mean())];
        let granularity = result.figures.granularity_ns;
        let text = |ns: u64| number::timed(ns as f64, granularity);
        let quoted = columns.iter().map(|(_, percent)| {
            if *percent >= 100.0 {
                return percentile(&histogram, *percent).map_or_else(|| NONE.to_owned(), text);
            }
            let Some((low, high)) = ranks(histogram.len(), *percent) else { return NONE.to_owned() };
            let [low, high] = [low, high].map(|rank| text(value_of_rank(&histogram, rank)));
            let quoted = text(value_at(&histogram, *percent));
            if low == high { quoted } else { format!("{quoted} ({low}–{high})") }
        });
        table.row(first.into_iter().chain(quoted));
    }
    table
}

fn files(workload: &WorkloadResults<'_>, result: &MapResult<'_>) -> Files {
    histogram::files(workload, result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timing_takes_no_time_away() {
        assert!(cost_of_timing(-110.0).ends_with("the machine changed by more than timing costs."));
        assert!(!cost_of_timing(-110.0).contains('−'));
        assert!(cost_of_timing(16.3).starts_with(" Timing every operation adds 16.3 ns"));
    }

    #[test]
    fn one_operation_has_a_maximum_and_no_p999() {
        let mut one = Latencies::new();
        one.record(70, 1);
        let of_maps = BTreeMap::from([(0, one)]);
        let session = crate::sample::sized(&["hashbrown"], &["a"], 1, 2);
        let view = View::new(&session);
        let workload = &view.workloads[0];
        assert_eq!(
            finding(workload, Kind::Insert, &of_maps),
            "Too few operations for a p99.9. Longest insert: hashbrown, 70 ns."
        );
        let row = &table(workload, &of_maps).rows[0];
        assert_eq!(row[1..], ["1", "70 ns", "–", "–", "–", "–", "–", "70 ns"]);
    }
}
