//! Where a history changed: E-divisive.
//!
//! ```text
//! series ─▶ best split by energy ─▶ as good in shuffled series? ─▶ both halves again ─▶ steps large enough to matter
//! ```
//!
//! The energy between two samples is twice the mean distance across, less the mean distances within: zero for
//! the same distribution, and larger the more they differ in any way. Matteson and James, *A nonparametric
//! approach for multiple change point analysis of multivariate data* (2014).
//!
//! The best of many splits always looks good. So the p-value compares it with the best split of the same numbers
//! in random order: adjusted for the search. Over many series a share of false alarms is granted (Benjamini and
//! Hochberg), not a chance of one.
//!
//! A change is named by the index of the first number of the new level.

use rand::{SeedableRng, seq::SliceRandom};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::Serialize;
use thiserror::Error;

use crate::family;

/// What counts as a change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Search {
    /// The share of false alarms that is granted over all series.
    pub rate: f64,
    /// The fewest numbers of a level. At least 1.
    pub min_segment: usize,
    /// The smallest step between two levels, in the unit of the series.
    pub magnitude: f64,
    /// Shuffled series for each p-value, at least; more for many series, so that the smallest p-value can count.
    pub shuffles: usize,
    /// The seed of the shuffles.
    pub seed: u64,
}

impl Search {
    /// A share of 5 %, levels of five commits or more, steps of half of what the gate must detect.
    #[must_use]
    pub const fn of_delta(delta: f64) -> Self {
        Self { rate: 0.05, min_segment: 5, magnitude: delta / 2.0, shuffles: 999, seed: 1 }
    }
}

/// A step from one level to another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ChangePoint {
    /// The index of the first number of the new level.
    pub index: usize,
    /// The median of the level before.
    pub before: f64,
    /// The median of the level after.
    pub after: f64,
    /// How often shuffled numbers have as good a split.
    pub p_value: f64,
}

/// Why a history cannot be searched.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum SearchError {
    /// A number of a series is infinite or none.
    #[error("number {index} of series {series} is {value}, which is no measurement")]
    NotANumber {
        /// The position of the series, from 0.
        series: usize,
        /// The position in it, from 0.
        index: usize,
        /// What stands there.
        value: f64,
    },
    /// The share of false alarms is no share.
    #[error("a share of false alarms of {0} makes no sense: it must be at least 0.001 and below 1")]
    Rate(f64),
}

/// The changes of each series, oldest first.
pub fn find(series: &[&[f64]], search: &Search) -> Result<Vec<Vec<ChangePoint>>, SearchError> {
    check(series, search)?;
    // The smallest p-value must be well below what is granted to the first of so many series.
    let fine = |shuffles: &usize| *shuffles as f64 * search.rate >= 2.0 * series.len() as f64;
    let most = search.shuffles.max(2000 * series.len());
    let shuffles = (search.shuffles..=most).find(fine).unwrap_or(most);
    let rng = Xoshiro256PlusPlus::seed_from_u64(search.seed);
    let mut splitter = Splitter { min_segment: search.min_segment.max(1), shuffles, rng };
    let whole: Vec<Option<Split>> = series.iter().map(|one| splitter.split(one)).collect();
    let p_values: Vec<f64> = whole.iter().map(|split| split.map_or(1.0, |split| split.p_value)).collect();
    let believed = family::benjamini_hochberg(&p_values, search.rate).unwrap_or(0.0);
    // Within a series that changed, the level at which it was believed holds for the halves.
    let changed = p_values.iter().filter(|p| **p <= believed).count();
    let level = search.rate * changed as f64 / series.len() as f64;
    let divided = |(one, split): (&&[f64], Option<Split>)| {
        let mut splits = Vec::new();
        splitter.divide(one, 0, split.filter(|split| split.p_value <= believed), level, &mut splits);
        drop_small_steps(one, splits, search.magnitude)
    };
    Ok(series.iter().zip(whole).map(divided).collect())
}

fn check(series: &[&[f64]], search: &Search) -> Result<(), SearchError> {
    if !(0.001..1.0).contains(&search.rate) {
        return Err(SearchError::Rate(search.rate));
    }
    for (series, one) in series.iter().enumerate() {
        if let Some(index) = one.iter().position(|value| !value.is_finite()) {
            return Err(SearchError::NotANumber { series, index, value: one[index] });
        }
    }
    Ok(())
}

/// The best place to split numbers in two.
#[derive(Debug, Clone, Copy)]
struct Split {
    /// The first index of the second half.
    index: usize,
    p_value: f64,
}

struct Splitter {
    min_segment: usize,
    shuffles: usize,
    rng: Xoshiro256PlusPlus,
}

impl Splitter {
    /// So many shuffled series that are as good end the shuffling early: the p-value is large, whatever comes.
    /// Besag and Clifford, *Sequential Monte Carlo p-values* (1991).
    const ENOUGH: usize = 20;

    fn split(&mut self, numbers: &[f64]) -> Option<Split> {
        let (index, energy) = best_split(numbers, self.min_segment)?;
        let mut shuffled = numbers.to_vec();
        let mut as_good = 0;
        for shuffles in 1..=self.shuffles {
            shuffled.shuffle(&mut self.rng);
            // Sums in another order differ in the last digits: what is equal but for them is as good.
            let best = best_split(&shuffled, self.min_segment).map_or(0.0, |(_, energy)| energy);
            as_good += usize::from(best >= energy * (1.0 - 1e-9));
            if as_good == Self::ENOUGH {
                return Some(Split { index, p_value: as_good as f64 / shuffles as f64 });
            }
        }
        Some(Split { index, p_value: (as_good + 1) as f64 / (self.shuffles + 1) as f64 })
    }

    /// Splits numbers that begin at `offset` of their series, and both halves again.
    fn divide(
        &mut self,
        numbers: &[f64],
        offset: usize,
        split: Option<Split>,
        level: f64,
        into: &mut Vec<Split>,
    ) {
        let Some(split) = split.filter(|split| split.p_value <= level) else { return };
        let (before, after) = numbers.split_at(split.index);
        let first = self.split(before);
        self.divide(before, offset, first, level, into);
        into.push(Split { index: offset + split.index, ..split });
        let second = self.split(after);
        self.divide(after, offset + split.index, second, level, into);
    }
}

/// The split with the most energy, and the energy, weighed by the sizes of the halves. Nothing if there are too
/// few numbers for two halves. The square of their count is the work.
fn best_split(numbers: &[f64], min_segment: usize) -> Option<(usize, f64)> {
    let distances = |of: f64, others: &[f64]| others.iter().map(|other| (of - other).abs()).sum::<f64>();
    let pairs = |n: f64| (n * (n - 1.0) / 2.0).max(1.0);
    let n = numbers.len();
    let mut within_second: f64 =
        numbers.iter().enumerate().map(|(i, x)| distances(*x, &numbers[i + 1..])).sum();
    let (mut within_first, mut across) = (0.0, 0.0);
    let mut best: Option<(usize, f64)> = None;
    for (index, moved) in (1..n).zip(numbers) {
        let to_first = distances(*moved, &numbers[..index - 1]);
        let to_second = distances(*moved, &numbers[index..]);
        within_first += to_first;
        within_second -= to_second;
        across += to_second - to_first;
        if index < min_segment || n - index < min_segment {
            continue;
        }
        let (first, second) = (index as f64, (n - index) as f64);
        let energy =
            2.0 * across / (first * second) - within_first / pairs(first) - within_second / pairs(second);
        let weighed = energy * first * second / n as f64;
        if best.is_none_or(|(_, most)| weighed > most) {
            best = Some((index, weighed));
        }
    }
    best
}

/// The steps between the levels that these splits make, without those that are too small to matter. Levels on
/// both sides of a step that is dropped become one.
fn drop_small_steps(numbers: &[f64], mut splits: Vec<Split>, magnitude: f64) -> Vec<ChangePoint> {
    loop {
        let steps = steps(numbers, &splits);
        let size = |step: &ChangePoint| (step.after - step.before).abs();
        let smallest = steps.iter().enumerate().min_by(|a, b| size(a.1).total_cmp(&size(b.1)));
        match smallest {
            Some((position, step)) if size(step) < magnitude => splits.remove(position),
            _ => return steps,
        };
    }
}

fn steps(numbers: &[f64], splits: &[Split]) -> Vec<ChangePoint> {
    let ends = splits.iter().map(|split| split.index).chain([numbers.len()]);
    let starts = std::iter::once(0).chain(splits.iter().map(|split| split.index));
    let levels: Vec<f64> = starts.zip(ends).map(|(start, end)| median(&numbers[start..end])).collect();
    let step = |(split, levels): (&Split, &[f64])| ChangePoint {
        index: split.index,
        before: levels[0],
        after: levels[1],
        p_value: split.p_value,
    };
    splits.iter().zip(levels.windows(2)).map(step).collect()
}

/// Of at least one number, or of none, where it is 0.
fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

#[cfg(test)]
mod tests;
