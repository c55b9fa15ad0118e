//! The hash of a key inside an interface value, as sync.Map takes it.

use super::{C0, C1, KeyHash};
use crate::key;

/// Wraps the hash of a key as `runtime.nilinterhash` does: `C1 * hash(key, seed ^ C0)`.
#[derive(Debug, Clone, Default)]
pub struct Interface<H>(pub H);

impl<K, H: KeyHash<K>> KeyHash<K> for Interface<H> {
    #[inline]
    fn hash(&self, key: &K, seed: u64) -> u64 {
        self.0.hash(key, seed ^ C0).wrapping_mul(C1)
    }
}

/// Hands the key inside an interface value on to a hash of such keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inside<H>(pub(crate) H);

impl<K, H: KeyHash<K>> KeyHash<key::Interface<K>> for Inside<H> {
    #[inline]
    fn hash(&self, key: &key::Interface<K>, seed: u64) -> u64 {
        self.0.hash(&key.0, seed)
    }
}
