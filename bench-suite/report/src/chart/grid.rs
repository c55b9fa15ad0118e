//! A table of shades: one row for each map, or for each part of one, and one column for each class.

use maud::{Markup, html};

use super::frame::px;
use super::line::shortened;
use super::scale::Unit;

/// Shades that a reader can tell apart.
pub(crate) const LEVELS: usize = 6;

/// One row: a map, and the figure of each column.
pub(crate) struct GridRow<'a> {
    pub(crate) name: &'a str,
    /// What of the map, where it has several rows; they stand below each other.
    pub(crate) part: Option<&'a str>,
    pub(crate) figures: Vec<f64>,
}

impl GridRow<'_> {
    /// What it is of, in full.
    fn full_name(&self) -> String {
        self.part.map_or_else(|| self.name.to_owned(), |part| format!("{}: {part}", self.name))
    }
}

/// Between which figures a shade is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Among {
    /// All of the grid.
    All,
    /// Those of its row: rows that count different things are not compared.
    Row,
}

const CELL: f64 = 17.0;
/// Room for names, and for names with a part.
const LEFT: f64 = 150.0;
const LEFT_OF_PARTS: f64 = 190.0;

/// The grid. Each figure above zero, of this unit, is shaded by its logarithm between the smallest and the largest.
pub(crate) fn grid(
    id: &str,
    title: &str,
    description: &str,
    columns: &[String],
    (unit, among): (Unit, Among),
    rows: &[GridRow<'_>],
) -> Markup {
    let left = if rows.iter().any(|row| row.part.is_some()) { LEFT_OF_PARTS } else { LEFT };
    let widest = columns.iter().map(|text| text.chars().count()).max().unwrap_or(1) as f64;
    let top = 14.0 + widest * 5.0;
    let cell = (900.0 / columns.len().max(1) as f64).clamp(14.0, 34.0);
    let width = left + columns.len() as f64 * cell + 40.0;
    let height = top + rows.len() as f64 * CELL + 6.0;
    let of_all = Shade::over(rows.iter().flat_map(|row| row.figures.iter().copied()));
    html! {
        svg .chart.matrix viewBox=(format!("0 0 {} {}", px(width), px(height))) role="img"
            style=(format!("max-width:{}px", px(width)))
            aria-labelledby=(format!("{id}-title {id}-desc"))
            data-cells=(format!("{} {} {} {CELL}", px(left), px(top), px(cell))) data-columns=(columns.join("|")) {
            title id=(format!("{id}-title")) { (title) }
            desc id=(format!("{id}-desc")) { (description) }
            @for (index, column) in columns.iter().enumerate() {
                @let x = left + (index as f64 + 0.5) * cell;
                text .tick transform=(format!("translate({} {}) rotate(-60)", px(x), px(top - 5.0))) { (column) }
            }
            @for (index, row) in rows.iter().enumerate() {
                @let y = top + index as f64 * CELL;
                @let shade = if among == Among::All { of_all } else { Shade::over(row.figures.iter().copied()) };
                g data-name=(row.full_name()) data-figures=(figures(unit, &row.figures)) {
                    text .end x=(px(left - 8.0)) y=(px(y + 12.0)) { (label(&rows[..=index])) }
                    @for (column, figure) in row.figures.iter().enumerate() {
                        @if let Some(level) = shade.level(*figure) {
                            rect class=(format!("h{level}")) x=(px(left + column as f64 * cell)) y=(px(y))
                                width=(px(cell - 1.0)) height=(px(CELL - 1.0)) {}
                        }
                    }
                }
            }
        }
    }
}

/// What stands before the last of these rows: a map is named once.
fn label(rows: &[GridRow<'_>]) -> String {
    let Some((row, above)) = rows.split_last() else { return String::new() };
    let name = shortened(row.name);
    match row.part {
        None => name,
        Some(part) if above.last().is_some_and(|above| above.name == row.name) => part.to_owned(),
        Some(part) => format!("{name}: {part}"),
    }
}

/// The figures of a row for the script, nothing for none.
fn figures(unit: Unit, figures: &[f64]) -> String {
    let text = |figure: &f64| if *figure > 0.0 { unit.text(*figure) } else { String::new() };
    figures.iter().map(text).collect::<Vec<_>>().join("|")
}

/// Which shade a figure has.
#[derive(Clone, Copy)]
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

    #[test]
    fn parts_of_a_map_stand_below_each_other_and_are_shaded_by_themselves() {
        let row = |part, figures: [f64; 2]| GridRow {
            name: "go-classic",
            part: Some(part),
            figures: figures.into(),
        };
        let rows = [row("delete", [1000.0, 2000.0]), row("grow", [0.0, 1.0])];
        let draw =
            |among| grid("g", "t", "d", &["a".into(), "b".into()], (Unit::Count, among), &rows).into_string();
        let apart = draw(Among::Row);
        assert!(apart.contains(">go-classic: delete<") && apart.contains(">grow<"), "{apart}");
        assert!(apart.contains("data-name=\"go-classic: grow\""), "{apart}");
        assert_eq!([apart.matches("\"h6\"").count(), apart.matches("\"h1\"").count()], [2, 1], "{apart}");
        assert_eq!(
            draw(Among::All).matches("\"h1\"").count(),
            1,
            "a growth beside thousands of deletes is pale"
        );
    }
}
