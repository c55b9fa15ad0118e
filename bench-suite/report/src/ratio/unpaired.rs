//! A ratio of figures that were not measured in turns: every round of one against every round of the other.

use super::{ASKED, Interval, MIN_ROUNDS, Ratio, median};

/// Rounds of a side that are looked at; more would tell no more.
const MOST: usize = 60;

impl Ratio {
    /// How many times a figure is that of another set of rounds. The estimate is the median of the ratios of every round
    /// to every other one (Hodges and Lehmann), its interval that of the Mann-Whitney test turned round: it assumes that
    /// the two sets differ by a factor, and nothing else about them (Hollander, Wolfe and Chicken, Nonparametric
    /// Statistical Methods, 3rd ed., 4.2 and 4.3). What the machine did between the two is in it. `None` where one has no
    /// figure above zero.
    #[must_use]
    pub fn unpaired(
        head: impl IntoIterator<Item = f64>,
        base: impl IntoIterator<Item = f64>,
    ) -> Option<Self> {
        let [head, base] = [logs(head), logs(base)];
        let mut apart: Vec<f64> = head.iter().flat_map(|a| base.iter().map(move |b| a - b)).collect();
        apart.sort_by(f64::total_cmp);
        let estimate = median(apart.iter().copied())?.exp();
        let rounds = head.len().min(base.len());
        let interval = (rounds >= MIN_ROUNDS).then(|| {
            let (rank, confidence) = bounds(head.len(), base.len());
            let [low, high] = [apart[rank], apart[apart.len() - 1 - rank]].map(f64::exp);
            Interval { low, high, confidence }
        });
        Some(Self { estimate, interval, rounds })
    }
}

fn logs(figures: impl IntoIterator<Item = f64>) -> Vec<f64> {
    figures.into_iter().filter(|figure| figure.is_finite() && *figure > 0.0).take(MOST).map(f64::ln).collect()
}

/// Which of the ordered differences bound their median, counted from either end from 0, and the confidence: the
/// narrowest with at least the confidence asked for, or the widest there is.
fn bounds(m: usize, n: usize) -> (usize, f64) {
    let ways = ways(m, n);
    let all: f64 = ways.iter().sum();
    let mut below = 0.0;
    let mut best = (0, 1.0 - 2.0 * ways[0] / all);
    for (rank, count) in ways.iter().enumerate() {
        below += count / all;
        let confidence = 1.0 - 2.0 * below;
        if rank > 0 && confidence < ASKED {
            break;
        }
        best = (rank, confidence);
    }
    best
}

/// In how many orders of `m` and `n` values the Mann-Whitney statistic is 0, 1, 2 …: the coefficients of the Gaussian
/// binomial coefficient of `m + n` over `m`.
fn ways(m: usize, n: usize) -> Vec<f64> {
    let mut coefficients = vec![0.0; m * n + 1];
    coefficients[0] = 1.0;
    for factor in 1..=m {
        let above = n + factor;
        for at in (above..coefficients.len()).rev() {
            coefficients[at] -= coefficients[at - above];
        }
        for at in factor..coefficients.len() {
            coefficients[at] += coefficients[at - factor];
        }
    }
    coefficients
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_is_that_of_the_tables() {
        // Critical values of U for 5 % on two sides, as every table has them: 2, 13 and 23 for 5, 8 and 10 rounds a side.
        let percent = |m, n| {
            let (rank, confidence) = bounds(m, n);
            (rank, (confidence * 1e4).round())
        };
        assert_eq!(ways(2, 2), [1.0, 1.0, 2.0, 1.0, 1.0]);
        assert_eq!(percent(5, 5), (2, 9683.0));
        assert_eq!(percent(8, 8), (13, 9501.0));
        assert_eq!(percent(10, 10).0, 23);
    }

    #[test]
    fn a_factor_is_found_whatever_the_order() {
        let base = [1.0, 1.1, 0.9, 1.05, 0.95];
        let ratio = Ratio::unpaired(base.map(|one| one * 2.0), [0.9, 0.95, 1.0, 1.05, 1.1]).unwrap();
        assert!((ratio.estimate - 2.0).abs() < 1e-9 && ratio.differs(), "{ratio:?}");
        let same = Ratio::unpaired(base, base).unwrap();
        assert!(!same.differs() && (same.estimate - 1.0).abs() < 1e-9);
        assert_eq!(Ratio::unpaired(base, [0.0, f64::NAN]), None);
        assert_eq!(Ratio::unpaired(base, [1.0, 2.0]).unwrap().interval, None);
    }
}
