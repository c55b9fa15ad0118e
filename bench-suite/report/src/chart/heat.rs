//! Durations over the length of a tape, as a map of shades: how many operations of a window took how long.

use std::collections::BTreeMap;
use std::fmt::Write;

use formats::histogram::Latencies;
use maud::{Markup, html};

use super::frame::{Axis, Band, Frame, px};
use super::grid::LEVELS;
use super::scale::{Scale, Unit};

/// Rows for each factor of ten.
const ROWS_PER_DECADE: f64 = 12.0;
/// More columns than this are put together.
const COLUMNS: usize = 120;

/// Whole steps from the left end to the right: fewer digits than numbers of operations have, finer than a pixel.
const UNITS: f64 = 924.0;

/// The heat map of one map.
pub(crate) struct Heat<'a> {
    pub(crate) id: String,
    pub(crate) name: &'a str,
    pub(crate) columns: Vec<Column>,
    /// Operations of the tape.
    pub(crate) ops: f64,
    pub(crate) bands: Vec<Band<'a>>,
}

/// One window: where it starts, and the share of its operations in each row.
pub(crate) struct Column {
    first_op: f64,
    rows: BTreeMap<i32, f64>,
}

impl<'a> Heat<'a> {
    /// Folds windows, in the order of the tape, into columns. What is shorter than `floor` ns is put into the
    /// row of the floor.
    pub(crate) fn new(
        id: String,
        name: &'a str,
        windows: &[(u64, Latencies)],
        floor: u64,
        ops: f64,
        bands: Vec<Band<'a>>,
    ) -> Self {
        let together = windows.len().div_ceil(COLUMNS).max(1);
        let columns = windows.chunks(together).map(|windows| column(windows, row(floor))).collect();
        Self { id, name, columns, ops, bands }
    }

    /// The lowest row and the one above the highest, `None` without a duration.
    pub(crate) fn extent(&self) -> Option<(i32, i32)> {
        let rows = || self.columns.iter().flat_map(|column| column.rows.keys().copied());
        Some((rows().min()?, rows().max()? + 1))
    }

    /// Draws rows `extent`, which all heat maps side by side share.
    pub(crate) fn draw(&self, (low, high): (i32, i32)) -> Markup {
        let x = Axis { label: "operations", unit: Unit::Count, scale: Scale::exact(0.0, self.ops) };
        let scale = Scale::Log { low: duration(low), high: duration(high) };
        let y = Axis { label: "", unit: Unit::Nanos, scale };
        let frame = Frame { width: 370.0, height: 210.0, left: 54.0, right: 8.0, top: 32.0, bottom: 34.0 };
        let (width, height) = (frame.x(1.0) - frame.left, frame.y(0.0) - frame.top);
        let fit = format!(
            "translate({} {}) scale({:.5} {:.5})",
            px(frame.left),
            px(frame.y(0.0)),
            width / UNITS,
            -height / f64::from(high - low)
        );
        html! {
            svg .chart.heat viewBox=(format!("0 0 {} {}", px(frame.width), px(frame.height))) role="img"
                aria-labelledby=(format!("{}-title", self.id)) {
                title id=(format!("{}-title", self.id)) { "Durations over the tape, " (self.name) }
                text .panel x=(px(frame.left)) y="12" { (self.name) }
                g transform=(fit) {
                    @for (level, path) in self.paths(low) {
                        path class=(format!("h{level}")) d=(path) {}
                    }
                }
                (frame.bands(&x, &self.bands))
                (frame.axes(&x, &y))
            }
        }
    }

    /// For each shade one path over all its cells; cells above each other are one rectangle.
    fn paths(&self, low: i32) -> BTreeMap<usize, String> {
        let mut paths: BTreeMap<usize, String> = BTreeMap::new();
        let unit = |op: f64| (op / self.ops.max(1.0) * UNITS).round();
        for (index, column) in self.columns.iter().enumerate() {
            let end = self.columns.get(index + 1).map_or(self.ops, |next| next.first_op);
            let mut cells = column.rows.iter().map(|(&row, &share)| (row, level(share))).peekable();
            while let Some((row, level)) = cells.next() {
                let mut tall = 1;
                while cells.next_if(|&(next, same)| next == row + tall && same == level).is_some() {
                    tall += 1;
                }
                let path = paths.entry(level).or_default();
                let start = unit(column.first_op);
                let wide = (unit(end) - start).max(1.0);
                // Writing to a string does not fail.
                let _ = write!(path, "M{start} {}h{wide}v{tall}h-{wide}z", row - low);
            }
        }
        paths
    }
}

fn column(windows: &[(u64, Latencies)], floor: i32) -> Column {
    let mut rows: BTreeMap<i32, f64> = BTreeMap::new();
    let mut all = 0.0;
    for (_, latencies) in windows {
        for step in latencies.histogram().iter_recorded() {
            let count = step.count_since_last_iteration() as f64;
            *rows.entry(row(step.value_iterated_to()).max(floor)).or_default() += count;
            all += count;
        }
    }
    for count in rows.values_mut() {
        *count /= all;
    }
    Column { first_op: windows.first().map_or(0.0, |(first_op, _)| *first_op as f64), rows }
}

#[allow(clippy::cast_possible_truncation, reason = "an hour lies in row 150")]
fn row(ns: u64) -> i32 {
    ((ns.max(1) as f64).log10() * ROWS_PER_DECADE).floor() as i32
}

fn duration(row: i32) -> f64 {
    10_f64.powf(f64::from(row) / ROWS_PER_DECADE)
}

/// Shares of the window's operations from which on each shade stands.
pub(crate) const FROM: [f64; LEVELS] = [0.0, 1e-4, 1e-3, 1e-2, 0.1, 0.3];

fn level(share: f64) -> usize {
    FROM.iter().filter(|from| share >= **from).count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_a_window_sum_to_one() {
        let mut latencies = Latencies::new();
        latencies.record(30, 990);
        latencies.record(4000, 9);
        latencies.record(1_000_000, 1);
        let heat = Heat::new("a".into(), "map", &[(0, latencies)], 1, 1000.0, Vec::new());
        assert!((heat.columns[0].rows.values().sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(heat.extent(), Some((row(30), row(1_000_000) + 1)));
        let levels: Vec<usize> = heat.columns[0].rows.values().map(|share| level(*share)).collect();
        assert_eq!(levels, [6, 3, 3]);
    }
}
