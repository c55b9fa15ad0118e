//! Waiting against speed: a point for each map whose locks can be counted.

use formats::observation::Contention;
use maud::{Markup, html};

use super::met;
use crate::chart::figure::{Table, figure as captioned};
use crate::chart::frame::Axis;
use crate::chart::palette::Style;
use crate::chart::scale::{Scale, Unit};
use crate::chart::scatter::{Cloud, Spot};
use crate::map_result::MapResult;
use crate::number;
use crate::prose::listed;
use crate::view::WorkloadResults;

/// A map with both figures.
struct Point<'v, 'a> {
    result: &'v MapResult<'a>,
    /// ns an operation that a thread waited.
    wait: f64,
    /// Operations a second.
    speed: f64,
}

/// The chart; empty where fewer than two maps have both figures, or nothing waited.
pub(super) fn figure(workload: &WorkloadResults<'_>, seen: &[(&MapResult<'_>, &Contention)]) -> Markup {
    let points = points(seen);
    let waits = || points.iter().map(|point| point.wait).filter(|wait| *wait > 0.0);
    if points.len() < 2 || waits().next().is_none() {
        return html! {};
    }
    let id = format!("{}-contention-waits", workload.anchor);
    let chart = Cloud {
        id: &id,
        title: &format!("Speed and waiting in {}", workload.name),
        description: "For each map whose locks can be counted, the wait for locks per operation from left to right, operations \
                      a second from below.",
        width: 860.0,
        height: 290.0,
        x: Axis {
            label: "wait for locks per operation →",
            unit: Unit::Nanos,
            scale: Scale::log(waits()).widened(),
        },
        y: Axis {
            label: "operations a second",
            unit: Unit::Rate,
            scale: Scale::log(points.iter().map(|point| point.speed)).widened(),
        },
        spots: points.iter().map(|point| spot(workload, point)).collect(),
        front: Vec::new(),
        limit: None,
    };
    let mut data = Table::new(["map", "wait for locks per operation", "operations a second"]);
    for point in &points {
        let [wait, speed] = [number::nanos(point.wait), number::approx(point.speed)];
        data.row([point.result.map.to_owned(), wait, speed]);
    }
    captioned(&id, "Speed and waiting for locks", &finding(&points), &chart.draw(), &data)
}

fn points<'v, 'a>(seen: &[(&'v MapResult<'a>, &Contention)]) -> Vec<Point<'v, 'a>> {
    let point = |&(result, seen): &(&'v MapResult<'a>, &Contention)| {
        let wait = met(seen)?.wait_ns as f64 / seen.ops.max(1) as f64;
        Some(Point { result, wait, speed: result.figures.ops_per_second? })
    };
    seen.iter().filter_map(point).collect()
}

fn spot<'a>(workload: &WorkloadResults<'_>, point: &Point<'_, 'a>) -> Spot<'a> {
    let result = point.result;
    Spot {
        name: result.map,
        style: Style::of(result.place, result.map, workload.reference),
        highlighted: workload.highlighted.contains(&result.place),
        is_square: !result.has_keys,
        x: point.wait,
        whisker: None,
        y: point.speed,
        text: format!(
            "{} an operation waited, {} operations a second",
            number::nanos(point.wait),
            number::approx(point.speed)
        ),
    }
}

/// Who waits least and who is fastest of the maps that can be told, and whether it is the same one.
fn finding(points: &[Point<'_, '_>]) -> String {
    let candidates = || points.iter().filter(|point| point.result.is_candidate);
    let free: Vec<&str> =
        candidates().filter(|point| point.wait <= 0.0).map(|point| point.result.map).collect();
    let fastest = candidates().max_by(|a, b| a.speed.total_cmp(&b.speed));
    let longest = candidates().max_by(|a, b| a.wait.total_cmp(&b.wait));
    let mut said: Vec<String> = Vec::new();
    if let (Some(fastest), Some(longest)) = (fastest, longest) {
        let wait = |point: &Point<'_, '_>| number::nanos(point.wait);
        let most = if fastest.result.map == longest.result.map {
            String::new()
        } else {
            format!(", and {} in {}", wait(longest), longest.result.map)
        };
        said.push(format!(
            "Of the maps whose locks can be counted, {} has the highest throughput; an operation waited {} in it{most}, the longest.",
            fastest.result.map,
            wait(fastest)
        ));
    }
    if !free.is_empty() {
        said.push(format!("On the left edge, without a wait: {}.", listed(&free, 5)));
    }
    said.push("Waits are of a single pass of their own, throughput is of the timed ones.".to_owned());
    said.join(" ")
}
