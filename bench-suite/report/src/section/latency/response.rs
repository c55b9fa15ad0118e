//! Response times beside service times, where the tape says when each operation should start.

use std::collections::BTreeMap;

use formats::histogram::{Latencies, carries};
use formats::pace::Pace;
use formats::tape::Kind;
use maud::{Markup, html};

use super::quantiles;
use crate::chart::figure::{Table, figure as captioned};
use crate::chart::frame::Axis;
use crate::chart::line::{Lines, Series, Shape};
use crate::chart::scale::{Scale, Unit};
use crate::map_result::{MapResult, percentile};
use crate::number::{self, NONE};
use crate::ratio::median;
use crate::section::{farthest, series};
use crate::view::WorkloadResults;

/// One kind of operation in one map.
struct KindTimes<'a> {
    map: &'a str,
    is_candidate: bool,
    kind: Kind,
    service: Latencies,
    response: Latencies,
}

/// The figure, or nothing where there is no schedule.
pub(super) fn figure(workload: &WorkloadResults<'_>) -> Markup {
    let rows: Vec<KindTimes<'_>> = workload.results.iter().flat_map(rows).collect();
    if rows.is_empty() {
        return html! {};
    }
    let id = format!("{}-response", workload.anchor);
    let chart = html! {
        div .pair { (charts(workload, &id)) }
        p .note {
            "All kinds of operations together; both charts have the same axes. What a line rises by from the left chart to the \
             right one is the wait for operations that were due before. Dashed: what the clock cannot tell from nothing, and \
             when the next operation of a thread is due, while operations come: what takes longer makes that one wait."
            @if workload.tape.is_some_and(|tape| tape.header.paces_differ()) {
                " All phases together, whatever their pace: the next figure tells them apart."
            }
        }
    };
    captioned(
        &id,
        "Response time: from when an operation was due to its end, beside the service time",
        &finding(workload, &rows),
        &chart,
        &table(&rows),
    )
}

/// How long operations took, and how long they took from when they were due, on the same axes.
fn charts(workload: &WorkloadResults<'_>, id: &str) -> Markup {
    let all = |kinds: BTreeMap<Kind, Latencies>| {
        let mut all = Latencies::new();
        for of_kind in kinds.values() {
            all.add(of_kind);
        }
        quantiles(&all)
    };
    // Of a map without a schedule of its own there is nothing to compare.
    let service = series(workload, |result| match result.responses() {
        none if none.is_empty() => Vec::new(),
        _ => all(result.kinds()),
    });
    let response = series(workload, |result| all(result.responses()));
    // The median and the longest of each line; what is shorter than the decade of the shortest median is clock noise.
    let ends = |line: &Series<'_>| {
        let median = line.points.iter().find(|(inverse, _)| *inverse >= 2.0).or(line.points.last());
        [median, line.points.last()].map(|point| point.map_or(1.0, |(_, ns)| *ns))
    };
    let lines = service.iter().chain(&response).flat_map(ends);
    let heights: Vec<f64> = lines.chain(limits(workload).into_iter().map(|(height, _)| height)).collect();
    let x_end = farthest(&service).max(farthest(&response)).max(10.0);
    let lines = |end: &str, label: &'static str, series: Vec<Series<'_>>| {
        Lines {
            id: &format!("{id}{end}"),
            title: &format!("Percentile spectrum of the {label} in {}", workload.name),
            description: "For each map, the time that this share of its operations does not exceed.",
            width: 566.0,
            x: Axis {
                label: "share of operations",
                unit: Unit::Quantile,
                scale: Scale::Log { low: 1.0, high: x_end },
            },
            y: Axis { label, unit: Unit::Nanos, scale: Scale::decades(heights.iter().copied()) },
            bands: &[],
            limits: limits(workload),
            shape: Shape::Straight,
            series,
        }
        .draw()
    };
    html! { (lines("-service", "service time", service)) (lines("", "response time", response)) }
}

/// Heights to which a time is held: the step of the clock, and the distance of the operations of a thread.
fn limits(workload: &WorkloadResults<'_>) -> Vec<(f64, String)> {
    let step = workload.results.iter().map(|result| result.figures.granularity_ns).fold(0.0, f64::max);
    let step = (step > 0.0).then(|| (step, format!("the clock's step, {}", number::nanos(step))));
    let due = workload.pace().and_then(Pace::per_second).map(|rate| {
        let distance = 1e9 * workload.threads() as f64 / f64::from(rate.get());
        (distance, format!("next operation due, {}", number::nanos(distance)))
    });
    step.into_iter().chain(due).collect()
}

fn table(rows: &[KindTimes<'_>]) -> Table {
    let mut table = Table::new([
        "map",
        "kind",
        "operations",
        "service p50",
        "response p50",
        "service p99",
        "response p99",
        "service p99.9",
        "response p99.9",
        "service max",
        "response max",
    ]);
    for row in rows {
        let operations = number::count(row.response.count());
        let first = [row.map.to_owned(), row.kind.name().to_owned(), operations];
        let quoted = [50.0, 99.0, 99.9, 100.0].into_iter().flat_map(|percent| {
            [&row.service, &row.response].map(|times| {
                percentile(&times.histogram(), percent)
                    .map_or_else(|| NONE.to_owned(), |ns| number::nanos(ns as f64))
            })
        });
        table.row(first.into_iter().chain(quoted));
    }
    table
}

fn rows<'a>(result: &MapResult<'a>) -> Vec<KindTimes<'a>> {
    let mut services = result.kinds();
    let row = |(kind, response): (Kind, Latencies)| {
        let service = services.remove(&kind)?;
        Some(KindTimes { map: result.map, is_candidate: result.is_candidate, kind, service, response })
    };
    result.responses().into_iter().filter_map(row).collect()
}

/// The rate that was kept, and where waiting weighs most.
fn finding(workload: &WorkloadResults<'_>, rows: &[KindTimes<'_>]) -> String {
    let real = || rows.iter().filter(|row| row.is_candidate && carries(row.response.count(), 99.9));
    let tail = |row: &&KindTimes<'_>| row.response.percentile(99.9);
    let (Some(low), Some(high)) = (real().min_by_key(tail), real().max_by_key(tail)) else {
        return format!("Too few operations for a p99.9.{}", kept(workload).unwrap_or_default());
    };
    let time = |row: &KindTimes<'_>| number::nanos(row.response.percentile(99.9) as f64);
    let spread = format!(
        "p99.9 of the response time: {} ({}, {}, lowest) to {} ({}, {}, highest; its service time: {}).",
        time(low),
        low.map,
        low.kind.name(),
        time(high),
        high.map,
        high.kind.name(),
        number::nanos(high.service.percentile(99.9) as f64)
    );
    format!("{spread}{}", kept(workload).unwrap_or_default())
}

/// The rate that the throughput passes kept of the one that the schedule asks for.
fn kept(workload: &WorkloadResults<'_>) -> Option<String> {
    let header = &workload.tape?.header;
    if header.paces_differ() {
        // A sum over rates is the rate of no phase; another figure tells them phase by phase.
        return None;
    }
    let scheduled = header.scheduled_seconds();
    let asked = header.ops().saturating_sub(header.preparing_ops()) as f64 / scheduled;
    if scheduled <= 0.0 {
        return None;
    }
    let rates = || workload.results.iter().filter_map(|result| result.figures.ops_per_second);
    let lowest = rates().reduce(f64::min)?;
    Some(format!(
        " Of the scheduled {} operations a second the maps completed {} (median), the slowest {}.",
        number::approx(asked),
        number::percent(median(rates())? / asked),
        number::percent(lowest / asked)
    ))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use formats::observation::Reading;
    use formats::run::Outcome;

    use super::*;
    use crate::view::View;

    #[test]
    fn waiting_is_told_beside_the_service() {
        let mut session = crate::sample::session();
        assert_eq!(figure(&View::new(&session).workloads[0]).into_string(), "", "there is no schedule");
        for tape in session.manifest.tapes.values_mut() {
            tape.header.pace = Pace::PerSecond(NonZeroU32::new(1000).unwrap());
        }
        let mut response = Latencies::new();
        response.record(7_000_000, 1);
        for run in &mut session.runs {
            if let Outcome::Measured(observation) = &mut run.outcome
                && let Reading::Latency(seen) = &mut observation.reading
            {
                seen.kinds.iter_mut().for_each(|kind| kind.response = Some(response.clone()));
            }
        }
        let view = View::new(&session);
        let text = figure(&view.workloads[0]).into_string();
        let waited = number::nanos(response.percentile(99.9) as f64);
        assert!(text.contains(&waited), "{text}");
        assert!(text.contains("operations a second the maps completed"), "{text}");
        assert_eq!(text.matches("<svg").count(), 2, "{text}");
        assert!(text.contains("next operation due, 1.00 ms"), "{text}");
        let exported = crate::export::files(&session);
        assert!(exported.iter().any(|(name, _)| name.ends_with(".insert.response.hgrm")));
    }
}
