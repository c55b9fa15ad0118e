//! What the ports of Go's maps have in common: how they hash, and how sync.Map is asked.
//!
//! Go draws its seeds at random; here they are fixed, as everywhere in this suite.

use foldhash::fast::FixedState;
use go_maps::hash::{Aes, KeyHash, Std};

use crate::entry::{Key, Text, Uuid, Value};

/// Where every seed of a port starts.
pub const SEED: u64 = 7;

/// A key that Go's maps can be asked for. Its default is what an empty slot holds.
pub trait GoKey: Key + Default {
    /// How it is hashed.
    type Hash: KeyHash<Self> + Clone + Send + Sync + 'static;

    /// Its hash, of a fixed seed.
    fn hasher() -> Self::Hash;
}

/// Go's own: memhash with AES.
impl GoKey for u64 {
    type Hash = Aes;

    fn hasher() -> Aes {
        Aes::seeded(SEED)
    }
}

impl GoKey for Uuid {
    type Hash = Std<FixedState>;

    fn hasher() -> Self::Hash {
        Std(FixedState::default())
    }
}

impl GoKey for Text {
    type Hash = Std<FixedState>;

    fn hasher() -> Self::Hash {
        Std(FixedState::default())
    }
}

/// A value that compares by its stamp, as a pointer in Go's sync.Map compares by what it points to: an update
/// is a compare-and-swap, and asks whether the value is still the one that was read.
#[repr(transparent)]
pub(super) struct Stamped<V>(pub(super) V);

impl<V: Value> Stamped<V> {
    /// One that is equal to any value with this stamp.
    pub(super) fn equal_to(stamp: u64) -> Self {
        Self(V::make(stamp, 0))
    }
}

impl<V: Value> PartialEq for Stamped<V> {
    fn eq(&self, other: &Self) -> bool {
        self.0.stamp() == other.0.stamp()
    }
}
