//! How recorded maps are made, and what only a `HashMap` has.

use std::collections::{BTreeMap, HashMap, hash_map};
use std::hash::{BuildHasher, Hash};

use super::Recorded;
use crate::Recorder;

#[expect(clippy::implicit_hasher, reason = "as in std, a capacity alone means std's own hasher")]
impl<K, V> Recorded<HashMap<K, V>> {
    /// As the map's own.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self::of(HashMap::with_capacity(capacity))
    }
}

impl<K, V, S> Recorded<HashMap<K, V, S>> {
    /// As the map's own.
    pub fn with_hasher(hasher: S) -> Self {
        Self::of(HashMap::with_hasher(hasher))
    }

    /// As the map's own.
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> Self {
        Self::of(HashMap::with_capacity_and_hasher(capacity, hasher))
    }

    /// As the map's own; recorded as a clear.
    pub fn drain(&mut self) -> hash_map::Drain<'_, K, V> {
        self.tell(Recorder::clear);
        self.map.drain()
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> Recorded<HashMap<K, V, S>> {
    /// As the map's own; not recorded.
    pub fn reserve(&mut self, additional: usize) {
        self.map.reserve(additional);
    }

    /// As the map's own; not recorded.
    pub fn shrink_to_fit(&mut self) {
        self.map.shrink_to_fit();
    }
}

impl<K: Eq + Hash, V, S: BuildHasher + Default> FromIterator<(K, V)> for Recorded<HashMap<K, V, S>> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        map.extend(entries);
        map
    }
}

impl<K: Ord + Hash, V> FromIterator<(K, V)> for Recorded<BTreeMap<K, V>> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        map.extend(entries);
        map
    }
}

impl<K: Eq + Hash, V, S: BuildHasher, const N: usize> From<[(K, V); N]> for Recorded<HashMap<K, V, S>>
where
    S: Default,
{
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<K: Ord + Hash, V, const N: usize> From<[(K, V); N]> for Recorded<BTreeMap<K, V>> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<M: PartialEq> PartialEq for Recorded<M> {
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map
    }
}

impl<M: Eq> Eq for Recorded<M> {}

impl<M: IntoIterator> IntoIterator for Recorded<M> {
    type Item = M::Item;
    type IntoIter = M::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.map.into_iter()
    }
}
