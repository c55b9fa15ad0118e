//! The load of section 4.4 at full speed: 900,000 writes and 360,000 reads, and the bytes held meanwhile.

use go_maps::seed::Seeds;

use super::Found;
use super::churn::{Counting, counting};
use super::play::{Churned, collect};
use super::port::{classic, swiss, sync, trie};
use subject::watch::ledger::{self, Ledger};

/// Half an hour, second by second.
const SECONDS: u64 = 1800;
const WRITES_PER_SECOND: u64 = 500;
const READS_PER_SECOND: u64 = 200;
/// The article looks every five seconds.
const LOOK_EVERY: u64 = 5;
/// Different keys of the load that deletes.
const KEYS: u64 = 100_000;

pub(super) fn run() -> Vec<Found> {
    let mut old = Found::classic();
    let mut new = Found::swiss();
    for load in [Load::NewKeys, Load::Bounded] {
        old = held(old, "map", load, || classic(0, ()));
        old = held(old, "sync", load, || sync(()));
        new = held(new, "map", load, || swiss(0, ()));
        new = held(new, "sync", load, trie);
    }
    vec![old, new]
}

/// What the writes do.
#[derive(Clone, Copy)]
enum Load {
    /// Each puts a new key.
    NewKeys,
    /// Each puts a random one of [`KEYS`], or deletes it if it is there.
    Bounded,
}

impl Load {
    /// Keys that may be in the map after so many writes.
    const fn keys(self, written: u64) -> u64 {
        match self {
            Self::NewKeys => written,
            Self::Bounded => KEYS,
        }
    }
}

/// Adds the bytes that one map held on average and at the end.
fn held<M: Churned>(found: Found, name: &str, load: Load, make: impl FnOnce() -> M) -> Found {
    ledger::install(Ledger::default());
    let mut map = make();
    let mut map = Counting(&mut map);
    let mut random = Seeds::new(1);
    let (mut written, mut sum) = (0, 0);
    for second in 1..=SECONDS {
        for _ in 0..WRITES_PER_SECOND {
            write(&mut map, load, written, &mut random);
            written += 1;
        }
        for _ in 0..READS_PER_SECOND {
            let key = random.next_u64() % load.keys(written);
            std::hint::black_box(map.has(key));
        }
        if second % LOOK_EVERY == 0 {
            sum += ledger::with(|ledger| ledger.held());
        }
    }
    counting(collect);
    let end = ledger::remove().held();
    let suffix = if matches!(load, Load::Bounded) { "_bounded" } else { "" };
    found
        .with(&format!("{name}_average_bytes{suffix}"), sum as f64 / (SECONDS / LOOK_EVERY) as f64)
        .count(&format!("{name}_end_bytes{suffix}"), end)
}

fn write(map: &mut impl Churned, load: Load, number: u64, random: &mut Seeds) {
    match load {
        Load::NewKeys => map.put(number),
        Load::Bounded => {
            let key = random.next_u64() % KEYS;
            if map.has(key) { map.delete(key) } else { map.put(key) }
        }
    }
}
