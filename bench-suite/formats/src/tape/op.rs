//! One step of a tape.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Keep;
use crate::named::named;

named! {
    /// What one step asks of the map.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
    #[serde(rename_all = "snake_case")]
    #[repr(u8)]
    pub enum Kind {
        /// Put the key, replacing its value if it is live.
        Insert = "insert",
        /// Take the key out, if it is live.
        Remove = "remove",
        /// Look the key up.
        Get = "get",
        /// Replace the key's value, if it is live.
        Update = "update",
        /// Walk over every entry.
        Iterate = "iterate",
        /// Take every entry out.
        Clear = "clear",
        /// Take out the entry that a walk meets first.
        RemoveFirst = "remove_first",
        /// Ask how many entries there are.
        Len = "len",
        /// Find the key's entry or make it, and write its value: through one look-up, where the map has such a way.
        Upsert = "upsert",
        /// Take out every entry that is not to be kept; see [`Keep`].
        Retain = "retain",
        /// Ask the map to give back what its entries do not need.
        Shrink = "shrink",
        /// Ask the map to make room for so many more entries.
        Reserve = "reserve",
        /// Put all entries into a new map, in the order in which a walk meets them.
        Copy = "copy",
        /// Look the key up and hold what was found, until the thread releases it.
        Hold = "hold",
        /// Let go of what is held.
        Release = "release",
        /// Look the key up in a bounded cache; where it is not found, put it.
        Fetch = "fetch",
    }
}

/// Kinds that there are.
pub const KINDS: usize = Kind::ALL.len();

/// Figures by kind, of which the first ones are these and the others 0.
///
/// # Panics
/// If there are more figures than kinds.
#[must_use]
pub fn by_kind(first: &[u64]) -> [u64; KINDS] {
    let mut figures = [0; KINDS];
    figures[..first.len()].copy_from_slice(first);
    figures
}

impl Kind {
    /// Whether it brings a value.
    #[must_use]
    pub const fn brings_value(self) -> bool {
        matches!(self, Self::Insert | Self::Update | Self::Upsert | Self::Fetch)
    }

    /// Whether it is about one key.
    #[must_use]
    pub const fn names_key(self) -> bool {
        matches!(
            self,
            Self::Insert | Self::Remove | Self::Get | Self::Update | Self::Upsert | Self::Hold | Self::Fetch
        )
    }

    /// Whether it can take entries out that it does not name: which ones, the answers of other operations do not tell.
    #[must_use]
    pub const fn takes_unnamed(self) -> bool {
        matches!(self, Self::Clear | Self::RemoveFirst | Self::Retain)
    }

    /// Whether it is about all entries of the map, so that its answer depends on what every thread did.
    #[must_use]
    pub const fn sees_all(self) -> bool {
        self.takes_unnamed() || matches!(self, Self::Iterate | Self::Len | Self::Copy)
    }

    /// Whether it puts, replaces or takes entries, or rearranges them.
    #[must_use]
    pub const fn writes(self) -> bool {
        !matches!(self, Self::Get | Self::Iterate | Self::Len | Self::Hold | Self::Release)
    }

    /// Whether a number stands with it where others have the number of a key.
    #[must_use]
    pub const fn has_argument(self) -> bool {
        matches!(self, Self::Retain | Self::Reserve | Self::Copy)
    }
}

/// One step of a tape: a kind, and the number of a key or another number, in 8 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Op(u64);

impl Op {
    const KEY_BITS: u32 = 60;
    /// The largest key number.
    pub const MAX_KEY: u64 = (1 << Self::KEY_BITS) - 1;

    /// A step. Key numbers above [`Op::MAX_KEY`] are cut.
    #[must_use]
    #[inline]
    pub const fn new(kind: Kind, key: u64) -> Self {
        Self((kind as u64) << Self::KEY_BITS | (key & Self::MAX_KEY))
    }

    /// A retain that keeps these.
    #[must_use]
    pub const fn retain(keep: Keep) -> Self {
        Self::new(Kind::Retain, keep.argument())
    }

    /// A copy into a new map, which with `reserve` is made with room for all entries.
    #[must_use]
    pub const fn copy(reserve: bool) -> Self {
        Self::new(Kind::Copy, reserve as u64)
    }

    /// What is asked: all that the bits can say is a kind.
    #[must_use]
    #[inline]
    pub const fn kind(self) -> Kind {
        const { assert!(KINDS == 1 << (u64::BITS - Self::KEY_BITS)) };
        Kind::ALL[(self.0 >> Self::KEY_BITS) as usize]
    }

    /// The number of the key: below [`Header::distinct`](super::Header::distinct) for keys that are inserted somewhere on
    /// the tape, from there on for keys that never are. Where [`Kind::has_argument`], that number.
    #[must_use]
    #[inline]
    pub const fn key(self) -> u64 {
        self.0 & Self::MAX_KEY
    }

    pub(super) const fn from_word(word: u64) -> Self {
        Self(word)
    }

    pub(super) const fn word(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            Kind::Retain => write!(f, "retain {}", Keep::of_argument(self.key())),
            kind => write!(f, "{} {}", kind.name(), self.key()),
        }
    }
}
