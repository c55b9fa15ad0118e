//! A map some of whose operations take far longer, for a reason that is chosen when the map is made.

use std::hint::{black_box, spin_loop};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use formats::answer::Answer;
use formats::subject::{Axis, MapInfo};
use rustix::mm::{Advice, madvise};

use crate::hashbrown_foldhash;
use subject::axes;
use subject::entry::{Key, Value};
use subject::inject_work::inject_work;
use subject::map::{Address, Map};

/// Why the operations take longer: an axis of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// They work, and do nothing else: the twin.
    Work,
    /// They rebuild the table, and work.
    Rehash,
    /// They call the allocator, and work.
    Allocate,
    /// They write to pages that the kernel has to find first, and work.
    Fault,
    /// They wait for a lock that another thread holds.
    Wait,
}

impl Why {
    const AXIS: &str = "why";
    const NAMES: [(&str, Self); 5] = [
        ("work", Self::Work),
        ("rehash", Self::Rehash),
        ("allocate", Self::Allocate),
        ("fault", Self::Fault),
        ("wait", Self::Wait),
    ];

    fn chosen() -> Self {
        let name = axes::chosen(Self::AXIS, String::new());
        Self::NAMES.iter().find(|(known, _)| *known == name).map_or(Self::Work, |(_, why)| *why)
    }
}

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    let about = "The map hashbrown, but one operation of each thousand takes some hundred µs: it works, and does what \
                 the axis says beside.";
    super::info("canary-stalling", about).with_axis(Axis::new(
        Why::AXIS,
        Why::NAMES.map(|(name, _)| name),
        Why::NAMES[0].0,
    ))
}

/// Of so many operations one stalls.
const EACH: u64 = 1000;
/// How many there are before the first that does.
const BEFORE: u64 = 499;

/// Steps of work in an operation that stalls: some hundred µs, far beyond what else an operation takes.
const STEPS: u64 = 250_000;
/// Blocks that are allocated and freed at once; none is as large as a table.
const BLOCKS: usize = 64;
/// Bytes that are written to anew.
const BYTES: usize = 1 << 18;

/// hashbrown that stalls.
pub struct Adapter<K, V> {
    why: Why,
    sound: hashbrown_foldhash::Adapter<K, V>,
    played: u64,
    pages: Pages,
    /// Who holds the lock that is waited for; there is one where it is.
    holder: Option<Holder>,
}

impl<K, V> Default for Adapter<K, V> {
    fn default() -> Self {
        let why = Why::chosen();
        Self {
            why,
            sound: hashbrown_foldhash::Adapter::default(),
            played: 0,
            pages: Pages(vec![1; if why == Why::Fault { BYTES } else { 0 }]),
            holder: (why == Why::Wait).then(Holder::new),
        }
    }
}

impl<K: Key, V: Value> Adapter<K, V> {
    #[inline]
    fn before(&mut self) {
        if self.played % EACH == BEFORE {
            self.stall();
        }
        self.played += 1;
    }

    #[cold]
    fn stall(&mut self) {
        match self.why {
            Why::Rehash => {
                self.sound.shrink();
                self.sound.reserve(4 * self.sound.entries());
            }
            Why::Allocate => drop(black_box([(); BLOCKS].map(|()| Box::new([0_u64; 8])))),
            Why::Fault => self.pages.write_anew(),
            Why::Work | Why::Wait => {}
        }
        match &self.holder {
            Some(holder) => holder.wait(),
            None => inject_work(STEPS),
        }
    }
}

/// Memory that is given back to the kernel and written to again.
struct Pages(Vec<u8>);

impl Pages {
    fn write_anew(&mut self) {
        let page = rustix::param::page_size();
        // Whole pages in the middle: what shares the first and the last one stays.
        let start = self.0.as_ptr().align_offset(page);
        let bytes = self.0.len().saturating_sub(start) / page * page;
        let pages = &mut self.0[start..start + bytes];
        // SAFETY: the pages are this vector's and nothing else's; they read as zeros from here on.
        let _ = unsafe { madvise(pages.as_mut_ptr().cast(), bytes, Advice::LinuxDontNeed) };
        pages.iter_mut().step_by(page).for_each(|byte| *byte = black_box(1));
    }
}

/// A thread beside the map that takes a lock whenever somebody is about to, and holds it until he waits.
struct Holder {
    door: Arc<Door>,
    thread: Option<JoinHandle<()>>,
}

struct Door {
    lock: Mutex<()>,
    wanted: AtomicBool,
    held: AtomicBool,
    over: AtomicBool,
    /// Where the kernel tells what the thread that made the map does.
    state: PathBuf,
}

impl Holder {
    fn new() -> Self {
        let task = std::fs::read_link("/proc/thread-self").unwrap_or_default();
        let door = Arc::new(Door {
            lock: Mutex::new(()),
            wanted: AtomicBool::new(false),
            held: AtomicBool::new(false),
            over: AtomicBool::new(false),
            state: PathBuf::from("/proc").join(task).join("stat"),
        });
        let other = Arc::clone(&door);
        Self { door, thread: Some(thread::spawn(move || other.hold_when_wanted())) }
    }

    fn wait(&self) {
        let Some(thread) = &self.thread else { return };
        self.door.wanted.store(true, Ordering::Release);
        thread.thread().unpark();
        while !self.door.held.load(Ordering::Acquire) {
            spin_loop();
            thread::yield_now();
        }
        drop(self.door.lock.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.door.over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

impl Door {
    fn hold_when_wanted(&self) {
        while !self.over.load(Ordering::Acquire) {
            if !self.wanted.swap(false, Ordering::AcqRel) {
                thread::park();
                continue;
            }
            let held = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
            self.held.store(true, Ordering::Release);
            while !self.sleeps() {
                thread::sleep(Duration::from_micros(50));
            }
            thread::sleep(Duration::from_micros(300));
            self.held.store(false, Ordering::Release);
            drop(held);
        }
    }

    /// Whether the thread that made the map sleeps; also where the kernel does not tell.
    fn sleeps(&self) -> bool {
        let stat = std::fs::read_to_string(&self.state).unwrap_or_default();
        // The name of the program, in brackets, stands before it.
        stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('S'))
    }
}

impl<K: Key, V: Value> Map<K, V> for Adapter<K, V> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        self.before();
        self.sound.insert(key, value)
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        self.before();
        self.sound.remove(key)
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        self.before();
        self.sound.get(key)
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        self.before();
        self.sound.update(key, value)
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        self.before();
        self.sound.iterate()
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        self.before();
        self.sound.clear()
    }

    fn len(&mut self) -> u64 {
        self.sound.len()
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.sound.locate(key)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.sound.locate_all(visit);
    }

    fn capacity(&mut self) -> Option<u64> {
        self.sound.capacity()
    }
}
