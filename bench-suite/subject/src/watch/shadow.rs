//! Shadow memory: what has ever lived at an address, and what is there now.
//!
//! Three bits for each 8-byte granule of the address space. *Lived*: the value of an entry started here since this memory
//! was allocated. What the others mean depends on it:
//!
//! | lived | left | again | |
//! |---|---|---|---|
//! | 0 | 0 | 0 | nothing is known of the place |
//! | 0 | 1 | 0 | it belonged to a block that held entries and was given back |
//! | 1 | 0 | 0 | the first entry is there |
//! | 1 | 0 | 1 | an entry is there, after another |
//! | 1 | 1 | 1 | an entry is there that the map carried there |
//! | 1 | 1 | 0 | an entry was there |
//!
//! Granules of 8 bytes because some maps keep values in arrays of their own, 8 bytes apart.
//!
//! The bits of all 2^47 addresses are reserved at once and backed by the kernel page by page as they are
//! touched: finding them is one shift, a page of bits serves 128 KiB of the map, and the allocator under the
//! map never sees any of it. The price is 3/64 of the memory in which entries lie; a census, which is taken when a map
//! moved entries without telling, needs one more bit for as long as it takes.

use std::io;
use std::ptr::NonNull;

use formats::observation::SlotState;
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

use crate::map::Address;

const ADDRESS_BITS: u32 = 47;
const GRANULE_BITS: u32 = 3;
const WORD_BITS: u32 = GRANULE_BITS + 6;
const PAGE: usize = 4096;
const WORDS: usize = 1 << (ADDRESS_BITS - WORD_BITS);
const WORDS_IN_PAGE: usize = PAGE / size_of::<Word>();

/// Two of the bits of 64 granules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Word {
    lived: u64,
    left: u64,
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

/// How an entry came to where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It was inserted.
    Inserted,
    /// The map carried it there, or it was there before.
    Found,
    /// The map carried it there, or put it there again: its table was rebuilt.
    Carried,
}

/// What has ever lived at each address. For one thread.
#[derive(Debug)]
pub struct Shadow {
    words: Reserve<Word>,
    again: Reserve<u64>,
    /// Which pages of `words` were written to, a byte each.
    pages: Reserve<u8>,
    /// The same in order; those touched last stand at the end.
    touched: Vec<usize>,
    /// How many of them are sorted.
    sorted: usize,
    /// Pages of `again` that belong to them.
    pages_of_again: u64,
    /// Places seen in a census that is being taken.
    census: Option<Reserve<u64>>,
}

impl Shadow {
    /// Nothing has lived anywhere. Fails where the kernel does not hand out address space without memory
    /// behind it (a limit on virtual memory, say).
    pub fn new() -> io::Result<Self> {
        let words = Reserve::new(WORDS)?;
        let again = Reserve::new(WORDS)?;
        let pages = Reserve::new(WORDS / WORDS_IN_PAGE)?;
        Ok(Self { words, again, pages, touched: Vec::new(), sorted: 0, pages_of_again: 0, census: None })
    }

    /// Notes that an entry lives here, and says what was known of the place before.
    pub fn settle(&mut self, address: Address, arrival: Arrival) -> Landing {
        let (index, bit) = place(address);
        let word = self.words.get(index);
        if word == Word::default() {
            self.touch(index);
        }
        let again = self.again.get(index);
        let (landing, lives) = match (word.lived & bit, word.left & bit) {
            (0, 0) => (Landing::Fresh, false),
            (0, _) => (Landing::Recycled, false),
            (_, left) => (Landing::Reused, left == 0 || again & bit != 0),
        };
        let (left, later) = match (arrival, landing, lives) {
            (Arrival::Found, _, true) => (word.left & bit, again & bit),
            (Arrival::Found | Arrival::Carried, ..) => (bit, bit),
            (Arrival::Inserted, Landing::Reused, _) => (0, bit),
            (Arrival::Inserted, ..) => (0, 0),
        };
        self.words.set(index, Word { lived: word.lived | bit, left: word.left & !bit | left });
        if again & bit != later {
            self.again.set(index, again & !bit | later);
        }
        landing
    }

    /// Notes that the entry that lived here is gone. Where its block was freed nothing is left to note.
    pub fn leave(&mut self, address: Address) {
        let (index, bit) = place(address);
        let word = self.words.get(index);
        if word.lived & bit != 0 {
            self.words.set(index, Word { left: word.left | bit, ..word });
            self.again.set(index, self.again.get(index) & !bit);
        }
    }

    /// What is here; `None` where no entry has been since the memory was allocated.
    #[must_use]
    pub fn state(&self, address: Address) -> Option<SlotState> {
        let (index, bit) = place(address);
        self.state_in(index, bit)
    }

    fn state_in(&self, index: usize, bit: u64) -> Option<SlotState> {
        let word = self.words.get(index);
        if word.lived & bit == 0 {
            return None;
        }
        Some(match (word.left & bit != 0, self.again.get(index) & bit != 0) {
            (false, false) => SlotState::Live,
            (false, true) => SlotState::Reused,
            (true, true) => SlotState::Moved,
            (true, false) => SlotState::Emptied,
        })
    }

    /// Shows every place in which an entry has been since its memory was allocated, in the order of addresses, with what
    /// is there.
    pub fn places(&mut self, mut visit: impl FnMut(Address, SlotState)) {
        self.sort();
        for page in &self.touched {
            for index in page * WORDS_IN_PAGE..(page + 1) * WORDS_IN_PAGE {
                let mut lived = self.words.get(index).lived;
                while lived != 0 {
                    let granule = lived.trailing_zeros();
                    lived &= lived - 1;
                    if let Some(state) = self.state_in(index, 1 << granule) {
                        visit((index << WORD_BITS) + ((granule as usize) << GRANULE_BITS), state);
                    }
                }
            }
        }
    }

    /// Starts to look where all entries are. Without memory for it none is taken.
    pub fn start_census(&mut self) {
        self.census = Reserve::new(WORDS).ok();
    }

    /// An entry is here.
    pub fn count(&mut self, address: Address) {
        let (index, bit) = place(address);
        if self.words.get(index) == Word::default() {
            self.touch(index);
        }
        if let Some(census) = &mut self.census {
            census.set(index, census.get(index) | bit);
        }
    }

    /// All entries were seen: where one lives that was not known to, the map carried it; where one was thought to live
    /// and was not seen, the place is empty.
    pub fn end_census(&mut self) {
        let Some(census) = self.census.take() else { return };
        for page in 0..self.touched.len() {
            let first = self.touched[page] * WORDS_IN_PAGE;
            for index in first..first + WORDS_IN_PAGE {
                let (word, again, seen) = (self.words.get(index), self.again.get(index), census.get(index));
                let lives = word.lived & (!word.left | again);
                if lives == seen {
                    continue;
                }
                let (came, gone) = (seen & !lives, lives & !seen);
                self.words.set(index, Word { lived: word.lived | came, left: word.left | came | gone });
                self.again.set(index, (again | came) & !gone);
            }
        }
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
                self.words.set(index, Word { lived: word.lived & !mask, left: word.left | mask });
                let again = self.again.get(index);
                if again & mask != 0 {
                    self.again.set(index, again & !mask);
                }
            });
        }
        places
    }

    /// Bytes of memory that the bits take.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        (self.touched.len() as u64 + self.pages_of_again) * PAGE as u64
    }

    fn touch(&mut self, word: usize) {
        let page = word / WORDS_IN_PAGE;
        if self.pages.get(page) == 0 {
            self.pages.set(page, 1);
            self.touched.push(page);
            // A page of `again` serves two pages of words.
            self.pages_of_again += u64::from(self.pages.get(page ^ 1) == 0);
        }
    }

    fn sort(&mut self) {
        if self.sorted < self.touched.len() {
            self.touched.sort_unstable();
            self.sorted = self.touched.len();
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

    fn insert(shadow: &mut Shadow, address: Address) -> Landing {
        shadow.settle(address, Arrival::Inserted)
    }

    #[test]
    fn a_place_is_fresh_then_reused() {
        let mut shadow = Shadow::new().unwrap();
        assert_eq!(insert(&mut shadow, 0x7f00_0000_1000), Landing::Fresh);
        assert_eq!(insert(&mut shadow, 0x7f00_0000_1000), Landing::Reused);
        assert_eq!(insert(&mut shadow, 0x7f00_0000_1008), Landing::Fresh);
        assert_eq!(shadow.bytes(), 2 * 4096);
    }

    #[test]
    fn a_freed_block_is_recycled_as_a_whole_and_its_neighbours_are_not() {
        let mut shadow = Shadow::new().unwrap();
        let block = 0x7f00_0000_2010;
        insert(&mut shadow, block + 8);
        insert(&mut shadow, block + 48);
        assert_eq!(shadow.free(block, 48), 1, "the second entry lies behind the block");
        assert_eq!(insert(&mut shadow, block + 40), Landing::Recycled);
        assert_eq!(insert(&mut shadow, block + 40), Landing::Reused);
        assert_eq!(insert(&mut shadow, block + 48), Landing::Reused);
        assert_eq!(insert(&mut shadow, block - 8), Landing::Fresh);
    }

    #[test]
    fn a_block_without_entries_leaves_no_trace() {
        let mut shadow = Shadow::new().unwrap();
        assert_eq!(shadow.free(0x7f00_0000_0000, 1 << 20), 0);
        assert_eq!(insert(&mut shadow, 0x7f00_0000_0100), Landing::Fresh);
        assert_eq!(shadow.bytes(), 2 * 4096);
    }

    #[test]
    fn a_large_block_is_cleared_word_by_word() {
        let mut shadow = Shadow::new().unwrap();
        let (block, size) = (0x7f00_0010_0008, 5 << 20);
        let entries: Vec<_> = (0..size / 16).map(|i| block + i * 16).collect();
        for entry in &entries {
            insert(&mut shadow, *entry);
        }
        assert_eq!(shadow.free(block, size), entries.len() as u64);
        assert!(entries.iter().all(|entry| insert(&mut shadow, *entry) == Landing::Recycled));
        assert!(shadow.bytes() <= size as u64 * 3 / 64 + 4 * PAGE as u64);
    }

    #[test]
    fn a_place_says_what_is_there() {
        let mut shadow = Shadow::new().unwrap();
        let [first, second] = [0x7f00_0000_3000, 0x7f00_0000_3010];
        assert_eq!(shadow.state(first), None);
        insert(&mut shadow, first);
        assert_eq!(shadow.state(first), Some(SlotState::Live));
        shadow.settle(first, Arrival::Found);
        assert_eq!(shadow.state(first), Some(SlotState::Live), "it was there before");
        shadow.leave(first);
        assert_eq!(shadow.state(first), Some(SlotState::Emptied));
        insert(&mut shadow, first);
        assert_eq!(shadow.state(first), Some(SlotState::Reused));
        shadow.settle(second, Arrival::Found);
        assert_eq!(shadow.state(second), Some(SlotState::Moved));
        shadow.settle(first, Arrival::Carried);
        let mut seen = Vec::new();
        shadow.places(|address, state| seen.push((address, state)));
        assert_eq!(seen, [(first, SlotState::Moved), (second, SlotState::Moved)]);
        shadow.leave(second);
        shadow.free(first, 16);
        shadow.leave(first);
        assert_eq!([shadow.state(first), shadow.state(second)], [None, Some(SlotState::Emptied)]);
        assert_eq!(insert(&mut shadow, first), Landing::Recycled);
        assert_eq!(shadow.state(first), Some(SlotState::Live), "the first since it was allocated again");
    }

    #[test]
    fn a_census_finds_what_moved_unseen() {
        let mut shadow = Shadow::new().unwrap();
        let at = |place: usize| 0x7f00_0020_0000 + 4096 * 50 * place;
        for place in 0..3 {
            insert(&mut shadow, at(place));
        }
        shadow.start_census();
        for place in [2, 0, 3] {
            shadow.count(at(place));
        }
        shadow.end_census();
        let states = [SlotState::Live, SlotState::Emptied, SlotState::Live, SlotState::Moved];
        assert_eq!((0..4).map(|place| shadow.state(at(place)).unwrap()).collect::<Vec<_>>(), states);
    }
}
