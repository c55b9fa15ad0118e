//! `hashbrown::HashMap` with ahash: a value of its axis `hasher`.

use std::hash::BuildHasher;

use ahash::{AHasher, RandomState};

use super::hashbrown_foldhash::Table;

/// hashbrown with ahash.
pub type Adapter<K, V> = Table<K, V, FixedAhash>;

/// ahash without the seeds that it draws at random.
#[derive(Clone)]
pub struct FixedAhash(RandomState);

impl Default for FixedAhash {
    fn default() -> Self {
        Self(RandomState::with_seeds(1, 2, 3, 4))
    }
}

impl BuildHasher for FixedAhash {
    type Hasher = AHasher;

    #[inline]
    fn build_hasher(&self) -> AHasher {
        self.0.build_hasher()
    }
}
