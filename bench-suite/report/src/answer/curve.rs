//! Swept workloads in lines for a terminal: what an operation costs at each point.

use std::collections::BTreeSet;
use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use crate::map_result::MapResult;
use crate::number::{self, NONE};
use crate::sweep::{Along, Sweep, sweeps};
use crate::view::View;

/// What an operation takes at each point of a sweep, ns; over threads how many there are in a second.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Curve {
    /// The workload, and what else is swept and stands still here.
    pub workload: String,
    /// What the figures are: `ns_per_op` or `ops_per_second`.
    pub figure: &'static str,
    /// The points, in words.
    pub points: Vec<String>,
    /// The map that is best at some point, and the reference map: a figure for each point.
    pub maps: Vec<(String, Vec<Option<f64>>)>,
}

/// The curves of a session.
pub(super) fn all(view: &View<'_>) -> Vec<Curve> {
    sweeps(view).iter().filter(|sweep| sweep.points.len() > 1).map(|sweep| of(view, sweep)).collect()
}

fn of(view: &View<'_>, sweep: &Sweep<'_, '_>) -> Curve {
    let by_threads = sweep.along == Along::Threads;
    let speed = |result: &MapResult<'_>| result.figures.ops_per_second;
    // Fastest first, as everywhere; slot managers are asked for keys of their own and are no measure.
    let keeps = |result: &&MapResult<'_>| result.has_keys && speed(result).is_some();
    let best = sweep.points.iter().filter_map(|point| point.candidates().find(keeps));
    let shown: BTreeSet<&str> =
        best.map(|result| result.map).chain(sweep.points.iter().map(|point| point.reference)).collect();
    let row = |map: &str| {
        let figure =
            |result: &MapResult<'_>| speed(result).map(|speed| if by_threads { speed } else { 1e9 / speed });
        let at = |point: &&crate::view::WorkloadResults<'_>| {
            point.results.iter().find(|result| result.map == map).and_then(figure)
        };
        (map.to_owned(), sweep.points.iter().map(at).collect())
    };
    Curve {
        workload: sweep.title(),
        figure: if by_threads { "ops_per_second" } else { "ns_per_op" },
        points: sweep.texts().collect(),
        maps: view.maps.iter().filter(|map| shown.contains(**map)).map(|map| row(map)).collect(),
    }
}

/// A table in text.
pub(super) fn text(curve: &Curve) -> String {
    let by_threads = curve.figure == "ops_per_second";
    let cell = |figure: &Option<f64>| match figure {
        Some(figure) if by_threads => format!("{} /s", number::approx(*figure)),
        Some(figure) => number::nanos(*figure),
        None => NONE.to_owned(),
    };
    let what = if by_threads { "operations a second" } else { "time an operation takes" };
    let mut rows =
        vec![std::iter::once(String::new()).chain(curve.points.iter().cloned()).collect::<Vec<_>>()];
    for (map, figures) in &curve.maps {
        rows.push(std::iter::once(map.clone()).chain(figures.iter().map(cell)).collect());
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..=curve.points.len()).map(width).collect();
    let mut out = format!("{}, {what}:\n", curve.workload);
    for row in &rows {
        let mut line = format!("  {:<1$}", row[0], widths[0]);
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            // Writing to a string does not fail.
            let _ = write!(line, "  {cell:>width$}");
        }
        out += line.trim_end();
        out.push('\n');
    }
    out
}
