//! Keys of a recording, made small: 16 bytes for each, whatever it is, and a number in the order in which they come.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// A key: its bytes where there are up to 15, else a digest of them. That two of a thousand million keys get one digest
/// has a chance of 1 to 10^18.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Token(u64, u64);

/// Stands in place of the length for keys of which only the digest is kept.
const DIGEST: u64 = 0xff;

impl Token {
    /// The token of some bytes.
    #[inline]
    pub(super) fn of(key: &[u8]) -> Self {
        let length = key.len() as u64;
        let word = |at: usize| key[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        match key.len() {
            0..8 => {
                let number = key.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte));
                Self(number, length << 56)
            }
            8 => Self(word(0), length << 56),
            9..16 => {
                // The last eight bytes, less those that the first eight have.
                let rest = word(key.len() - 8) >> (8 * (16 - length));
                Self(word(0), length << 56 | rest)
            }
            _ => {
                let digest = xxh3_128(key).to_le_bytes();
                let [low, high] =
                    [0, 8].map(|at| digest[at..].first_chunk().map_or(0, |half| u64::from_le_bytes(*half)));
                Self(low, DIGEST << 56 | high >> 8)
            }
        }
    }

    /// The token of a number.
    #[inline]
    pub(super) fn of_number(number: u64) -> Self {
        Self(number, 8 << 56)
    }

    /// A number that is spread evenly over all keys.
    fn spread(self) -> u64 {
        xxh3_64(&[self.0.to_le_bytes(), self.1.to_le_bytes()].concat())
    }
}

/// The number of every key that has come.
#[derive(Default)]
pub(super) struct Numbers {
    numbers: HashMap<Token, u32, FxBuildHasher>,
    /// Keys are played when their spread is not above this; `None`: all.
    most: Option<u64>,
}

impl Numbers {
    /// Numbers of a share of the keys, or of all.
    pub(super) fn of_share(share: Option<f64>) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share lies between 0 and 1, and a float becomes the nearest whole number there is"
        )]
        let most = share.map(|share| (share * u64::MAX as f64) as u64);
        Self { most, ..Self::default() }
    }

    /// The number of a key, if it has come before.
    #[inline]
    pub(super) fn known(&self, token: Token) -> Option<u32> {
        self.numbers.get(&token).copied()
    }

    /// A small number for a key, the same whenever it comes; `None` when the key is not among those that are played.
    #[inline]
    pub(super) fn number(&mut self, token: Token) -> Option<u32> {
        if self.most.is_some_and(|most| token.spread() > most) {
            return None;
        }
        let next = u32::try_from(self.numbers.len()).expect("fewer keys than operations");
        Some(*self.numbers.entry(token).or_insert(next))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn two_keys_have_two_tokens(keys in proptest::collection::vec(proptest::collection::vec(0u8..3, 0..20), 0..200)) {
            let mut seen: HashMap<Token, Vec<u8>> = HashMap::new();
            for key in keys {
                let other = seen.entry(Token::of(&key)).or_insert_with(|| key.clone());
                prop_assert_eq!(&*other, &key);
            }
        }
    }

    #[test]
    fn a_sample_is_a_share_of_the_keys_and_always_the_same() {
        let played = |share| {
            let mut numbers = Numbers::of_share(Some(share));
            (0..10_000u64)
                .filter(|&key| numbers.number(Token::of_number(key)).is_some())
                .collect::<Vec<u64>>()
        };
        let tenth = played(0.1);
        assert!((900..1100).contains(&tenth.len()), "{}", tenth.len());
        assert_eq!(tenth, played(0.1));
        let half = played(0.5);
        assert!(tenth.iter().all(|key| half.contains(key)), "a larger share holds a smaller one");
    }
}
