//! Random numbers that are the same on every machine, for ever.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// Xoshiro256++ (Blackman and Vigna 2018), seeded by `SplitMix64` as its authors advise.
#[derive(Debug, Clone)]
pub struct Random(Xoshiro256PlusPlus);

impl Random {
    /// Stream number `stream` of a seed: streams are 2^128 numbers apart and never meet.
    #[must_use]
    pub fn new(seed: u64, stream: usize) -> Self {
        let mut state = [0; 32];
        for (index, word) in (1..).zip(state.chunks_exact_mut(8)) {
            word.copy_from_slice(&split_mix(seed, index).to_le_bytes());
        }
        let mut source = Xoshiro256PlusPlus::from_seed(state);
        for _ in 0..stream {
            source.jump();
        }
        Self(source)
    }

    /// 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `n`, each with exactly the same chance; 0 when `n` is 0.
    ///
    /// The reduction is that of Lemire, "Fast Random Integer Generation in an Interval" (2019): the high half
    /// of a product, and a division only in the `n` of 2^64 cases that could be unfair.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        let mut product = u128::from(self.bits()) * u128::from(n);
        if low_half(product) < n {
            let unfair = n.wrapping_neg() % n;
            while low_half(product) < unfair {
                product = u128::from(self.bits()) * u128::from(n);
            }
        }
        high_half(product)
    }

    /// A number below `n` and, with it, 64 bits that are random whatever the number is. The two come from one
    /// draw, so both are uneven by less than `n` / 2^64; for tables of weights that are rounded anyway.
    #[inline]
    pub(crate) fn below_and_rest(&mut self, n: u64) -> (u64, u64) {
        let product = u128::from(self.bits()) * u128::from(n);
        (high_half(product), low_half(product))
    }
}

/// Output `index` (from 1) of `SplitMix64` (Steele, Lea, Flood 2014).
pub(crate) const fn split_mix(seed: u64, index: u64) -> u64 {
    let z = seed.wrapping_add(index.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is asked for")]
const fn low_half(product: u128) -> u64 {
    product as u64
}

const fn high_half(product: u128) -> u64 {
    (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First outputs of the authors' C code (`xoshiro256plusplus.c`) for the state 1, 2, 3, 4.
    #[test]
    fn the_generator_is_the_published_one() {
        let mut state = [0; 32];
        for (number, word) in (1u64..).zip(state.chunks_exact_mut(8)) {
            word.copy_from_slice(&number.to_le_bytes());
        }
        let mut random = Random(Xoshiro256PlusPlus::from_seed(state));
        let want = [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386];
        assert_eq!(want.map(|_| random.bits()), want);
    }

    /// First outputs of the published `splitmix64.c` for the seed 1234567.
    #[test]
    fn the_seed_is_spread_by_split_mix() {
        let want = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([1, 2, 3].map(|index| split_mix(1_234_567, index)), want);
    }

    #[test]
    fn numbers_below_a_bound_are_evenly_spread() {
        let mut random = Random::new(7, 0);
        let mut counts = [0i64; 7];
        for _ in 0..70_000 {
            counts[usize::try_from(random.below(7)).unwrap()] += 1;
        }
        // Standard deviation of each count: sqrt(70,000 * 6/49) = 93.
        assert!(counts.iter().all(|count| (count - 10_000).abs() < 400), "{counts:?}");
        assert_eq!(random.below(1), 0);
        assert_eq!(random.below(0), 0);
    }

    #[test]
    fn streams_of_one_seed_differ() {
        let first = |seed, stream| Random::new(seed, stream).bits();
        assert_ne!(first(1, 0), first(1, 1));
        assert_ne!(first(1, 0), first(2, 0));
        assert_eq!(first(1, 1), first(1, 1));
    }
}
