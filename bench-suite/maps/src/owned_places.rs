//! What the user of a shared slot manager keeps: for each place the key, or the slot itself, that he was given.
//!
//! A place belongs to one thread, so each thread has a table of its own and needs no lock for it. When a
//! thread is done its table is put by, and the next handle takes up all that were put by: so that one handle
//! can empty the map in the end.

use std::mem::take;
use std::sync::{Mutex, PoisonError};

use subject::entry::{BLOCK, Place};

/// One block of places.
type Block<T> = Box<[Option<T>]>;

/// What is kept for each place of one thread. Blocks of other threads' places take a pointer.
pub struct Kept<T> {
    blocks: Vec<Option<Block<T>>>,
    held: u64,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { blocks: Vec::new(), held: 0 }
    }
}

impl<T> Kept<T> {
    /// What is kept for this place.
    #[inline]
    #[must_use]
    pub fn get(&self, place: Place) -> Option<&T> {
        let (block, at) = place.split();
        self.blocks.get(block)?.as_ref()?[at].as_ref()
    }

    /// The same, to be changed.
    #[inline]
    pub fn get_mut(&mut self, place: Place) -> Option<&mut T> {
        let (block, at) = place.split();
        self.blocks.get_mut(block)?.as_mut()?[at].as_mut()
    }

    /// Keeps this for a place that has nothing.
    #[inline]
    pub fn put(&mut self, place: Place, kept: T) {
        let (block, at) = place.split();
        if !matches!(self.blocks.get(block), Some(Some(_))) {
            self.extend(block);
        }
        if let Some(Some(block)) = self.blocks.get_mut(block) {
            block[at] = Some(kept);
            self.held += 1;
        }
    }

    /// Gives out what is kept for this place.
    #[inline]
    pub fn take(&mut self, place: Place) -> Option<T> {
        let (block, at) = place.split();
        let kept = self.blocks.get_mut(block)?.as_mut()?[at].take();
        self.held -= u64::from(kept.is_some());
        kept
    }

    /// Gives out everything.
    pub fn drain(&mut self) -> impl Iterator<Item = T> + use<T> {
        self.held = 0;
        take(&mut self.blocks).into_iter().flatten().flatten().flatten()
    }

    /// Everything kept.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.blocks.iter().flatten().flat_map(|block| block.iter()).flatten()
    }

    /// How many places have something.
    #[must_use]
    pub const fn held(&self) -> u64 {
        self.held
    }

    #[cold]
    fn extend(&mut self, block: usize) {
        if block >= self.blocks.len() {
            self.blocks.resize_with(block + 1, || None);
        }
        self.blocks[block].get_or_insert_with(|| (0..BLOCK).map(|_| None).collect());
    }

    /// Takes up the other table, whose blocks are of other threads' places.
    fn merge(&mut self, other: Self) {
        self.held += other.held;
        if self.blocks.len() < other.blocks.len() {
            self.blocks.resize_with(other.blocks.len(), || None);
        }
        for (own, other) in self.blocks.iter_mut().zip(other.blocks) {
            match (own, other) {
                (own @ None, other) => *own = other,
                (Some(own), Some(other)) => {
                    for (own, other) in own.iter_mut().zip(other) {
                        *own = other.or(own.take());
                    }
                }
                (Some(_), None) => {}
            }
        }
    }
}

/// Tables of threads that are done.
pub struct PutBy<T>(Mutex<Kept<T>>);

impl<T> Default for PutBy<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> PutBy<T> {
    /// Takes up all that was put by.
    pub fn take(&self) -> Kept<T> {
        take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a table by.
    pub fn put(&self, kept: Kept<T>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).merge(kept);
    }
}
