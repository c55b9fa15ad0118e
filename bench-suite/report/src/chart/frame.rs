//! The frame of a chart: its plot area, its axes, the phases behind it.

use maud::{Markup, html};

use super::scale::{Scale, Unit};

/// One axis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axis {
    /// What stands on it.
    pub(crate) label: &'static str,
    pub(crate) unit: Unit,
    pub(crate) scale: Scale,
}

/// A named stretch of the horizontal axis.
pub(crate) type Band<'a> = (&'a str, f64, f64);

/// Where the parts of a chart lie, in the units of its view box; one unit is about one pixel on a desk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

impl Frame {
    /// The place of a share of the horizontal axis.
    pub(crate) fn x(&self, share: f64) -> f64 {
        self.left + share * (self.width - self.left - self.right)
    }

    /// The place of a share of the vertical axis, which points up.
    pub(crate) fn y(&self, share: f64) -> f64 {
        self.height - self.bottom - share * (self.height - self.top - self.bottom)
    }

    /// The phases, as shaded stretches with their names where they fit.
    pub(crate) fn bands(&self, x: &Axis, bands: &[Band<'_>]) -> Markup {
        html! {
            @for (index, (name, from, to)) in bands.iter().enumerate() {
                @let (start, end) = (self.x(x.scale.place(*from)), self.x(x.scale.place(*to)));
                @if end - start >= 1.0 {
                    @if index % 2 == 1 {
                        rect .band x=(px(start)) y=(px(self.top)) width=(px(end - start))
                            height=(px(self.y(0.0) - self.top)) {}
                    }
                    @if end - start > 7.0 * name.chars().count() as f64 {
                        text .phase x=(px(start + 4.0)) y=(px(self.top - 4.0)) { (name) }
                    }
                }
            }
        }
    }

    /// Both axes: lines across at round figures, texts, and what stands on them.
    pub(crate) fn axes(&self, x: &Axis, y: &Axis) -> Markup {
        let base = self.y(0.0);
        html! {
            @for (value, text) in y.scale.ticks(y.unit) {
                @let at = self.y(y.scale.place(value));
                path .grid d=(format!("M{} {}H{}", px(self.left), px(at), px(self.x(1.0)))) {}
                text .tick.end x=(px(self.left - 6.0)) y=(px(at + 3.5)) { (text) }
            }
            @for (value, text) in self.fitting(x) {
                @let at = self.x(x.scale.place(value));
                path .axis d=(format!("M{} {}v4", px(at), px(base))) {}
                text .tick.mid x=(px(at)) y=(px(base + 15.0)) { (text) }
            }
            path .axis d=(format!("M{} {}H{}", px(self.left), px(base), px(self.x(1.0)))) {}
            @if !x.label.is_empty() {
                text .name.end x=(px(self.x(1.0))) y=(px(base + 29.0)) { (x.label) }
            }
            @if !y.label.is_empty() {
                text .name x=(px(4.0)) y="10" { (y.label) }
            }
        }
    }

    /// Ticks of the horizontal axis whose texts do not touch.
    fn fitting(&self, x: &Axis) -> Vec<(f64, String)> {
        let ticks = x.scale.ticks(x.unit);
        let room = self.x(1.0) - self.left;
        let widest = ticks.iter().map(|(_, text)| text.chars().count()).max().unwrap_or(1) as f64 * 5.4 + 8.0;
        let every = (widest * ticks.len() as f64 / room).ceil().max(1.0);
        ticks
            .into_iter()
            .enumerate()
            .filter(|(index, _)| *index as f64 % every < 0.5)
            .map(|(_, t)| t)
            .collect()
    }

    /// What the script needs to tell the figures under the pointer.
    pub(crate) fn for_script(&self, x: &Axis, y: &Axis) -> (String, String) {
        let axis = |axis: &Axis, from: f64, to: f64| {
            let (low, high) = axis.scale.ends();
            let kind = if axis.scale.is_log() { "log" } else { "linear" };
            format!("{kind} {low} {high} {} {} {}", px(from), px(to), axis.unit.name())
        };
        (axis(x, self.x(0.0), self.x(1.0)), axis(y, self.y(0.0), self.y(1.0)))
    }
}

/// A length with at most one digit behind the point.
pub(crate) fn px(length: f64) -> String {
    let text = format!("{length:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
