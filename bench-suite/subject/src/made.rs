//! How the map of a pass is made.

use formats::tape::Header;

use crate::entry::Value;
use crate::map::{Map, Shared};

/// How the map of a pass is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// As it comes.
    Plain,
    /// With room for so many entries.
    WithCapacity(usize),
    /// To hold so many entries at most: a bounded cache.
    Bounded(usize),
}

impl Made {
    /// What a tape says.
    #[must_use]
    pub fn of(tape: &Header) -> Self {
        let entries = |count| usize::try_from(count).unwrap_or(usize::MAX);
        match (tape.bound, tape.capacity) {
            (Some(bound), _) => Self::Bounded(entries(bound)),
            (None, Some(capacity)) => Self::WithCapacity(entries(capacity)),
            (None, None) => Self::Plain,
        }
    }

    /// A map of one thread.
    pub(crate) fn alone<K, V: Value, M: Map<K, V> + Default>(self) -> M {
        match self {
            Self::Plain => M::default(),
            Self::WithCapacity(entries) => M::with_capacity(entries),
            Self::Bounded(entries) => M::with_bound(entries),
        }
    }

    /// A map that threads share.
    pub(crate) fn together<K, V: Value, S: Shared<K, V>>(self) -> S {
        match self {
            Self::Plain => S::default(),
            Self::WithCapacity(entries) => S::with_capacity(entries),
            Self::Bounded(entries) => S::with_bound(entries),
        }
    }
}
