//! Shadow memory: what has ever lived at an address.
//!
//! Two bits for each 8-byte granule of the address space: *lived* (the value of an entry started here since
//! this memory was allocated) and *freed* (this memory belonged to a block that held entries and was given
//! back). Granules of 8 bytes because some maps keep values in arrays of their own, 8 bytes apart.
//!
//! The bits of all 2^47 addresses are reserved at once and backed by the kernel page by page as they are
//! touched: finding them is one shift, a page of bits serves 128 KiB of the map, and the allocator under the
//! map never sees any of it. The price is 1/32 of the memory in which entries lie.

use std::io;
use std::ptr::NonNull;

use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

use crate::map::Address;

const ADDRESS_BITS: u32 = 47;
const GRANULE_BITS: u32 = 3;
const WORD_BITS: u32 = GRANULE_BITS + 6;
const PAGE: usize = 4096;

/// The bits of 64 granules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Word {
    lived: u64,
    freed: u64,
}

/// Where an insert landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landing {
    /// Where, in the same allocation, an entry lived before.
    Reused,
    /// In memory that an entry had been freed from and the allocator gave back.
    Recycled,
    /// Neither.
    Fresh,
}

/// What has ever lived at each address. For one thread.
#[derive(Debug)]
pub struct Shadow {
    words: Reserve<Word>,
    /// Which pages of `words` were written to, a byte each.
    pages: Reserve<u8>,
    touched: u64,
}

impl Shadow {
    /// Nothing has lived anywhere. Fails where the kernel does not hand out address space without memory
    /// behind it (a limit on virtual memory, say).
    pub fn new() -> io::Result<Self> {
        let words = Reserve::new(1 << (ADDRESS_BITS - WORD_BITS))?;
        let pages = Reserve::new(words.count * size_of::<Word>() / PAGE)?;
        Ok(Self { words, pages, touched: 0 })
    }

    /// Notes that an entry lives here, and says what was known of the place before.
    pub fn settle(&mut self, address: Address) -> Landing {
        let (index, bit) = place(address);
        let word = self.words.get(index);
        if word == Word::default() {
            self.touch(index);
        }
        let landing = match (word.lived & bit, word.freed & bit) {
            (0, 0) => Landing::Fresh,
            (0, _) => Landing::Recycled,
            _ => Landing::Reused,
        };
        self.words.set(index, Word { lived: word.lived | bit, ..word });
        landing
    }

    /// Notes that the block of `size` bytes at `block` was freed, and says how many places in it had been
    /// lived in.
    pub fn free(&mut self, block: Address, size: usize) -> u64 {
        let mut places = 0;
        let (first, last) = (block >> GRANULE_BITS, (block + size.max(1) - 1) >> GRANULE_BITS);
        for_words(first, last, |index, mask| {
            places += u64::from((self.words.get(index).lived & mask).count_ones());
        });
        if places > 0 {
            for_words(first, last, |index, mask| {
                let word = self.words.get(index);
                if word == Word::default() {
                    self.touch(index);
                }
                self.words.set(index, Word { lived: word.lived & !mask, freed: word.freed | mask });
            });
        }
        places
    }

    /// Bytes of memory that the bits take.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.touched * PAGE as u64
    }

    fn touch(&mut self, word: usize) {
        let page = word * size_of::<Word>() / PAGE;
        if self.pages.get(page) == 0 {
            self.pages.set(page, 1);
            self.touched += 1;
        }
    }
}

/// The word of an address, and its bit in it.
fn place(address: Address) -> (usize, u64) {
    let granule = address >> GRANULE_BITS;
    (granule >> 6, 1 << (granule & 63))
}

/// Calls `each` with every word that holds granules from `first` to `last`, and their bits in it.
fn for_words(first: usize, last: usize, mut each: impl FnMut(usize, u64)) {
    for index in first >> 6..=last >> 6 {
        let low = if index == first >> 6 { u64::MAX << (first & 63) } else { u64::MAX };
        let high = if index == last >> 6 { u64::MAX >> (63 - (last & 63)) } else { u64::MAX };
        each(index, low & high);
    }
}

/// Address space for `count` zeroes, backed by memory where it is written to.
#[derive(Debug)]
struct Reserve<T> {
    start: NonNull<T>,
    count: usize,
}

impl<T: Copy> Reserve<T> {
    fn new(count: usize) -> io::Result<Self> {
        let (access, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE | MapFlags::NORESERVE);
        // SAFETY: a new private mapping at an address of the kernel's choice overlaps nothing.
        let start = unsafe { mmap_anonymous(std::ptr::null_mut(), count * size_of::<T>(), access, flags)? };
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { start, count })
    }

    fn get(&self, index: usize) -> T {
        assert!(index < self.count, "addresses of user space have {ADDRESS_BITS} bits");
        // SAFETY: inside the mapping, which is zeroed, and zero is a value of every `T` used here.
        unsafe { self.start.add(index).read() }
    }

    fn set(&mut self, index: usize, value: T) {
        assert!(index < self.count, "addresses of user space have {ADDRESS_BITS} bits");
        // SAFETY: inside the mapping, which this value owns alone.
        unsafe { self.start.add(index).write(value) }
    }
}

impl<T> Drop for Reserve<T> {
    fn drop(&mut self) {
        // SAFETY: the mapping made in `new`; nothing refers to it any more. A failure would only leak it.
        let _ = unsafe { munmap(self.start.as_ptr().cast(), self.count * size_of::<T>()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_fresh_then_reused() {
        let mut shadow = Shadow::new().unwrap();
        assert_eq!(shadow.settle(0x7f00_0000_1000), Landing::Fresh);
        assert_eq!(shadow.settle(0x7f00_0000_1000), Landing::Reused);
        assert_eq!(shadow.settle(0x7f00_0000_1008), Landing::Fresh);
        assert_eq!(shadow.bytes(), 4096);
    }

    #[test]
    fn a_freed_block_is_recycled_as_a_whole_and_its_neighbours_are_not() {
        let mut shadow = Shadow::new().unwrap();
        let block = 0x7f00_0000_2010;
        shadow.settle(block + 8);
        shadow.settle(block + 48);
        assert_eq!(shadow.free(block, 48), 1, "the second entry lies behind the block");
        assert_eq!(shadow.settle(block + 40), Landing::Recycled);
        assert_eq!(shadow.settle(block + 40), Landing::Reused);
        assert_eq!(shadow.settle(block + 48), Landing::Reused);
        assert_eq!(shadow.settle(block - 8), Landing::Fresh);
    }

    #[test]
    fn a_block_without_entries_leaves_no_trace() {
        let mut shadow = Shadow::new().unwrap();
        assert_eq!(shadow.free(0x7f00_0000_0000, 1 << 20), 0);
        assert_eq!(shadow.settle(0x7f00_0000_0100), Landing::Fresh);
        assert_eq!(shadow.bytes(), 4096);
    }

    #[test]
    fn a_large_block_is_cleared_word_by_word() {
        let mut shadow = Shadow::new().unwrap();
        let (block, size) = (0x7f00_0010_0008, 5 << 20);
        let entries: Vec<_> = (0..size / 16).map(|i| block + i * 16).collect();
        for entry in &entries {
            shadow.settle(*entry);
        }
        assert_eq!(shadow.free(block, size), entries.len() as u64);
        assert!(entries.iter().all(|entry| shadow.settle(*entry) == Landing::Recycled));
        assert!(shadow.bytes() <= size as u64 / 32 + 2 * PAGE as u64);
    }
}
