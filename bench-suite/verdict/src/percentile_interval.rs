//! Where the true percentile lies, whatever the distribution: an interval between two of the values that were seen.
//!
//! How many of `n` independent values lie below the true percentile `p` is binomial. So the value of rank `low` is not above
//! it, and the value of rank `high` not below it, but for chances that are sums of that distribution's tails (David and
//! Nagaraja, *Order Statistics*, 2003, section 7.1). Nothing is assumed of the values but that they are independent:
//! operations of one map that come in bursts are not quite, and their intervals then are too narrow.

use crate::normal::exceeded_with;

/// The chance that the interval misses on either side, at most.
const MISSED: f64 = 0.025;
/// From this variance on the tails are taken from the normal distribution.
const LARGE: f64 = 1e4;
/// What is taken for the chance there. At this variance the skew of the binomial adds at most
/// (z² − 1) φ(z) / (6 × 100) = 0.0003 to a tail (the first term of Edgeworth's series).
const MISSED_IF_NORMAL: f64 = 0.0245;

/// The ranks of the values, from 1 in ascending order, between which the true percentile lies in at least 95 % of all
/// samples of this size. `None` where there are no such values: the sample is too small for the percentile.
#[must_use]
pub fn ranks(count: u64, percent: f64) -> Option<(u64, u64)> {
    let (n, p) = (count as f64, percent / 100.0);
    if !(p > 0.0 && p < 1.0) {
        return None;
    }
    let (mean, variance) = (n * p, n * p * (1.0 - p));
    let (low, high) = if variance >= LARGE {
        let reach = exceeded_with(MISSED_IF_NORMAL) * variance.sqrt() + 1.0;
        ((mean - reach).floor(), (mean + reach).ceil() + 1.0)
    } else {
        let reach = 12.0 * variance.sqrt() + 50.0;
        (lower(n, p, (mean - reach).floor().max(0.0)), upper(n, p, (mean + reach).ceil().min(n)))
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ranks from 1 to the count")]
    (low >= 1.0 && high <= n).then_some((low as u64, high as u64))
}

/// The largest rank below which the true percentile lies with a chance of [`MISSED`] at most; summed from `from` on, below
/// which nothing counts.
fn lower(n: f64, p: f64, from: f64) -> f64 {
    let (mut k, mut term) = (from, chance(n, p, from));
    let mut below = 0.0;
    while below + term <= MISSED && k < n {
        below += term;
        term *= (n - k) / (k + 1.0) * p / (1.0 - p);
        k += 1.0;
    }
    k
}

/// The smallest rank above which the true percentile lies with a chance of [`MISSED`] at most; summed from `from` down.
fn upper(n: f64, p: f64, from: f64) -> f64 {
    let (mut k, mut term) = (from, chance(n, p, from));
    let mut above = 0.0;
    while above + term <= MISSED && k > 0.0 {
        above += term;
        term *= k / (n - k + 1.0) * (1.0 - p) / p;
        k -= 1.0;
    }
    k + 1.0
}

/// The chance of exactly `k` of `n` values below the percentile `p`.
fn chance(n: f64, p: f64, k: f64) -> f64 {
    let log = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
    libm::exp(log + k * libm::log(p) + (n - k) * libm::log1p(-p))
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    /// A distribution: the value at a share of its mass.
    type Quantile = fn(f64) -> f64;

    /// Values without a mean, of two kinds far apart, and in steps of ten.
    const DISTRIBUTIONS: [(&str, Quantile); 3] = [
        ("heavy-tailed", |share| (1.0 - share).powf(-1.0 / 0.9)),
        ("two-humped", |share| if share < 0.985 { 100.0 + 50.0 * share } else { 1e5 * share }),
        ("quantised", |share| (-20.0 * (1.0 - share).ln() / 10.0).floor() * 10.0),
    ];

    #[test]
    fn at_least_95_in_100_intervals_hold_the_true_percentile() {
        const TRIALS: u32 = 1000;
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(12);
        for (name, quantile) in DISTRIBUTIONS {
            for (count, percent) in [(60, 50.0), (1000, 99.0), (5000, 99.9)] {
                let (low, high) = ranks(count, percent).unwrap();
                let truth = quantile(percent / 100.0);
                let held = (0..TRIALS).filter(|_| {
                    let mut drawn: Vec<f64> = (0..count).map(|_| quantile(rng.random())).collect();
                    drawn.sort_by(f64::total_cmp);
                    let at = |rank: u64| drawn[usize::try_from(rank).unwrap() - 1];
                    (at(low)..=at(high)).contains(&truth)
                });
                let held = held.count();
                assert!(held >= 950, "{name}, p{percent} of {count}: {held} of {TRIALS}");
            }
        }
    }

    /// The chance that the interval holds the percentile, added up term by term.
    fn coverage(count: u64, percent: f64, (low, high): (u64, u64)) -> f64 {
        (low..high).map(|k| chance(count as f64, percent / 100.0, k as f64)).sum()
    }

    #[test]
    fn the_chance_is_at_least_95_in_100_for_every_size_and_ends_one_rank_further_in_would_miss_more() {
        for count in [6, 7, 20, 59, 999, 4000, 40_000, 300_000, 41_000_000] {
            for percent in [50.0, 90.0, 99.0, 99.9, 99.99] {
                let Some((low, high)) = ranks(count, percent) else { continue };
                let held = coverage(count, percent, (low, high));
                assert!(held >= 0.95, "p{percent} of {count}: {held}");
                if count as f64 * percent * (100.0 - percent) < LARGE * 1e4 {
                    let below: f64 = coverage(count, percent, (0, low + 1));
                    let above: f64 = coverage(count, percent, (high - 1, count + 1));
                    assert!(below > MISSED && above > MISSED, "p{percent} of {count}: {below} {above}");
                } else {
                    assert!(held < 0.953, "p{percent} of {count}: {held}");
                }
            }
        }
    }

    #[test]
    fn a_sample_has_no_interval_for_a_percentile_that_it_is_too_small_for() {
        assert_eq!((ranks(5, 50.0), ranks(6, 50.0)), (None, Some((1, 6))));
        assert_eq!((ranks(3687, 99.9), ranks(3688, 99.9).map(|(_, high)| high)), (None, Some(3688)));
        assert_eq!((ranks(0, 50.0), ranks(1000, 100.0), ranks(1000, 0.0)), (None, None, None));
    }
}
