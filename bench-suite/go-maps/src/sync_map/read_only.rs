//! The read map: replaced as a whole, read without a lock.

use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use crossbeam_epoch::{self as epoch, Atomic, Guard, Owned};

use super::Entries;
use super::entry::Entry;
use crate::hash::KeyHash;
use crate::interleave::point;

/// Go's readOnly. Its map never changes; its entries do.
pub(super) struct ReadOnly<K, V, H> {
    /// `None` is Go's nil map.
    pub(super) m: Option<Arc<Entries<K, V, H>>>,
    /// The dirty map has keys that are not in `m`.
    pub(super) amended: bool,
}

/// The place where the read map of the moment is published. Null stands for an empty one.
pub(super) struct Read<K, V, H>(Atomic<ReadOnly<K, V, H>>);

/// A read map that a thread looks at while it holds a guard.
pub(super) struct Seen<'g, K, V, H>(Option<&'g ReadOnly<K, V, H>>);

impl<K, V, H> Read<K, V, H> {
    pub(super) const fn empty() -> Self {
        Self(Atomic::null())
    }

    #[inline]
    pub(super) fn load<'g>(&self, guard: &'g Guard) -> Seen<'g, K, V, H> {
        point();
        // SAFETY: the pointer was loaded under the guard of lifetime 'g. It is null, or was published by
        // `store` with Release and read with Acquire. `store` alone takes it out, and frees it when no guard
        // of that moment is left.
        Seen(unsafe { self.0.load(Acquire, guard).as_ref() })
    }

    /// Publishes another read map. The caller holds the lock of the map.
    pub(super) fn store(&self, new: ReadOnly<K, V, H>, guard: &Guard) {
        point();
        let old = self.0.swap(Owned::new(new), AcqRel, guard);
        if !old.is_null() {
            // SAFETY: the swap took it out, so no thread can load it any more, and only one swap gets it. Keys,
            // values and hashers are Send and 'static (see `SyncMap`): any thread may drop it later.
            unsafe { guard.defer_destroy(old) };
        }
    }
}

impl<K, V, H> Drop for Read<K, V, H> {
    fn drop(&mut self) {
        // SAFETY: whoever drops it has it alone: references into the map end with the methods that make them.
        let guard = unsafe { epoch::unprotected() };
        let last = self.0.load(Relaxed, guard);
        if !last.is_null() {
            // SAFETY: allocated by `store`, which gave every other one away.
            drop(unsafe { last.into_owned() });
        }
    }
}

impl<'g, K, V, H> Seen<'g, K, V, H>
where
    K: Eq + Default,
    H: KeyHash<K>,
{
    #[inline]
    pub(super) fn amended(&self) -> bool {
        self.0.is_some_and(|read| read.amended)
    }

    #[inline]
    fn map(&self) -> Option<&'g Entries<K, V, H>> {
        self.0?.m.as_deref()
    }

    #[inline]
    pub(super) fn entry(&self, key: &K) -> Option<&'g Entry<V>> {
        self.shared_entry(key).map(|entry| &**entry)
    }

    #[inline]
    pub(super) fn shared_entry(&self, key: &K) -> Option<&'g Arc<Entry<V>>> {
        self.map()?.get(key)?.as_ref()
    }

    /// The map itself, to publish it once more.
    pub(super) fn shared(&self) -> Option<Arc<Entries<K, V, H>>> {
        self.0?.m.clone()
    }

    pub(super) fn len(&self) -> usize {
        self.map().map_or(0, Entries::len)
    }

    /// No key, and none in the dirty map alone.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0 && !self.amended()
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (&'g K, &'g Arc<Entry<V>>)> + use<'g, K, V, H> {
        let entries = self.map().into_iter().flat_map(Entries::iter);
        entries.filter_map(|(key, entry)| Some((key, entry.as_ref()?)))
    }
}
