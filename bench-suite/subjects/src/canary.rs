//! Maps with a planted fault. Each proves that one check sees what it claims to see; they play only when
//! named.
//!
//! | canary | fault | must be caught by |
//! |---|---|---|
//! | `canary-slow` | work before each operation | the comparison of throughput, latency and instructions with `hashbrown` |
//! | `canary-leaky` | each remove leaks a block | `allocations` and `heap`: bytes left when the map is gone |
//! | `canary-wrong` | a wrong answer now and then | the digest of the answers |
//! | `canary-unsteady` | every map but the first of a process gives one wrong answer | plays of one process against each other |
//! | `canary-hanging` | an operation that never ends | the time limit of a pass |
//! | `canary-crashing` | the process aborts | the exit status of a pass |
//! | `canary-fresh` | no slot is ever used again | `slots`: no insert reuses or recycles; `heap`: it only grows |
//! | `canary-oversized` | a table of eight times the size or more | the exact gate: peak bytes rise, although instructions and rehashed entries fall |
//! | `canary-fitting` | none: the twin of `canary-oversized` | nothing |
//! | `canary-slow-rehash` | work for each entry when the table is rebuilt | total CPU time, whose median slice stays as it was |
//! | `canary-even-rehash` | none: the twin of `canary-slow-rehash` | nothing |
//! | `canary-losing` | new entries vanish now and then | the conservation check of threads that share keys |

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use formats::answer::Answer;
use formats::subject::{Family, MapInfo};

use crate::entry::{Key, Value};
use crate::map::{Address, Map};
use crate::maps::hashbrown_foldhash;
use crate::toil::toil;

mod append_only;
mod lossy;

/// Operations before the fault of those canaries that begin well: a short tape reaches it, and no map is
/// empty any more.
const SOUND: u64 = 5_000;

const SLOW: u8 = 0;
const LEAKY: u8 = 1;
const WRONG: u8 = 2;
const HANGING: u8 = 3;
const CRASHING: u8 = 4;
const OVERSIZED: u8 = 5;
const SLOW_REHASH: u8 = 6;
const EVEN_REHASH: u8 = 7;
const FITTING: u8 = 8;
const UNSTEADY: u8 = 9;

/// Steps of work for each entry of a table that was rebuilt.
const REHASH_STEPS: u64 = 64;

/// How many times as large as needed the table of the oversized map is at least.
const TIMES: usize = 8;

/// hashbrown with one fault.
pub struct Planted<K, V, const FAULT: u8> {
    sound: hashbrown_foldhash::Adapter<K, V>,
    /// Operations so far, this one included; for the faults that come when some are done.
    played: u64,
    /// Entries for which the table was made too large; one more, and it is made larger again.
    needed: usize,
}

impl<K, V, const FAULT: u8> Default for Planted<K, V, FAULT> {
    fn default() -> Self {
        // The first unsteady map is beyond the operation at which the others lie.
        let played = if FAULT == UNSTEADY && is_first() { SOUND } else { 0 };
        Self { sound: hashbrown_foldhash::Adapter::default(), played, needed: 0 }
    }
}

impl<K: Key, V, const FAULT: u8> Planted<K, V, FAULT> {
    /// Does what the fault does before an operation.
    #[inline]
    fn before(&mut self) {
        if !matches!(FAULT, OVERSIZED | FITTING | SLOW_REHASH | EVEN_REHASH) {
            self.played += 1;
        }
        match FAULT {
            SLOW => toil(32),
            HANGING if self.played > SOUND => hang(),
            CRASHING if self.played > SOUND => std::process::abort(),
            _ => {}
        }
    }

    /// Does what the fault does before an insert.
    #[inline]
    fn before_insert(&mut self) {
        if matches!(FAULT, OVERSIZED | FITTING) && self.sound.entries() == self.needed {
            self.enlarge();
        }
    }

    /// Does what the fault does after an insert into a table that had so much room.
    #[inline]
    fn after_insert(&self, room: usize) {
        if matches!(FAULT, SLOW_REHASH | EVEN_REHASH) && self.sound.room() > room {
            after_rehash(self.sound.entries(), if FAULT == SLOW_REHASH { REHASH_STEPS } else { 0 });
        }
    }

    /// Makes room for twice as many entries, or for many times what is needed, and then seldom has to again.
    #[cold]
    fn enlarge(&mut self) {
        let times = if FAULT == OVERSIZED { TIMES } else { 1 };
        self.needed = match self.needed {
            0 => 3,
            // The sizes at which hashbrown's own table grows are 3, 7, 14, 28 and so on.
            3 if FAULT == FITTING => 7,
            held => held * (times + 1).min(TIMES),
        };
        self.sound.reserve(times * self.needed - self.sound.entries());
    }

    /// Makes of the right answer what the fault makes of it.
    #[inline]
    fn after(&self, right: Answer) -> Answer {
        let lies = match FAULT {
            WRONG => self.played % 100_003 == SOUND,
            UNSTEADY => self.played == SOUND,
            _ => false,
        };
        if lies { Answer::of(right.number() ^ 1) } else { right }
    }
}

/// Whether nobody has asked before.
fn is_first() -> bool {
    static ASKED: AtomicBool = AtomicBool::new(false);
    !ASKED.swap(true, Ordering::Relaxed)
}

#[cold]
fn after_rehash(entries: usize, steps: u64) {
    toil(entries as u64 * steps);
}

#[cold]
fn hang() {
    loop {
        thread::sleep(Duration::from_secs(1));
    }
}

#[cold]
fn leak() {
    black_box(Box::leak(Box::new([0u8; 64])));
}

impl<K: Key, V: Value, const FAULT: u8> Map<K, V> for Planted<K, V, FAULT> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        self.before();
        self.before_insert();
        let room = self.sound.room();
        let answer = self.sound.insert(key, value);
        self.after_insert(room);
        self.after(answer)
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        self.before();
        let answer = self.sound.remove(key);
        if FAULT == LEAKY && answer.is_present() {
            leak();
        }
        self.after(answer)
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        self.before();
        let answer = self.sound.get(key);
        self.after(answer)
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        self.before();
        let answer = self.sound.update(key, value);
        self.after(answer)
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        self.before();
        let answer = self.sound.iterate();
        self.after(answer)
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        self.before();
        let answer = self.sound.clear();
        self.after(answer)
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

fn info(name: &str, family: Family, about: &str) -> MapInfo {
    let version = env!("CARGO_PKG_VERSION").into();
    MapInfo { name: name.into(), version, about: about.into(), family, canary: true }
}

/// Does the same work before each operation.
pub mod slow {
    use super::{Family, MapInfo, Planted, SLOW};

    /// hashbrown behind 32 multiplications and rotations.
    pub type Adapter<K, V> = Planted<K, V, SLOW>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about =
            "The map hashbrown, with 32 dependent multiplications and rotations before each operation.";
        super::info("canary-slow", Family::Single, about)
    }
}

/// Keeps memory for ever.
pub mod leaky {
    use super::{Family, LEAKY, MapInfo, Planted};

    /// hashbrown that leaks.
    pub type Adapter<K, V> = Planted<K, V, LEAKY>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map hashbrown, leaking 64 bytes with each remove of a live entry.";
        super::info("canary-leaky", Family::Single, about)
    }
}

/// Gives a wrong answer now and then.
pub mod wrong {
    use super::{Family, MapInfo, Planted, WRONG};

    /// hashbrown that lies.
    pub type Adapter<K, V> = Planted<K, V, WRONG>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map hashbrown, with the last bit of one answer in 100,003 flipped.";
        super::info("canary-wrong", Family::Single, about)
    }
}

/// Gives a wrong answer once it is not the first.
pub mod unsteady {
    use super::{Family, MapInfo, Planted, UNSTEADY};

    /// hashbrown that lies later.
    pub type Adapter<K, V> = Planted<K, V, UNSTEADY>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map hashbrown, with the last bit of the 5,000th answer flipped in every map but the first \
                     of a process.";
        super::info("canary-unsteady", Family::Single, about)
    }
}

/// Never ends.
pub mod hanging {
    use super::{Family, HANGING, MapInfo, Planted};

    /// hashbrown that hangs.
    pub type Adapter<K, V> = Planted<K, V, HANGING>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map hashbrown, whose operations sleep for ever once 5,000 are done.";
        super::info("canary-hanging", Family::Single, about)
    }
}

/// Takes the whole process down.
pub mod crashing {
    use super::{CRASHING, Family, MapInfo, Planted};

    /// hashbrown that aborts.
    pub type Adapter<K, V> = Planted<K, V, CRASHING>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map hashbrown, which aborts the process once 5,000 operations are done.";
        super::info("canary-crashing", Family::Single, about)
    }
}

/// Never uses a slot again.
pub mod fresh {
    use super::{Family, MapInfo};

    pub use super::append_only::Adapter;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "Values in blocks that are only appended to: no insert lands where an entry was before, \
                     and no memory is given back. A hashbrown table says where each one is.";
        super::info("canary-fresh", Family::Single, about)
    }
}

/// Takes far more memory than it needs.
pub mod oversized {
    use super::{Family, MapInfo, OVERSIZED, Planted};

    /// hashbrown with too large a table.
    pub type Adapter<K, V> = Planted<K, V, OVERSIZED>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about =
            "The map hashbrown, whose table is made at least eight times as large as its entries need.";
        super::info("canary-oversized", Family::Single, about)
    }
}

/// The twin of the map with too large a table: asks for room as that does, and for no more than it needs.
pub mod fitting {
    use super::{FITTING, Family, MapInfo, Planted};

    /// hashbrown with a table that fits.
    pub type Adapter<K, V> = Planted<K, V, FITTING>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about =
            "The twin of canary-oversized: asks for room as that does, and for no more than it needs.";
        super::info("canary-fitting", Family::Single, about)
    }
}

/// Rebuilds its table slowly.
pub mod slow_rehash {
    use super::{Family, MapInfo, Planted, SLOW_REHASH};

    /// hashbrown that toils when its table was rebuilt.
    pub type Adapter<K, V> = Planted<K, V, SLOW_REHASH>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map hashbrown, with 64 dependent multiplications and rotations for each entry after an \
                     insert that rebuilt the table.";
        super::info("canary-slow-rehash", Family::Single, about)
    }
}

/// The twin of the map that rebuilds slowly: looks for rebuilds as that does, and does nothing then.
pub mod even_rehash {
    use super::{EVEN_REHASH, Family, MapInfo, Planted};

    /// hashbrown that notices when its table was rebuilt.
    pub type Adapter<K, V> = Planted<K, V, EVEN_REHASH>;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The twin of canary-slow-rehash: notices a rebuilt table and does nothing.";
        super::info("canary-even-rehash", Family::Single, about)
    }
}

/// Loses new entries.
pub mod losing {
    use super::{Family, MapInfo};

    pub use super::lossy::Adapter;

    /// What it says about itself.
    #[must_use]
    pub fn info() -> MapInfo {
        let about = "The map dashmap, but of the entries that a thread adds each hundredth vanishes at once.";
        super::info("canary-losing", Family::Shared, about)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::{CountedKey, take_calls};

    #[test]
    fn the_map_that_rebuilds_slowly_notices_every_rebuild_and_nothing_else() {
        let key = |number| CountedKey::<u64>::make(number, 8);
        let mut map = hashbrown_foldhash::Adapter::<CountedKey<u64>, u64>::default();
        let mut rebuilt = 0;
        for number in 0..5000 {
            let _ = take_calls();
            let (room, entries) = (map.room(), map.entries());
            map.insert(&key(number), number);
            let noticed = map.room() > room;
            assert_eq!(noticed, entries == 0 || take_calls().hashes > 1, "at {number}");
            rebuilt += u32::from(noticed);
        }
        assert!(rebuilt > 8, "{rebuilt}");
    }
}
