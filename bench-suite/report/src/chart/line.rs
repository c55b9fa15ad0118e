//! Lines, one for each map, with their names at their ends.

use maud::{Markup, html};

use super::frame::{Axis, Band, Frame, px};
use super::label::spread;
use super::palette::Style;

/// One line.
pub(crate) struct Series<'a> {
    pub(crate) name: &'a str,
    pub(crate) style: Style,
    /// Drawn in colour; the others stay grey until they are asked for.
    pub(crate) highlighted: bool,
    /// Figures from left to right.
    pub(crate) points: Vec<(f64, f64)>,
}

/// Whether a figure holds until the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// It changes evenly towards the next.
    Straight,
    /// It holds until the next.
    Step,
}

/// A chart of lines.
pub(crate) struct Lines<'a> {
    /// Its anchor.
    pub(crate) id: &'a str,
    /// For those who cannot see it.
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) width: f64,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) bands: &'a [Band<'a>],
    /// Heights that mean something, and what each is; those that lie off the axis are not drawn.
    pub(crate) limits: Vec<(f64, String)>,
    pub(crate) shape: Shape,
    pub(crate) series: Vec<Series<'a>>,
}

/// The distance of two names.
const GAP: f64 = 12.5;
/// Room for names at the right.
const NAMES: f64 = 166.0;
/// From the end of a line to its name, and the sample of the line before the name.
const LEADER: f64 = 14.0;
const SAMPLE: f64 = 18.0;
/// The longest name that fits there, in letters.
const LONGEST: usize = 20;
/// More points than a line has pixels show nothing.
const POINTS: usize = 320;

impl Lines<'_> {
    /// The chart.
    pub(crate) fn draw(&self) -> Markup {
        let names = self.series.iter().filter(|series| !series.points.is_empty()).count();
        let plot = (self.width * 0.36).clamp(190.0, 300.0).max(names as f64 * GAP);
        let top = if self.bands.is_empty() { 20.0 } else { 34.0 };
        let height = plot + top + 36.0;
        let frame = Frame { width: self.width, height, left: 62.0, right: NAMES, top, bottom: 36.0 };
        let (x_axis, y_axis) = frame.for_script(&self.x, &self.y);
        let label = format!("{}-title {0}-desc", self.id);
        html! {
            svg .chart.lines id=(format!("{}-chart", self.id)) viewBox=(format!("0 0 {} {}", px(self.width), px(height)))
                role="img" aria-labelledby=(label) data-x=(x_axis) data-y=(y_axis) {
                title id=(format!("{}-title", self.id)) { (self.title) }
                desc id=(format!("{}-desc", self.id)) { (self.description) }
                (frame.bands(&self.x, self.bands))
                (frame.axes(&self.x, &self.y))
                (self.limits(&frame))
                (self.lines(&frame))
            }
        }
    }

    fn limits(&self, frame: &Frame) -> Markup {
        let (low, high) = self.y.scale.ends();
        let shown = || self.limits.iter().filter(|(height, _)| (low..=high).contains(height));
        html! {
            @for (height, text) in shown() {
                @let at = frame.y(self.y.scale.place(*height));
                path .limit data-y=(px(at)) d=(format!("M{} {}H{}", px(frame.left), px(at), px(frame.x(1.0)))) {}
                text .limit data-y=(px(at)) x=(px(frame.left + 4.0)) y=(px(at - 4.0)) { (text) }
            }
        }
    }

    fn lines(&self, frame: &Frame) -> Markup {
        let mut order: Vec<&Series<'_>> = self.series.iter().filter(|one| !one.points.is_empty()).collect();
        // Grey first, then colour, the reference map on top.
        order.sort_by_key(|series| (series.highlighted, series.style.is_reference()));
        let ends: Vec<(f64, f64)> = order
            .iter()
            .map(|series| self.spot(frame, *series.points.last().unwrap_or(&(0.0, 0.0))))
            .collect();
        let wanted: Vec<f64> = ends.iter().map(|end| end.1).collect();
        let places = spread(&wanted, GAP, frame.top, frame.y(0.0));
        html! {
            @for ((series, end), place) in order.iter().zip(&ends).zip(&places) {
                g class=(format!("s {}{}", series.style.class(), if series.highlighted { " highlighted" } else { "" }))
                    data-name=(series.name) {
                    path .line d=(self.path(frame, &series.points)) {}
                    path .leader d=(format!("M{} {}L{} {}", px(end.0), px(end.1), px(frame.x(1.0) + LEADER), px(*place))) {}
                    g .entry {
                        path d=(format!("M{} {}h{SAMPLE}", px(frame.x(1.0) + LEADER), px(*place))) {}
                        text x=(px(frame.x(1.0) + LEADER + SAMPLE + 4.0)) y=(px(place + 3.5)) { (shortened(series.name)) }
                    }
                }
            }
        }
    }

    fn spot(&self, frame: &Frame, (x, y): (f64, f64)) -> (f64, f64) {
        (frame.x(self.x.scale.place(x)), frame.y(self.y.scale.place(y)))
    }

    fn path(&self, frame: &Frame, points: &[(f64, f64)]) -> String {
        use std::fmt::Write;
        let spots: Vec<(f64, f64)> =
            thinned(points, POINTS).into_iter().map(|point| self.spot(frame, point)).collect();
        let mut path = String::new();
        let mut last = String::new();
        for (index, &(x, y)) in spots.iter().enumerate() {
            let (x, y) = (px(x), px(y));
            // Writing to a string does not fail.
            let _ = match (index, self.shape) {
                (0, _) => write!(path, "M{x} {y}"),
                // The middle of a level stretch says nothing.
                (_, Shape::Straight)
                    if y == last && spots.get(index + 1).is_some_and(|next| px(next.1) == y) =>
                {
                    Ok(())
                }
                (_, Shape::Straight) => write!(path, "L{x} {y}"),
                (_, Shape::Step) if y == last && index + 1 < spots.len() => Ok(()),
                (_, Shape::Step) => write!(path, "H{x}V{y}"),
            };
            last = y;
        }
        if spots.len() == 1 {
            path.push_str("h2");
        }
        path
    }
}

/// A name that fits beside a chart.
pub(crate) fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    let start: String = name.chars().take(LONGEST - 1).collect();
    start + "…"
}

/// At most about `limit` points: of each stretch the lowest and the highest, so that no spike is lost.
pub(crate) fn thinned(points: &[(f64, f64)], limit: usize) -> Vec<(f64, f64)> {
    if points.len() <= limit {
        return points.to_vec();
    }
    let mut kept = vec![points[0]];
    for stretch in points[1..points.len() - 1].chunks((points.len() * 2).div_ceil(limit)) {
        let by_height = |a: &(usize, &(f64, f64)), b: &(usize, &(f64, f64))| a.1.1.total_cmp(&b.1.1);
        let low = stretch.iter().enumerate().min_by(by_height);
        let high = stretch.iter().enumerate().max_by(by_height);
        let (Some(low), Some(high)) = (low, high) else { continue };
        kept.extend(match low.0.cmp(&high.0) {
            std::cmp::Ordering::Less => vec![*low.1, *high.1],
            std::cmp::Ordering::Equal => vec![*low.1],
            std::cmp::Ordering::Greater => vec![*high.1, *low.1],
        });
    }
    kept.push(points[points.len() - 1]);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_ends_and_spikes() {
        let mut points: Vec<(f64, f64)> = (0..5000).map(|index| (f64::from(index), 1.0)).collect();
        points[2503].1 = 90.0;
        points[77].1 = -5.0;
        let kept = thinned(&points, 200);
        assert!(kept.len() <= 204, "{}", kept.len());
        for spot in [0, 77, 2503, 4999] {
            assert!(kept.contains(&points[spot]), "{spot}");
        }
        assert!(kept.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
