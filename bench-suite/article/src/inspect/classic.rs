//! The classic map, bucket by bucket.

use std::rc::Rc;

use formats::inspection::{Block, Field, Layout, Picture, Slot, State};
use go_maps::classic::{
    Bucket, Chain, EMPTY_ONE, EMPTY_REST, EVACUATED_EMPTY, EVACUATED_X, EVACUATED_Y, Hmap, Policy, Whence,
};
use go_maps::hash::Aes;
use go_maps::probe;

use super::Inspected;
use super::diary::Diary;

type Classic<R> = Hmap<u64, u64, Aes, R, Rc<Diary>>;

pub(super) fn make<R: Policy + 'static>(
    hint: usize,
    hasher: Aes,
    seed: u64,
    diary: Rc<Diary>,
) -> Box<dyn Inspected> {
    Box::new(Classic::<R>::make(hint, hasher, seed, diary))
}

impl<R: Policy> Inspected for Classic<R> {
    fn put(&mut self, key: u64, value: u64) -> Option<u64> {
        self.insert(key, value)
    }

    fn del(&mut self, key: u64) -> Option<u64> {
        self.remove(&key)
    }

    fn get(&mut self, key: u64) -> Option<u64> {
        Self::get(self, &key).copied()
    }

    fn clear(&mut self) {
        Self::clear(self);
    }

    fn layout(&self) -> Layout {
        let (fields, size) = Self::layout();
        let fields = fields.iter().map(|field| Field {
            name: field.name.into(),
            offset: field.offset,
            size: field.size,
        });
        Layout { of: "bmap, a bucket".into(), size, fields: fields.collect() }
    }

    fn picture(&self, diary: &Diary) -> Picture {
        let spare = self.next_overflow().map_or_else(|| "nil".into(), |number| format!("bucket {number}"));
        let figures = [
            ("count", self.len().to_string()),
            ("flags", self.flags().to_string()),
            ("B", self.b().to_string()),
            ("noverflow", self.noverflow().to_string()),
            ("hash0", format!("{:#010x}", self.hash0())),
            ("nevacuate", self.nevacuate().to_string()),
            ("nextOverflow", spare),
        ];
        let now = self.chains().flat_map(|chain| blocks(chain, "buckets", diary));
        let left = self.left_chains().flat_map(|chain| blocks(chain, "oldbuckets", diary));
        Picture {
            figures: figures.map(|(name, figure)| (name.into(), figure)).into(),
            blocks: now.chain(left).collect(),
        }
    }
}

/// The buckets of one chain.
fn blocks(chain: Chain<'_, u64, u64>, array: &str, diary: &Diary) -> Vec<Block> {
    let buckets: Vec<Bucket<'_, u64, u64>> = chain.collect();
    let mut blocks = Vec::new();
    for (position, bucket) in buckets.iter().enumerate() {
        let whence = match bucket.whence {
            Whence::Base => "",
            Whence::Spare(_) => ", a spare overflow bucket of the array",
            Whence::Heap => ", an overflow bucket from the heap",
        };
        let note = match buckets.get(position + 1) {
            Some(next) => format!("{array}{whence}, overflow \u{2192} bucket {}", next.number),
            None => format!("{array}{whence}"),
        };
        let name = diary.unit.name(bucket.memory, bucket.number);
        blocks.push(Block { name, note, slots: slots(bucket, diary) });
    }
    blocks
}

fn slots(bucket: &Bucket<'_, u64, u64>, diary: &Diary) -> Vec<Slot> {
    let entries = bucket.tophash.iter().zip(bucket.keys).zip(bucket.values);
    (0..)
        .zip(entries)
        .map(|(slot, ((&byte, &key), &value))| {
            let state = state(byte);
            let empty = matches!(state, State::EmptyRest | State::EmptyOne);
            let place = probe::Slot { memory: bucket.memory, bucket: bucket.number, slot };
            let left_over = empty && diary.held(place);
            // An evacuation moves an entry out: what Go leaves behind of it is not kept.
            let moved = byte >= EVACUATED_X && state != State::Live;
            let kept = |word: u64| (!moved).then_some(word);
            Slot { byte: Some(byte), state, key: kept(key), value: kept(value), stale: left_over }
        })
        .collect()
}

const fn state(byte: u8) -> State {
    match byte {
        EMPTY_REST => State::EmptyRest,
        EMPTY_ONE => State::EmptyOne,
        EVACUATED_X => State::EvacuatedX,
        EVACUATED_Y => State::EvacuatedY,
        EVACUATED_EMPTY => State::EvacuatedEmpty,
        _ => State::Live,
    }
}
