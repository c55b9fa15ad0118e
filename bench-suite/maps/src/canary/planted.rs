//! hashbrown with one fault, chosen when it is compiled.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use formats::answer::Answer;

use crate::hashbrown_foldhash;
use subject::axes;
use subject::entry::{Key, Value};
use subject::inject_work::inject_work;
use subject::map::{Address, Held, Map};

/// Operations before the fault of those canaries that begin well: a short tape reaches it, and no map is
/// empty any more.
const SOUND: u64 = 5_000;

pub(super) const SLOW: u8 = 0;
pub(super) const LEAKY: u8 = 1;
pub(super) const WRONG: u8 = 2;
pub(super) const HANGING: u8 = 3;
pub(super) const CRASHING: u8 = 4;
pub(super) const OVERSIZED: u8 = 5;
pub(super) const SLOW_REHASH: u8 = 6;
pub(super) const EVEN_REHASH: u8 = 7;
pub(super) const FITTING: u8 = 8;
pub(super) const UNSTEADY: u8 = 9;
pub(super) const CRAWLING: u8 = 10;

/// How many steps of work the slow map does before each operation: an axis, and its values. With none it is its own
/// twin.
pub(super) const STEPS: (&str, [u64; 3], u64) = ("steps", [0, 32, 64], 32);

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
    /// Steps of work before each operation.
    steps: u64,
}

impl<K, V, const FAULT: u8> Default for Planted<K, V, FAULT> {
    fn default() -> Self {
        // The first unsteady map is beyond the operation at which the others lie.
        let played = if FAULT == UNSTEADY && is_first() { SOUND } else { 0 };
        let steps = if FAULT == SLOW { axes::chosen(STEPS.0, STEPS.2) } else { 0 };
        Self { sound: hashbrown_foldhash::Adapter::default(), played, needed: 0, steps }
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
            SLOW => inject_work(self.steps),
            CRAWLING if self.played > SOUND => crawl(),
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
    inject_work(entries as u64 * steps);
}

#[cold]
fn hang() {
    loop {
        thread::sleep(Duration::from_secs(1));
    }
}

#[cold]
fn crawl() {
    thread::sleep(Duration::from_micros(500));
}

#[cold]
#[inline(never)]
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

    fn slot_count(&mut self) -> Option<u64> {
        self.sound.slot_count()
    }

    fn slots(&mut self, visit: &mut dyn FnMut(Address, Held)) {
        self.sound.slots(visit);
    }
}

#[cfg(test)]
mod tests {
    use formats::entry::{KeyPattern, Keys};
    use subject::calls::{CountedKey, take_calls};

    use super::*;

    #[test]
    fn the_map_that_rebuilds_slowly_notices_every_rebuild_and_nothing_else() {
        let key = |number| CountedKey::<u64>::of(Keys::U64, KeyPattern::Scattered, number);
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
