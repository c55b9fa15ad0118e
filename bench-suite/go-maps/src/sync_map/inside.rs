//! What the maps inside a sync.Map know of their keys.

use crate::hash::KeyHash;

/// A hash whose keys are inside interface values, whatever kind it would say they are of.
#[derive(Debug, Clone)]
pub(super) struct Inside<H>(pub(super) H);

impl<K, H: KeyHash<K>> KeyHash<K> for Inside<H> {
    const UPDATES: bool = true;
    const POINTERS: bool = true;
    const BYTES: usize = 16;

    #[inline]
    fn hash(&self, key: &K, seed: u64) -> u64 {
        self.0.hash(key, seed)
    }
}
