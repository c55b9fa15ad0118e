//! Phases that come again under one name, as lines from cycle to cycle.

use maud::{Markup, html};

use super::{heights, series};
use crate::chart::frame::Axis;
use crate::chart::line::{Lines, Shape};
use crate::chart::scale::{Scale, Unit};
use crate::view::WorkloadResults;

/// Phases of so many names are drawn; the table has all.
const DRAWN: usize = 4;

/// One chart for each name that has a line: a line for each map, and in it a duration for each cycle, ns. The first one
/// has the figure's own anchor.
pub(super) fn charts(
    workload: &WorkloadResults<'_>,
    anchor: &str,
    what: &'static str,
    names: &[&str],
    cycles: impl Fn(&str, &str) -> Vec<f64>,
) -> Markup {
    let points = |phase: &str, map: &str| (1_u32..).map(f64::from).zip(cycles(phase, map)).collect();
    let drawn = names.iter().take(DRAWN).enumerate().map(|(at, phase)| {
        let lines = series(workload, |result| points(phase, result.map));
        let most = lines.iter().map(|line| line.points.len()).max().unwrap_or(1);
        let id = if at == 0 { anchor.to_owned() } else { format!("{anchor}-{}", at + 1) };
        let chart = Lines {
            id: &id,
            title: &format!("{what}, {phase} of {}", workload.name),
            description: "One line for each map, a corner for each cycle.",
            width: if names.len() == 1 { 1140.0 } else { 566.0 },
            x: Axis { label: "cycle", unit: Unit::Count, scale: Scale::exact(1.0, most as f64) },
            y: Axis {
                label: what,
                unit: Unit::Nanos,
                scale: Scale::decades(heights(&lines).collect::<Vec<_>>()),
            },
            bands: &[],
            limits: Vec::new(),
            shape: Shape::Straight,
            series: lines,
        };
        html! { div { @if names.len() > 1 { p .note { (phase) } } (chart.draw()) } }
    });
    html! { div class=[(names.len() > 1).then_some("pair")] { @for chart in drawn { (chart) } } }
}
