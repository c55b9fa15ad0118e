//! How a map compares with the reference map, from rounds that ran next to each other.

mod unpaired;

use std::collections::BTreeMap;

/// A ratio of map to reference, estimated from paired rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// The median over the rounds, taken of the logarithms: 2 and 1/2 weigh the same.
    pub estimate: f64,
    /// Where the true median lies; `None` with fewer than [`MIN_ROUNDS`] rounds, which can claim nothing.
    pub interval: Option<Interval>,
    /// Rounds in which both ran.
    pub rounds: usize,
}

/// An interval for a median that assumes nothing about the distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The chance that an interval made this way covers the true median, 0 to 1.
    pub confidence: f64,
}

/// Rounds from which on an interval is claimed.
pub const MIN_ROUNDS: usize = 5;

/// The confidence that is asked for; five rounds reach 93.75 % and say so.
const ASKED: f64 = 0.95;

impl Ratio {
    /// Compares figures of a map with those of the reference map, round by round. A figure that is not above
    /// zero has no ratio, and its round does not count. `None` when no round is left.
    #[must_use]
    pub fn paired(map: &BTreeMap<u32, f64>, reference: &BTreeMap<u32, f64>) -> Option<Self> {
        let measured = |figure: f64| figure.is_finite() && figure > 0.0;
        let mut logs: Vec<f64> = map
            .iter()
            .filter_map(|(round, &figure)| Some((figure, *reference.get(round)?)))
            .filter(|&(figure, other)| measured(figure) && measured(other))
            .map(|(figure, other)| figure.ln() - other.ln())
            .collect();
        logs.sort_by(f64::total_cmp);
        let estimate = median_of_sorted(&logs)?.exp();
        let interval = of_median(&logs).map(|Interval { low, high, confidence }| Interval {
            low: low.exp(),
            high: high.exp(),
            confidence,
        });
        Some(Self { estimate, interval, rounds: logs.len() })
    }

    /// The same of ratios that rounds gave by themselves.
    #[must_use]
    pub fn of(ratios: &BTreeMap<u32, f64>) -> Option<Self> {
        Self::paired(ratios, &ratios.keys().map(|round| (*round, 1.0)).collect())
    }

    /// Whether the rounds show a difference: there is an interval, and 1 is outside.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.interval.is_some_and(|interval| interval.low > 1.0 || interval.high < 1.0)
    }
}

/// The median, `None` of nothing.
#[must_use]
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    median_of_sorted(&values)
}

/// Where the true median of what gave these values lies; `None` of fewer than [`MIN_ROUNDS`].
#[must_use]
pub fn interval(values: impl IntoIterator<Item = f64>) -> Option<Interval> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    of_median(&values)
}

fn of_median(sorted: &[f64]) -> Option<Interval> {
    let (rank, confidence) = order_statistics(sorted.len())?;
    Some(Interval { low: sorted[rank], high: sorted[sorted.len() - 1 - rank], confidence })
}

fn median_of_sorted(values: &[f64]) -> Option<f64> {
    let middle = values.len() / 2;
    match values {
        [] => None,
        _ if values.len() % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

/// Which order statistics bound the median of `n` values, as a rank from either end counted from 0, and the
/// confidence. The median lies below the `k`-th smallest of `n` values when fewer than `k` of `n` fair coins
/// show heads, so `[x(k), x(n+1-k)]` covers it with `1 - 2 P(Bin(n, 1/2) < k)` (David and Nagaraja, Order
/// Statistics, 3rd ed., 7.1). The narrowest with the confidence asked for is taken.
fn order_statistics(n: usize) -> Option<(usize, f64)> {
    if n < MIN_ROUNDS {
        return None;
    }
    let mut term = 0.5_f64.powi(i32::try_from(n).unwrap_or(i32::MAX));
    let mut below = term;
    let mut best = (0, 1.0 - 2.0 * below);
    for heads in 1..n / 2 {
        term *= (n - heads + 1) as f64 / heads as f64;
        below += term;
        let confidence = 1.0 - 2.0 * below;
        if confidence < ASKED {
            break;
        }
        best = (heads, confidence);
    }
    Some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(figures: &[f64]) -> BTreeMap<u32, f64> {
        (0..).zip(figures.iter().copied()).collect()
    }

    #[test]
    fn confidence_is_that_of_the_tables() {
        let percent = |n| order_statistics(n).map(|(rank, confidence)| (rank, (confidence * 1e4).round()));
        assert_eq!(percent(4), None);
        assert_eq!(percent(5), Some((0, 9375.0)));
        assert_eq!(percent(6), Some((0, 9688.0)));
        assert_eq!(percent(8), Some((0, 9922.0)));
        assert_eq!(percent(9), Some((1, 9609.0)));
        assert_eq!(percent(12), Some((2, 9614.0)));
        assert_eq!(percent(20), Some((5, 9586.0)));
    }

    #[test]
    fn pairs_cancel_what_both_sides_share() {
        let machine = [1.0, 3.0, 0.5, 2.0, 7.0];
        let map: Vec<f64> = machine.iter().map(|speed| speed * 1.25).collect();
        let ratio = Ratio::paired(&rounds(&map), &rounds(&machine)).unwrap();
        assert!((ratio.estimate - 1.25).abs() < 1e-12);
        assert!(ratio.differs());
        let interval = ratio.interval.unwrap();
        assert!((interval.low - 1.25).abs() < 1e-12 && (interval.high - 1.25).abs() < 1e-12);
    }

    #[test]
    fn only_common_rounds_count() {
        let mut reference = rounds(&[1.0, 1.0, 1.0]);
        reference.remove(&1);
        let ratio = Ratio::paired(&rounds(&[2.0, 100.0, 2.0]), &reference).unwrap();
        assert_eq!((ratio.rounds, ratio.interval), (2, None));
        assert!((ratio.estimate - 2.0).abs() < 1e-12);
        assert!(!ratio.differs(), "two rounds can claim nothing");
        assert_eq!(Ratio::paired(&rounds(&[0.0, f64::NAN]), &rounds(&[1.0, 1.0])), None);
    }

    #[test]
    fn an_interval_around_one_shows_no_difference() {
        let ratio = Ratio::paired(&rounds(&[0.9, 1.1, 1.2, 1.3, 1.4]), &rounds(&[1.0; 5])).unwrap();
        assert!(!ratio.differs());
    }

    #[test]
    fn the_median_of_two_is_between_them() {
        assert_eq!(median([3.0, 1.0]), Some(2.0));
        assert_eq!(median([5.0, 1.0, 3.0]), Some(3.0));
        assert_eq!(median([]), None);
    }
}
