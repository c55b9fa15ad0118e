//! Storage that never uses a slot again.

use foldhash::fast::FixedState;
use formats::answer::Answer;
use hashbrown::HashMap;

use crate::{address, answer, total};
use subject::entry::{Key, Value};
use subject::map::{Address, Map};

/// Values in a block.
const BLOCK: usize = 1024;

/// Values in blocks that stay where they are, and a table of their positions.
pub struct Adapter<K, V> {
    positions: HashMap<K, usize, FixedState>,
    blocks: Vec<Vec<Option<V>>>,
}

impl<K, V> Default for Adapter<K, V> {
    fn default() -> Self {
        Self { positions: HashMap::default(), blocks: Vec::new() }
    }
}

impl<K, V> Adapter<K, V> {
    fn append(&mut self, value: V) -> usize {
        if self.blocks.last().is_none_or(|block| block.len() == BLOCK) {
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        let earlier = (self.blocks.len() - 1) * BLOCK;
        let block = self.blocks.last_mut().expect("one was just pushed if there was none");
        block.push(Some(value));
        earlier + block.len() - 1
    }

    fn slot(&mut self, position: usize) -> &mut Option<V> {
        &mut self.blocks[position / BLOCK][position % BLOCK]
    }

    fn values(&self) -> impl Iterator<Item = &V> {
        self.blocks.iter().flatten().flatten()
    }

    fn found(&self, key: &K) -> Option<&V>
    where
        K: Key,
    {
        let position = *self.positions.get(key)?;
        self.blocks[position / BLOCK][position % BLOCK].as_ref()
    }
}

impl<K: Key, V: Value> Map<K, V> for Adapter<K, V> {
    fn insert(&mut self, key: &K, value: V) -> Answer {
        let position = self.append(value);
        let before = self.positions.insert(key.clone(), position);
        answer(before.and_then(|position| self.slot(position).take()).as_ref())
    }

    fn remove(&mut self, key: &K) -> Answer {
        let position = self.positions.remove(key);
        answer(position.and_then(|position| self.slot(position).take()).as_ref())
    }

    fn get(&mut self, key: &K) -> Answer {
        answer(self.found(key))
    }

    fn update(&mut self, key: &K, value: V) -> Answer {
        let Some(position) = self.positions.get(key).copied() else { return Answer::ABSENT };
        answer(self.slot(position).replace(value).as_ref())
    }

    fn iterate(&mut self) -> Answer {
        total(self.values())
    }

    fn clear(&mut self) -> Answer {
        let entries = self.positions.len();
        self.positions.clear();
        self.blocks.iter_mut().flatten().for_each(|slot| *slot = None);
        Answer::of(entries as u64)
    }

    fn len(&mut self) -> u64 {
        self.positions.len() as u64
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.found(key).map(address)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.values().map(address).for_each(visit);
    }
}
