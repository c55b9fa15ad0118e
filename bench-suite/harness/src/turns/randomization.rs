//! What is randomized in a pair: who goes first, and where the kernel puts the memory of each process.

use generator::random::Random;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Most bytes by which the environment of a process is made larger.
const ENVIRONMENT: u64 = 4096;
/// Most bytes that a process allocates before anything else.
const PADDING: u64 = 64 << 10;

/// The random draws for the pairs of one comparison, one after the other. The same seed gives the same draws.
#[derive(Debug)]
pub(crate) struct Randomization {
    random: Random,
    /// Who goes first in the second pair of a block of two.
    second: Option<bool>,
}

/// Where a process puts its stack and its heap, by what stands before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Bytes of a variable that the environment has besides.
    pub(crate) environment: usize,
    /// Bytes that are allocated first.
    pub(crate) padding: u64,
}

impl Randomization {
    /// The draws of comparison `name` in repetition `repetition` of a gate with this seed.
    pub(crate) fn new(seed: u64, name: &str, repetition: usize) -> Self {
        Self { random: Random::new(xxh3_64_with_seed(name.as_bytes(), seed), repetition), second: None }
    }

    /// Whether the base goes first: a coin for each block of two pairs, of which each side is first in one. An
    /// advantage of going first thus cancels out, and the labels are still random.
    pub(crate) fn base_first(&mut self) -> bool {
        if let Some(second) = self.second.take() {
            return second;
        }
        let coin = self.random.below(2) == 0;
        self.second = Some(!coin);
        coin
    }

    /// The layout of a process.
    pub(crate) fn layout(&mut self) -> Layout {
        let environment = usize::try_from(self.random.below(ENVIRONMENT)).unwrap_or(0);
        Layout { environment, padding: self.random.below(PADDING) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_is_first_once_in_every_two_pairs() {
        let mut randomization = Randomization::new(1, "fifo-window hashbrown", 0);
        let firsts: Vec<bool> = (0..200).map(|_| randomization.base_first()).collect();
        assert!(firsts.chunks(2).all(|block| block[0] != block[1]));
        let heads = firsts.iter().step_by(2).filter(|first| **first).count();
        assert!((20..=80).contains(&heads), "{heads} of 100 coins");
    }

    #[test]
    fn the_same_seed_draws_the_same_and_another_repetition_does_not() {
        let layouts = |seed, name, repetition| -> Vec<Layout> {
            let mut randomization = Randomization::new(seed, name, repetition);
            (0..8).map(|_| randomization.layout()).collect()
        };
        let drawn = layouts(1, "a", 0);
        assert_eq!(drawn, layouts(1, "a", 0));
        assert_ne!(drawn, layouts(2, "a", 0));
        assert_ne!(drawn, layouts(1, "b", 0));
        assert_ne!(drawn, layouts(1, "a", 1));
    }
}
