//! What is written of a key, and which keys are in a sample.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};

/// `SipHash` under a secret.
#[derive(Debug, Clone)]
pub(crate) enum Keyed {
    /// Under a random one.
    Random(RandomState),
    /// Under a given one.
    Given([u64; 2]),
}

impl Keyed {
    pub(crate) fn new(secret: Option<[u64; 2]>) -> Self {
        secret.map_or_else(|| Self::Random(RandomState::new()), Self::Given)
    }

    #[inline]
    pub(crate) fn hash<K: Hash + ?Sized>(&self, key: &K) -> u64 {
        match self {
            Self::Random(state) => state.hash_one(key),
            Self::Given(secret) => given(*secret, key),
        }
    }
}

#[expect(
    deprecated,
    reason = "it is the only hasher of std that takes a secret, and is not going to be removed"
)]
fn given<K: Hash + ?Sized>([low, high]: [u64; 2], key: &K) -> u64 {
    let mut hasher = std::hash::SipHasher::new_with_keys(low, high);
    key.hash(&mut hasher);
    hasher.finish()
}

/// Which keys are recorded. A hash of its own decides, some multiplications long: for most keys of a small sample it is
/// all that is done. It is never written.
#[derive(Debug, Clone)]
pub(crate) struct Sampled {
    seed: u64,
    /// Keys whose hash is not above this are taken; `None`: all.
    most: Option<u64>,
}

impl Sampled {
    pub(crate) fn new(keyed: &Keyed, share: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share lies between 0 and 1, and a float becomes the nearest whole number there is"
        )]
        let most = (share < 1.0).then_some((share * u64::MAX as f64) as u64);
        Self { seed: keyed.hash("which keys are in the sample"), most }
    }

    #[inline]
    pub(crate) fn takes<K: Hash + ?Sized>(&self, key: &K) -> bool {
        let Some(most) = self.most else { return true };
        let mut mixed = Mixed(self.seed);
        key.hash(&mut mixed);
        mixed.finish() <= most
    }
}

/// The golden ratio, odd.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Multiplies and folds, eight bytes at a time.
struct Mixed(u64);

impl Mixed {
    #[inline]
    fn mix(&mut self, word: u64) {
        self.0 = fold(u128::from(self.0 ^ word) * u128::from(MULTIPLIER));
    }
}

#[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
fn fold(product: u128) -> u64 {
    (product >> 64) as u64 ^ product as u64
}

impl Hasher for Mixed {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
    }

    #[inline]
    fn write_u8(&mut self, number: u8) {
        self.mix(number.into());
    }

    #[inline]
    fn write_u32(&mut self, number: u32) {
        self.mix(number.into());
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        self.mix(number);
    }

    #[inline]
    fn write_usize(&mut self, number: usize) {
        self.mix(number as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_secret_gives_the_same_hashes_and_a_random_one_others() {
        let [one, same, other] = [[1, 2], [1, 2], [1, 3]].map(|secret| Keyed::new(Some(secret)).hash("key"));
        assert_eq!(one, same);
        assert_ne!(one, other);
        assert_ne!(Keyed::new(None).hash("key"), Keyed::new(None).hash("key"));
    }

    #[test]
    fn a_sample_takes_its_share_of_numbers_and_of_text() {
        for share in [0.01, 0.25] {
            let sampled = Sampled::new(&Keyed::new(None), share);
            let numbers = (0..100_000u64).filter(|key| sampled.takes(key)).count();
            let texts = (0..100_000u64).filter(|key| sampled.takes(&format!("session:{key}"))).count();
            for count in [numbers, texts] {
                let found = count as f64 / 100_000.0;
                assert!((found / share - 1.0).abs() < 0.2, "{found} instead of {share}");
            }
        }
    }
}
