//! Section 4.1: which of four buckets the same keys take under a seeded and under a stable hash.

use std::hash::Hasher;

use formats::evidence::Family;
use go_maps::hash::{Aes, KeyHash};
use md5::{Digest, Md5};
use siphasher::sip::SipHasher13;

use super::Found;

const KEYS: [&str; 4] = ["user_0", "user_1", "user_2", "user_3"];
const BUCKETS: u64 = 4;

pub(super) fn run() -> Vec<Found> {
    let mut python = Found::new("python", Family::Python);
    for seed in 0..3 {
        let buckets: Vec<f64> = KEYS.iter().map(|key| bucket(python_hash(key, seed))).collect();
        python = python.with(&format!("python_seed_{seed}"), buckets);
    }
    let md5 = KEYS.iter().map(|key| bucket(md5_head(key))).collect::<Vec<f64>>();
    let go = |seed| (0..4_u64).map(|key| bucket(Aes::seeded(1).hash(&key, seed))).collect::<Vec<f64>>();
    vec![python.with("md5", md5), Found::classic().with("go_seed_a", go(7)).with("go_seed_b", go(8))]
}

fn bucket(hash: u64) -> f64 {
    (hash % BUCKETS) as f64
}

/// The hash of a string in `CPython` 3.11 and later with this PYTHONHASHSEED. Its remainder by a power of two is the
/// same whether its highest bit counts as a sign or not.
pub(super) fn python_hash(key: &str, seed: u32) -> u64 {
    let secret = python_secret(seed);
    let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| secret[at + byte]));
    let mut hasher = SipHasher13::new_with_keys(word(0), word(8));
    hasher.write(key.as_bytes());
    hasher.finish()
}

/// The key that `CPython` makes of a seed: zero for zero, otherwise from a linear congruential generator.
fn python_secret(seed: u32) -> [u8; 16] {
    let mut state = seed;
    std::array::from_fn(|_| {
        if seed == 0 {
            return 0;
        }
        state = state.wrapping_mul(214_013).wrapping_add(2_531_011);
        state.to_be_bytes()[1]
    })
}

/// The number that the first eight hex digits of the MD5 of a string are.
pub(super) fn md5_head(key: &str) -> u64 {
    let digest = Md5::digest(key.as_bytes());
    u64::from(u32::from_be_bytes(std::array::from_fn(|byte| digest[byte])))
}
