//! Storage that never uses a slot again, or takes the one that was freed last.

use foldhash::fast::FixedState;
use formats::answer::Answer;
use hashbrown::HashMap;

use crate::{address, answer, total};
use subject::entry::{Key, Value};
use subject::map::{Address, Map};

/// Values in a block.
const BLOCK: usize = 1024;

/// Values in blocks that stay where they are, and a table of their positions.
pub struct Appended<K, V, const REUSES: bool> {
    positions: HashMap<K, usize, FixedState>,
    blocks: Vec<Vec<Option<V>>>,
    /// Positions that hold nothing, of a map that uses them again.
    free: Vec<usize>,
}

impl<K, V, const REUSES: bool> Default for Appended<K, V, REUSES> {
    fn default() -> Self {
        Self { positions: HashMap::default(), blocks: Vec::new(), free: Vec::new() }
    }
}

impl<K, V, const REUSES: bool> Appended<K, V, REUSES> {
    fn put(&mut self, value: V) -> usize {
        match self.free.pop() {
            Some(position) => {
                *self.slot(position) = Some(value);
                position
            }
            None => self.append(value),
        }
    }

    /// Takes the value out of a slot.
    fn take(&mut self, position: usize) -> Option<V> {
        if REUSES {
            self.free.push(position);
        }
        self.slot(position).take()
    }

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

impl<K: Key, V: Value, const REUSES: bool> Map<K, V> for Appended<K, V, REUSES> {
    fn insert(&mut self, key: &K, value: V) -> Answer {
        let position = self.put(value);
        let before = self.positions.insert(key.clone(), position);
        answer(before.and_then(|position| self.take(position)).as_ref())
    }

    fn remove(&mut self, key: &K) -> Answer {
        let position = self.positions.remove(key);
        answer(position.and_then(|position| self.take(position)).as_ref())
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
        for position in std::mem::take(&mut self.positions).into_values() {
            self.take(position);
        }
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
