//! A locked place of the trie: what stands there, and how it is changed.

use std::sync::atomic::Ordering::{Relaxed, Release};

use crossbeam_epoch::{Guard, Shared};

use super::node::{Entry, Indirect, Slot, store_entry};
use crate::interleave::{MutexGuard, point};

/// A place of the trie, locked for a change.
pub(super) struct Found<'g, K, V> {
    pub(super) i: &'g Indirect,
    pub(super) locked: MutexGuard<'g, ()>,
    pub(super) slot: &'g Slot,
    /// Bits of the hash below this node.
    pub(super) shift: u32,
    /// What stands there: null or the head of a chain.
    pub(super) head: Shared<'g, Entry<K, V>>,
}

/// An entry in its chain.
pub(super) struct Position<'g, K, V> {
    /// The entry before it; `None` at the head.
    pub(super) before: Option<&'g Entry<K, V>>,
    pub(super) entry: Shared<'g, Entry<K, V>>,
}

impl<'g, K, V> Position<'g, K, V> {
    pub(super) fn next(&self, guard: &'g Guard) -> Shared<'g, Entry<K, V>> {
        // SAFETY: an entry of the trie, read under this guard.
        unsafe { self.entry.deref() }.overflow.load(Relaxed, guard)
    }

    /// Reads the value of an entry that the caller took out of the trie, and frees the entry once no thread
    /// can see it.
    pub(super) fn take<T>(self, guard: &Guard, read: impl FnOnce(&V) -> T) -> T {
        // SAFETY: read under this guard.
        let answer = read(unsafe { &self.entry.deref().value });
        // SAFETY: the caller took it out under the lock of its node, where only one thread can. Keys and values
        // are Send and 'static: any thread may drop them later.
        unsafe { guard.defer_destroy(self.entry) };
        answer
    }
}

/// The entry of a key in a locked chain.
pub(super) fn position<'g, K: Eq, V>(
    found: &Found<'g, K, V>,
    key: &K,
    guard: &'g Guard,
) -> Option<Position<'g, K, V>> {
    let mut position = Position { before: None, entry: found.head };
    loop {
        // SAFETY: an entry of the chain, read under the guard.
        let entry = unsafe { position.entry.as_ref() }?;
        if entry.key == *key {
            return Some(position);
        }
        position = Position { before: Some(entry), entry: entry.overflow.load(Relaxed, guard) };
    }
}

/// Lets whatever showed an entry of a locked chain show `next` instead.
pub(super) fn relink<K, V>(
    found: &Found<'_, K, V>,
    place: &Position<'_, K, V>,
    next: Shared<'_, Entry<K, V>>,
) {
    match place.before {
        Some(before) => {
            point();
            before.overflow.store(next, Release);
        }
        None => store_entry(found.slot, next),
    }
}

/// Puts a new entry in the place of an old one.
pub(super) fn replace<'g, K, V>(
    found: &Found<'g, K, V>,
    place: &Position<'g, K, V>,
    new: Shared<'g, Entry<K, V>>,
    guard: &'g Guard,
) {
    // SAFETY: made by the caller, and not yet seen by anybody.
    unsafe { new.deref() }.overflow.store(place.next(guard), Relaxed);
    relink(found, place, new);
}
