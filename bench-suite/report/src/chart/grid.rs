//! A table of shades: one row for each map, one column for each class.

use maud::{Markup, html};

use super::frame::px;
use super::line::shortened;
use super::scale::Unit;

/// Shades that a reader can tell apart.
pub(crate) const LEVELS: usize = 6;

/// One row: a name, and the figure of each column.
pub(crate) struct GridRow<'a> {
    pub(crate) name: &'a str,
    pub(crate) figures: Vec<f64>,
}

const CELL: f64 = 17.0;
const LEFT: f64 = 150.0;

/// The grid. Each figure above zero, of this unit, is shaded by its logarithm between the smallest and the largest of all.
pub(crate) fn grid(
    id: &str,
    title: &str,
    description: &str,
    columns: &[String],
    unit: Unit,
    rows: &[GridRow<'_>],
) -> Markup {
    let widest = columns.iter().map(|text| text.chars().count()).max().unwrap_or(1) as f64;
    let top = 14.0 + widest * 5.0;
    let cell = (900.0 / columns.len().max(1) as f64).clamp(14.0, 34.0);
    let width = LEFT + columns.len() as f64 * cell + 40.0;
    let height = top + rows.len() as f64 * CELL + 6.0;
    let shade = Shade::over(rows.iter().flat_map(|row| row.figures.iter().copied()));
    html! {
        svg .chart.matrix viewBox=(format!("0 0 {} {}", px(width), px(height))) role="img"
            style=(format!("max-width:{}px", px(width)))
            aria-labelledby=(format!("{id}-title {id}-desc"))
            data-cells=(format!("{} {} {} {CELL}", px(LEFT), px(top), px(cell))) data-columns=(columns.join("|")) {
            title id=(format!("{id}-title")) { (title) }
            desc id=(format!("{id}-desc")) { (description) }
            @for (index, column) in columns.iter().enumerate() {
                @let x = LEFT + (index as f64 + 0.5) * cell;
                text .tick transform=(format!("translate({} {}) rotate(-60)", px(x), px(top - 5.0))) { (column) }
            }
            @for (index, row) in rows.iter().enumerate() {
                @let y = top + index as f64 * CELL;
                g data-name=(row.name) data-figures=(figures(unit, &row.figures)) {
                    text .end x=(px(LEFT - 8.0)) y=(px(y + 12.0)) { (shortened(row.name)) }
                    @for (column, figure) in row.figures.iter().enumerate() {
                        @if let Some(level) = shade.level(*figure) {
                            rect class=(format!("h{level}")) x=(px(LEFT + column as f64 * cell)) y=(px(y))
                                width=(px(cell - 1.0)) height=(px(CELL - 1.0)) {}
                        }
                    }
                }
            }
        }
    }
}

/// The figures of a row for the script, nothing for none.
fn figures(unit: Unit, figures: &[f64]) -> String {
    let text = |figure: &f64| if *figure > 0.0 { unit.text(*figure) } else { String::new() };
    figures.iter().map(text).collect::<Vec<_>>().join("|")
}

/// Which shade a figure has.
pub(crate) struct Shade {
    low: f64,
    high: f64,
}

impl Shade {
    /// Shades between the smallest and the largest figure above zero.
    pub(crate) fn over(figures: impl Iterator<Item = f64>) -> Self {
        let positive = figures.filter(|figure| figure.is_finite() && *figure > 0.0);
        let (low, high) = positive.fold((f64::MAX, 0.0_f64), |(low, high), f| (low.min(f), high.max(f)));
        Self { low, high }
    }

    /// From 1, the palest, to [`LEVELS`]; `None` for nothing.
    pub(crate) fn level(&self, figure: f64) -> Option<usize> {
        if !(figure.is_finite() && figure > 0.0) {
            return None;
        }
        let place = (figure / self.low).ln() / (self.high / self.low).ln();
        let place = if place.is_finite() { place.clamp(0.0, 1.0) } else { 1.0 };
        Some(1 + (1..LEVELS).filter(|step| place * (LEVELS - 1) as f64 >= *step as f64 - 0.5).count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_span_the_figures() {
        let shade = Shade::over([0.0, 1.0, 1000.0, f64::NAN].into_iter());
        assert_eq!(shade.level(0.0), None);
        assert_eq!(shade.level(f64::NAN), None);
        assert_eq!(shade.level(1.0), Some(1));
        assert_eq!(shade.level(1000.0), Some(LEVELS));
        assert_eq!(Shade::over([5.0].into_iter()).level(5.0), Some(LEVELS));
    }
}
