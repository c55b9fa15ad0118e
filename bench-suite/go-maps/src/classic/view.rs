//! What a person, or a comparison with the real runtime, can see of a map from outside.

use std::mem::offset_of;

use super::bmap::{Array, BUCKET_CNT, Bmap};
use super::{Hmap, Policy};
use crate::hash::KeyHash;
use crate::layout::Field;
use crate::probe::{Probe, Slot};

/// Where a bucket came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whence {
    /// One of the `2^B` buckets of the array.
    Base,
    /// A spare overflow bucket allocated with the array; its number counts from the array's start.
    Spare(u32),
    /// The heap.
    Heap,
}

/// One bucket, as it lies in memory. Slots that are empty show what their memory holds.
#[derive(Debug, Clone, Copy)]
pub struct Bucket<'a, K, V> {
    /// The states or hash bytes of its slots.
    pub tophash: &'a [u8; BUCKET_CNT],
    /// The keys.
    pub keys: &'a [K; BUCKET_CNT],
    /// The values.
    pub values: &'a [V; BUCKET_CNT],
    /// Where it came from.
    pub whence: Whence,
    /// Its number in its array, as in [`Slot::bucket`](crate::probe::Slot::bucket).
    pub number: u32,
    /// Which array of the map, as in [`Slot::memory`](crate::probe::Slot::memory).
    pub memory: u32,
    /// The address of its first byte.
    pub address: usize,
}

/// The buckets of one chain, from the base bucket on.
#[derive(Debug)]
pub struct Chain<'a, K, V> {
    array: Option<&'a Array<K, V>>,
    next: u32,
}

impl<'a, K, V> Chain<'a, K, V> {
    pub(super) const EMPTY: Self = Self { array: None, next: 0 };

    pub(super) const fn new(array: &'a Array<K, V>, head: u32) -> Self {
        Self { array: Some(array), next: head }
    }
}

impl<'a, K, V> Iterator for Chain<'a, K, V> {
    type Item = Bucket<'a, K, V>;

    fn next(&mut self) -> Option<Self::Item> {
        let array = self.array?;
        let number = self.next;
        let bucket = array.at(number);
        self.next = bucket.overflow;
        if self.next == 0 {
            self.array = None;
        }
        let whence = match number as usize {
            base if base < array.len() => Whence::Base,
            spare if spare < array.base_len() => Whence::Spare(number),
            _ => Whence::Heap,
        };
        Some(Bucket {
            tophash: &bucket.tophash,
            keys: &bucket.keys,
            values: &bucket.values,
            whence,
            number,
            memory: array.id,
            address: std::ptr::from_ref(bucket).addr(),
        })
    }
}

impl<K: PartialEq + Default, V: Default, H: KeyHash<K>, R: Policy, P: Probe> Hmap<K, V, H, R, P> {
    /// The logarithm of the number of buckets.
    #[must_use]
    pub const fn b(&self) -> u8 {
        self.b
    }

    /// The flags: [`SAME_SIZE_GROW`](super::SAME_SIZE_GROW) or nothing. Iterators set none here: they borrow
    /// the map.
    #[must_use]
    pub const fn flags(&self) -> u8 {
        self.flags
    }

    /// Overflow buckets made for the current array; exact below 2^16 buckets.
    #[must_use]
    pub const fn noverflow(&self) -> u16 {
        self.noverflow
    }

    /// The seed of the hashes.
    #[must_use]
    pub const fn hash0(&self) -> u32 {
        self.hash0
    }

    /// Old buckets below this number are evacuated. Keeps its value when the growth is over.
    #[must_use]
    pub const fn nevacuate(&self) -> u32 {
        self.nevacuate
    }

    /// Number of the next spare overflow bucket; `None` when none is left.
    #[must_use]
    pub fn next_overflow(&self) -> Option<u32> {
        self.buckets.as_ref()?.next_overflow()
    }

    /// Buckets that an array of the current size is allocated with, spares included.
    #[must_use]
    pub fn array_len(&self) -> usize {
        self.shape().total(self.b)
    }

    /// Which array of the map is in use; `None` before the first insert.
    #[must_use]
    pub fn memory(&self) -> Option<u32> {
        self.buckets.as_ref().map(|array| array.id)
    }

    /// Which array is being left; `None` when the map is not growing.
    #[must_use]
    pub fn old_memory(&self) -> Option<u32> {
        self.oldbuckets.as_ref().map(|array| array.id)
    }

    /// The chains of the current array, one for each base bucket.
    pub fn chains(&self) -> impl Iterator<Item = Chain<'_, K, V>> {
        let array = self.buckets.as_ref();
        array.into_iter().flat_map(|array| heads(array).map(move |head| Chain::new(array, head)))
    }

    /// The chains of the array that is being left, `None` for those already evacuated. Empty when the map is
    /// not growing.
    pub fn old_chains(&self) -> impl Iterator<Item = Option<Chain<'_, K, V>>> {
        let array = self.oldbuckets.as_ref();
        array.into_iter().flat_map(|array| {
            heads(array).map(move |head| (!array.at(head).evacuated()).then(|| Chain::new(array, head)))
        })
    }

    /// The chains of the array that is being left as they lie in memory, evacuated or not.
    pub fn left_chains(&self) -> impl Iterator<Item = Chain<'_, K, V>> {
        let array = self.oldbuckets.as_ref();
        array.into_iter().flat_map(|array| heads(array).map(move |head| Chain::new(array, head)))
    }

    /// The fields of a bucket, measured, and the bytes of a bucket. The overflow link is the number of a bucket
    /// where Go has a pointer; what follows it is padding.
    #[must_use]
    pub const fn layout() -> ([Field; 4], usize) {
        let fields = [
            Field { name: "tophash", offset: offset_of!(Bmap<K, V>, tophash), size: BUCKET_CNT },
            Field { name: "keys", offset: offset_of!(Bmap<K, V>, keys), size: size_of::<[K; BUCKET_CNT]>() },
            Field {
                name: "elems",
                offset: offset_of!(Bmap<K, V>, values),
                size: size_of::<[V; BUCKET_CNT]>(),
            },
            Field { name: "overflow", offset: offset_of!(Bmap<K, V>, overflow), size: size_of::<u32>() },
        ];
        (fields, size_of::<Bmap<K, V>>())
    }

    /// The address of the value in a slot; `None` when its array is gone.
    pub fn address_of(&self, slot: Slot) -> Option<usize> {
        let arrays = [self.buckets.as_ref(), self.oldbuckets.as_ref()];
        let array = arrays.into_iter().flatten().find(|array| array.id == slot.memory)?;
        Some((&raw const array.at(slot.bucket).values[usize::from(slot.slot)]).addr())
    }

    /// Where a look-up finds a key: the number of its base bucket, the position in the chain, the slot.
    pub fn place_of(&self, key: &K) -> Option<(u32, u32, u8)> {
        let (array, bucket, slot) = self.locate(key, &())?;
        let head = array.bucket_of(self.hasher.hash(key, self.hash0.into()));
        let position = Chain::new(array, head).position(|link| link.number == bucket)?;
        Some((head, u32::try_from(position).ok()?, u8::try_from(slot).ok()?))
    }
}

fn heads<K, V>(array: &Array<K, V>) -> std::ops::Range<u32> {
    0..u32::try_from(array.len()).unwrap_or(u32::MAX)
}
