//! How a map turns a key and a seed into 64 bits.

mod aes;
mod interface;
mod multiply;

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::seed::Seeds;

pub use aes::Aes;
pub(crate) use interface::Inside;
pub use interface::Interface;
pub use multiply::Multiply;

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

/// Go's memhash: what it makes of plain memory.
pub trait MemHash {
    /// Of four bytes (`memhash32`).
    fn memhash32(&self, key: u32, seed: u64) -> u64;
    /// Of eight bytes (`memhash64`).
    fn memhash64(&self, key: u64, seed: u64) -> u64;
    /// Of sixteen bytes (`memhash128`).
    fn memhash128(&self, key: [u8; 16], seed: u64) -> u64;
    /// Of any number of bytes (`memhash`): not the same as the others of four or eight.
    fn memhash(&self, data: &[u8], seed: u64) -> u64;
    /// Whether those of fixed sizes need no call.
    fn is_quick(&self) -> bool;
}

/// The constants of every hash that is made of others (`runtime.c0`, `runtime.c1`).
const C0: u64 = 33_054_211_828_000_289;
const C1: u64 = 23_344_194_077_549_503;

/// The hash of a float (`f64hash`): equal zeros have equal hashes, and a NaN has another one each time.
pub(crate) fn float(hash: &impl MemHash, key: f64, seed: u64) -> u64 {
    if key == 0.0 {
        C1.wrapping_mul(C0 ^ seed)
    } else if key.is_nan() {
        C1.wrapping_mul(C0 ^ seed ^ random())
    } else {
        hash.memhash(&key.to_le_bytes(), seed)
    }
}

/// Another number each time, the same ones in every process.
fn random() -> u64 {
    static DRAWN: AtomicU64 = AtomicU64::new(0);
    Seeds::new(DRAWN.fetch_add(1, Relaxed)).next_u64()
}

/// What Go's compiler gives each type of key as its hash.
macro_rules! hashes_keys {
    ($($hash:ty),+) => {$(
        impl KeyHash<u32> for $hash {
            #[inline]
            fn hash(&self, key: &u32, seed: u64) -> u64 {
                self.memhash32(*key, seed)
            }

            #[inline]
            fn quick(&self, key: &u32, seed: u64) -> Option<u64> {
                self.is_quick().then(|| self.memhash32(*key, seed))
            }
        }

        impl KeyHash<u64> for $hash {
            #[inline]
            fn hash(&self, key: &u64, seed: u64) -> u64 {
                self.memhash64(*key, seed)
            }

            #[inline]
            fn quick(&self, key: &u64, seed: u64) -> Option<u64> {
                self.is_quick().then(|| self.memhash64(*key, seed))
            }
        }

        impl KeyHash<[u8; 16]> for $hash {
            #[inline]
            fn hash(&self, key: &[u8; 16], seed: u64) -> u64 {
                self.memhash128(*key, seed)
            }

            #[inline]
            fn quick(&self, key: &[u8; 16], seed: u64) -> Option<u64> {
                self.is_quick().then(|| self.memhash128(*key, seed))
            }
        }

        impl KeyHash<f64> for $hash {
            fn hash(&self, key: &f64, seed: u64) -> u64 {
                $crate::hash::float(self, *key, seed)
            }

            #[inline]
            fn quick(&self, _key: &f64, _seed: u64) -> Option<u64> {
                None
            }
        }

        impl KeyHash<Box<str>> for $hash {
            fn hash(&self, key: &Box<str>, seed: u64) -> u64 {
                self.memhash(key.as_bytes(), seed)
            }

            #[inline]
            fn quick(&self, _key: &Box<str>, _seed: u64) -> Option<u64> {
                None
            }
        }
    )+};
}

hashes_keys!(Aes, Multiply);
pub(crate) use hashes_keys;

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

#[cfg(test)]
mod tests {
    use super::{Aes, KeyHash, MemHash, Multiply};
    use crate::release::Release;

    #[test]
    fn equal_zeros_have_equal_hashes_and_a_nan_has_none_of_its_own() {
        let hash = Aes::seeded(1);
        assert_eq!(hash.hash(&0.0, 5), hash.hash(&-0.0, 5));
        assert_ne!(hash.hash(&f64::NAN, 5), hash.hash(&f64::NAN, 5));
        assert_eq!(hash.hash(&1.5, 5), hash.memhash(&1.5_f64.to_le_bytes(), 5));
    }

    #[test]
    fn before_1_23_only_the_first_key_of_the_process_counts() {
        let hash = |minor, last| Multiply::new(Release::new(minor), [1, 2, 3, last]);
        let long = [7; 100];
        assert_eq!(hash(22, 4).memhash(&long, 5), hash(22, 9).memhash(&long, 5));
        assert_ne!(hash(23, 4).memhash(&long, 5), hash(23, 9).memhash(&long, 5));
    }
}
