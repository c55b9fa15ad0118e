//! Walking over every entry.

use super::bmap::{Array, BUCKET_CNT, MIN_TOP_HASH};
use super::view::Chain;
use super::{Bucket, Hmap, Policy};
use crate::hash::KeyHash;
use crate::probe::Probe;

/// Every entry of a map, once: the chains of the new array, then the old ones not evacuated yet.
///
/// Go starts at a random bucket; here the order is that of the memory.
#[derive(Debug)]
pub struct Iter<'a, K, V> {
    new: Option<&'a Array<K, V>>,
    old: Option<&'a Array<K, V>>,
    bucket: u32,
    chain: Chain<'a, K, V>,
    current: Option<Bucket<'a, K, V>>,
    slot: usize,
}

impl<K: PartialEq + Default, V: Default, H: KeyHash<K>, R: Policy, P: Probe> Hmap<K, V, H, R, P> {
    /// Every entry.
    pub const fn iter(&self) -> Iter<'_, K, V> {
        Iter {
            new: self.buckets.as_ref(),
            old: self.oldbuckets.as_ref(),
            bucket: 0,
            chain: Chain::EMPTY,
            current: None,
            slot: 0,
        }
    }
}

impl<'a, K: PartialEq + Default, V: Default, H: KeyHash<K>, R: Policy, P: Probe> IntoIterator
    for &'a Hmap<K, V, H, R, P>
{
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Iter<'a, K, V> {
        self.iter()
    }
}

impl<K, V> Iter<'_, K, V> {
    /// Moves to the next bucket; `false` at the end.
    fn advance(&mut self) -> bool {
        loop {
            self.current = self.chain.next();
            self.slot = 0;
            if self.current.is_some() {
                return true;
            }
            let Some(array) = self.new.or(self.old) else { return false };
            if self.bucket as usize == array.len() {
                self.bucket = 0;
                if self.new.take().is_none() {
                    self.old = None;
                }
                continue;
            }
            if !array.at(self.bucket).evacuated() {
                self.chain = Chain::new(array, self.bucket);
            }
            self.bucket += 1;
        }
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(bucket) = &self.current {
                while self.slot < BUCKET_CNT {
                    let slot = self.slot;
                    self.slot += 1;
                    if bucket.tophash[slot] >= MIN_TOP_HASH {
                        return Some((&bucket.keys[slot], &bucket.values[slot]));
                    }
                }
            }
            if !self.advance() {
                return None;
            }
        }
    }
}
