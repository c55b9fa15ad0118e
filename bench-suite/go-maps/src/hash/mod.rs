//! How a map turns a key and a seed into 64 bits.

mod aes;
mod interface;
mod multiply;

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::key::{Kind, LARGEST_INSIDE};
use crate::seed::Seeds;

pub use aes::Aes;
pub use interface::Interface;
pub use multiply::Multiply;

/// What the type descriptor of a map tells the runtime about its keys: how they are hashed, and of what kind they are.
///
/// The seed of a hash belongs to the map, and changes when the map becomes empty; the keys of the hash itself belong
/// to the process. Keys are compared by `==`; like a NaN in Go, one that is not equal to itself is never found again.
pub trait KeyHash<K> {
    /// Which functions of the runtime a map with such keys uses.
    const KIND: Kind = Kind::Generic;
    /// Whether a key that is there is replaced by the equal one that is put (`NeedKeyUpdate`): two equal keys may
    /// differ in their bits (0.0 and -0.0), or in the memory that they keep alive (strings).
    const UPDATES: bool = false;
    /// Whether keys hold pointers: then a delete zeroes them.
    const POINTERS: bool = std::mem::needs_drop::<K>();
    /// Whether keys are compared by their bits alone, so that nobody can tell how often: a classic map then looks at
    /// tophashes first also where Go compares integers with every slot. The slot that it finds is the same.
    const BITS: bool = false;
    /// Bytes of a key in Go.
    const BYTES: usize = size_of::<K>();

    /// The hash of `key` under `seed`.
    fn hash(&self, key: &K, seed: u64) -> u64;

    /// The same, unless it takes a call: then `None`, and a map leaves its fast path.
    #[inline]
    fn quick(&self, key: &K, seed: u64) -> Option<u64> {
        Some(self.hash(key, seed))
    }

    /// The text of a string; of no use for keys of any other [kind](Self::KIND).
    #[inline]
    fn text(_key: &K) -> &[u8] {
        &[]
    }
}

/// Refuses to compile a map whose keys or elements Go would not keep inside. Returns the kind of its keys.
pub(crate) const fn kind<K, E, H: KeyHash<K>>() -> Kind {
    const {
        assert!(H::BYTES <= LARGEST_INSIDE && size_of::<E>() <= LARGEST_INSIDE);
    }
    H::KIND
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
            const KIND: Kind = Kind::Fast32;
            const BITS: bool = true;

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
            const KIND: Kind = Kind::Fast64;
            const BITS: bool = true;

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
            const UPDATES: bool = true;

            fn hash(&self, key: &f64, seed: u64) -> u64 {
                $crate::hash::float(self, *key, seed)
            }

            #[inline]
            fn quick(&self, _key: &f64, _seed: u64) -> Option<u64> {
                None
            }
        }

        impl KeyHash<Box<str>> for $hash {
            const KIND: Kind = Kind::FastStr;
            const UPDATES: bool = true;

            fn hash(&self, key: &Box<str>, seed: u64) -> u64 {
                self.memhash(key.as_bytes(), seed)
            }

            #[inline]
            fn quick(&self, _key: &Box<str>, _seed: u64) -> Option<u64> {
                None
            }

            #[inline]
            fn text(key: &Box<str>) -> &[u8] {
                key.as_bytes()
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

impl<K, H: KeyHash<K>> KeyHash<K> for &H {
    const KIND: Kind = H::KIND;
    const UPDATES: bool = H::UPDATES;
    const POINTERS: bool = H::POINTERS;
    const BITS: bool = H::BITS;
    const BYTES: usize = H::BYTES;

    #[inline]
    fn hash(&self, key: &K, seed: u64) -> u64 {
        (**self).hash(key, seed)
    }

    #[inline]
    fn quick(&self, key: &K, seed: u64) -> Option<u64> {
        (**self).quick(key, seed)
    }

    #[inline]
    fn text(key: &K) -> &[u8] {
        H::text(key)
    }
}

#[cfg(test)]
mod tests {
    use super::{Aes, Interface, KeyHash, MemHash, Multiply};
    use crate::key::Kind;
    use crate::release::Release;

    const fn of<K, H: KeyHash<K>>() -> (Kind, bool, bool, usize) {
        (H::KIND, H::UPDATES, H::POINTERS, H::BYTES)
    }

    #[test]
    fn keys_are_told_apart_as_the_compiler_does() {
        assert_eq!(of::<u32, Aes>(), (Kind::Fast32, false, false, 4));
        assert_eq!(of::<u64, Multiply>(), (Kind::Fast64, false, false, 8));
        assert_eq!(of::<Box<str>, Aes>(), (Kind::FastStr, true, true, 16));
        assert_eq!(of::<[u8; 16], Aes>(), (Kind::Generic, false, false, 16));
        assert_eq!(of::<f64, Aes>(), (Kind::Generic, true, false, 8));
        assert_eq!(of::<u64, Interface<Aes>>(), (Kind::Generic, true, true, 16));
    }

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
