//! Go's memhash on a processor without AES instructions: a product of 128 bits, folded.

use super::KeyHash;
use crate::seed::Seeds;

/// Which constants the fallback uses: they changed after 1.19.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// Go 1.19.
    Go119,
    /// Go 1.23 to 1.27.
    Go123,
}

/// Memhash of eight bytes without AES (`runtime.memhash64Fallback`).
#[derive(Debug, Clone)]
pub struct Multiply {
    release: Release,
    hashkey: [u64; 4],
}

const M1: u64 = 0xa076_1d64_78bd_642f;
const M2: u64 = 0xe703_7ed1_a0b4_28db;
const M5: u64 = 0x1d8e_4e27_c47d_124f;

impl Multiply {
    /// The hash with these keys: Go's `runtime.hashkey`.
    #[must_use]
    pub const fn new(release: Release, hashkey: [u64; 4]) -> Self {
        Self { release, hashkey }
    }

    /// The hash with keys drawn from `start`: Go draws them once per process.
    #[must_use]
    pub fn seeded(release: Release, start: u64) -> Self {
        let mut seeds = Seeds::new(start);
        Self::new(release, std::array::from_fn(|_| seeds.next_u64()))
    }
}

/// The two halves of the product, one on the other.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the low half is wanted")]
const fn mix(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    (product >> 64) as u64 ^ product as u64
}

impl KeyHash<u64> for Multiply {
    #[inline]
    fn hash(&self, key: &u64, seed: u64) -> u64 {
        let [hashkey0, hashkey1, ..] = self.hashkey;
        let inner = match self.release {
            Release::Go119 => mix(key ^ M2, key ^ seed ^ hashkey0 ^ M1),
            Release::Go123 => mix(key ^ hashkey1, key ^ seed ^ hashkey0),
        };
        mix(M5 ^ 8, inner)
    }
}
