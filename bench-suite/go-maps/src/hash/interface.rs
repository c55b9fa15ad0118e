//! The hash of a key inside an interface value, as sync.Map takes it.

use super::{C0, C1, KeyHash};

/// Wraps the hash of a key as `runtime.nilinterhash` does: `C1 * hash(key, seed ^ C0)`.
#[derive(Debug, Clone, Default)]
pub struct Interface<H>(pub H);

impl<K, H: KeyHash<K>> KeyHash<K> for Interface<H> {
    const UPDATES: bool = true;
    const POINTERS: bool = true;
    const BYTES: usize = 16;

    #[inline]
    fn hash(&self, key: &K, seed: u64) -> u64 {
        self.0.hash(key, seed ^ C0).wrapping_mul(C1)
    }
}
