//! What a workload can ask for that not every map can do.

use serde::{Deserialize, Serialize};

use crate::named::named;
use crate::tape::{Header, Kind};

named! {
    /// What a map can be asked for beyond what every map can do: a kind of operation, or room at birth. A map states
    /// which of them it has; a workload that asks for another one is not played into it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
    #[serde(rename_all = "snake_case")]
    pub enum Extra {
        /// Takes out the entry that a walk meets first.
        RemoveFirst = "remove_first",
        /// Says as an operation how many entries there are.
        Len = "len",
        /// Writes an entry that it finds or makes through one look-up.
        Upsert = "upsert",
        /// Takes out what is not to be kept in one sweep.
        Retain = "retain",
        /// Gives back what its entries do not need.
        Shrink = "shrink",
        /// Makes room for so many more entries.
        Reserve = "reserve",
        /// Is made with room for so many entries.
        Capacity = "capacity",
        /// Gives all its entries, in the order of a walk, to a new map that takes its place.
        Copy = "copy",
        /// Lets a thread hold what it found while it reads on.
        Hold = "hold",
        /// Lets a thread write while it holds what it found.
        HoldWriting = "hold_writing",
        /// Is one of many, each made with its first entry and dropped with its last.
        Many = "many",
    }
}

/// Some of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extras(u16);

impl Extras {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// These and one more.
    #[must_use]
    pub const fn with(self, extra: Extra) -> Self {
        Self(self.0 | 1 << extra as u16)
    }

    /// Whether this is one of them.
    #[must_use]
    pub const fn contain(self, extra: Extra) -> bool {
        self.0 & 1 << extra as u16 != 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Extra> {
        Extra::ALL.into_iter().filter(move |extra| self.contain(*extra))
    }

    /// What the operations of a tape ask for.
    #[must_use]
    pub fn of_tape(tape: &Header) -> Self {
        let kinds = Kind::ALL.into_iter().zip(tape.executed.kinds);
        let asked = kinds.filter(|(_, count)| *count > 0).filter_map(|(kind, _)| Extra::of(kind));
        let holds_over_writes = tape.holds_over_writes.then_some(Extra::HoldWriting);
        let asked = asked.chain(tape.capacity.map(|_| Extra::Capacity)).chain(holds_over_writes);
        asked.chain(tape.many.map(|_| Extra::Many)).collect()
    }
}

impl FromIterator<Extra> for Extras {
    fn from_iter<I: IntoIterator<Item = Extra>>(extras: I) -> Self {
        extras.into_iter().fold(Self::NONE, Self::with)
    }
}

impl Extra {
    /// All that a map does by itself but to hold what was found: of a map that nobody else can reach meanwhile, by a rule
    /// of the compiler or by its lock.
    pub fn all_but_hold() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|extra| !matches!(extra, Self::Hold | Self::HoldWriting | Self::Many))
    }

    /// What this kind of operation asks for; `None` for those that every map has, or every bounded cache.
    #[must_use]
    pub const fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Insert
            | Kind::Remove
            | Kind::Get
            | Kind::Update
            | Kind::Iterate
            | Kind::Clear
            | Kind::Fetch => None,
            Kind::RemoveFirst => Some(Self::RemoveFirst),
            Kind::Len => Some(Self::Len),
            Kind::Upsert => Some(Self::Upsert),
            Kind::Retain => Some(Self::Retain),
            Kind::Shrink => Some(Self::Shrink),
            Kind::Reserve => Some(Self::Reserve),
            Kind::Copy => Some(Self::Copy),
            Kind::Hold | Kind::Release => Some(Self::Hold),
        }
    }
}
