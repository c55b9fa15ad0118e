//! What is left to chance in a pair: who goes first, and where the kernel puts things.

use generator::random::Random;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Most bytes by which the environment of a process is made larger.
const ENVIRONMENT: u64 = 4096;
/// Most bytes that a process allocates before anything else.
const PAD: u64 = 64 << 10;

/// Draws for the pairs of one comparison, one after the other.
#[derive(Debug)]
pub(crate) struct Chance {
    random: Random,
    /// Who goes first in the second pair of a block of two.
    left: Option<bool>,
}

/// Where a process puts its stack and its heap, by what stands before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Bytes of a variable that the environment has besides.
    pub(crate) environment: usize,
    /// Bytes that are allocated first.
    pub(crate) pad: u64,
}

impl Chance {
    /// The draws of comparison `name` in repetition `repetition` of a gate with this seed.
    pub(crate) fn new(seed: u64, name: &str, repetition: usize) -> Self {
        Self { random: Random::new(xxh3_64_with_seed(name.as_bytes(), seed), repetition), left: None }
    }

    /// Whether the base goes first: a coin for each block of two pairs, of which each side is first in one. An
    /// advantage of going first thus cancels out, and the labels are still random.
    pub(crate) fn base_first(&mut self) -> bool {
        if let Some(left) = self.left.take() {
            return left;
        }
        let coin = self.random.below(2) == 0;
        self.left = Some(!coin);
        coin
    }

    /// A place for a process.
    pub(crate) fn place(&mut self) -> Place {
        let environment = usize::try_from(self.random.below(ENVIRONMENT)).unwrap_or(0);
        Place { environment, pad: self.random.below(PAD) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_is_first_once_in_every_two_pairs() {
        let mut chance = Chance::new(1, "fifo-window hashbrown", 0);
        let firsts: Vec<bool> = (0..200).map(|_| chance.base_first()).collect();
        assert!(firsts.chunks(2).all(|block| block[0] != block[1]));
        let heads = firsts.iter().step_by(2).filter(|first| **first).count();
        assert!((20..=80).contains(&heads), "{heads} of 100 coins");
    }

    #[test]
    fn the_same_seed_draws_the_same_and_another_repetition_does_not() {
        let places = |seed, name, repetition| -> Vec<Place> {
            let mut chance = Chance::new(seed, name, repetition);
            (0..8).map(|_| chance.place()).collect()
        };
        let drawn = places(1, "a", 0);
        assert_eq!(drawn, places(1, "a", 0));
        assert_ne!(drawn, places(2, "a", 0));
        assert_ne!(drawn, places(1, "b", 0));
        assert_ne!(drawn, places(1, "a", 1));
    }
}
