//! Keys that count how often a map hashes and compares them.

use std::cell::Cell;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use formats::entry::{KeyPattern, Keys};

use crate::entry::{AnyKey, Numbered};

/// What was asked of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyCalls {
    /// Times that one was hashed.
    pub hashes: u64,
    /// Times that two were compared, for equality or for their order.
    pub comparisons: u64,
}

thread_local! {
    static CALLS: Cell<KeyCalls> = const { Cell::new(KeyCalls { hashes: 0, comparisons: 0 }) };
}

/// What this thread has asked of keys since it was told last.
#[must_use]
pub fn take_calls() -> KeyCalls {
    CALLS.take()
}

/// Counts a hash of a key that a map computes without asking the key: from its bytes, say.
pub fn count_hash() {
    CALLS.set(KeyCalls { hashes: CALLS.get().hashes + 1, ..CALLS.get() });
}

fn compared() {
    CALLS.set(KeyCalls { comparisons: CALLS.get().comparisons + 1, ..CALLS.get() });
}

/// A key that counts. Its hash and its order are those of the key inside, so that a map does with it what it
/// does with that.
#[derive(Debug, Clone, Default)]
pub struct CountedKey<K>(K);

impl<K: Hash> Hash for CountedKey<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        count_hash();
        self.0.hash(state);
    }
}

impl<K: PartialEq> PartialEq for CountedKey<K> {
    fn eq(&self, other: &Self) -> bool {
        compared();
        self.0 == other.0
    }
}

impl<K: Eq> Eq for CountedKey<K> {}

impl<K: Ord> PartialOrd for CountedKey<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Ord> Ord for CountedKey<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        compared();
        self.0.cmp(&other.0)
    }
}

impl<K: Numbered> CountedKey<K> {
    /// The key with this number by a pattern.
    #[must_use]
    pub fn of(keys: Keys, pattern: KeyPattern, number: u64) -> Self {
        Self(K::by_pattern(pattern, number, keys.bytes()))
    }
}

impl CountedKey<AnyKey> {
    /// The key of this kind with this number by a pattern.
    #[must_use]
    pub fn of_kind(keys: Keys, pattern: KeyPattern, number: u64) -> Self {
        Self(AnyKey::make(keys, pattern, number))
    }
}

impl<K> CountedKey<K> {
    /// The key that does not count.
    pub const fn uncounted(&self) -> &K {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::hash_map::DefaultHasher;

    use super::*;
    use crate::entry::Text;

    fn hash(key: &impl Hash) -> u64 {
        let mut state = DefaultHasher::new();
        key.hash(&mut state);
        state.finish()
    }

    #[test]
    fn each_call_is_counted_once_and_changes_nothing() {
        let [one, other] =
            [1, 2].map(|number| CountedKey::<Text>::of(Keys::String(24), KeyPattern::Scattered, number));
        assert_eq!(take_calls(), KeyCalls::default());
        assert_eq!(hash(&one), hash(&one.0));
        assert_eq!(take_calls(), KeyCalls { hashes: 1, comparisons: 0 });
        assert!(one != other && one == one.clone());
        assert_eq!(one < other, one.0 < other.0);
        assert_eq!(one.cmp(&other), one.0.cmp(&other.0));
        assert_eq!(take_calls(), KeyCalls { hashes: 0, comparisons: 4 });
    }
}
