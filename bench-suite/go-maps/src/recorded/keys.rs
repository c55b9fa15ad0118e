//! The kinds of keys that are recorded, each made from the number by which recordings name a key.

use serde::Deserialize;

use super::memhash::Memhash;
use crate::hash::{Interface as InInterface, KeyHash, MemHash};
use crate::key::Kind;

/// What the keys of a recorded map are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Keys {
    /// uint32, the number.
    U32,
    /// uint64, the number.
    #[default]
    U64,
    /// string, the number in decimal digits with points behind it: see [`text`].
    String,
    /// [16]byte, the number and its product with [`GOLDEN`], low bytes first.
    Uuid,
    /// float64, the number.
    Float,
    /// A struct of a uint64 and a uint32, both the number.
    Struct,
    /// any, a uint64 in it, the number.
    Any,
}

/// What makes the second half of a UUID.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
/// Texts have at most this many bytes: enough for every way in which Go hashes them.
const LONGEST_TEXT: u64 = 300;

/// A key that recordings name by a number.
pub(super) trait Recorded: PartialEq + Default + 'static {
    /// What Go's compiler tells of it; see [`KeyHash`].
    const KIND: Kind = Kind::Generic;
    const UPDATES: bool = false;
    const POINTERS: bool = false;
    const BYTES: usize = size_of::<Self>();

    /// The largest number that makes another key than all smaller ones.
    const LAST: u64 = u64::MAX;

    fn make(number: u64) -> Self;

    /// The number it was made of; 0 for what an empty slot holds.
    fn number(&self) -> u64;

    /// The text of a string.
    fn text(&self) -> &[u8] {
        &[]
    }

    /// Its hash, as Go takes it in a map of such keys.
    fn hash(&self, hash: &Memhash, seed: u64) -> u64;

    /// Its hash by the general function for types that the compiler of a map did not see, inside an interface value.
    fn typehash(&self, hash: &Memhash, seed: u64) -> u64 {
        self.hash(hash, seed)
    }
}

impl Recorded for u32 {
    const KIND: Kind = Kind::Fast32;
    const LAST: u64 = Self::MAX as u64;

    #[expect(clippy::cast_possible_truncation, reason = "the reader refuses larger numbers")]
    fn make(number: u64) -> Self {
        number as Self
    }

    fn number(&self) -> u64 {
        (*self).into()
    }

    fn hash(&self, hash: &Memhash, seed: u64) -> u64 {
        hash.memhash32(*self, seed)
    }
}

impl Recorded for u64 {
    const KIND: Kind = Kind::Fast64;

    fn make(number: u64) -> Self {
        number
    }

    fn number(&self) -> u64 {
        *self
    }

    fn hash(&self, hash: &Memhash, seed: u64) -> u64 {
        hash.memhash64(*self, seed)
    }
}

/// The text of a number: its digits, and points up to a length that differs from number to number.
fn text(number: u64) -> String {
    let length = usize::try_from(number.wrapping_mul(7) % LONGEST_TEXT).unwrap_or(0);
    format!("{number:.<length$}")
}

impl Recorded for Box<str> {
    const KIND: Kind = Kind::FastStr;
    const UPDATES: bool = true;
    const POINTERS: bool = true;

    fn make(number: u64) -> Self {
        text(number).into()
    }

    fn number(&self) -> u64 {
        self.trim_end_matches('.').parse().unwrap_or(0)
    }

    fn text(&self) -> &[u8] {
        self.as_bytes()
    }

    fn hash(&self, hash: &Memhash, seed: u64) -> u64 {
        hash.memhash(self.as_bytes(), seed)
    }
}

impl Recorded for [u8; 16] {
    fn make(number: u64) -> Self {
        (u128::from(number.wrapping_mul(GOLDEN)) << 64 | u128::from(number)).to_le_bytes()
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low half is wanted")]
    fn number(&self) -> u64 {
        u128::from_le_bytes(*self) as u64
    }

    fn hash(&self, hash: &Memhash, seed: u64) -> u64 {
        hash.memhash128(*self, seed)
    }
}

impl Recorded for f64 {
    const UPDATES: bool = true;
    /// Above, not every whole number is a float.
    const LAST: u64 = 1 << 53;

    fn make(number: u64) -> Self {
        number as Self
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "made of a whole number")]
    fn number(&self) -> u64 {
        *self as u64
    }

    fn hash(&self, hash: &Memhash, seed: u64) -> u64 {
        KeyHash::<Self>::hash(hash, self, seed)
    }
}

/// Go's `struct { a uint64; b uint32 }`: hashed without the padding at its end.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[repr(C)]
pub(super) struct Pair {
    a: u64,
    b: u32,
}

impl Recorded for Pair {
    #[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
    fn make(number: u64) -> Self {
        Self { a: number, b: number as u32 }
    }

    fn number(&self) -> u64 {
        self.a
    }

    fn hash(&self, hash: &Memhash, seed: u64) -> u64 {
        let mut bytes = [0; 12];
        bytes[..8].copy_from_slice(&self.a.to_le_bytes());
        bytes[8..].copy_from_slice(&self.b.to_le_bytes());
        hash.memhash(&bytes, seed)
    }

    /// Field by field: a struct with padding is no plain memory.
    fn typehash(&self, hash: &Memhash, seed: u64) -> u64 {
        hash.memhash32(self.b, hash.memhash64(self.a, seed))
    }
}

/// Go's `any` with a uint64 in it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Any(u64);

impl Recorded for Any {
    const UPDATES: bool = true;
    const POINTERS: bool = true;
    const BYTES: usize = 16;

    fn make(number: u64) -> Self {
        Self(number)
    }

    fn number(&self) -> u64 {
        self.0
    }

    fn hash(&self, hash: &Memhash, seed: u64) -> u64 {
        InInterface(hash).hash(&self.0, seed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Any, Pair, Recorded, text};

    fn keeps<K: Recorded>() {
        for number in [0, 1, 255, 4_294_967_295, 1 << 53, u64::MAX].into_iter().filter(|&n| n <= K::LAST) {
            assert_eq!(K::make(number).number(), number);
        }
        assert_eq!(K::default().number(), 0);
    }

    #[test]
    fn a_key_keeps_its_number() {
        keeps::<u32>();
        keeps::<u64>();
        keeps::<Box<str>>();
        keeps::<[u8; 16]>();
        keeps::<f64>();
        keeps::<Pair>();
        keeps::<Any>();
    }

    #[test]
    fn texts_have_every_length() {
        let lengths: std::collections::BTreeSet<usize> = (0..900).map(|number| text(number).len()).collect();
        assert_eq!((lengths.first(), lengths.last()), (Some(&1), Some(&299)));
        assert!(lengths.len() > 290, "{lengths:?}");
        assert_eq!([text(0), text(1), text(43)], ["0", "1......", "43"]);
    }
}
