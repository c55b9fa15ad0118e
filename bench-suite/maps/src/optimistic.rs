//! No lock: a writer makes the next state of a bucket and puts it in place unless another one was first.

use std::hash::BuildHasher;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use formats::answer::Answer;
use formats::subject::MapInfo;
use rustc_hash::FxBuildHasher;

use super::address;
use subject::entry::{Key, Value};
use subject::locking::retried;
use subject::map::{Address, Map, Shared};

/// Buckets; a power of two.
const BUCKETS: usize = 1 << 14;

/// The entries of a bucket at one moment, never changed.
type Snapshot<K, V> = Box<[(K, V)]>;

/// The present snapshot of each bucket; `None` while it is empty.
pub struct Adapter<K, V, const COUNTED: bool = false>(Box<[ArcSwapOption<Snapshot<K, V>>]>);

/// What a thread holds: a reference.
pub struct Handle<'a, K, V, const COUNTED: bool>(&'a [ArcSwapOption<Snapshot<K, V>>]);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "optimistic",
        env!("VERSION_OF_ARC_SWAP"),
        "16,384 buckets by the upper bits of the key's FxHash, each an arc_swap::ArcSwapOption of an immutable \
         snapshot. A writer copies the entries of the bucket with its change and swaps the copy in if the \
         snapshot that it read is still there; if not, it tries again. A snapshot's address is its version: it \
         is not used again while somebody holds it. Readers hold a guard for the time of one read. The number \
         of buckets does not grow.",
    )
}

impl<K, V, const COUNTED: bool> Default for Adapter<K, V, COUNTED> {
    fn default() -> Self {
        Self((0..BUCKETS).map(|_| ArcSwapOption::empty()).collect())
    }
}

impl<K: Key, V: Value, const COUNTED: bool> Shared<K, V> for Adapter<K, V, COUNTED> {
    type Handle<'a> = Handle<'a, K, V, COUNTED>;

    fn handle(&self) -> Handle<'_, K, V, COUNTED> {
        Handle(&self.0)
    }
}

impl<K: Key, V: Value, const COUNTED: bool> Handle<'_, K, V, COUNTED> {
    #[inline]
    fn bucket(&self, key: &K) -> &ArcSwapOption<Snapshot<K, V>> {
        let upper = FxBuildHasher.hash_one(key) >> (u64::BITS - BUCKETS.ilog2());
        #[expect(clippy::cast_possible_truncation, reason = "the shift leaves a number below BUCKETS")]
        let bucket = upper as usize % BUCKETS;
        &self.0[bucket]
    }

    /// Gives the bucket of the key the entries that `change` makes of those it has and of the place of the
    /// key among them, and answers what the key had. `None` leaves it as it is.
    #[inline]
    fn change(&self, key: &K, change: impl Fn(&[(K, V)], Option<usize>) -> Option<Vec<(K, V)>>) -> Answer {
        let bucket = self.bucket(key);
        loop {
            let seen = bucket.load();
            let entries = seen.as_deref().map_or(&[][..], |entries| entries);
            let at = entries.iter().position(|(held, _)| held == key);
            let answer = at.map(|at| entries[at].1.stamp()).into();
            let Some(changed) = change(entries, at) else { return answer };
            let changed = (!changed.is_empty()).then(|| Arc::new(changed.into_boxed_slice()));
            let before = bucket.compare_and_swap(&*seen, changed);
            if before.as_ref().map(Arc::as_ptr) == seen.as_ref().map(Arc::as_ptr) {
                return answer;
            }
            if COUNTED {
                retried();
            }
        }
    }
}

impl<K: Key, V: Value, const COUNTED: bool> Map<K, V> for Handle<'_, K, V, COUNTED> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        self.change(key, |entries, at| {
            if let Some(at) = at {
                return Some(replaced(entries, at, &value));
            }
            let mut entries = room(entries, 1);
            entries.push((key.clone(), value.clone()));
            Some(entries)
        })
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        self.change(key, |entries, at| {
            let at = at?;
            Some(entries[..at].iter().chain(&entries[at + 1..]).cloned().collect())
        })
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        let snapshot = self.bucket(key).load();
        let found = snapshot.iter().flat_map(|entries| entries.iter()).find(|(held, _)| held == key);
        super::answer(found.map(|(_, value)| value))
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        self.change(key, |entries, at| Some(replaced(entries, at?, &value)))
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        let sum = |entries: &Snapshot<K, V>| super::total(entries.iter().map(|(_, value)| value)).number();
        let buckets = self.0.iter().filter_map(|bucket| bucket.load().as_deref().map(sum));
        Answer::of(buckets.fold(0, u64::wrapping_add))
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        let taken = self.0.iter().filter_map(|bucket| bucket.swap(None));
        Answer::of(taken.map(|entries| entries.len() as u64).sum())
    }

    fn len(&mut self) -> u64 {
        self.0.iter().filter_map(|bucket| bucket.load().as_ref().map(|entries| entries.len() as u64)).sum()
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        let snapshot = self.bucket(key).load();
        snapshot.as_ref()?.iter().find(|(held, _)| held == key).map(|(_, value)| address(value))
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        for bucket in self.0 {
            for entry in bucket.load().iter().flat_map(|entries| entries.iter()) {
                visit(address(&entry.1));
            }
        }
    }
}

/// A copy of some entries with room for more.
fn room<K: Key, V: Value>(entries: &[(K, V)], more: usize) -> Vec<(K, V)> {
    let mut copy = Vec::with_capacity(entries.len() + more);
    copy.extend_from_slice(entries);
    copy
}

fn replaced<K: Key, V: Value>(entries: &[(K, V)], at: usize, value: &V) -> Vec<(K, V)> {
    let mut copy = room(&entries[..at], entries.len() - at);
    copy.push((entries[at].0.clone(), value.clone()));
    copy.extend_from_slice(&entries[at + 1..]);
    copy
}
