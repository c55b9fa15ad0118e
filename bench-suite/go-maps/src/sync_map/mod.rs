//! sync.Map of Go 1.19 to 1.23: a read map without locks, a dirty map behind one, promotion after misses.
//!
//! Names are those of `sync/map.go`. Both maps are [classic](crate::classic) ones with keys in interface values.

mod entry;
mod inside;
mod read_only;
mod view;

use std::fmt;
use std::sync::Arc;

use crossbeam_epoch::{self as epoch, Guard};

use crate::classic::Hmap;
use crate::hash::KeyHash;
use crate::interleave::{Mutex, MutexGuard, lock};
use crate::probe::{Event, Probe, tell};
use crate::reclaim;
use crate::seed::Seeds;

use entry::Entry;
pub use entry::State;
use inside::Inside;
use read_only::{Read, ReadOnly};
pub use view::View;

/// A map of entries. The option is there because an empty slot of a classic map holds a default value.
type Entries<K, V, H> = Hmap<K, Option<Arc<Entry<V>>>, Inside<H>>;

/// Go's sync.Map: threads share it by reference.
pub struct SyncMap<K, V, H, P = ()> {
    read: Read<K, V, H>,
    mu: Mutex<Guarded<K, V, H>>,
    hasher: H,
    probe: P,
}

/// What the lock guards.
struct Guarded<K, V, H> {
    dirty: Option<Entries<K, V, H>>,
    misses: usize,
    seeds: Seeds,
}

type Locked<'m, K, V, H> = MutexGuard<'m, Guarded<K, V, H>>;

impl<K, V, H> SyncMap<K, V, H>
where
    K: Eq + Default + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
    H: KeyHash<K> + Clone + Send + Sync + 'static,
{
    /// An empty map that tells nobody, with the seeds that start at `seed`.
    #[must_use]
    pub fn new(hasher: H, seed: u64) -> Self {
        Self::with_probe(hasher, seed, ())
    }
}

impl<K, V, H, P> SyncMap<K, V, H, P>
where
    K: Eq + Default + Clone + Send + Sync + 'static,
    V: Send + Sync + 'static,
    H: KeyHash<K> + Clone + Send + Sync + 'static,
    P: Probe,
{
    /// An empty map that tells `probe`, from whichever thread something happens on.
    #[must_use]
    pub fn with_probe(hasher: H, seed: u64, probe: P) -> Self {
        let mu = Mutex::new(Guarded { dirty: None, misses: 0, seeds: Seeds::new(seed) });
        Self { read: Read::empty(), mu, hasher, probe }
    }

    /// Looks a key up and returns a copy of its value (Go's Load).
    #[inline]
    pub fn load(&self, key: &K) -> Option<V>
    where
        V: Clone,
    {
        self.load_with(key, V::clone)
    }

    /// Looks a key up and reads its value in place.
    #[inline]
    pub fn load_with<T>(&self, key: &K, read: impl FnOnce(&V) -> T) -> Option<T> {
        let guard = epoch::pin();
        let seen = self.read.load(&guard);
        if let Some(entry) = seen.entry(key) {
            return entry.load(&guard).map(read);
        }
        if !seen.amended() {
            return None;
        }
        let mut locked = lock(&self.mu);
        let seen = self.read.load(&guard);
        if let Some(entry) = seen.entry(key) {
            return entry.load(&guard).map(read);
        }
        if !seen.amended() {
            return None;
        }
        let entry = locked.entry(key);
        self.miss_locked(&mut locked, &guard);
        drop(locked);
        entry?.load(&guard).map(read)
    }

    /// Puts an entry and says whether it replaced a value (Go's Store).
    #[inline]
    pub fn store(&self, key: K, value: V) -> bool {
        self.swap_with(key, value, |_| ()).is_some()
    }

    /// Puts an entry and returns a copy of the value it replaced (Go's Swap, since 1.20).
    pub fn swap(&self, key: K, value: V) -> Option<V>
    where
        V: Clone,
    {
        self.swap_with(key, value, V::clone)
    }

    /// Puts an entry and reads the value it replaced in place.
    #[inline]
    pub fn swap_with<T>(&self, key: K, mut value: V, read: impl FnOnce(&V) -> T) -> Option<T> {
        let guard = epoch::pin();
        if let Some(entry) = self.read.load(&guard).entry(&key) {
            match entry.try_swap(value, &guard) {
                Ok(previous) => return previous.map(read),
                Err(expunged) => value = expunged,
            }
        }
        let mut locked = lock(&self.mu);
        let Some((entry, _)) = self.entry_locked(&mut locked, &key, &guard) else {
            self.insert_locked(&mut locked, key, value, &guard);
            return None;
        };
        // An entry of the dirty map is never expunged, and entry_locked made one of the read map nil.
        let previous = entry.try_swap(value, &guard).ok().flatten();
        drop(locked);
        previous.map(read)
    }

    /// Returns a copy of the value of a key, or puts one (Go's `LoadOrStore`): `None` means that it was put.
    pub fn load_or_store(&self, key: K, mut value: V) -> Option<V>
    where
        V: Clone,
    {
        let guard = epoch::pin();
        if let Some(entry) = self.read.load(&guard).entry(&key) {
            match entry.try_load_or_store(value, &guard) {
                Ok(actual) => return actual.cloned(),
                Err(expunged) => value = expunged,
            }
        }
        let mut locked = lock(&self.mu);
        let Some((entry, in_dirty)) = self.entry_locked(&mut locked, &key, &guard) else {
            self.insert_locked(&mut locked, key, value, &guard);
            return None;
        };
        let actual = entry.try_load_or_store(value, &guard).ok().flatten();
        if in_dirty {
            self.miss_locked(&mut locked, &guard);
        }
        drop(locked);
        actual.cloned()
    }

    /// Takes an entry out and returns a copy of its value (Go's `LoadAndDelete`).
    pub fn load_and_delete(&self, key: &K) -> Option<V>
    where
        V: Clone,
    {
        self.delete_with(key, V::clone)
    }

    /// Takes an entry out and says whether it was there (Go's Delete).
    pub fn delete(&self, key: &K) -> bool {
        self.delete_with(key, |_| ()).is_some()
    }

    /// Takes an entry out and reads its value in place.
    #[inline]
    pub fn delete_with<T>(&self, key: &K, read: impl FnOnce(&V) -> T) -> Option<T> {
        let guard = epoch::pin();
        let seen = self.read.load(&guard);
        if let Some(entry) = seen.entry(key) {
            return entry.delete(&guard).map(read);
        }
        if !seen.amended() {
            return None;
        }
        let mut locked = lock(&self.mu);
        let seen = self.read.load(&guard);
        if let Some(entry) = seen.entry(key) {
            return entry.delete(&guard).map(read);
        }
        if !seen.amended() {
            return None;
        }
        let entry = locked.dirty.as_mut().and_then(|dirty| dirty.remove(key)).flatten();
        self.miss_locked(&mut locked, &guard);
        drop(locked);
        entry?.delete(&guard).map(read)
    }

    /// Puts `new` if the value of the key equals `old` (Go's `CompareAndSwap`, since 1.20).
    pub fn compare_and_swap(&self, key: &K, old: &V, new: V) -> bool
    where
        V: PartialEq,
    {
        let guard = epoch::pin();
        let seen = self.read.load(&guard);
        if let Some(entry) = seen.entry(key) {
            return entry.try_compare_and_swap(old, new, &guard);
        }
        if !seen.amended() {
            return false;
        }
        let mut locked = lock(&self.mu);
        if let Some(entry) = self.read.load(&guard).entry(key) {
            return entry.try_compare_and_swap(old, new, &guard);
        }
        let Some(entry) = locked.entry(key) else { return false };
        let swapped = entry.try_compare_and_swap(old, new, &guard);
        self.miss_locked(&mut locked, &guard);
        swapped
    }

    /// Takes an entry out if its value equals `old` (Go's `CompareAndDelete`, since 1.20). A key found in the
    /// dirty map stays there.
    pub fn compare_and_delete(&self, key: &K, old: &V) -> bool
    where
        V: PartialEq,
    {
        let guard = epoch::pin();
        let seen = self.read.load(&guard);
        if let Some(entry) = seen.entry(key) {
            return entry.try_compare_and_delete(old, &guard);
        }
        if !seen.amended() {
            return false;
        }
        let mut locked = lock(&self.mu);
        let seen = self.read.load(&guard);
        if let Some(entry) = seen.entry(key) {
            return entry.try_compare_and_delete(old, &guard);
        }
        if !seen.amended() {
            return false;
        }
        let entry = locked.entry(key);
        self.miss_locked(&mut locked, &guard);
        drop(locked);
        entry.is_some_and(|entry| entry.try_compare_and_delete(old, &guard))
    }

    /// Shows every entry for as long as `visit` wants more (Go's Range). Promotes the dirty map first.
    pub fn range(&self, mut visit: impl FnMut(&K, &V) -> bool) {
        let guard = epoch::pin();
        let mut seen = self.read.load(&guard);
        if seen.amended() {
            let mut locked = lock(&self.mu);
            if self.read.load(&guard).amended() {
                self.promote_locked(&mut locked, &guard);
            }
            seen = self.read.load(&guard);
        }
        for (key, entry) in seen.entries() {
            if let Some(value) = entry.load(&guard)
                && !visit(key, value)
            {
                return;
            }
        }
    }

    /// Takes every entry out (Go's Clear, since 1.23).
    pub fn clear(&self) {
        let guard = epoch::pin();
        if self.read.load(&guard).is_empty() {
            return;
        }
        let mut locked = lock(&self.mu);
        if !self.read.load(&guard).is_empty() {
            self.read.store(ReadOnly { m: None, amended: false }, &guard);
        }
        if let Some(dirty) = &mut locked.dirty {
            dirty.clear();
        }
        locked.misses = 0;
    }

    /// Frees what was taken out and waits until no thread can see it, as far as no other thread is inside a map. What
    /// another living thread took out lately stays with that thread.
    pub fn collect(&self) {
        reclaim::collect();
    }

    /// The entry of a key, and whether only the dirty map has it. Makes an expunged entry nil and puts its key
    /// back into the dirty map.
    fn entry_locked(
        &self,
        locked: &mut Locked<'_, K, V, H>,
        key: &K,
        guard: &Guard,
    ) -> Option<(Arc<Entry<V>>, bool)> {
        if let Some(entry) = self.read.load(guard).shared_entry(key) {
            if matches!(entry.state(guard), State::Expunged)
                && let Some(dirty) = &mut locked.dirty
            {
                // Only the holder of the lock expunges and unexpunges.
                dirty.insert(key.clone(), Some(Arc::clone(entry)));
                entry.unexpunge_locked(guard);
            }
            return Some((Arc::clone(entry), false));
        }
        Some((locked.entry(key)?, true))
    }

    /// Puts a key that neither map has.
    fn insert_locked(&self, locked: &mut Locked<'_, K, V, H>, key: K, value: V, guard: &Guard) {
        let seen = self.read.load(guard);
        if !seen.amended() {
            self.dirty_locked(locked, guard);
            self.read.store(ReadOnly { m: seen.shared(), amended: true }, guard);
        }
        if let Some(dirty) = &mut locked.dirty {
            dirty.insert(key, Some(Arc::new(Entry::new(value))));
        }
    }

    /// Counts a miss; when they are as many as the dirty map has keys, promotes it.
    fn miss_locked(&self, locked: &mut Locked<'_, K, V, H>, guard: &Guard) {
        locked.misses += 1;
        tell!(self.probe, Event::Miss { misses: locked.misses });
        if locked.misses >= locked.dirty.as_ref().map_or(0, Hmap::len) {
            self.promote_locked(locked, guard);
        }
    }

    fn promote_locked(&self, locked: &mut Locked<'_, K, V, H>, guard: &Guard) {
        let dirty = locked.dirty.take();
        let entries = dirty.as_ref().map_or(0, Hmap::len);
        tell!(self.probe, Event::Promotion { misses: locked.misses, entries });
        self.read.store(ReadOnly { m: dirty.map(Arc::new), amended: false }, guard);
        locked.misses = 0;
    }

    /// Copies the read map into a new dirty map, and expunges what is deleted.
    fn dirty_locked(&self, locked: &mut Locked<'_, K, V, H>, guard: &Guard) {
        if locked.dirty.is_some() {
            return;
        }
        let seen = self.read.load(guard);
        let start = locked.seeds.next_u64();
        let mut dirty = Hmap::make(seen.len(), Inside(self.hasher.clone()), start, ());
        for (key, entry) in seen.entries() {
            let (expunged, now) = entry.try_expunge_locked(guard);
            if now {
                tell!(self.probe, Event::Expunge);
            }
            if !expunged {
                dirty.insert(key.clone(), Some(Arc::clone(entry)));
            }
        }
        tell!(self.probe, Event::DirtyRebuild { entries: dirty.len() });
        locked.dirty = Some(dirty);
    }

    /// Who hears of events.
    #[must_use]
    pub const fn probe(&self) -> &P {
        &self.probe
    }
}

impl<K: Eq + Default, V, H: KeyHash<K>> Guarded<K, V, H> {
    fn entry(&self, key: &K) -> Option<Arc<Entry<V>>> {
        self.dirty.as_ref()?.get(key)?.clone()
    }
}

impl<K, V, H> Drop for Guarded<K, V, H> {
    /// The last of the map goes. A read map that was replaced may still wait to be freed and share entries with the
    /// one that is freed now.
    fn drop(&mut self) {
        self.dirty = None;
        reclaim::collect();
    }
}

impl<K, V, H, P> fmt::Debug for SyncMap<K, V, H, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncMap").finish_non_exhaustive()
    }
}

#[cfg(all(test, not(feature = "shuttle")))]
mod tests;
