//! Deleting an entry.

use super::bmap::{Array, BUCKET_CNT, EMPTY_ONE, EMPTY_REST, Search};
use super::{Hmap, Policy};
use crate::hash::KeyHash;
use crate::probe::{Event, Follows, Probe, tell};

impl<K: PartialEq + Default, V: Default, H: KeyHash<K>, R: Policy, P: Probe> Hmap<K, V, H, R, P> {
    /// Takes an entry out and returns its value (Go's mapdelete). While the map grows this evacuates, also
    /// when the key is absent.
    #[inline]
    pub fn remove(&mut self, key: &K) -> Option<V> {
        if self.count == 0 {
            return None;
        }
        let hash = self.hash(key);
        if self.oldbuckets.is_some() {
            self.grow_work(hash);
        }
        let buckets = self.buckets.as_mut()?;
        let head = buckets.bucket_of(hash);
        let (number, slot) = buckets.find::<H, P>(Search::by::<K, H, P>(hash), head, key, &self.probe)?;
        let bucket = buckets.at_mut(number);
        let value = std::mem::take(&mut bucket.values[slot]);
        // A key without pointers stays readable in its slot.
        if H::POINTERS {
            bucket.keys[slot] = K::default();
        }
        bucket.tophash[slot] = EMPTY_ONE;
        let follows = buckets.follows(number, slot);
        let freed = if R::REUSES_DELETED && matches!(follows, Follows::Nothing | Follows::EmptyRest) {
            merge_rest(buckets, head, number, slot)
        } else {
            0
        };
        tell!(self.probe, Event::Delete { slot: buckets.slot(number, slot), follows, freed });
        self.count -= 1;
        if self.count == 0 {
            self.hash0 = self.seeds.next_u32();
        }
        Some(value)
    }
}

/// Turns the run of emptyOne that ends at this slot into emptyRest, backwards along the chain. Returns its
/// length.
#[inline]
fn merge_rest<K, V>(buckets: &mut Array<K, V>, head: u32, mut number: u32, mut slot: usize) -> u32 {
    let mut freed = 0;
    loop {
        let bucket = buckets.at_mut(number);
        bucket.tophash[slot] = EMPTY_REST;
        freed += 1;
        if slot > 0 {
            slot -= 1;
        } else if number == head {
            return freed;
        } else {
            number = before(buckets, head, number);
            slot = BUCKET_CNT - 1;
        }
        if buckets.at(number).tophash[slot] != EMPTY_ONE {
            return freed;
        }
    }
}

/// The bucket whose overflow bucket is `number`.
fn before<K, V>(buckets: &Array<K, V>, head: u32, number: u32) -> u32 {
    let mut previous = head;
    while buckets.at(previous).overflow != number {
        previous = buckets.at(previous).overflow;
    }
    previous
}
