//! Buckets, and the array that owns them.

use super::size_class;
use crate::hash::KeyHash;
use crate::key::Kind;
use crate::lanes::{self, Lanes};
use crate::probe::{Follows, Probe, Slot, Work, count};
use crate::release::Release;

/// Slots of a bucket.
pub const BUCKET_CNT: usize = 8;
/// What the load factor is divided by.
pub(super) const LOAD_FACTOR_DEN: usize = 2;

/// Empty, and so is everything behind it in its chain.
pub const EMPTY_REST: u8 = 0;
/// Empty.
pub const EMPTY_ONE: u8 = 1;
/// Moved to the bucket of the same number.
pub const EVACUATED_X: u8 = 2;
/// Moved to the bucket that stands as many places behind as the old array was long.
pub const EVACUATED_Y: u8 = 3;
/// Was empty when its bucket was evacuated.
pub const EVACUATED_EMPTY: u8 = 4;
/// The smallest tophash of a live slot.
pub const MIN_TOP_HASH: u8 = 5;

/// The byte that a live slot shows: the top byte of the hash, moved out of the way of the states.
#[inline]
pub(super) const fn tophash(hash: u64) -> u8 {
    let top = (hash >> 56) as u8;
    if top < MIN_TOP_HASH { top + MIN_TOP_HASH } else { top }
}

/// A bucket: eight slots, laid out as Go lays them out. With keys and values of 8 bytes the keys start at
/// offset 8, the values at 72, the overflow link at 136, and a bucket takes 144 bytes.
///
/// The link is the number of a bucket in the same array; 0 is none, as bucket 0 is never an overflow bucket.
#[derive(Debug, Default)]
#[repr(C)]
pub(super) struct Bmap<K, V> {
    pub(super) tophash: [u8; BUCKET_CNT],
    pub(super) keys: [K; BUCKET_CNT],
    pub(super) values: [V; BUCKET_CNT],
    pub(super) overflow: u32,
}

impl<K, V> Bmap<K, V> {
    #[inline]
    pub(super) fn with_tophash(&self, top: u8) -> Lanes {
        lanes::equal(self.tophash, top)
    }

    /// Slots in state emptyRest or emptyOne.
    #[inline]
    pub(super) fn empty(&self) -> Lanes {
        lanes::at_most_one(self.tophash)
    }

    /// Whether the chain has nothing live behind some slot of this bucket. States before the first zero are
    /// not zero and all after it are, so the last slot tells.
    #[inline]
    pub(super) const fn ends_chain(&self) -> bool {
        self.tophash[BUCKET_CNT - 1] == EMPTY_REST
    }

    #[inline]
    pub(super) const fn evacuated(&self) -> bool {
        self.tophash[0] > EMPTY_ONE && self.tophash[0] < MIN_TOP_HASH
    }
}

/// How a chain is searched.
#[derive(Debug, Clone, Copy)]
pub(super) enum Search {
    /// The key is compared with that of every slot of every bucket (integers).
    EverySlot,
    /// With those of its tophash, in every bucket (strings).
    Chain(u8),
    /// The same, up to where nothing but empty slots follows (any other key).
    UpToItsEnd(u8),
}

impl Search {
    /// How keys of this type are looked for, by a hash. Where nobody counts, integers too are told apart by their
    /// tophashes: a machine that compares eight bytes in one step finds the slot sooner.
    #[inline]
    pub(super) const fn by<K, H: KeyHash<K>, P: Probe>(hash: u64) -> Self {
        match H::KIND {
            Kind::Fast32 | Kind::Fast64 if P::COUNTS || !H::BITS => Self::EverySlot,
            Kind::FastStr => Self::Chain(tophash(hash)),
            _ => Self::UpToItsEnd(tophash(hash)),
        }
    }
}

/// A bucket array of `2^log` base buckets, the spare overflow buckets allocated with it, and the overflow
/// buckets added since.
///
/// All are numbered in one sequence, in this order. Those added since stand in chunks, never moved and never
/// given back before the array, just as Go's are kept alive by the list in `mapextra`.
#[derive(Debug)]
pub(super) struct Array<K, V> {
    base: Box<[Bmap<K, V>]>,
    heap: Vec<Vec<Bmap<K, V>>>,
    pub(super) log: u8,
    chunk_log: u8,
    /// The next spare overflow bucket; the length of `base` when there is none.
    next_overflow: u32,
    /// Which array of this map it is.
    pub(super) id: u32,
}

impl<K: PartialEq, V> Bmap<K, V> {
    /// The live slot of a key that is compared with every slot's (Go's functions for integers, looking up). A freed
    /// slot may still show the key.
    fn find_among_all<P: Probe>(&self, key: &K, probe: &P) -> Option<usize> {
        (0..BUCKET_CNT).find(|&slot| {
            count!(probe, Work::Compare(1));
            self.keys[slot] == *key && self.tophash[slot] > EMPTY_ONE
        })
    }

    /// The same for an assignment, which compares the keys of live slots alone.
    pub(super) fn find_among_live<P: Probe>(&self, key: &K, probe: &P) -> Option<usize> {
        self.find_among(&mut self.empty().others(), key, probe)
    }

    /// The first of these slots that holds a key.
    #[inline]
    fn find_among<P: Probe>(&self, slots: &mut Lanes, key: &K, probe: &P) -> Option<usize> {
        slots.find(|&slot| {
            count!(probe, Work::Compare(1));
            self.keys[slot] == *key
        })
    }

    /// The slot of a key among those with its tophash.
    #[inline]
    pub(super) fn find_by_tophash<P: Probe>(&self, top: u8, key: &K, probe: &P) -> Option<usize> {
        self.find_among(&mut self.with_tophash(top), key, probe)
    }

    /// The same for a string: those of another length are not compared.
    #[inline]
    pub(super) fn find_text<H: KeyHash<K>, P: Probe>(&self, top: u8, key: &K, probe: &P) -> Option<usize> {
        let length = H::text(key).len();
        self.with_tophash(top).find(|&slot| {
            H::text(&self.keys[slot]).len() == length && {
                count!(probe, Work::Compare(1));
                self.keys[slot] == *key
            }
        })
    }
}

/// What an array takes of memory in Go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// Bytes of a bucket: tophashes, keys, values, and a pointer to the next one.
    bucket: usize,
    /// Whether keys or values hold pointers.
    pointers: bool,
    release: Release,
}

impl Shape {
    pub(super) const fn of<K, V, H: KeyHash<K>>(release: Release) -> Self {
        let bucket = BUCKET_CNT + BUCKET_CNT * (H::BYTES + size_of::<V>()) + size_of::<u64>();
        Self { bucket, pointers: H::POINTERS || std::mem::needs_drop::<V>(), release }
    }

    /// Base buckets and spares of an array of `2^log`.
    pub(super) fn total(self, log: u8) -> usize {
        let base = 1_usize << log;
        if log < 4 {
            return base;
        }
        let bytes = (base + (base >> 4)) * self.bucket;
        size_class::round_up(bytes, self.pointers, self.release) / self.bucket
    }
}

impl<K: Default, V: Default> Array<K, V> {
    /// Go's makeBucketArray.
    pub(super) fn new(log: u8, id: u32, shape: Shape) -> Self {
        let len = shape.total(log);
        let base = std::iter::repeat_with(Bmap::default).take(len).collect();
        // A chunk is at most a 64th of the base, so that unused room stays small.
        let chunk_log = log.saturating_sub(6).min(5);
        Self { base, heap: Vec::new(), log, chunk_log, next_overflow: number(1 << log), id }
    }

    /// Links a new overflow bucket behind `tail`. Returns its number and whether it is a spare.
    pub(super) fn new_overflow(&mut self, tail: u32) -> (u32, bool) {
        let spare = (self.next_overflow as usize) < self.base.len();
        let new = if spare {
            self.next_overflow += 1;
            self.next_overflow - 1
        } else {
            if self.heap.last().is_none_or(|chunk| chunk.len() == 1 << self.chunk_log) {
                self.heap.push(Vec::with_capacity(1 << self.chunk_log));
            }
            let full = (self.heap.len() - 1) << self.chunk_log;
            let chunk = &mut self.heap[full >> self.chunk_log];
            chunk.push(Bmap::default());
            number(self.base.len() + full + chunk.len() - 1)
        };
        self.at_mut(tail).overflow = new;
        (new, spare)
    }

    /// Marks every slot empty, bucket by bucket along the chains.
    pub(super) fn mark_empty<P: Probe>(&mut self, probe: &P) {
        for head in 0..number(self.len()) {
            let mut number = head;
            loop {
                count!(probe, Work::Upkeep(1));
                let bucket = self.at_mut(number);
                bucket.tophash = [EMPTY_REST; BUCKET_CNT];
                number = bucket.overflow;
                if number == 0 {
                    break;
                }
            }
        }
    }

    /// As new: every byte zero, every spare free, nothing on the heap.
    pub(super) fn clear(&mut self) {
        self.base.fill_with(Bmap::default);
        self.heap = Vec::new();
        self.next_overflow = number(1 << self.log);
    }
}

/// A bucket's number. Arrays of 2^32 buckets (618 GB with the smallest entries) cannot be made.
fn number(bucket: usize) -> u32 {
    u32::try_from(bucket).expect("a bucket array has fewer than 2^32 buckets")
}

impl<K, V> Array<K, V> {
    #[inline]
    pub(super) fn at(&self, bucket: u32) -> &Bmap<K, V> {
        let bucket = bucket as usize;
        if let Some(base) = self.base.get(bucket) {
            return base;
        }
        let heap = bucket - self.base.len();
        &self.heap[heap >> self.chunk_log][heap & ((1 << self.chunk_log) - 1)]
    }

    #[inline]
    pub(super) fn at_mut(&mut self, bucket: u32) -> &mut Bmap<K, V> {
        let bucket = bucket as usize;
        let base = self.base.len();
        if bucket < base {
            return &mut self.base[bucket];
        }
        let heap = bucket - base;
        &mut self.heap[heap >> self.chunk_log][heap & ((1 << self.chunk_log) - 1)]
    }

    /// Base buckets.
    #[inline]
    pub(super) const fn len(&self) -> usize {
        1 << self.log
    }

    /// The base bucket of a hash.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the mask has fewer than 32 bits")]
    pub(super) const fn bucket_of(&self, hash: u64) -> u32 {
        (hash & ((1 << self.log) - 1)) as u32
    }

    /// Base buckets and spares.
    pub(super) const fn base_len(&self) -> usize {
        self.base.len()
    }

    /// The next spare overflow bucket.
    pub(super) fn next_overflow(&self) -> Option<u32> {
        ((self.next_overflow as usize) < self.base.len()).then_some(self.next_overflow)
    }

    /// The tophash in the next position of the chain.
    #[inline]
    pub(super) fn follows(&self, bucket: u32, slot: usize) -> Follows {
        let bucket = self.at(bucket);
        let next = match bucket.tophash.get(slot + 1) {
            Some(&next) => next,
            None if bucket.overflow == 0 => return Follows::Nothing,
            None => self.at(bucket.overflow).tophash[0],
        };
        match next {
            EMPTY_REST => Follows::EmptyRest,
            EMPTY_ONE => Follows::Freed,
            _ => Follows::Live,
        }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a slot is below 8")]
    pub(super) const fn slot(&self, bucket: u32, slot: usize) -> Slot {
        Slot { memory: self.id, bucket, slot: slot as u8 }
    }
}

impl<K: PartialEq, V> Array<K, V> {
    /// The slot of `key` in the chain that starts at `head`, as a look-up or a delete finds it.
    #[inline]
    pub(super) fn find<H: KeyHash<K>, P: Probe>(
        &self,
        search: Search,
        head: u32,
        key: &K,
        probe: &P,
    ) -> Option<(u32, usize)> {
        let mut number = head;
        loop {
            let bucket = self.at(number);
            count!(probe, Work::Visit(1));
            let found = match search {
                Search::EverySlot => bucket.find_among_all(key, probe),
                Search::Chain(top) => bucket.find_text::<H, P>(top, key, probe),
                Search::UpToItsEnd(top) => bucket.find_by_tophash(top, key, probe),
            };
            if let Some(slot) = found {
                return Some((number, slot));
            }
            if matches!(search, Search::UpToItsEnd(_)) && bucket.ends_chain() || bucket.overflow == 0 {
                return None;
            }
            number = bucket.overflow;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use super::{Bmap, Shape};
    use crate::hash::Aes;
    use crate::release::Release;

    type Pair = Bmap<u64, u64>;

    #[test]
    fn a_bucket_is_laid_out_as_in_go() {
        let offsets = [
            offset_of!(Pair, tophash),
            offset_of!(Pair, keys),
            offset_of!(Pair, values),
            offset_of!(Pair, overflow),
            size_of::<Pair>(),
        ];
        assert_eq!(offsets, [0, 8, 72, 136, 144]);
    }

    #[test]
    fn arrays_have_the_spares_measured_on_the_real_runtime() {
        let measured = [
            (3, 8),
            (4, 18),
            (5, 37),
            (6, 71),
            (7, 142),
            (8, 284),
            (9, 568),
            (10, 1137),
            (11, 2218),
            (12, 4380),
            (13, 8704),
            (14, 17_408),
            (15, 34_816),
            (16, 69_632),
            (17, 139_264),
        ];
        for (log, total) in measured {
            let shape = Shape::of::<u64, u64, Aes>(Release::LAST_CLASSIC);
            assert_eq!(shape.total(log), total, "2^{log} buckets");
        }
    }
}
