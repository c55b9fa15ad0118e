//! The work that every peer compares: a hashbrown map of 100,000 entries from which the oldest leaves for each that
//! comes, and injected work that makes it slower by a known part.

use std::hint::black_box;
use std::path::Path;

use maps::hashbrown_foldhash::Adapter;
use subject::inject_work::inject_work;
use subject::map::Map;

pub use tikv_jemallocator::Jemalloc;

/// Entries alive.
const LIVE: u64 = 100_000;
/// Pairs of a remove and an insert that one step makes: 64 operations, for which the work is counted.
const PAIRS: u64 = 32;

/// A map under churn that never ends.
pub struct Churn {
    map: Adapter<u64, u64>,
    next: u64,
    work: u64,
}

impl Churn {
    /// A full map, and so much injected work for each 64 operations.
    #[must_use]
    pub fn new(work: u64) -> Self {
        let mut churn = Self { map: Adapter::default(), next: 0, work };
        while churn.next < LIVE {
            churn.map.insert(&key(churn.next), churn.next);
            churn.next += 1;
        }
        churn
    }

    /// Changes the injected work.
    pub fn set_work(&mut self, work: u64) {
        self.work = work;
    }

    /// 64 operations, then the injected work.
    pub fn step(&mut self) {
        for _ in 0..PAIRS {
            black_box(self.map.remove(&key(self.next - LIVE)));
            black_box(self.map.insert(&key(self.next), self.next));
            self.next += 1;
        }
        inject_work(self.work);
    }
}

/// Keys without order, each once: odd multiplication is a permutation.
fn key(number: u64) -> u64 {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Injected work by the name of the running program, `tango@12`: two builds then differ in their names only.
#[must_use]
pub fn work_by_name() -> u64 {
    let name = std::env::args().next().unwrap_or_default();
    let name = Path::new(&name).file_name().unwrap_or_default().to_string_lossy().into_owned();
    name.split_once('@').and_then(|(_, work)| work.parse().ok()).unwrap_or(0)
}
