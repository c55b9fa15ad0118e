//! `hashbrown::HashMap` with XXH3.

use formats::subject::MapInfo;
use xxhash_rust::xxh3::Xxh3DefaultBuilder;

use super::hashbrown_foldhash::Table;

/// hashbrown with XXH3.
pub type Adapter<K, V> = Table<K, V, Xxh3DefaultBuilder>;

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new("hashbrown-xxh3", env!("VERSION_OF_HASHBROWN"), "hashbrown::HashMap with XXH3.")
}
