//! The hash of a key inside an interface value, as sync.Map of Go 1.24 and later takes it.

use super::KeyHash;

const C0: u64 = 33_054_211_828_000_289;
const C1: u64 = 23_344_194_077_549_503;

/// Wraps the hash of a key as `runtime.nilinterhash` does: `C1 * hash(key, seed ^ C0)`.
#[derive(Debug, Clone, Default)]
pub struct Interface<H>(pub H);

impl<K, H: KeyHash<K>> KeyHash<K> for Interface<H> {
    #[inline]
    fn hash(&self, key: &K, seed: u64) -> u64 {
        self.0.hash(key, seed ^ C0).wrapping_mul(C1)
    }
}
