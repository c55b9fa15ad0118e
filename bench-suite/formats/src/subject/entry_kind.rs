//! Kinds of keys and values: which of them a map takes.

use serde::{Deserialize, Serialize};

use crate::entry::{Keys, Values};

/// What keys are made of, without their size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// 4 bytes.
    U32,
    /// 8 bytes.
    U64,
    /// 16 bytes.
    Uuid,
    /// Text on the heap.
    String,
}

impl KeyKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::U32, Self::U64, Self::Uuid, Self::String];

    /// Its name in workloads and lists.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::Uuid => "uuid",
            Self::String => "string",
        }
    }
}

impl From<Keys> for KeyKind {
    fn from(keys: Keys) -> Self {
        match keys {
            Keys::U32 => Self::U32,
            Keys::U64 => Self::U64,
            Keys::Uuid => Self::Uuid,
            Keys::String(_) => Self::String,
        }
    }
}

/// What values are made of, without their size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// 8 bytes.
    U64,
    /// More bytes inside the entry.
    Bytes,
    /// A block of their own.
    Boxed,
    /// Blocks of their own, of different sizes.
    Varied,
}

impl ValueKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::U64, Self::Bytes, Self::Boxed, Self::Varied];

    /// Those of before values had different sizes: what a program takes that does not say it.
    pub(super) const FIRST: [Self; 3] = [Self::U64, Self::Bytes, Self::Boxed];

    /// Its name in workloads and lists.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::U64 => "u64",
            Self::Bytes => "bytes",
            Self::Boxed => "boxed",
            Self::Varied => "varied",
        }
    }
}

impl From<Values> for ValueKind {
    fn from(values: Values) -> Self {
        match values {
            Values::U64 => Self::U64,
            Values::Bytes(_) => Self::Bytes,
            Values::Boxed(sizes) if sizes.vary() => Self::Varied,
            Values::Boxed(_) => Self::Boxed,
        }
    }
}
