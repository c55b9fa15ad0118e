//! What a comparison with the real runtime can see of a map from outside.

use std::sync::Arc;

use crossbeam_epoch as epoch;

use super::{Entry, State, SyncMap};
use crate::classic::Hmap;
use crate::hash::KeyHash;
use crate::interleave::lock;
use crate::probe::Probe;

/// A copy of a sync.Map's inside, taken under its lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View<K, V> {
    /// The read map, in the order of its memory.
    pub read: Vec<(K, State<V>)>,
    /// The dirty map has keys that the read map has not.
    pub amended: bool,
    /// The dirty map; `None` where Go has nil.
    pub dirty: Option<Vec<(K, State<V>)>>,
    /// Misses since the last promotion.
    pub misses: usize,
}

impl<K, V, H, P> SyncMap<K, V, H, P>
where
    K: Eq + Default + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    H: KeyHash<K> + Clone + Send + Sync + 'static,
    P: Probe,
{
    /// What is inside now.
    pub fn view(&self) -> View<K, V> {
        let guard = epoch::pin();
        let locked = lock(&self.mu);
        let seen = self.read.load(&guard);
        let copy = |state: State<&V>| match state {
            State::Live(value) => State::Live(value.clone()),
            State::Nil => State::Nil,
            State::Expunged => State::Expunged,
        };
        let dirty = locked.dirty.as_ref().map(|dirty| {
            let entries = dirty.iter().filter_map(|(key, entry)| Some((key, entry.as_ref()?)));
            entries.map(|(key, entry)| (key.clone(), copy(entry.state(&guard)))).collect()
        });
        View {
            read: seen.entries().map(|(key, entry)| (key.clone(), copy(entry.state(&guard)))).collect(),
            amended: seen.amended(),
            dirty,
            misses: locked.misses,
        }
    }
}

impl<K, V, H, P> SyncMap<K, V, H, P>
where
    K: Eq + Default,
    H: KeyHash<K>,
{
    /// Looks a key up under the lock and reads its value in place. Counts no miss: the map goes on as if it had
    /// not been asked.
    pub fn peek_with<T>(&self, key: &K, read: impl FnOnce(&V) -> T) -> Option<T> {
        let guard = epoch::pin();
        let locked = lock(&self.mu);
        let entry = match self.read.load(&guard).shared_entry(key) {
            Some(entry) => Arc::clone(entry),
            None => locked.entry(key)?,
        };
        entry.load(&guard).map(read)
    }

    /// Shows every entry under the lock. Promotes nothing: the map goes on as if it had not been asked.
    pub fn peek_all(&self, mut visit: impl FnMut(&K, &V)) {
        let guard = epoch::pin();
        let locked = lock(&self.mu);
        let seen = self.read.load(&guard);
        let mut show = |key, entry: &Entry<V>| {
            if let Some(value) = entry.load(&guard) {
                visit(key, value);
            }
        };
        seen.entries().for_each(|(key, entry)| show(key, entry));
        for (key, entry) in locked.dirty.iter().flat_map(Hmap::iter) {
            if let Some(entry) = entry
                && seen.shared_entry(key).is_none()
            {
                show(key, entry);
            }
        }
    }
}
