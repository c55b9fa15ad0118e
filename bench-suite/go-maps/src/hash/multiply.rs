//! Go's memhash on a processor without AES instructions: a product of 128 bits, folded.

use super::MemHash;
use crate::release::Release;
use crate::seed::Seeds;

/// Memhash without AES (`runtime.memhashFallback` and its like).
#[derive(Debug, Clone)]
pub struct Multiply {
    /// What the seed is joined with first.
    first: u64,
    /// What the words of a key are joined with.
    keys: [u64; 3],
}

const M1: u64 = 0xa076_1d64_78bd_642f;
const M2: u64 = 0xe703_7ed1_a0b4_28db;
const M3: u64 = 0x8ebc_6af0_9c88_c6e3;
const M4: u64 = 0x5899_65cc_7537_4cc3;
const M5: u64 = 0x1d8e_4e27_c47d_124f;

impl Multiply {
    /// The hash of this release with these keys: Go's `runtime.hashkey`. Before 1.23 only the first of them is used,
    /// beside constants.
    #[must_use]
    pub const fn new(release: Release, hashkey: [u64; 4]) -> Self {
        let [first, second, third, fourth] = hashkey;
        if release.hashes_by_keys_alone() {
            Self { first, keys: [second, third, fourth] }
        } else {
            Self { first: first ^ M1, keys: [M2, M3, M4] }
        }
    }

    /// The hash with keys drawn from `start`: Go draws them once per process.
    #[must_use]
    pub fn seeded(release: Release, start: u64) -> Self {
        let mut seeds = Seeds::new(start);
        Self::new(release, std::array::from_fn(|_| seeds.next_u64()))
    }

    /// The end of every hash: two words of the key and its length.
    #[inline]
    const fn finish(&self, a: u64, b: u64, seed: u64, length: u64) -> u64 {
        mix(M5 ^ length, mix(a ^ self.keys[0], b ^ seed))
    }

    /// The hash of more than sixteen bytes.
    fn long(&self, data: &[u8], mut seed: u64) -> u64 {
        let mut rest = data;
        let step = |data: &[u8], at: usize, key: u64, seed: u64| {
            mix(word(&data[at..]) ^ key, word(&data[at + 8..]) ^ seed)
        };
        if rest.len() > 48 {
            let (mut second, mut third) = (seed, seed);
            while rest.len() > 48 {
                seed = step(rest, 0, self.keys[0], seed);
                second = step(rest, 16, self.keys[1], second);
                third = step(rest, 32, self.keys[2], third);
                rest = &rest[48..];
            }
            seed ^= second ^ third;
        }
        while rest.len() > 16 {
            seed = step(rest, 0, self.keys[0], seed);
            rest = &rest[16..];
        }
        // The last sixteen bytes of the key: some of them may have been taken already.
        let end = &data[data.len() - 16..];
        self.finish(word(end), word(&end[8..]), seed, data.len() as u64)
    }
}

/// The two halves of the product, one on the other.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the low half is wanted")]
const fn mix(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    (product >> 64) as u64 ^ product as u64
}

/// The first eight bytes.
fn word(data: &[u8]) -> u64 {
    data.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// The first four bytes.
fn half(data: &[u8]) -> u64 {
    data.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes).into())
}

impl MemHash for Multiply {
    #[inline]
    fn memhash32(&self, key: u32, seed: u64) -> u64 {
        let key = u64::from(key);
        self.finish(key, key, seed ^ self.first, 4)
    }

    #[inline]
    fn memhash64(&self, key: u64, seed: u64) -> u64 {
        self.finish(key, key, seed ^ self.first, 8)
    }

    fn memhash128(&self, key: [u8; 16], seed: u64) -> u64 {
        self.memhash(&key, seed)
    }

    fn memhash(&self, data: &[u8], seed: u64) -> u64 {
        let (seed, length) = (seed ^ self.first, data.len());
        let (a, b) = match length {
            0 => return seed,
            1..4 => {
                let byte = |at: usize| u64::from(data[at]);
                (byte(0) | byte(length >> 1) << 8 | byte(length - 1) << 16, 0)
            }
            4..8 => (half(data), half(&data[length - 4..])),
            8..=16 => (word(data), word(&data[length - 8..])),
            _ => return self.long(data, seed),
        };
        self.finish(a, b, seed, length as u64)
    }

    #[inline]
    fn is_quick(&self) -> bool {
        true
    }
}
