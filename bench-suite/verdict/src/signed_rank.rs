//! Wilcoxon's signed-rank test, exact, with the estimate and the interval that belong to it.
//!
//! It asks whether measurements are symmetric about a value, and supposes nothing else of their distribution.
//! Sort the distances from that value; `W+` is the sum of the ranks of those that lie above it. If the
//! measurements are symmetric about it, each lies above or below with chance 1/2 whatever its distance, so
//! the distribution of `W+` is known. Wilcoxon, *Individual comparisons by ranking methods* (1945); Hollander,
//! Wolfe and Chicken, *Nonparametric Statistical Methods*, 3rd ed. (2014), ch. 3.
//!
//! - Equal distances share the mean of their ranks, and the distribution is the one of these very ranks: exact,
//!   conditional on the distances seen.
//! - A measurement equal to the value keeps its rank and counts **against** the claim that is tested, in either
//!   direction. This is conservative: its true sign could only make the claim more credible.
//! - A value that is no number counts against the claim as well.

use serde::Serialize;

/// The p-value against "symmetric about `shift` or about something smaller": the chance of a `W+` at least as
/// large as the one seen. 1 if there are no data.
#[must_use]
pub fn p_greater(data: &[f64], shift: f64) -> f64 {
    let mut distances: Vec<(f64, bool)> = data.iter().map(|x| ((x - shift).abs(), x - shift > 0.0)).collect();
    distances.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = Vec::with_capacity(distances.len());
    let mut below = 0;
    for tied in distances.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let doubled = doubled_mid_rank(ranks.len(), tied.len());
        below += doubled * tied.iter().filter(|(_, above)| !above).count();
        ranks.extend(std::iter::repeat_n(doubled, tied.len()));
    }
    chance_of_at_most(&ranks, below)
}

/// The p-value against "symmetric about `shift` or about something larger".
#[must_use]
pub fn p_less(data: &[f64], shift: f64) -> f64 {
    let mirrored: Vec<f64> = data.iter().map(|x| -x).collect();
    p_greater(&mirrored, -shift)
}

/// Twice the mean of the ranks `before + 1 ..= before + tied`: a whole number.
const fn doubled_mid_rank(before: usize, tied: usize) -> usize {
    2 * before + tied + 1
}

/// The chance that the ranks below the value sum to at most `limit`, when each lies below with chance 1/2. By
/// symmetry it is the chance that those above sum to at least the rest.
///
/// All terms are positive and each is a multiple of a power of 2: nothing cancels.
fn chance_of_at_most(ranks: &[usize], limit: usize) -> f64 {
    let mut chance = vec![0.0; limit + 1];
    chance[0] = 1.0;
    for rank in ranks {
        for sum in (0..=limit).rev() {
            let with = if sum >= *rank { chance[sum - rank] } else { 0.0 };
            chance[sum] = 0.5 * (chance[sum] + with);
        }
    }
    chance.iter().sum::<f64>().min(1.0)
}

/// How likely each `W+` from 0 to `n (n + 1) / 2` is to be reached or exceeded, when no distances are equal and
/// the measurements are symmetric about the value.
#[must_use]
pub fn tails(n: usize) -> Vec<f64> {
    let most = n * (n + 1) / 2;
    let mut chance = vec![0.0; most + 1];
    chance[0] = 1.0;
    for rank in 1..=n {
        for sum in (0..=most).rev() {
            let with = if sum >= rank { chance[sum - rank] } else { 0.0 };
            chance[sum] = 0.5 * (chance[sum] + with);
        }
    }
    for sum in (0..most).rev() {
        chance[sum] += chance[sum + 1];
    }
    chance
}

/// The smallest `W+` of `n` measurements whose p-value is at most `level`; nothing where none is that small,
/// which is so when `level` is below `2^-n`.
#[must_use]
pub fn critical(n: usize, level: f64) -> Option<usize> {
    tails(n).iter().position(|p| *p <= level)
}

/// The Hodges–Lehmann estimate of the centre: the median of all Walsh averages, the means of two measurements
/// or of one with itself. Nothing if there are no data.
///
/// Hodges and Lehmann, *Estimates of location based on rank tests* (1963).
#[must_use]
pub fn hodges_lehmann(data: &[f64]) -> Option<f64> {
    middle(&walsh_averages(data))
}

fn middle(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

/// Where the centre may lie, in the unit of the data. An end that the data cannot bound at the level is absent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The centre is not below this.
    pub lower: Option<f64>,
    /// The centre is not above this.
    pub upper: Option<f64>,
}

/// All centres that neither one-sided test rejects at `level`; the interval misses the true one with a chance
/// of at most `level` on each side. Its ends are Walsh averages.
///
/// With equal distances the closed interval keeps its level, and the test may reject a little less than it
/// excludes: Noether, *Wilcoxon confidence intervals for location parameters in the discrete case* (1967).
#[must_use]
pub fn interval(data: &[f64], level: f64) -> Interval {
    not_rejected(&walsh_averages(data), critical(data.len(), level))
}

/// The estimate and the interval, of data whose critical `W+` is known. Nothing if there are no data.
pub(crate) fn centre(data: &[f64], critical: Option<usize>) -> Option<(f64, Interval)> {
    let averages = walsh_averages(data);
    Some((middle(&averages)?, not_rejected(&averages, critical)))
}

fn not_rejected(averages: &[f64], critical: Option<usize>) -> Interval {
    // A centre is rejected from below if at least `critical` of the averages lie above it.
    match critical {
        Some(critical @ 1..) if critical <= averages.len() => {
            Interval { lower: Some(averages[averages.len() - critical]), upper: Some(averages[critical - 1]) }
        }
        _ => Interval { lower: None, upper: None },
    }
}

fn walsh_averages(data: &[f64]) -> Vec<f64> {
    let mut averages: Vec<f64> = (0..data.len())
        .flat_map(|i| data[i..].iter().map(move |other| f64::midpoint(data[i], *other)))
        .collect();
    averages.sort_unstable_by(f64::total_cmp);
    averages
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By the definition: every way to give the distances a sign.
    fn by_enumeration(data: &[f64], shift: f64) -> f64 {
        let mid_rank = |distance: f64| -> f64 {
            let smaller = data.iter().filter(|x| (*x - shift).abs() < distance).count();
            let equal = data.iter().filter(|x| (*x - shift).abs().total_cmp(&distance).is_eq()).count();
            smaller as f64 + f64::midpoint(equal as f64, 1.0)
        };
        let ranks: Vec<f64> = data.iter().map(|x| mid_rank((x - shift).abs())).collect();
        let seen: f64 = data.iter().zip(&ranks).filter(|(x, _)| **x > shift).map(|(_, rank)| rank).sum();
        let sum = |signs: u32| -> f64 {
            ranks.iter().enumerate().filter(|(i, _)| signs >> i & 1 == 1).map(|(_, rank)| rank).sum()
        };
        let ways = 1_u32 << data.len();
        f64::from(u32::try_from((0..ways).filter(|signs| sum(*signs) >= seen).count()).unwrap())
            / f64::from(ways)
    }

    #[test]
    fn textbook_values() {
        // Hollander, Wolfe and Chicken, table A.4: P(W+ >= 41 | n = 9) = .014, P(W+ >= 50 | n = 10) = .010.
        assert!((tails(9)[41] - 7.0 / 512.0).abs() < 1e-15);
        assert!((tails(10)[50] - 10.0 / 1024.0).abs() < 1e-15);
        assert_eq!(critical(9, 0.002), Some(45));
        assert_eq!(critical(9, 0.001), None);
        // The depression data of the same book, example 3.1: W+ = 5 of 9, P(W+ <= 5) = .020, estimate -0.46.
        let changes = [-0.952, 0.147, -1.022, -0.430, -0.620, -0.590, -0.490, 0.080, -0.010];
        assert!((p_less(&changes, 0.0) - 10.0 / 512.0).abs() < 1e-15);
        assert!((hodges_lehmann(&changes).unwrap() + 0.46).abs() < 1e-9);
    }

    #[test]
    fn all_on_one_side_is_the_smallest_p_value() {
        let data: Vec<f64> = (1..=40).map(f64::from).collect();
        assert_eq!(p_greater(&data, 0.0).to_bits(), 2.0_f64.powi(-40).to_bits());
        assert_eq!(p_less(&data, 0.0).to_bits(), 1.0_f64.to_bits());
        let many: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(p_greater(&many, 0.0).to_bits(), 2.0_f64.powi(-200).to_bits());
    }

    #[test]
    fn what_equals_the_value_counts_against_either_claim() {
        let data = [0.0, 0.0, 1.0, 2.0, 3.0, 4.0];
        assert!(p_greater(&data, 0.0) > p_greater(&[0.5, 0.5, 1.0, 2.0, 3.0, 4.0], 0.0));
        assert_eq!(p_greater(&[0.0; 9], 0.0).to_bits(), 1.0_f64.to_bits());
        assert_eq!(p_less(&[0.0; 9], 0.0).to_bits(), 1.0_f64.to_bits());
    }

    #[test]
    fn nothing_says_nothing() {
        assert_eq!(p_greater(&[], 0.0).to_bits(), 1.0_f64.to_bits());
        assert_eq!(hodges_lehmann(&[]), None);
        assert_eq!(interval(&[], 0.01), Interval { lower: None, upper: None });
        assert_eq!(interval(&[1.0, 2.0, 3.0], 0.01), Interval { lower: None, upper: None });
        assert_eq!(interval(&[1.0, 2.0], 1.0), Interval { lower: None, upper: None });
    }

    proptest! {
        #[test]
        fn exact_with_ties_and_zeros(data in prop::collection::vec(-4..=4_i32, 1..=10), shift in -2..=2_i32) {
            let data: Vec<f64> = data.into_iter().map(f64::from).collect();
            let shift = f64::from(shift);
            prop_assert!((p_greater(&data, shift) - by_enumeration(&data, shift)).abs() < 1e-12);
            let mirrored: Vec<f64> = data.iter().map(|x| -x).collect();
            prop_assert!((p_less(&data, shift) - by_enumeration(&mirrored, -shift)).abs() < 1e-12);
        }

        #[test]
        fn the_interval_inverts_the_test(
            data in prop::collection::vec(-1.0..1.0_f64, 5..=24), shift in -1.0..1.0_f64, level in 0.001..0.2_f64,
        ) {
            let within = interval(&data, level);
            let rejected_below = within.lower.is_some_and(|lower| shift < lower);
            let rejected_above = within.upper.is_some_and(|upper| shift > upper);
            prop_assert_eq!(p_greater(&data, shift) <= level, rejected_below);
            prop_assert_eq!(p_less(&data, shift) <= level, rejected_above);
            let estimate = hodges_lehmann(&data).unwrap();
            prop_assert!(within.lower.is_none_or(|lower| lower <= estimate));
            prop_assert!(within.upper.is_none_or(|upper| upper >= estimate));
        }

        #[test]
        fn the_estimate_moves_with_the_data(data in prop::collection::vec(-1.0..1.0_f64, 1..=30), by in -5.0..5.0_f64) {
            let moved: Vec<f64> = data.iter().map(|x| x + by).collect();
            prop_assert!((hodges_lehmann(&moved).unwrap() - hodges_lehmann(&data).unwrap() - by).abs() < 1e-9);
        }
    }
}
