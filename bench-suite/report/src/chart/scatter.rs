//! Points, one for each map: what is had for what. Names stand beside the points that stand out.

use std::fmt::Write;

use maud::{Markup, html};

use super::frame::{Axis, Frame, px};
use super::line::shortened;
use super::palette::Style;

/// One map.
pub(crate) struct Spot<'a> {
    pub(crate) name: &'a str,
    pub(crate) style: Style,
    /// Drawn in colour and named; the others stay grey until they are asked for.
    pub(crate) highlighted: bool,
    /// Drawn as a square: it is of another kind than the rest.
    pub(crate) is_square: bool,
    pub(crate) x: f64,
    /// The ends of the interval for `x`.
    pub(crate) whisker: Option<(f64, f64)>,
    pub(crate) y: f64,
    /// Both figures in words.
    pub(crate) text: String,
}

/// A cloud of points.
pub(crate) struct Cloud<'a> {
    /// Its anchor.
    pub(crate) id: &'a str,
    /// For those who cannot see it.
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) spots: Vec<Spot<'a>>,
    /// The points that no other one beats in both, joined by steps.
    pub(crate) front: Vec<(f64, f64)>,
    /// A height that nothing can be below, and what it is.
    pub(crate) limit: Option<(f64, String)>,
}

/// Room that a letter of a name takes, and a line of them.
const LETTER: f64 = 6.3;
const LINE: f64 = 11.5;

impl Cloud<'_> {
    /// The chart.
    pub(crate) fn draw(&self) -> Markup {
        let frame = Frame {
            width: self.width,
            height: self.height,
            left: 62.0,
            right: 120.0,
            top: 20.0,
            bottom: 36.0,
        };
        let label = format!("{}-title {0}-desc", self.id);
        // Grey first, the reference map on top.
        let mut order: Vec<&Spot<'_>> = self.spots.iter().collect();
        order.sort_by_key(|spot| (spot.highlighted, spot.style.is_reference()));
        let names = places(&order.iter().map(|spot| self.name(&frame, spot)).collect::<Vec<_>>());
        html! {
            svg .chart.cloud id=(format!("{}-chart", self.id)) viewBox=(format!("0 0 {} {}", px(self.width), px(self.height)))
                role="img" aria-labelledby=(label) {
                title id=(format!("{}-title", self.id)) { (self.title) }
                desc id=(format!("{}-desc", self.id)) { (self.description) }
                (frame.axes(&self.x, &self.y))
                @if let Some((height, text)) = &self.limit {
                    @let at = px(frame.y(self.y.scale.place(*height)));
                    path .limit d=(format!("M{} {at}H{}", px(frame.left), px(frame.x(1.0)))) {}
                    text .limit x=(px(frame.x(1.0) + 6.0)) y=(at) { (text) }
                }
                @if self.front.len() > 1 { path .front d=(self.steps(&frame)) {} }
                @for (spot, name) in order.iter().zip(names) { (self.spot(&frame, spot, name)) }
            }
        }
    }

    fn place(&self, frame: &Frame, x: f64, y: f64) -> (f64, f64) {
        (frame.x(self.x.scale.place(x)), frame.y(self.y.scale.place(y)))
    }

    /// Where the name of a point wants to be, and how long it is; `None` where it is not shown.
    fn name(&self, frame: &Frame, spot: &Spot<'_>) -> Option<(f64, f64, f64)> {
        let (x, y) = self.place(frame, spot.x, spot.y);
        let letters = shortened(spot.name).chars().count() as f64;
        spot.highlighted.then_some((x + 8.0, y - 4.0, letters * LETTER))
    }

    fn spot(&self, frame: &Frame, spot: &Spot<'_>, name: Option<(f64, f64)>) -> Markup {
        let (x, y) = self.place(frame, spot.x, spot.y);
        let whisker = spot.whisker.map(|(low, high)| {
            let [low, high] = [low, high].map(|end| self.place(frame, end, spot.y).0);
            format!("M{} {}H{}", px(low), px(y), px(high))
        });
        html! {
            g class=(format!("s {}{}", spot.style.class(), if spot.highlighted { " highlighted" } else { "" }))
                data-name=(spot.name) data-read=(spot.text) {
                @if let Some(whisker) = whisker { path d=(whisker) {} }
                @if spot.is_square {
                    rect .spot x=(px(x - 3.8)) y=(px(y - 3.8)) width="7.6" height="7.6" {}
                } @else {
                    circle .spot cx=(px(x)) cy=(px(y)) r="4.3" {}
                }
                @if let Some((x, y)) = name { text x=(px(x)) y=(px(y)) { (shortened(spot.name)) } }
            }
        }
    }

    /// From point to point along the front, which runs from the left to the right: what lies at the left of the line and
    /// above it is beaten.
    fn steps(&self, frame: &Frame) -> String {
        let mut path = String::new();
        for (x, y) in self.front.iter().map(|&(x, y)| self.place(frame, x, y)) {
            let (x, y) = (px(x), px(y));
            // Writing to a string does not fail.
            let _ = if path.is_empty() { write!(path, "M{x} {y}") } else { write!(path, "V{y}H{x}") };
        }
        path
    }
}

/// Where names of these lengths stand without covering each other: as near below where they want to be as there is room.
fn places(wanted: &[Option<(f64, f64, f64)>]) -> Vec<Option<(f64, f64)>> {
    let mut taken: Vec<(f64, f64, f64)> = Vec::new();
    let mut order: Vec<usize> = (0..wanted.len()).filter(|at| wanted[*at].is_some()).collect();
    order.sort_by(|&a, &b| wanted[a].map_or(0.0, |one| one.1).total_cmp(&wanted[b].map_or(0.0, |one| one.1)));
    let mut out = vec![None; wanted.len()];
    for at in order {
        let Some((x, mut y, length)) = wanted[at] else { continue };
        let covers = |y: f64, (other, height, long): &(f64, f64, f64)| {
            // What was just moved away is away, however the sum was rounded.
            x < other + long && *other < x + length && (y - height).abs() < LINE - 1e-6
        };
        while let Some((_, height, _)) = taken.iter().find(|one| covers(y, one)) {
            y = height + LINE;
        }
        taken.push((x, y, length));
        out[at] = Some((x, y));
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_name_covers_another(wanted in prop::collection::vec(prop::option::of((0.0..500.0_f64, 0.0..200.0_f64, 10.0..120.0_f64)), 0..24)) {
            let places = places(&wanted);
            let boxes: Vec<(f64, f64, f64)> =
                places.iter().zip(&wanted).filter_map(|(place, want)| Some(((*place)?.0, (*place)?.1, (*want)?.2))).collect();
            prop_assert_eq!(boxes.len(), wanted.iter().flatten().count());
            for (at, a) in boxes.iter().enumerate() {
                for b in &boxes[at + 1..] {
                    let apart = a.0 >= b.0 + b.2 || b.0 >= a.0 + a.2 || (a.1 - b.1).abs() >= LINE - 1e-6;
                    prop_assert!(apart, "{:?} {:?}", a, b);
                }
            }
        }
    }
}
