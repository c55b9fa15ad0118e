//! How a map turns a key and a seed into 64 bits.

mod aes;
mod interface;
mod multiply;

use std::hash::{BuildHasher, Hash, Hasher};

pub use aes::Aes;
pub use interface::Interface;
pub use multiply::{Multiply, Release};

/// Hashes keys of one kind: what Go keeps as `Hasher` in the type descriptor of a map.
///
/// The seed belongs to the map, and changes when the map becomes empty; the keys of the hash itself belong to
/// the process.
pub trait KeyHash<K> {
    /// The hash of `key` under `seed`.
    fn hash(&self, key: &K, seed: u64) -> u64;

    /// The same, unless it takes a call: then `None`, and a map leaves its fast path.
    #[inline]
    fn quick(&self, key: &K, seed: u64) -> Option<u64> {
        Some(self.hash(key, seed))
    }
}

/// Any hasher of the standard library's kind, fed with the seed first.
#[derive(Debug, Clone, Copy, Default)]
pub struct Std<S>(pub S);

impl<K: Hash, S: BuildHasher> KeyHash<K> for Std<S> {
    #[inline]
    fn hash(&self, key: &K, seed: u64) -> u64 {
        let mut hasher = self.0.build_hasher();
        hasher.write_u64(seed);
        key.hash(&mut hasher);
        hasher.finish()
    }
}

impl<K, H: KeyHash<K> + ?Sized> KeyHash<K> for &H {
    #[inline]
    fn hash(&self, key: &K, seed: u64) -> u64 {
        (**self).hash(key, seed)
    }

    #[inline]
    fn quick(&self, key: &K, seed: u64) -> Option<u64> {
        (**self).quick(key, seed)
    }
}
