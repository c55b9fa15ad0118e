//! Putting an entry.

use super::bmap::{Array, EMPTY_REST, Search, tophash};
use super::{Hmap, Policy, too_many_overflow_buckets};
use crate::hash::KeyHash;
use crate::probe::{Decision, Event, Probe, Taken, Work, count, tell};

/// What a walk along a chain found.
enum Scan {
    /// The key is there.
    Hit(u32, usize),
    /// It is not. The first slot an insert may take, and the last bucket looked at.
    Miss { inserti: Option<(u32, usize)>, tail: u32 },
}

impl<K: PartialEq + Default, V: Default, H: KeyHash<K>, R: Policy, P: Probe> Hmap<K, V, H, R, P> {
    /// Puts an entry and returns the value it replaced (Go's mapassign). The key of an entry stays, unless Go
    /// [replaces](KeyHash::UPDATES) it.
    #[inline]
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let hash = self.hash(&key);
        if self.buckets.is_none() {
            self.buckets = Some(self.make_bucket_array(0));
        }
        loop {
            if self.oldbuckets.is_some() {
                self.grow_work(hash);
            }
            let buckets = self.buckets.as_mut()?;
            let (inserti, tail) = match scan::<K, V, H, R, P>(buckets, hash, &key, &self.probe) {
                Scan::Hit(bucket, slot) => {
                    let bucket = buckets.at_mut(bucket);
                    if H::UPDATES {
                        bucket.keys[slot] = key;
                    }
                    return Some(std::mem::replace(&mut bucket.values[slot], value));
                }
                Scan::Miss { inserti, tail } => (inserti, tail),
            };
            // Asked even when an empty slot was found.
            if self.oldbuckets.is_none()
                && (self.count + 1 > self.most || too_many_overflow_buckets(self.noverflow, self.b))
            {
                self.hash_grow();
                continue;
            }
            self.place(hash, key, value, inserti, tail);
            return None;
        }
    }

    #[inline]
    fn place(&mut self, hash: u64, key: K, value: V, inserti: Option<(u32, usize)>, tail: u32) {
        let Some(buckets) = &mut self.buckets else { return };
        let (bucket, slot) = inserti.unwrap_or_else(|| {
            let (new, spare) = buckets.new_overflow(tail);
            incr_noverflow(&mut self.noverflow, self.b, &mut self.seeds);
            tell!(self.probe, Event::OverflowBucket { spare });
            (new, 0)
        });
        tell!(
            self.probe,
            Event::Insert(Decision {
                slot: buckets.slot(bucket, slot),
                taken: match (inserti, buckets.at(bucket).tophash[slot]) {
                    (None, _) => Taken::NewOverflow,
                    (_, EMPTY_REST) => Taken::EndOfChain,
                    _ => Taken::FirstEmpty,
                },
                growing: self.oldbuckets.is_some(),
                overflow: buckets.at(buckets.bucket_of(hash)).overflow != 0,
                follows: buckets.follows(bucket, slot),
            })
        );
        let bucket = buckets.at_mut(bucket);
        bucket.tophash[slot] = tophash(hash);
        bucket.keys[slot] = key;
        bucket.values[slot] = value;
        self.count += 1;
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "left to chance, a build with a call here takes 5 % more time")]
fn scan<K: PartialEq, V, H: KeyHash<K>, R: Policy, P: Probe>(
    buckets: &Array<K, V>,
    hash: u64,
    key: &K,
    probe: &P,
) -> Scan {
    let search = Search::by::<K, H, P>(hash);
    let mut inserti = None;
    let mut number = buckets.bucket_of(hash);
    loop {
        let bucket = buckets.at(number);
        count!(probe, Work::Visit(1));
        let found = match search {
            Search::EverySlot => bucket.find_among_live(key, probe),
            Search::Chain(top) => bucket.find_text::<H, P>(top, key, probe),
            Search::UpToItsEnd(top) => bucket.find_by_tophash(top, key, probe),
        };
        if let Some(slot) = found {
            return Scan::Hit(number, slot);
        }
        if inserti.is_none() {
            let free = if R::REUSES_DELETED { bucket.empty() } else { bucket.with_tophash(EMPTY_REST) };
            inserti = free.first().map(|slot| (number, slot));
        }
        if bucket.ends_chain() || bucket.overflow == 0 {
            return Scan::Miss { inserti, tail: number };
        }
        number = bucket.overflow;
    }
}

/// Counts one more overflow bucket; from 2^16 buckets on, only about one in `2^(b - 15)`.
pub(super) fn incr_noverflow(noverflow: &mut u16, b: u8, seeds: &mut crate::seed::Seeds) {
    if b < 16 || seeds.next_u32() & ((1 << (b - 15)) - 1) == 0 {
        *noverflow = noverflow.wrapping_add(1);
    }
}
