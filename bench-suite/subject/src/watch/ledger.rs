//! The allocator that counts, and what it knows of the blocks of one thread.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;

use formats::observation::{ClassAllocations, EventKind, PhaseAllocations};
use rustc_hash::FxHasher;
use tikv_jemallocator::{Jemalloc, usable_size};

use super::event_log::{Decision, EventLog};
use super::heap_stacks::HeapSampler;
use super::shadow::{Arrival, Landing, Shadow};
use crate::map::Address;

/// jemalloc, telling the thread's [`Ledger`] of every block that comes and goes.
pub struct CountingAllocator;

thread_local! {
    static LEDGER: RefCell<Option<Box<Ledger>>> = const { RefCell::new(None) };
}

/// Opens a ledger for this thread.
pub fn install(ledger: Ledger) {
    LEDGER.with(|slot| *slot.borrow_mut() = Some(Box::new(ledger)));
}

/// Closes the thread's ledger and hands it out.
///
/// # Panics
/// If none was installed.
#[must_use]
pub fn remove() -> Ledger {
    *LEDGER.with(|slot| slot.borrow_mut().take()).expect("a ledger is installed")
}

/// Lets `act` work on the thread's ledger. Allocations made by `act` itself are not counted.
///
/// # Panics
/// If none was installed.
pub fn with<R>(act: impl FnOnce(&mut Ledger) -> R) -> R {
    LEDGER.with(|slot| act(slot.borrow_mut().as_mut().expect("a ledger is installed")))
}

/// A map is about to say what happens in it, by [`emit`] and [`decided`].
pub fn announce() {
    tell(|ledger| {
        if let Some(log) = &mut ledger.log {
            log.announced();
        }
    });
}

/// Something happened in the map: recorded where a ledger with a log is installed. The size is in the unit that
/// the kind of event has. What the ledger allocates for it is not counted.
pub fn emit(kind: EventKind, size: u64) {
    tell(|ledger| {
        if let Some(log) = &mut ledger.log {
            log.note(kind, size);
        }
    });
}

/// The map decided for a slot: counted where a ledger with a log is installed.
pub fn decided(decision: Decision) {
    tell(|ledger| {
        if let Some(log) = &mut ledger.log {
            log.decided(decision);
        }
    });
}

/// Keeps something for a later [`Map::relocated`](crate::map::Map::relocated), in a pass that follows where entries
/// lie. What `act` allocates is not counted.
pub fn keep_moves(act: impl FnOnce()) {
    tell(|ledger| {
        if ledger.shadow.is_some() {
            act();
        }
    });
}

/// The map's newest table: its address, which is exposed, and its bytes. `None` where no ledger knows tables, or where
/// the map has none.
#[must_use]
pub fn table() -> Option<(Address, usize)> {
    let mut table = None;
    tell(|ledger| table = ledger.tables.as_ref().and_then(|tables| tables.last().copied()));
    table
}

/// Tells the ledger, if one is installed and not itself the one that allocates.
fn tell(act: impl FnOnce(&mut Ledger)) {
    // A thread that is being torn down has no ledger any more.
    let _ = LEDGER.try_with(|slot| {
        if let Ok(mut slot) = slot.try_borrow_mut()
            && let Some(ledger) = slot.as_mut()
        {
            act(ledger);
        }
    });
}

// SAFETY: every call is passed on to jemalloc unchanged; the ledger only reads addresses and sizes, and what
// it allocates itself is not told to it again.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are passed on.
        let block = unsafe { Jemalloc.alloc(layout) };
        tell(|ledger| ledger.allocated(block, layout.size(), layout.align()));
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are passed on.
        let block = unsafe { Jemalloc.alloc_zeroed(layout) };
        tell(|ledger| ledger.allocated(block, layout.size(), layout.align()));
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        tell(|ledger| ledger.freed(block.addr(), size_of_block(block)));
        // SAFETY: the caller's promises are passed on.
        unsafe { Jemalloc.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let before = size_of_block(block);
        // SAFETY: the caller's promises are passed on.
        let moved = unsafe { Jemalloc.realloc(block, layout, size) };
        if !moved.is_null() {
            tell(|ledger| ledger.reallocated(block.addr(), before, moved, size, layout.align()));
        }
        moved
    }
}

/// The usable size of a block that jemalloc handed out.
fn size_of_block(block: *mut u8) -> usize {
    // SAFETY: only called with live blocks of the allocator above.
    unsafe { usable_size(block) }
}

/// Blocks of one thread: how many of each size, how long they live, and (for the slots pass) what lived in
/// them. Open during operations only, so that the suite's own blocks are not in it.
#[derive(Debug, Default)]
pub struct Ledger {
    open: bool,
    now: u64,
    totals: PhaseAllocations,
    classes: BTreeMap<usize, ClassAllocations>,
    births: HashMap<Address, u64, BuildHasherDefault<FxHasher>>,
    keeps_lifetimes: bool,
    held: u64,
    peak: u64,
    shadow: Option<Shadow>,
    most_places_freed: u64,
    log: Option<EventLog>,
    sampler: Option<HeapSampler>,
    /// Live blocks of [`LARGE`] bytes or more, where there is shadow memory, and the bytes that were asked for.
    large: BTreeMap<Address, usize>,
    /// Live blocks with the alignment of control bytes, and the bytes that were asked for.
    tables: Option<Vec<(Address, usize)>>,
}

/// Tables whose control bytes are compared sixteen at once are aligned so; keys, values and boxes here are not.
const TABLE_ALIGN: usize = 16;
/// Blocks of a map that has more of them are no tables.
const TABLES: usize = 64;
/// Below this many bytes a block is not told from its neighbours.
const LARGE: usize = 4096;

impl Ledger {
    /// A ledger for counts and lifetimes by size class.
    #[must_use]
    pub fn with_lifetimes() -> Self {
        Self { keeps_lifetimes: true, ..Self::default() }
    }

    /// A ledger for what lives where. It knows the table of a map too.
    #[must_use]
    pub fn with_shadow(shadow: Shadow) -> Self {
        Self { shadow: Some(shadow), tables: Some(Vec::new()), ..Self::default() }
    }

    /// A ledger for what happens inside the map.
    #[must_use]
    pub fn with_log(log: EventLog) -> Self {
        Self { log: Some(log), ..Self::default() }
    }

    /// A ledger that knows the table of a map whose control bytes can be read in it.
    #[must_use]
    pub fn with_tables() -> Self {
        Self { tables: Some(Vec::new()), ..Self::default() }
    }

    /// A ledger that takes samples of who allocates.
    #[must_use]
    pub fn with_sampler(sampler: HeapSampler) -> Self {
        Self { sampler: Some(sampler), ..Self::default() }
    }

    /// Ends the taking of samples.
    pub fn take_sampler(&mut self) -> Option<HeapSampler> {
        self.sampler.take()
    }

    /// The log of a ledger that was made with one.
    pub fn log(&mut self) -> Option<&mut EventLog> {
        self.log.as_mut()
    }

    /// An operation starts: from here on blocks belong to the map.
    pub fn open(&mut self, operation: u64) {
        self.now = operation;
        self.open = true;
    }

    /// The map is made, drained or dropped: from here on blocks belong to it too.
    pub fn reopen(&mut self) {
        self.open = true;
    }

    /// The operation is done.
    pub fn close(&mut self) {
        self.open = false;
    }

    /// Calls since the last time, and starts to count anew.
    pub fn take_totals(&mut self) -> PhaseAllocations {
        std::mem::take(&mut self.totals)
    }

    /// Calls by size class over the whole time, smallest first.
    #[must_use]
    pub fn classes(&self) -> Vec<ClassAllocations> {
        self.classes.values().cloned().collect()
    }

    /// Bytes that the map holds.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.held
    }

    /// The most bytes that the map held at once.
    #[must_use]
    pub fn peak(&self) -> u64 {
        self.peak
    }

    /// Notes that an entry lives here, and says what was known of the place before. Every place is fresh to a
    /// ledger without shadow memory.
    pub fn settle(&mut self, address: Address, arrival: Arrival) -> Landing {
        self.shadow.as_mut().map_or(Landing::Fresh, |shadow| shadow.settle(address, arrival))
    }

    /// What is known of each place, and the blocks that are large enough to have room for entries beside those that they
    /// hold: addresses, and bytes that were asked for. `None` for a ledger without shadow memory.
    pub fn seen(&mut self) -> Option<(&mut Shadow, &BTreeMap<Address, usize>)> {
        Some((self.shadow.as_mut()?, &self.large))
    }

    /// Bytes of memory that the shadow memory takes.
    #[must_use]
    pub fn shadow_bytes(&self) -> u64 {
        self.shadow.as_ref().map_or(0, Shadow::bytes)
    }

    /// The most places of entries that one freed block held, since the last time: many at once mean that a
    /// table has moved.
    pub fn take_most_places_freed(&mut self) -> u64 {
        std::mem::take(&mut self.most_places_freed)
    }

    fn allocated(&mut self, block: *mut u8, wanted: usize, align: usize) {
        if block.is_null() || !self.open {
            return;
        }
        let size = size_of_block(block);
        self.came(block.addr(), size);
        if self.shadow.is_some() && wanted >= LARGE {
            self.large.insert(block.addr(), wanted);
        }
        if let Some(tables) = &mut self.tables
            && align == TABLE_ALIGN
            && tables.len() < TABLES
        {
            tables.push((block.expose_provenance(), wanted));
        }
    }

    fn came(&mut self, block: Address, size: usize) {
        self.totals.allocations += 1;
        self.totals.bytes += size as u64;
        self.held += size as u64;
        self.peak = self.peak.max(self.held);
        if let Some(log) = &mut self.log {
            log.allocated(block, size);
        }
        if let Some(sampler) = &mut self.sampler {
            sampler.allocated(block, size);
        }
        if self.keeps_lifetimes {
            self.class(size).allocations += 1;
            self.births.insert(block, self.now);
        }
    }

    fn freed(&mut self, block: Address, size: usize) {
        let places = self.forget(block, size);
        if size >= LARGE {
            self.large.remove(&block);
        }
        // A map that reclaims late may do so while it is asked where an entry lies.
        if !self.open && places == 0 {
            return;
        }
        if let Some(tables) = &mut self.tables {
            tables.retain(|(table, _)| *table != block);
        }
        self.went(block, size);
    }

    fn went(&mut self, block: Address, size: usize) {
        self.totals.frees += 1;
        if let Some(log) = &mut self.log {
            log.freed(block);
        }
        if let Some(sampler) = &mut self.sampler {
            sampler.freed(block);
        }
        // A block made outside of any operation may be freed inside of one.
        self.held = self.held.saturating_sub(size as u64);
        if self.keeps_lifetimes {
            let age = self.births.remove(&block).map(|birth| self.now - birth);
            let class = self.class(size);
            class.frees += 1;
            if let Some(age) = age {
                count_log2(&mut class.lifetimes, age);
            }
        }
    }

    fn reallocated(&mut self, block: Address, before: usize, moved: *mut u8, wanted: usize, align: usize) {
        let after = size_of_block(moved);
        if moved.addr() != block {
            self.freed(block, before);
            self.allocated(moved, wanted, align);
            return;
        }
        // Whether a block has room to grow where it is depends on its neighbours, of which the map knows nothing: it counts
        // as another block, as if it had moved.
        if self.open && after != before {
            self.went(block, before);
            self.came(block, after);
        }
        if self.large.remove(&block).is_some() && wanted >= LARGE {
            self.large.insert(block, wanted);
        }
        if after < before {
            self.forget(block + after, before - after);
        }
    }

    /// Takes what lived in a block that is freed out of the shadow memory, and says how many places that were.
    fn forget(&mut self, block: Address, size: usize) -> u64 {
        let places = self.shadow.as_mut().map_or(0, |shadow| shadow.free(block, size));
        self.most_places_freed = self.most_places_freed.max(places);
        places
    }

    fn class(&mut self, size: usize) -> &mut ClassAllocations {
        let new = || ClassAllocations { size: size as u64, ..ClassAllocations::default() };
        self.classes.entry(size).or_insert_with(new)
    }
}

/// Counts a number in a histogram whose entry `i` stands for 2^i to 2^(i+1)-1 (entry 0 also for 0).
pub fn count_log2(histogram: &mut Vec<u64>, number: u64) {
    let bin = number.max(1).ilog2() as usize;
    if histogram.len() <= bin {
        histogram.resize(bin + 1, 0);
    }
    histogram[bin] += 1;
}
