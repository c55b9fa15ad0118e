//! What entries are made of: the kinds of keys and values that a workload asks for.

mod sizes;

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

pub use self::sizes::{SizeLaw, Sizes, Spread};

/// What keys are made of. [`KeyPattern`] says how a key follows from its number on the tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Keys {
    /// 4 bytes. There are 2^32 such keys: far more than a tape has.
    U32,
    /// 8 bytes.
    #[default]
    U64,
    /// 16 bytes.
    Uuid,
    /// Text of this many bytes (16 to 255) on the heap.
    String(u16),
}

impl Keys {
    /// Bytes of a key.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::U32 => 4,
            Self::U64 => 8,
            Self::Uuid => 16,
            Self::String(bytes) => bytes as usize,
        }
    }
}

/// How the bits of a key follow from its number on the tape: always a bijection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyPattern {
    /// By a fixed function that mixes all bits: neighbours have nothing in common.
    #[default]
    Scattered,
    /// `u64` keys: the number times this, modulo 2^64. 1 gives keys in sequence, 2^44 keys that differ in their upper
    /// 20 bits only.
    MultiplesOf(NonZeroU64),
    /// Texts: so many bytes are the same in all keys, the rest is scattered.
    CommonPrefix(u16),
}

impl KeyPattern {
    /// How many key numbers it tells apart: 2^64, or less where each factor of 2 takes a bit.
    #[must_use]
    pub const fn keys(self) -> u128 {
        match self {
            Self::Scattered | Self::CommonPrefix(_) => 1 << 64,
            Self::MultiplesOf(factor) => 1 << (64 - factor.trailing_zeros()),
        }
    }

    /// Whether it is the one that nobody has to ask for.
    #[must_use]
    pub const fn is_scattered(&self) -> bool {
        matches!(self, Self::Scattered)
    }
}

/// What values are made of. The first 8 bytes are the stamp by which an answer is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Values {
    /// 8 bytes.
    #[default]
    U64,
    /// This many bytes inside the entry. Only 64 is compiled in.
    Bytes(u32),
    /// A block of their own, allocated by the insert; of so many bytes, 8 to 1 MiB.
    Boxed(Sizes),
}

impl Values {
    /// Values in boxes that all have so many bytes.
    #[must_use]
    pub const fn boxed(bytes: u32) -> Self {
        Self::Boxed(Sizes::Same(bytes))
    }

    /// Whether they have different sizes, which then stand on the tape.
    #[must_use]
    pub const fn vary(self) -> bool {
        matches!(self, Self::Boxed(sizes) if sizes.vary())
    }

    /// Bytes of a value, on average; `None` where only the recording knows.
    #[must_use]
    pub fn mean_bytes(self) -> Option<u64> {
        match self {
            Self::U64 => Some(8),
            Self::Bytes(bytes) | Self::Boxed(Sizes::Same(bytes)) => Some(bytes.into()),
            Self::Boxed(Sizes::Drawn(spread)) => Some(spread.mean()),
            Self::Boxed(Sizes::Recorded) => None,
        }
    }
}
