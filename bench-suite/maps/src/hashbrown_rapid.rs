//! `hashbrown::HashMap` with rapidhash: a value of its axis `hasher`.

use std::hash::BuildHasher;

use rapidhash::fast::{RapidHasher, SeedableState};

use super::hashbrown_foldhash::Table;

/// hashbrown with rapidhash.
pub type Adapter<K, V> = Table<K, V, FixedRapidhash>;

/// rapidhash with the seed and the secrets that its own documents give, and not those that it draws at random.
#[derive(Clone)]
pub struct FixedRapidhash(SeedableState<'static>);

impl Default for FixedRapidhash {
    fn default() -> Self {
        Self(SeedableState::fixed())
    }
}

impl BuildHasher for FixedRapidhash {
    type Hasher = RapidHasher<'static>;

    #[inline]
    fn build_hasher(&self) -> RapidHasher<'static> {
        self.0.build_hasher()
    }
}
