//! Zipf's law, exact and fast.
//!
//! Rank `k` of `n` has the chance `k^-s / (1^-s + … + n^-s)`. Ranks are grouped into buckets, 32 to an octave,
//! so that the ranks of one bucket are almost equally likely; small ranks have buckets of their own. One draw
//! takes a bucket from an alias table (Walker 1977, built as Vose 1991 does), the next a rank in it, evenly.
//! What is left is to accept the rank with the ratio of its weight to that of the bucket's first: at once
//! when even the last rank of the bucket would pass (a squeeze), else, in one to three draws of a hundred, by
//! the exact power. No rank is approximated; only the table's chances are rounded, to 53 bits.

use crate::random::Random;

const BUCKETS_PER_OCTAVE: u64 = 32;

/// Zipf's law with one exponent over a fixed number of ranks.
#[derive(Debug, Clone)]
pub struct Zipf {
    exponent: f64,
    ranks: u64,
    columns: Vec<Column>,
    buckets: Vec<Bucket>,
}

/// One column of the alias table.
#[derive(Debug, Clone, Copy)]
struct Column {
    /// The column stands for its own bucket with this chance in 2^64 …
    keep: u64,
    /// … and else for this one.
    other: u32,
}

/// Ranks of nearly the same weight. Ranks count from 1 here, as in the law.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    first: u32,
    width: u32,
    /// The chance in 2^64 with which every rank of the bucket passes.
    sure: u64,
}

impl Zipf {
    /// The law with an `exponent` above 0 over `ranks` ranks (at least 1 and at most 2^32 - 1 are used).
    #[must_use]
    pub fn new(exponent: f64, ranks: u64) -> Self {
        let ranks = ranks.clamp(1, u64::from(u32::MAX));
        let buckets = buckets(exponent, ranks);
        let weights: Vec<f64> = buckets
            .iter()
            .map(|bucket| f64::from(bucket.width) * libm::pow(f64::from(bucket.first), -exponent))
            .collect();
        Self { exponent, ranks, columns: alias_table(&weights), buckets }
    }

    /// The number of ranks.
    #[must_use]
    pub fn ranks(&self) -> u64 {
        self.ranks
    }

    /// Draws a rank; the most likely one is 0.
    #[inline]
    pub fn draw(&self, random: &mut Random) -> u64 {
        loop {
            let (index, rest) = random.below_and_rest(self.columns.len() as u64);
            let index = usize::try_from(index).unwrap_or_default();
            let column = self.columns[index];
            let bucket = self.buckets[if rest < column.keep { index } else { column.other as usize }];
            let (offset, rest) = random.below_and_rest(bucket.width.into());
            if rest <= bucket.sure || self.passes(bucket, offset, rest) {
                return u64::from(bucket.first) - 1 + offset;
            }
        }
    }

    #[cold]
    fn passes(&self, bucket: Bucket, offset: u64, rest: u64) -> bool {
        let first = f64::from(bucket.first);
        rest <= chance(libm::pow(first / (first + offset as f64), self.exponent))
    }
}

/// A number from 0 to 1 in parts of 2^64.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "chances are positive; 1 saturates"
)]
fn chance(p: f64) -> u64 {
    (p * 18_446_744_073_709_551_616.0) as u64
}

fn buckets(exponent: f64, ranks: u64) -> Vec<Bucket> {
    let mut buckets = Vec::new();
    let mut first = 1u64;
    while first <= ranks {
        let octave = 1u64 << first.ilog2();
        let width = (octave / BUCKETS_PER_OCTAVE).clamp(1, ranks + 1 - first);
        let last = first + width - 1;
        let sure =
            if width == 1 { u64::MAX } else { chance(libm::pow(first as f64 / last as f64, exponent)) };
        let narrow = |number: u64| u32::try_from(number).expect("ranks fit 32 bits");
        buckets.push(Bucket { first: narrow(first), width: narrow(width), sure });
        first += width;
    }
    buckets
}

/// Vose's construction: each column is filled up to the mean by one heavier bucket.
fn alias_table(weights: &[f64]) -> Vec<Column> {
    let mean = weights.iter().sum::<f64>() / weights.len() as f64;
    let mut filled: Vec<f64> = weights.iter().map(|weight| weight / mean).collect();
    let index_of = |index: usize| u32::try_from(index).expect("a few thousand buckets");
    let mut columns: Vec<Column> =
        (0..weights.len()).map(|index| Column { keep: u64::MAX, other: index_of(index) }).collect();
    let (mut light, mut heavy): (Vec<usize>, Vec<usize>) =
        (0..weights.len()).partition(|&index| filled[index] < 1.0);
    while let (Some(&donor), Some(needy)) = (heavy.last(), light.pop()) {
        columns[needy] = Column { keep: chance(filled[needy]), other: index_of(donor) };
        filled[donor] -= 1.0 - filled[needy];
        if filled[donor] < 1.0 {
            heavy.pop();
            light.push(donor);
        }
    }
    columns
}

/// Zipf's law over a number of ranks that changes: exact for each number, because a rank beyond it is drawn
/// again, and rebuilt when that happens too often.
#[derive(Debug, Clone)]
pub(crate) struct Fitted(Zipf);

impl Fitted {
    pub(crate) fn new(exponent: f64) -> Self {
        Self(Zipf::new(exponent, 1))
    }

    /// Draws a rank below `ranks`, which must not be 0.
    #[inline]
    pub(crate) fn draw(&mut self, random: &mut Random, ranks: u64) -> u64 {
        if ranks > self.0.ranks || ranks < self.0.ranks / 2 {
            self.rebuild(ranks);
        }
        loop {
            let rank = self.0.draw(random);
            if rank < ranks {
                return rank;
            }
        }
    }

    #[cold]
    fn rebuild(&mut self, ranks: u64) {
        // A set that has begun to grow goes on growing: an eighth in advance makes rebuilding rare.
        let grows = self.0.ranks > 1 && ranks > self.0.ranks;
        self.0 = Zipf::new(self.0.exponent, if grows { ranks + ranks / 8 } else { ranks });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(exponent: f64, ranks: u64) -> Vec<f64> {
        let weights: Vec<f64> = (1..=ranks).map(|rank| (rank as f64).powf(-exponent)).collect();
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    }

    /// Chi-square over cells that expect at least 20 draws, in standard deviations from its mean.
    fn surprise(draws: &[u64], chances: &[f64]) -> f64 {
        let total: u64 = draws.iter().sum();
        let (mut square, mut cells) = (0.0, 0);
        let (mut seen, mut due) = (0u64, 0.0);
        for (&count, &chance) in draws.iter().zip(chances) {
            seen += count;
            due += chance * total as f64;
            if due >= 20.0 {
                square += (seen as f64 - due).powi(2) / due;
                cells += 1;
                (seen, due) = (0, 0.0);
            }
        }
        let freedom = f64::from(cells - 1);
        (square - freedom) / (2.0 * freedom).sqrt()
    }

    fn count(total: u64, ranks: u64, mut draw: impl FnMut() -> u64) -> Vec<u64> {
        let mut draws = vec![0; usize::try_from(ranks).unwrap()];
        for _ in 0..total {
            draws[usize::try_from(draw()).unwrap()] += 1;
        }
        draws
    }

    #[test]
    fn draws_follow_the_law() {
        for (exponent, ranks) in [
            (0.99, 1_000),
            (0.99, 50_000),
            (0.5, 10_000),
            (1.0, 777),
            (1.5, 100_000),
            (4.0, 100),
            (0.01, 3_000),
        ] {
            let zipf = Zipf::new(exponent, ranks);
            let mut random = Random::new(42, 0);
            let draws = count(1_000_000, ranks, || zipf.draw(&mut random));
            let surprise = surprise(&draws, &exact(exponent, ranks));
            assert!(surprise.abs() < 4.0, "s = {exponent}, n = {ranks}: {surprise} standard deviations");
        }
    }

    /// The test above would notice an error of one percent in the law.
    #[test]
    fn the_test_of_the_law_has_teeth() {
        let zipf = Zipf::new(0.98, 1_000);
        let mut random = Random::new(42, 0);
        let draws = count(1_000_000, 1_000, || zipf.draw(&mut random));
        assert!(surprise(&draws, &exact(0.99, 1_000)) > 4.0);
    }

    /// The share of rank 1 is 1 / H(n, s); the harmonic number by Euler and Maclaurin.
    #[test]
    fn the_first_rank_has_its_share() {
        let (s, n) = (0.99, 100_000_000f64);
        let zeta_tail = (n.powf(1.0 - s) - 1.0) / (1.0 - s);
        let harmonic = zeta_tail + 0.5 * (1.0 + n.powf(-s)) + s / 12.0 * (1.0 - n.powf(-s - 1.0))
            - s * (s + 1.0) * (s + 2.0) / 720.0;
        let zipf = Zipf::new(s, 100_000_000);
        let mut random = Random::new(1, 0);
        let total = 2_000_000;
        let first = (0..total).filter(|_| zipf.draw(&mut random) == 0).count() as f64;
        let due = f64::from(total) / harmonic;
        assert!((first - due).abs() < 4.0 * due.sqrt(), "{first} draws of rank 1, due are {due}");
    }

    #[test]
    fn every_chance_adds_up_in_the_table() {
        for (exponent, ranks) in [(0.99, 1), (0.99, 2), (2.0, 33), (0.3, 100_000)] {
            let weights: Vec<f64> = buckets(exponent, ranks)
                .iter()
                .map(|bucket| f64::from(bucket.width) * libm::pow(f64::from(bucket.first), -exponent))
                .collect();
            let columns = alias_table(&weights);
            let mut got = vec![0.0; weights.len()];
            for (index, column) in columns.iter().enumerate() {
                let keep = column.keep as f64 / 2f64.powi(64);
                got[index] += keep;
                got[column.other as usize] += 1.0 - keep;
            }
            let sum: f64 = weights.iter().sum();
            for (got, weight) in got.iter().zip(&weights) {
                assert!((got / weights.len() as f64 - weight / sum).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn buckets_cover_every_rank_once() {
        for ranks in [1, 2, 31, 32, 33, 64, 100, 4_095, 4_096, 1_000_003] {
            let mut next = 1;
            for bucket in buckets(1.0, ranks) {
                assert_eq!(u64::from(bucket.first), next);
                next += u64::from(bucket.width);
            }
            assert_eq!(next, ranks + 1);
        }
    }

    #[test]
    fn a_fitted_law_follows_the_number_of_ranks() {
        let mut fitted = Fitted::new(0.99);
        let mut random = Random::new(3, 0);
        for ranks in [1_000, 900, 950, 400, 1_001, 1] {
            let draws = count(200_000, ranks, || fitted.draw(&mut random, ranks));
            if ranks > 1 {
                assert!(surprise(&draws, &exact(0.99, ranks)).abs() < 4.0, "{ranks}");
            }
        }
    }
}
