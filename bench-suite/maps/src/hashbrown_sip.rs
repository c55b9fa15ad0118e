//! `hashbrown::HashMap` with the hash of std: a value of its axis `hasher`.

use super::hashbrown_foldhash::Table;
use super::std_hash::FixedSipHash;

/// hashbrown with `SipHash`, seeded with zeros.
pub type Adapter<K, V> = Table<K, V, FixedSipHash>;
