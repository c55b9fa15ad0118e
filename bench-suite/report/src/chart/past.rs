//! One series over the gates of a history: levels as a line with their errors, steps as bars, changes as marks.

use maud::{Markup, html};

use super::frame::{Axis, Frame, px};
use super::scale::{Scale, Unit};

/// One measurement: its place in the history, a relative difference, its standard error.
pub(crate) struct Spot {
    pub(crate) at: usize,
    pub(crate) difference: f64,
    pub(crate) error: f64,
}

/// A place that stands out, with what is written there.
pub(crate) struct Mark {
    pub(crate) at: usize,
    pub(crate) text: String,
}

/// The chart of one series.
pub(crate) struct Past {
    pub(crate) id: String,
    pub(crate) title: String,
    /// Entries of the whole history.
    pub(crate) gates: usize,
    pub(crate) levels: Vec<Spot>,
    pub(crate) steps: Vec<Spot>,
    pub(crate) marks: Vec<Mark>,
    /// The line has the colour of this class.
    pub(crate) class: Option<&'static str>,
}

/// Standard errors that are drawn to either side: 95 % of normal noise.
const ERRORS: f64 = 2.0;

impl Past {
    pub(crate) fn draw(&self) -> Markup {
        let frame = Frame { width: 560.0, height: 220.0, left: 56.0, right: 14.0, top: 26.0, bottom: 36.0 };
        let last = self.gates.saturating_sub(1).max(1) as f64;
        let x = Axis { label: "gates", unit: Unit::Count, scale: Scale::exact(0.0, last) };
        let y = Axis { label: "slower than the anchor", unit: Unit::Share, scale: self.extent() };
        let across = |at: usize| frame.x(x.scale.place(at as f64));
        let up = |difference: f64| frame.y(y.scale.place(difference));
        let zero = up(0.0);
        let spots: Vec<String> = self
            .levels
            .iter()
            .map(|spot| format!("{} {}", px(across(spot.at)), px(up(spot.difference))))
            .collect();
        html! {
            svg .chart.past viewBox=(format!("0 0 {} {}", px(frame.width), px(frame.height))) role="img"
                aria-labelledby=(format!("{0}-title {0}-desc", self.id)) {
                title id=(format!("{}-title", self.id)) { (self.title) }
                desc id=(format!("{}-desc", self.id)) {
                    "Each gate from left to right: the line against the anchor, bars against the parent."
                }
                (frame.axes(&x, &y))
                path .axis d=(format!("M{} {}H{}", px(frame.left), px(zero), px(frame.x(1.0)))) {}
                @for step in &self.steps {
                    path .step d=(format!("M{} {}V{}", px(across(step.at)), px(zero), px(up(step.difference)))) {}
                }
                @for mark in &self.marks {
                    path .mark d=(format!("M{} {}V{}", px(across(mark.at)), px(frame.top), px(frame.y(0.0)))) {}
                    text .phase.mid x=(px(across(mark.at))) y=(px(frame.top - 4.0)) { (mark.text) }
                }
                g class=(format!("level {}", self.class.unwrap_or("rest"))) {
                    @if !spots.is_empty() { path d=(format!("M{}", spots.join("L"))) {} }
                    @for spot in &self.levels {
                        path .error d=(format!(
                            "M{} {}V{}",
                            px(across(spot.at)),
                            px(up(spot.difference - ERRORS * spot.error)),
                            px(up(spot.difference + ERRORS * spot.error))
                        )) {}
                        circle cx=(px(across(spot.at))) cy=(px(up(spot.difference))) r="2.4" {}
                    }
                }
            }
        }
    }

    /// All differences with their errors, at least 3 % to either side: less is not worth an axis.
    fn extent(&self) -> Scale {
        let ends = self.levels.iter().flat_map(|spot| {
            let error = ERRORS * spot.error;
            [spot.difference - error, spot.difference + error]
        });
        let ends = ends.chain(self.steps.iter().map(|spot| spot.difference));
        let finite = ends.filter(|end| end.is_finite()).map(|end| end.clamp(-0.9, 3.0));
        let (low, high) =
            finite.fold((-0.03_f64, 0.03_f64), |(low, high), end| (low.min(end), high.max(end)));
        Scale::exact(low, high)
    }
}
