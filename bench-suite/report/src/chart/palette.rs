//! The look of each map: the same colour and dash in every chart of a page.
//!
//! The colours are those of Okabe and Ito (Color Universal Design, 2008) without yellow; on white they are moved
//! in lightness until every reader can see them and tell them apart, which the tests below hold them to. The
//! reference map has the colour of the text.

use std::fmt::Write;

/// Colours on white, in the order in which maps choose.
pub(crate) const LIGHT: [&str; 6] = ["#0c71ae", "#b8560f", "#099f74", "#cb78a6", "#309ed2", "#c68900"];
/// The same on dark paper.
pub(crate) const DARK: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"];
/// Dashes, for the maps that share a colour.
const DASHES: [&str; 4] = ["none", "6 3", "2 3", "9 3 2 3"];

/// How a map is drawn, by its place in the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    place: usize,
    reference: bool,
}

impl Style {
    pub(crate) fn of(place: usize, map: &str, reference: &str) -> Self {
        Self { place, reference: map == reference }
    }

    /// Its class in the page.
    pub(crate) fn class(self) -> String {
        format!("m{}", self.place)
    }

    pub(crate) fn is_reference(self) -> bool {
        self.reference
    }
}

/// The style sheet that gives the maps at these places of the session their colours and dashes, in the order in
/// which they choose; the reference map is drawn in the colour of the text.
pub(crate) fn styles(places: impl IntoIterator<Item = usize>, reference: Option<usize>) -> String {
    let mut css = String::new();
    if let Some(place) = reference {
        let _ = write!(css, ".m{place}{{--c:var(--ink);--w:2.4}}");
    }
    let others = places.into_iter().filter(|place| Some(*place) != reference);
    for (choice, place) in others.enumerate() {
        let (colour, dash) = (choice % LIGHT.len() + 1, DASHES[choice / LIGHT.len() % DASHES.len()]);
        let _ = write!(css, ".m{place}{{--c:var(--c{colour});--d:{dash}}}");
    }
    css
}

/// The variables of either theme that charts use.
pub(crate) fn variables(colours: &[&str; 6]) -> String {
    (1..).zip(colours).fold(String::new(), |css, (number, colour)| format!("{css}--c{number}:{colour};"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paper of either theme, as the style sheet has it.
    const PAPER: [&str; 2] = ["#ffffff", "#15181c"];

    fn linear(colour: &str) -> [f64; 3] {
        [1, 3, 5].map(|at| {
            let channel = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
        })
    }

    fn luminance([r, g, b]: [f64; 3]) -> f64 {
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// Contrast as WCAG 2.1 defines it.
    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(linear(a)), luminance(linear(b)));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// CIE L*a*b* under D65.
    fn lab(rgb: [f64; 3]) -> [f64; 3] {
        let curve = |part: f64| if part > 0.008_856 { part.cbrt() } else { 7.787 * part + 16.0 / 116.0 };
        let weigh =
            |row: [f64; 3], white: f64| curve(row.iter().zip(rgb).map(|(w, c)| w * c).sum::<f64>() / white);
        let x = weigh([0.4124, 0.3576, 0.1805], 0.9505);
        let y = weigh([0.2126, 0.7152, 0.0722], 1.0);
        let z = weigh([0.0193, 0.1192, 0.9505], 1.089);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    /// What a reader without green (or red) cones sees: Machado, Oliveira, Fernandes 2009, severity 1.
    fn seen(rgb: [f64; 3], matrix: [[f64; 3]; 3]) -> [f64; 3] {
        matrix.map(|row| row.iter().zip(rgb).map(|(m, c)| m * c).sum::<f64>().clamp(0.0, 1.0))
    }

    const EYES: [[[f64; 3]; 3]; 3] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ];

    #[test]
    fn every_colour_can_be_seen_on_its_paper() {
        for (colours, paper) in [(LIGHT, PAPER[0]), (DARK, PAPER[1])] {
            for colour in colours {
                let contrast = contrast(colour, paper);
                assert!(contrast >= 3.0, "{colour} on {paper}: {contrast:.2}");
            }
        }
    }

    #[test]
    fn colours_differ_for_every_kind_of_eye() {
        for colours in [LIGHT, DARK] {
            for eye in EYES {
                for (index, a) in colours.iter().enumerate() {
                    for b in &colours[index + 1..] {
                        let (la, lb) = (lab(seen(linear(a), eye)), lab(seen(linear(b), eye)));
                        let distance = la.iter().zip(lb).map(|(p, q)| (p - q).powi(2)).sum::<f64>().sqrt();
                        assert!(distance > 15.0, "{a} and {b}: {distance:.1}");
                    }
                }
            }
        }
    }
}
