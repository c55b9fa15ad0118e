//! Growing: into an array twice as large, or into one of the same size to get rid of overflow buckets.

use super::bmap::{Array, BUCKET_CNT, EMPTY_ONE, EVACUATED_EMPTY, EVACUATED_X, EVACUATED_Y};
use super::mapassign::incr_noverflow;
use super::{Hmap, Policy, SAME_SIZE_GROW, most_entries};
use crate::hash::KeyHash;
use crate::probe::{Event, Probe, Work, count, tell};

/// Evacuated buckets that one call skips at most.
const ADVANCE: u32 = 1024;

/// Where the next entry of an old bucket goes: Go's evacDst.
struct Dst {
    bucket: u32,
    slot: usize,
}

impl<K: PartialEq + Default, V: Default, H: KeyHash<K>, R: Policy, P: Probe> Hmap<K, V, H, R, P> {
    /// Starts a growth.
    #[cold]
    #[inline(never)]
    pub(super) fn hash_grow(&mut self) {
        let from = 1_u64 << self.b;
        if self.count + 1 > self.most {
            self.b += 1;
            self.most = most_entries(self.b, self.release);
            tell!(self.probe, Event::Grow { from: from * 8, to: from * 16 });
        } else {
            self.flags |= SAME_SIZE_GROW;
            tell!(self.probe, Event::SameSizeGrow { overflow: self.noverflow });
        }
        let new = self.make_bucket_array(self.b);
        self.oldbuckets = self.buckets.replace(new);
        self.nevacuate = 0;
        self.noverflow = 0;
    }

    /// Evacuates the old bucket of this hash, and one more.
    #[cold]
    #[inline(never)]
    pub(super) fn grow_work(&mut self, hash: u64) {
        if let Some(old) = &self.oldbuckets {
            self.evacuate(old.bucket_of(hash));
        }
        if self.oldbuckets.is_some() {
            self.evacuate(self.nevacuate);
        }
    }

    /// Moves the chain of one old bucket into the new array.
    fn evacuate(&mut self, oldbucket: u32) {
        let (Some(old), Some(new)) = (&mut self.oldbuckets, &mut self.buckets) else { return };
        if !old.at(oldbucket).evacuated() {
            let doubles = self.flags & SAME_SIZE_GROW == 0;
            let high = old.len() as u64;
            let mut x = Dst { bucket: oldbucket, slot: 0 };
            #[expect(clippy::cast_possible_truncation, reason = "a number of buckets")]
            let mut y = Dst { bucket: oldbucket + high as u32, slot: 0 };
            let mut moved = 0;
            let mut number = oldbucket;
            loop {
                let bucket = old.at_mut(number);
                count!(&self.probe, Work::Upkeep(1));
                for slot in 0..BUCKET_CNT {
                    let top = bucket.tophash[slot];
                    if top <= EMPTY_ONE {
                        bucket.tophash[slot] = EVACUATED_EMPTY;
                        continue;
                    }
                    let key = std::mem::take(&mut bucket.keys[slot]);
                    let value = std::mem::take(&mut bucket.values[slot]);
                    let to_y = doubles && {
                        count!(&self.probe, Work::Hash);
                        self.hasher.hash(&key, self.hash0.into()) & high != 0
                    };
                    bucket.tophash[slot] = if to_y { EVACUATED_Y } else { EVACUATED_X };
                    let dst = if to_y { &mut y } else { &mut x };
                    if dst.slot == BUCKET_CNT {
                        let (next, spare) = new.new_overflow(dst.bucket);
                        incr_noverflow(&mut self.noverflow, self.b, &mut self.seeds);
                        tell!(self.probe, Event::OverflowBucket { spare });
                        *dst = Dst { bucket: next, slot: 0 };
                    }
                    let to = new.at_mut(dst.bucket);
                    to.tophash[dst.slot] = top;
                    to.keys[dst.slot] = key;
                    to.values[dst.slot] = value;
                    tell!(self.probe, Event::Move { to: new.slot(dst.bucket, dst.slot) });
                    dst.slot += 1;
                    moved += 1;
                }
                number = bucket.overflow;
                if number == 0 {
                    break;
                }
            }
            tell!(self.probe, Event::Evacuate { bucket: oldbucket, moved });
        }
        if oldbucket == self.nevacuate {
            self.advance_evacuation_mark();
        }
    }

    /// Skips what is evacuated already, and ends the growth when that is everything.
    fn advance_evacuation_mark(&mut self) {
        let Some(old) = &self.oldbuckets else { return };
        let end = u32::try_from(old.len()).unwrap_or(u32::MAX);
        self.nevacuate += 1;
        let stop = end.min(self.nevacuate + ADVANCE);
        self.nevacuate = skip_evacuated(old, self.nevacuate, stop);
        if self.nevacuate == end {
            self.oldbuckets = None;
            self.flags &= !SAME_SIZE_GROW;
            tell!(self.probe, Event::GrowthDone);
        }
    }
}

fn skip_evacuated<K, V>(old: &Array<K, V>, from: u32, stop: u32) -> u32 {
    (from..stop).find(|&bucket| !old.at(bucket).evacuated()).unwrap_or(stop)
}
