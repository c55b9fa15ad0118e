//! sync.Map of Go 1.24 and later: a trie over the bits of the hash, a lock in every inner node.
//!
//! Names inside are those of `internal/sync/hashtriemap.go`. Reads take no lock.

mod node;
mod place;
mod view;

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};

use crossbeam_epoch::{self as epoch, Atomic, Guard, Owned, Shared};

use crate::hash::KeyHash;
use crate::interleave::{lock, point};
use crate::probe::{Event, Probe, Work, count, tell};
use crate::reclaim;
use crate::seed::Seeds;

use node::{
    Entry, Indirect, N_CHILDREN_LOG2, Node, Slot, chain, load, store_entry, store_indirect, store_nil,
};
use place::{Found, position, relink, replace};
pub use view::Step;

/// Go's `HashTrieMap`: threads share it by reference.
pub struct HashTrieMap<K, V, H, P = ()> {
    /// Never null.
    root: Atomic<Indirect>,
    seed: u64,
    hasher: H,
    probe: P,
    entries: PhantomData<Entry<K, V>>,
}

/// Bits of a hash.
const HASH_BITS: u32 = 64;

/// How far a node with `shift` bits of the hash below it stands from the root.
#[expect(clippy::cast_possible_truncation, reason = "at most 16")]
const fn depth(shift: u32) -> u8 {
    ((HASH_BITS - shift) / N_CHILDREN_LOG2) as u8
}

impl<K, V, H> HashTrieMap<K, V, H>
where
    K: Eq + Send + Sync + 'static,
    V: Send + Sync + 'static,
    H: KeyHash<K> + Send + Sync,
{
    /// An empty map that tells nobody, with a seed drawn from `start`.
    #[must_use]
    pub fn new(hasher: H, start: u64) -> Self {
        Self::make(hasher, Seeds::new(start).next_u64(), ())
    }
}

impl<K, V, H, P> HashTrieMap<K, V, H, P>
where
    K: Eq + Send + Sync + 'static,
    V: Send + Sync + 'static,
    H: KeyHash<K> + Send + Sync,
    P: Probe,
{
    /// An empty map whose hashes have this seed, and that tells `probe`, from whichever thread something
    /// happens on.
    #[must_use]
    pub fn make(hasher: H, seed: u64, probe: P) -> Self {
        let root = Atomic::new(Indirect::new(Shared::null()));
        Self { root, seed, hasher, probe, entries: PhantomData }
    }

    #[inline]
    fn hash(&self, key: &K) -> u64 {
        self.hasher.hash(key, self.seed)
    }

    #[inline]
    fn root<'g>(&self, guard: &'g Guard) -> &'g Indirect {
        point();
        // SAFETY: never null; `clear` replaces it and frees the old one only when no guard of that moment is
        // left.
        unsafe { self.root.load(Acquire, guard).deref() }
    }

    /// Goes down to the place of a hash: the node, its slot, the bits below it, and what stands there.
    #[inline]
    fn descend<'g>(&self, hash: u64, guard: &'g Guard) -> (&'g Indirect, &'g Slot, u32, Node<'g, K, V>) {
        let mut i = self.root(guard);
        let mut shift = HASH_BITS;
        loop {
            count!(&self.probe, Work::Visit(1));
            shift -= N_CHILDREN_LOG2;
            let slot = i.slot(hash, shift);
            // SAFETY: a slot of this trie, reached under the guard.
            match unsafe { load(slot, guard) } {
                // Two hashes that differ do so above the last level: below it there are only entries.
                Node::Indirect(below) if shift > 0 => i = below,
                end => return (i, slot, shift, end),
            }
        }
    }

    #[inline]
    fn lookup<'g>(head: Shared<'g, Entry<K, V>>, key: &K, guard: &'g Guard) -> Option<&'g V> {
        // SAFETY: a head of this trie, read under the guard.
        unsafe { chain(head, guard) }.find(|entry| entry.key == *key).map(|entry| &entry.value)
    }

    #[inline]
    fn find<'g>(&self, key: &K, guard: &'g Guard) -> Option<&'g V> {
        match self.descend(self.hash(key), guard).3 {
            Node::Entry(head) => Self::lookup(head, key, guard),
            Node::Nil | Node::Indirect(_) => None,
        }
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
        self.find(key, &guard).map(read)
    }

    /// Locks the place of a hash. `pass` sees it before the lock is taken and again under the lock: when it
    /// says no, nothing is to be done.
    fn lock_place<'g>(
        &self,
        hash: u64,
        guard: &'g Guard,
        pass: impl Fn(Shared<'g, Entry<K, V>>) -> bool,
    ) -> Option<Found<'g, K, V>> {
        loop {
            let (i, slot, shift, node) = self.descend(hash, guard);
            if !pass(head_of(&node)) {
                return None;
            }
            let locked = lock(&i.mu);
            // SAFETY: a slot of this trie, reached under the guard.
            let node = unsafe { load(slot, guard) };
            if matches!(node, Node::Indirect(_)) || i.is_dead() {
                continue;
            }
            let head = head_of(&node);
            return pass(head).then_some(Found { i, locked, slot, shift, head });
        }
    }

    /// Puts an entry and says whether it replaced a value (Go's Store).
    #[inline]
    pub fn store(&self, key: K, value: V) -> bool {
        self.swap_with(key, value, |_| ()).is_some()
    }

    /// Puts an entry and returns a copy of the value it replaced (Go's Swap).
    pub fn swap(&self, key: K, value: V) -> Option<V>
    where
        V: Clone,
    {
        self.swap_with(key, value, V::clone)
    }

    /// Puts an entry and reads the value it replaced in place.
    pub fn swap_with<T>(&self, key: K, value: V, read: impl FnOnce(&V) -> T) -> Option<T> {
        let guard = epoch::pin();
        let hash = self.hash(&key);
        let found = self.lock_place(hash, &guard, |_| true)?;
        let Some(place) = position(&found, &key, &guard) else {
            self.insert(&found, key, value, hash, &guard);
            return None;
        };
        replace(&found, &place, Entry::shared(key, value, &guard), &guard);
        drop(found);
        Some(place.take(&guard, read))
    }

    /// Returns a copy of the value of a key, or puts one (Go's `LoadOrStore`): `None` means that it was put.
    pub fn load_or_store(&self, key: K, value: V) -> Option<V>
    where
        V: Clone,
    {
        let guard = epoch::pin();
        let hash = self.hash(&key);
        let absent = |head| Self::lookup(head, &key, &guard).is_none();
        let Some(found) = self.lock_place(hash, &guard, absent) else {
            return self.load_again(key, value, &guard);
        };
        self.insert(&found, key, value, hash, &guard);
        None
    }

    /// The key was there a moment ago. If it still is, its value is the answer; otherwise tries again.
    fn load_again(&self, key: K, value: V, guard: &Guard) -> Option<V>
    where
        V: Clone,
    {
        match self.find(&key, guard) {
            Some(actual) => Some(actual.clone()),
            None => self.load_or_store(key, value),
        }
    }

    /// Puts a new key into a locked place.
    fn insert<'g>(&self, found: &Found<'g, K, V>, key: K, value: V, hash: u64, guard: &'g Guard) {
        let new = Entry::shared(key, value, guard);
        if found.head.is_null() {
            store_entry(found.slot, new);
            return;
        }
        // SAFETY: the head of a chain, read under the guard.
        let old_hash = self.hash(unsafe { &found.head.deref().key });
        if old_hash == hash {
            // SAFETY: made above, and not yet seen by anybody.
            unsafe { new.deref() }.overflow.store(found.head, Release);
            store_entry(found.slot, new);
        } else {
            self.expand(found, new, old_hash, hash, guard);
        }
    }

    /// Puts indirect nodes down to the first four bits in which two hashes differ, and publishes them last.
    fn expand(
        &self,
        found: &Found<'_, K, V>,
        new: Shared<'_, Entry<K, V>>,
        old_hash: u64,
        hash: u64,
        guard: &Guard,
    ) {
        let parent = Shared::from(std::ptr::from_ref(found.i));
        let top = Owned::new(Indirect::new(parent)).into_shared(guard);
        let mut shift = found.shift;
        let mut node = top;
        loop {
            tell!(self.probe, Event::TrieNode { depth: depth(shift) });
            assert!(shift > 0, "a key's hash changed while it was in the trie");
            shift -= N_CHILDREN_LOG2;
            // SAFETY: made here, and not yet seen by anybody.
            let below = unsafe { node.deref() };
            if old_hash >> shift & 0xF != hash >> shift & 0xF {
                store_entry(below.slot(old_hash, shift), found.head);
                store_entry(below.slot(hash, shift), new);
                break;
            }
            node = Owned::new(Indirect::new(node)).into_shared(guard);
            store_indirect(below.slot(hash, shift), node);
        }
        store_indirect(found.slot, top);
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

    /// Takes an entry out if its value equals `old` (Go's `CompareAndDelete`).
    pub fn compare_and_delete(&self, key: &K, old: &V) -> bool
    where
        V: PartialEq,
    {
        self.delete_if(key, |_| (), |value| value == old).is_some()
    }

    /// Takes an entry out and reads its value in place.
    #[inline]
    pub fn delete_with<T>(&self, key: &K, read: impl FnOnce(&V) -> T) -> Option<T> {
        self.delete_if(key, read, |_| true)
    }

    fn delete_if<T>(&self, key: &K, read: impl FnOnce(&V) -> T, wanted: impl Fn(&V) -> bool) -> Option<T> {
        let guard = epoch::pin();
        let hash = self.hash(key);
        let there = |head| Self::lookup(head, key, &guard).is_some_and(&wanted);
        let found = self.lock_place(hash, &guard, there)?;
        let place = position(&found, key, &guard)?;
        let next = place.next(&guard);
        relink(&found, &place, next);
        if place.before.is_none() && next.is_null() {
            self.prune(found, hash, &guard);
        } else {
            drop(found);
        }
        Some(place.take(&guard, read))
    }

    /// Removes empty indirect nodes upwards, never the root.
    fn prune<'g>(&self, found: Found<'g, K, V>, hash: u64, guard: &'g Guard) {
        let Found { mut i, mut locked, mut shift, .. } = found;
        while let Some(parent) = i.parent(guard)
            && i.empty(guard)
        {
            shift += N_CHILDREN_LOG2;
            let above = lock(&parent.mu);
            let shown = parent.slot(hash, shift);
            let gone = node::indirect(shown, guard);
            point();
            i.dead.store(true, Release);
            store_nil(shown);
            tell!(self.probe, Event::TrieNodeRemoved { depth: depth(shift) });
            drop(locked);
            // SAFETY: its parent does not show it any more, and it was removed by the only thread that held
            // both locks; it has no children. Whoever still waits for its lock holds a guard.
            unsafe { guard.defer_destroy(gone) };
            (i, locked) = (parent, above);
        }
    }

    /// Puts `new` if the value of the key equals `old` (Go's `CompareAndSwap`).
    pub fn compare_and_swap(&self, key: &K, old: &V, new: V) -> bool
    where
        K: Clone,
        V: PartialEq,
    {
        let guard = epoch::pin();
        let hash = self.hash(key);
        let there = |head| Self::lookup(head, key, &guard).is_some_and(|value| value == old);
        let Some(found) = self.lock_place(hash, &guard, there) else { return false };
        let Some(place) = position(&found, key, &guard) else { return false };
        replace(&found, &place, Entry::shared(key.clone(), new, &guard), &guard);
        drop(found);
        place.take(&guard, |_| true)
    }

    /// Shows every entry for as long as `visit` wants more (Go's Range).
    pub fn range(&self, mut visit: impl FnMut(&K, &V) -> bool) {
        let guard = epoch::pin();
        view::range_below(self.root(&guard), &guard, &mut visit);
    }

    /// Takes every entry out (Go's Clear). The seed stays.
    pub fn clear(&self) {
        let guard = epoch::pin();
        point();
        let old = self.root.swap(Owned::new(Indirect::new(Shared::null())), AcqRel, &guard);
        let old = Atomic::from(old);
        // SAFETY: the swap took the root out; threads that still see it hold a guard. Keys and values are Send
        // and 'static: any thread may drop them later.
        unsafe { guard.defer_unchecked(move || node::free::<K, V>(&old)) };
    }

    /// Frees what was taken out and waits until no thread can see it, as far as no other thread is inside a map. What
    /// another living thread took out lately stays with that thread.
    pub fn collect(&self) {
        reclaim::collect();
    }

    /// Who hears of events.
    #[must_use]
    pub const fn probe(&self) -> &P {
        &self.probe
    }
}

#[inline]
fn head_of<'g, K, V>(node: &Node<'g, K, V>) -> Shared<'g, Entry<K, V>> {
    if let Node::Entry(head) = node { *head } else { Shared::null() }
}

impl<K, V, H, P> Drop for HashTrieMap<K, V, H, P> {
    fn drop(&mut self) {
        // SAFETY: references into the trie end with the methods that make them, so nobody sees it any more.
        unsafe { node::free::<K, V>(&self.root) };
        reclaim::collect();
    }
}

impl<K, V, H, P> fmt::Debug for HashTrieMap<K, V, H, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashTrieMap").finish_non_exhaustive()
    }
}

#[cfg(all(test, not(feature = "shuttle")))]
mod tests;
