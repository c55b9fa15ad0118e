//! Ratios with their intervals, one row each, over what is tolerated and what must be found.

use maud::{Markup, html};

use super::frame::px;
use super::line::shortened;
use super::scale::{Scale, Unit};

/// One row. Differences are relative: 0.03 is 3 % more than the base.
pub(crate) struct IntervalRow<'a> {
    /// What stands at the left, in three columns.
    pub(crate) names: [&'a str; 3],
    pub(crate) difference: f64,
    /// The ends of its interval; `None` where there is none.
    pub(crate) interval: Option<(f64, f64)>,
    /// The difference that is none.
    pub(crate) tolerance: f64,
    /// The difference that must be found.
    pub(crate) delta: f64,
    /// Drawn in the colour of this class; grey without.
    pub(crate) class: Option<&'static str>,
    pub(crate) text: String,
}

const ROW: f64 = 20.0;
const TOP: f64 = 8.0;
const COLUMNS: [f64; 3] = [4.0, 128.0, 262.0];
const LEFT: f64 = 350.0;
const RIGHT: f64 = 160.0;
const WIDTH: f64 = 1040.0;

/// The rows over a common axis, on which less is better.
pub(crate) fn intervals(id: &str, title: &str, description: &str, rows: &[IntervalRow<'_>]) -> Markup {
    let scale = extent(rows);
    let x = |difference: f64| LEFT + scale.place(difference) * (WIDTH - LEFT - RIGHT);
    let base = TOP + rows.len() as f64 * ROW;
    html! {
        svg .chart.intervals viewBox=(format!("0 0 {} {}", px(WIDTH), px(base + 34.0))) role="img"
            aria-labelledby=(format!("{id}-title {id}-desc")) {
            title id=(format!("{id}-title")) { (title) }
            desc id=(format!("{id}-desc")) { (description) }
            @for (value, text) in scale.ticks(Unit::Share) {
                path .grid d=(format!("M{} {TOP}V{}", px(x(value)), px(base))) {}
                text .tick.mid x=(px(x(value))) y=(px(base + 15.0)) { (text) }
            }
            text .name.end x=(px(WIDTH - RIGHT)) y=(px(base + 29.0)) { "slower than the base →" }
            text .name x=(px(LEFT)) y=(px(base + 29.0)) { "← faster" }
            @for (index, row) in rows.iter().enumerate() { (drawn(row, TOP + index as f64 * ROW, &x)) }
            path .axis d=(format!("M{} {TOP}V{}", px(x(0.0)), px(base))) {}
        }
    }
}

fn drawn(row: &IntervalRow<'_>, top: f64, x: &dyn Fn(f64) -> f64) -> Markup {
    let middle = top + ROW / 2.0;
    let band = |share: f64| (px(x(-share)), px((x(share) - x(-share)).max(0.0)));
    let (delta, tolerance) = (band(row.delta), band(row.tolerance));
    html! {
        rect .delta x=(delta.0) y=(px(top + 2.0)) width=(delta.1) height=(px(ROW - 4.0)) {}
        rect .tolerance x=(tolerance.0) y=(px(top + 2.0)) width=(tolerance.1) height=(px(ROW - 4.0)) {}
        g class=(format!("row {}", row.class.unwrap_or("rest"))) {
            @for (name, at) in row.names.iter().zip(COLUMNS) {
                text x=(px(at)) y=(px(middle + 4.0)) { (shortened(name)) }
            }
            @if let Some((low, high)) = row.interval {
                path d=(format!("M{} {}H{}", px(x(low)), px(middle), px(x(high)))) {}
            }
            circle cx=(px(x(row.difference))) cy=(px(middle)) r="3.4" {}
            text x=(px(WIDTH - RIGHT + 10.0)) y=(px(middle + 4.0)) { (row.text) }
        }
    }
}

/// From the lowest end to the highest, at least over what must be found. What is farther than a factor of two is
/// put on the border: it would press the rest together.
fn extent(rows: &[IntervalRow<'_>]) -> Scale {
    let ends = rows.iter().flat_map(|row| {
        let (low, high) = row.interval.unwrap_or((row.difference, row.difference));
        [low, high, row.difference, row.delta, -row.delta]
    });
    let finite = ends.filter(|end| end.is_finite()).map(|end| end.clamp(-0.5, 1.0));
    let (low, high) = finite.fold((-0.01_f64, 0.01_f64), |(low, high), end| (low.min(end), high.max(end)));
    let room = (high - low) * 0.04;
    Scale::exact(low - room, high + room)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(difference: f64, interval: Option<(f64, f64)>) -> IntervalRow<'static> {
        let names = ["w", "m", "t"];
        IntervalRow {
            names,
            difference,
            interval,
            tolerance: 0.005,
            delta: 0.03,
            class: None,
            text: String::new(),
        }
    }

    #[test]
    fn the_axis_spans_what_must_be_found_and_no_more_than_a_factor_of_two() {
        let (low, high) = extent(&[row(0.001, Some((-0.004, 0.006)))]).ends();
        assert!(low < -0.03 && low > -0.04 && high > 0.03 && high < 0.04, "{low} {high}");
        let (low, high) = extent(&[row(f64::NAN, Some((-9.0, f64::INFINITY))), row(40.0, None)]).ends();
        assert!(low > -0.6 && high < 1.1, "{low} {high}");
    }
}
