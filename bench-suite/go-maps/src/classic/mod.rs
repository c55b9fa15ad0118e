//! The map of Go 1.19 to 1.23: buckets of eight, overflow chains, incremental evacuation.
//!
//! Names inside are those of `runtime/map.go`. What the real runtime decides by chance (seeds, and the count of
//! overflow buckets from `B` = 16 on) comes from [`Seeds`].
//!
//! What depends on the [kind of key](Kind): integers are compared with every slot of a bucket (where somebody
//! [counts](KeyHash::BITS)) and other keys with those of their tophash; only the functions for keys of any kind stop
//! before the last bucket of a chain; and a look-up in a map of one bucket takes no hash for an integer or a string. State and order depend on it nowhere;
//! how many spare buckets an array has depends on the bytes of a bucket and on whether it holds pointers.

mod bmap;
mod grow;
mod iter;
mod mapaccess;
mod mapassign;
mod mapdelete;
mod policy;
mod size_class;
mod view;

use std::marker::PhantomData;

use crate::hash::{self, KeyHash};
use crate::key::Kind;
use crate::probe::{Event, Probe, Work, count, tell};
use crate::release::Release;
use crate::seed::Seeds;

use bmap::{Array, Shape};
pub use bmap::{BUCKET_CNT, EMPTY_ONE, EMPTY_REST, EVACUATED_EMPTY, EVACUATED_X, EVACUATED_Y, MIN_TOP_HASH};
pub use iter::Iter;
pub use policy::{NoReuse, Policy, Reuse};
pub use view::{Bucket, Chain, Whence};

/// The flag of a growth that keeps the number of buckets.
pub const SAME_SIZE_GROW: u8 = 8;

/// Go's classic map.
///
/// `K` and `V` have a default value: it is what an empty slot holds, as zeroed memory is in Go. `H` hashes and says of
/// what kind keys are, `R` is the rule for deleted slots, `P` hears of events.
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
    /// Entries that the array takes before it is too full.
    most: usize,
    /// Arrays made so far.
    arrays: u32,
    release: Release,
    seeds: Seeds,
    hasher: H,
    probe: P,
    rule: PhantomData<R>,
}

impl<K: PartialEq + Default, V: Default, H: KeyHash<K>> Hmap<K, V, H> {
    /// An empty map that follows Go's rule and tells nobody, with the seeds that start at `seed`.
    #[must_use]
    pub fn new(hasher: H, seed: u64) -> Self {
        Self::make(0, hasher, seed, ())
    }
}

impl<K: PartialEq + Default, V: Default, H: KeyHash<K>, R: Policy, P: Probe> Hmap<K, V, H, R, P> {
    /// Which functions of the runtime a map of such keys and values uses.
    const KIND: Kind = hash::kind::<K, V, H>();

    /// An empty map of the last classic release with room for `hint` entries (Go's makemap).
    #[must_use]
    pub fn make(hint: usize, hasher: H, seed: u64, probe: P) -> Self {
        Self::make_as(Release::LAST_CLASSIC, hint, hasher, seed, probe)
    }

    /// An empty map of this release with room for `hint` entries.
    #[must_use]
    pub fn make_as(release: Release, hint: usize, hasher: H, seed: u64, probe: P) -> Self {
        let mut b = 0;
        while hint > most_entries(b, release) {
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
            most: most_entries(b, release),
            arrays: 0,
            release,
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
        Array::new(b, self.arrays - 1, self.shape())
    }

    const fn shape(&self) -> Shape {
        Shape::of::<K, V, H>(self.release)
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

    #[inline]
    fn hash(&self, key: &K) -> u64 {
        count!(&self.probe, Work::Hash);
        self.hasher.hash(key, self.hash0.into())
    }

    /// Takes every entry out (Go's mapclear): the array stays, its memory counts as never used.
    pub fn clear(&mut self) {
        if self.count == 0 {
            return;
        }
        if self.release.marks_before_clearing() {
            for array in [&mut self.buckets, &mut self.oldbuckets].into_iter().flatten() {
                array.mark_empty(&self.probe);
            }
        }
        self.flags &= !SAME_SIZE_GROW;
        self.oldbuckets = None;
        self.nevacuate = 0;
        self.noverflow = 0;
        self.count = 0;
        self.hash0 = self.seeds.next_u32();
        if let Some(buckets) = &mut self.buckets {
            buckets.clear();
            count!(&self.probe, Work::Zero(buckets.base_len()));
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

/// Entries that `2^b` buckets take before they are too full.
const fn most_entries(b: u8, release: Release) -> usize {
    let most = release.load_factor_num() * ((1 << b) / bmap::LOAD_FACTOR_DEN);
    if most < BUCKET_CNT { BUCKET_CNT } else { most }
}

/// Whether there are about as many overflow buckets as buckets.
#[inline]
const fn too_many_overflow_buckets(noverflow: u16, b: u8) -> bool {
    noverflow >= 1 << (if b > 15 { 15 } else { b })
}

#[cfg(test)]
mod tests;
