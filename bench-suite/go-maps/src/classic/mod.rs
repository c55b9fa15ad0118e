//! The map of Go 1.19 to 1.23: buckets of eight, overflow chains, incremental evacuation.
//!
//! Names inside are those of `runtime/map.go`. What the real runtime decides by chance (seeds, and the count of
//! overflow buckets from `B` = 16 on) comes from [`Seeds`].

mod bmap;
mod grow;
mod iter;
mod mapassign;
mod mapdelete;
mod policy;
mod size_class;
mod view;

use std::marker::PhantomData;

use crate::hash::KeyHash;
use crate::probe::{Event, Probe, Slot, tell};
use crate::seed::Seeds;

use bmap::{Array, tophash};
pub use bmap::{BUCKET_CNT, EMPTY_ONE, EMPTY_REST, EVACUATED_EMPTY, EVACUATED_X, EVACUATED_Y, MIN_TOP_HASH};
pub use iter::Iter;
pub use policy::{NoReuse, Policy, Reuse};
pub use view::{Bucket, Chain, Whence};

/// The flag of a growth that keeps the number of buckets.
pub const SAME_SIZE_GROW: u8 = 8;

/// Go's classic map.
///
/// `K` and `V` have a default value: it is what an empty slot holds, as zeroed memory is in Go. `H` hashes,
/// `R` is the rule for deleted slots, `P` hears of events.
#[derive(Debug)]
pub struct Hmap<K, V, H, R = Reuse, P = ()> {
    count: usize,
    flags: u8,
    /// The logarithm of the number of buckets, also when there is no array yet.
    b: u8,
    noverflow: u16,
    hash0: u32,
    buckets: Option<Array<K, V>>,
    oldbuckets: Option<Array<K, V>>,
    nevacuate: u32,
    /// Arrays made so far.
    arrays: u32,
    seeds: Seeds,
    hasher: H,
    probe: P,
    rule: PhantomData<R>,
}

impl<K: Eq + Default, V: Default, H: KeyHash<K>> Hmap<K, V, H> {
    /// An empty map that follows Go's rule and tells nobody, with the seeds that start at `seed`.
    #[must_use]
    pub fn new(hasher: H, seed: u64) -> Self {
        Self::make(0, hasher, seed, ())
    }
}

impl<K: Eq + Default, V: Default, H: KeyHash<K>, R: Policy, P: Probe> Hmap<K, V, H, R, P> {
    /// An empty map with room for `hint` entries (Go's makemap).
    #[must_use]
    pub fn make(hint: usize, hasher: H, seed: u64, probe: P) -> Self {
        let mut b = 0;
        while over_load_factor(hint, b) {
            b += 1;
        }
        let mut seeds = Seeds::new(seed);
        let hash0 = seeds.next_u32();
        let mut map = Self {
            count: 0,
            flags: 0,
            b,
            noverflow: 0,
            hash0,
            buckets: None,
            oldbuckets: None,
            nevacuate: 0,
            arrays: 0,
            seeds,
            hasher,
            probe,
            rule: PhantomData,
        };
        if b > 0 {
            map.buckets = Some(map.make_bucket_array(b));
        }
        map
    }

    fn make_bucket_array(&mut self, b: u8) -> Array<K, V> {
        self.arrays += 1;
        Array::new(b, self.arrays - 1)
    }

    /// Entries in the map.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Looks a key up (Go's mapaccess). Never evacuates.
    #[inline]
    pub fn get(&self, key: &K) -> Option<&V> {
        let (array, bucket, slot) = self.locate(key)?;
        Some(&array.at(bucket).values[slot])
    }

    /// Looks a key up, to change its value in place.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let (bucket, slot, old) = {
            let (array, bucket, slot) = self.locate(key)?;
            (bucket, slot, self.buckets.as_ref().is_some_and(|buckets| buckets.id != array.id))
        };
        let array = if old { &mut self.oldbuckets } else { &mut self.buckets };
        Some(&mut array.as_mut()?.at_mut(bucket).values[slot])
    }

    /// The slot of a key, and the address of its value.
    pub fn slot_of(&self, key: &K) -> Option<(Slot, usize)> {
        let (array, bucket, slot) = self.locate(key)?;
        Some((array.slot(bucket, slot), (&raw const array.at(bucket).values[slot]).addr()))
    }

    #[inline]
    fn locate(&self, key: &K) -> Option<(&Array<K, V>, u32, usize)> {
        if self.count == 0 {
            return None;
        }
        let hash = self.hasher.hash(key, self.hash0.into());
        let mut array = self.buckets.as_ref()?;
        if let Some(old) = &self.oldbuckets
            && !old.at(old.bucket_of(hash)).evacuated()
        {
            array = old;
        }
        let (bucket, slot) = array.find(array.bucket_of(hash), tophash(hash), key)?;
        Some((array, bucket, slot))
    }

    /// Takes every entry out (Go's mapclear): the array stays, its memory counts as never used.
    pub fn clear(&mut self) {
        if self.count == 0 {
            return;
        }
        self.flags &= !SAME_SIZE_GROW;
        self.oldbuckets = None;
        self.nevacuate = 0;
        self.noverflow = 0;
        self.count = 0;
        self.hash0 = self.seeds.next_u32();
        if let Some(buckets) = &mut self.buckets {
            buckets.clear();
        }
        tell!(self.probe, Event::Clear);
    }

    /// Gives the map a seed of its own, as a recording of the real runtime does. Only an empty map takes one:
    /// returns whether it did.
    pub const fn reseed(&mut self, hash0: u32) -> bool {
        if self.count == 0 {
            self.hash0 = hash0;
        }
        self.count == 0
    }

    /// Who hears of events.
    #[must_use]
    pub const fn probe(&self) -> &P {
        &self.probe
    }
}

/// Whether `count` entries are too many for `2^b` buckets.
#[inline]
const fn over_load_factor(count: usize, b: u8) -> bool {
    count > BUCKET_CNT && count > bmap::LOAD_FACTOR_NUM * ((1 << b) / bmap::LOAD_FACTOR_DEN)
}

/// Whether there are about as many overflow buckets as buckets.
#[inline]
const fn too_many_overflow_buckets(noverflow: u16, b: u8) -> bool {
    noverflow >= 1 << (if b > 15 { 15 } else { b })
}

#[cfg(test)]
mod tests;
