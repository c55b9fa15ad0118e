//! What yamux takes from the crate `nohash-hasher`, with the map recorded. Its hash is that of std: which one it is
//! makes no difference to what a map is asked, except for the order of walks.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};

use churnmark_recorder::Recorded;

/// A map whose keys are numbers, recorded.
pub type IntMap<K, V> = Recorded<HashMap<K, V, BuildHasherDefault<DefaultHasher>>>;

/// Says that a type hashes as one number.
pub trait IsEnabled {}
