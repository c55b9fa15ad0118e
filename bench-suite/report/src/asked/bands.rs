//! Maps put together by a figure, for a sentence.

use crate::prose::listed;

use super::NAMED;

/// Maps whose figures lie in one band.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Band<'a> {
    /// What is said of them.
    pub(super) said: &'static str,
    pub(super) maps: Vec<&'a str>,
    /// The least and the greatest of their figures.
    pub(super) low: f64,
    pub(super) high: f64,
}

/// Puts maps into bands: each band begins at its figure and ends where the one before it begins; the last one takes the
/// rest. Bands without a map are left out, so every map is in one.
pub(super) fn banded<'a>(figures: &[(&'a str, f64)], bands: &[(f64, &'static str)]) -> Vec<Band<'a>> {
    let mut rest: Vec<(&str, f64)> =
        figures.iter().copied().filter(|(_, figure)| figure.is_finite()).collect();
    let mut out = Vec::new();
    for (at, (from, said)) in bands.iter().enumerate() {
        let is_last = at + 1 == bands.len();
        let (here, below): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|(_, figure)| is_last || *figure >= *from);
        rest = below;
        let ends = [f64::min, f64::max].map(|end| here.iter().map(|(_, figure)| *figure).reduce(end));
        if let [Some(low), Some(high)] = ends {
            out.push(Band { said, maps: here.iter().map(|(map, _)| *map).collect(), low, high });
        }
    }
    out
}

/// `said a, b and 2 more (10.0 % to 42.0 %)`, band after band.
pub(super) fn tell(bands: &[Band<'_>], text: impl Fn(f64) -> String) -> String {
    let one = |band: &Band<'_>| {
        let [low, high] = [band.low, band.high].map(&text);
        let range = if low == high { low } else { format!("{low} to {high}") };
        format!("{} {} ({range})", band.said, listed(&band.maps, NAMED))
    };
    bands.iter().map(one).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

    proptest! {
        #[test]
        fn every_map_is_in_the_band_of_its_figure(figures in prop::collection::vec(0.0..=1.0_f64, 0..8)) {
            let bands = [(0.9, "most in"), (0.1, "some in"), (0.0, "few in")];
            let maps: Vec<(&str, f64)> = NAMES.into_iter().zip(figures).collect();
            let told = banded(&maps, &bands);
            prop_assert_eq!(told.iter().map(|band| band.maps.len()).sum::<usize>(), maps.len());
            for (map, figure) in &maps {
                let want = bands.iter().find(|(from, _)| figure >= from).unwrap().1;
                let band = told.iter().find(|band| band.maps.contains(map)).unwrap();
                prop_assert_eq!(band.said, want);
                prop_assert!(band.low <= *figure && *figure <= band.high);
            }
        }
    }

    #[test]
    fn figures_that_read_alike_are_one() {
        let bands = banded(&[("a", 0.5), ("b", 0.5)], &[(0.0, "in")]);
        assert_eq!(tell(&bands, |figure| format!("{figure:.1}")), "in a and b (0.5)");
    }
}
