//! `hashbrown::HashMap` with rustc's own hash.

use formats::subject::{Extra, MapInfo};
use rustc_hash::FxBuildHasher;

use super::control_bytes;
use super::hashbrown_foldhash::Table;

/// hashbrown with rustc-hash.
pub type Adapter<K, V> = Table<K, V, FxBuildHasher>;

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    control_bytes::telling(MapInfo::new(
        "hashbrown-fx",
        env!("VERSION_OF_HASHBROWN"),
        concat!("hashbrown::HashMap with rustc-hash ", env!("VERSION_OF_RUSTC_HASH"), ", which has no seed."),
    ))
    .with_extras(Extra::all_but_hold())
}
