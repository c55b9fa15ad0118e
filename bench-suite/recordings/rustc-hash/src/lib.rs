//! What pubgrub takes from the crate `rustc-hash`, with the map recorded. Its hash is that of std: which one it is makes
//! no difference to what a map is asked, except for the order of walks.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher};

use churnmark_recorder::Recorded;

/// The hash.
pub type FxHasher = DefaultHasher;
/// What makes it.
pub type FxBuildHasher = BuildHasherDefault<FxHasher>;
/// A map, recorded.
pub type FxHashMap<K, V> = Recorded<HashMap<K, V, FxBuildHasher>>;
/// A set, which is not recorded.
pub type FxHashSet<K> = HashSet<K, FxBuildHasher>;
