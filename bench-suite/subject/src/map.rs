//! The traits that a map under test implements.

use formats::answer::Answer;
use formats::observation::{ProbeUnit, Tracked};
use formats::subject::Extra;
use formats::tape::Kept;

use crate::entry::Value;

/// Where an entry's value starts in memory.
pub type Address = usize;

/// What a slot holds, as the map itself says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// An entry.
    Entry,
    /// None; the next insert may take it.
    Nothing,
    /// None, and none before the table is rebuilt.
    Tombstone,
}

/// Ends a program whose map is asked for what it said it can do.
#[cold]
fn lacking(extra: Extra) -> ! {
    panic!("the map states `{}` among its extras and has no such function", extra.name())
}

/// The operations a workload can ask for. Each answers as [`Answer`] says.
///
/// An adapter does what a careful user of the map would do, and no more: no lookup before an insert, no clone
/// that the map does not force. It states in its [`MapInfo`](formats::subject::MapInfo) what it holds (guard,
/// pin, lock) and for how long. Its hash has a fixed seed: with a seed drawn anew in each process no count of collisions
/// repeats, and a gate can only tell it.
#[expect(clippy::len_without_is_empty, reason = "nobody asks whether a map under test is empty")]
pub trait Map<K, V: Value> {
    /// Puts the key, replacing the value if the key is there.
    fn insert(&mut self, key: &K, value: V) -> Answer;

    /// Takes the key out.
    fn remove(&mut self, key: &K) -> Answer;

    /// Looks the key up and reads the stamp of its value.
    fn get(&mut self, key: &K) -> Answer;

    /// Replaces the value if the key is there.
    fn update(&mut self, key: &K, value: V) -> Answer;

    /// Reads the stamp of every entry and sums them, wrapping.
    fn iterate(&mut self) -> Answer;

    /// Takes every entry out and says how many there were.
    fn clear(&mut self) -> Answer;

    /// Entries in the map.
    fn len(&mut self) -> u64;

    // What follows down to `with_capacity` not every map can do: one that can states the `Extra` of the same name.

    /// Takes out the entry that a walk over the map meets first, and finds it anew each time: as a program does that
    /// has a set of things to do.
    fn remove_first(&mut self) -> Answer {
        lacking(Extra::RemoveFirst)
    }

    /// Finds the key's entry or makes it, reads the value that it had, and writes this one: through one look-up.
    fn upsert(&mut self, _key: &K, _value: V) -> Answer {
        lacking(Extra::Upsert)
    }

    /// Takes out every entry whose value's stamp is not kept, in one sweep, and says how many there were.
    fn retain(&mut self, _kept: Kept) -> Answer {
        lacking(Extra::Retain)
    }

    /// Gives back what its entries do not need.
    fn shrink(&mut self) {
        lacking(Extra::Shrink)
    }

    /// Makes room for so many more entries.
    fn reserve(&mut self, _more: usize) {
        lacking(Extra::Reserve)
    }

    /// Puts all entries into a new map with the same hash, one by one in the order in which a walk meets them, takes
    /// that one in its place, and says how many there are. With `reserve` the new one is made with room for all.
    fn copy(&mut self, _reserve: bool) -> Answer {
        lacking(Extra::Copy)
    }

    /// Looks the key up and reads the stamp of its value; where it is not found, puts it with a value of so many bytes that
    /// carries `stamp`, and answers that there was none. Only bounded caches are asked. What threads that ask at once get is
    /// as if one had asked after the other.
    ///
    /// One that has no such function is used like this.
    fn fetch(&mut self, key: &K, stamp: u64, bytes: usize) -> Answer {
        let found = self.get(key);
        if !found.is_present() {
            self.insert(key, V::make(stamp, bytes));
        }
        found
    }

    /// Looks the key up, reads the stamp of its value, and holds what a user of the map has in his hands then until
    /// [`Map::release`]: a reference, with the guard, pin or lock behind it. One thing is held at a time. Without
    /// [`Extra::HoldWriting`] the thread only reads meanwhile.
    fn hold(&mut self, _key: &K) -> Answer {
        lacking(Extra::Hold)
    }

    /// Lets go of what is held, if anything is.
    fn release(&mut self) {
        lacking(Extra::Hold)
    }

    /// A map with room for so many entries. For [`Shared`] maps that has the map itself.
    #[must_use]
    fn with_capacity(_entries: usize) -> Self
    where
        Self: Sized + Default,
    {
        lacking(Extra::Capacity)
    }

    /// A bounded cache that holds so many entries at most, its own rounding included: one that rounds up is made for fewer.
    /// For [`Shared`] maps that has the map itself. [`Map::len`] is asked when no thread is inside any more, and first has
    /// done what the cache still has to do.
    #[must_use]
    fn with_bound(_entries: usize) -> Self
    where
        Self: Sized + Default,
    {
        panic!("the map is listed as a bounded cache and has no `with_bound`")
    }

    /// Where the value of this key lies; `None` when it is absent or the map cannot tell. Asked outside the
    /// clock. A map that answers here answers [`Map::locate_all`] too.
    fn locate(&mut self, _key: &K) -> Option<Address> {
        None
    }

    /// Shows where the value of every entry lies. Asked outside the clock.
    fn locate_all(&mut self, _visit: &mut dyn FnMut(Address)) {}

    /// Shows the places to which the last operation relocated entries, for a map that does so bit by bit and can
    /// tell. Asked outside the clock, after each operation.
    fn relocated(&mut self, _visit: &mut dyn FnMut(Address)) {}

    /// Slots that the map has, for one that knows them; it shows each of them by [`Map::slots`] then. Asked outside the
    /// clock.
    fn slot_count(&mut self) -> Option<u64> {
        None
    }

    /// Shows every slot in the order of the table: where the value of its entry lies or would lie, and what it holds.
    /// Asked outside the clock.
    fn slots(&mut self, _visit: &mut dyn FnMut(Address, Held)) {}

    /// What the map goes to one by one on the way to a key, if it can tell how many of them. Then it either counts them
    /// with [`probe_length::count`](crate::probe_length::count) as it works, or foresees them with
    /// [`Map::probe_length`].
    fn probe_unit(&mut self) -> Option<ProbeUnit> {
        None
    }

    /// How many of them an operation on this key would go to now. Asked outside the clock, before each operation.
    fn probe_length(&mut self, _key: &K) -> u64 {
        0
    }

    /// Entries that fit without a rehash, live ones included: falls as dead slots pile up and jumps when the
    /// table is rebuilt. `None` when the map does not tell. Asked outside the clock.
    fn capacity(&mut self) -> Option<u64> {
        None
    }
}

/// A map that threads share. Each thread works through a handle of its own.
pub trait Shared<K, V: Value>: Send + Sync + Default {
    /// Whether threads of the map's own do a part of the work: what they allocate is in nobody's ledger.
    const HAS_THREADS: bool = false;

    /// What one thread holds for as long as it plays: a reference, a pin, a cached thread number.
    type Handle<'a>: Map<K, V>
    where
        Self: 'a;

    /// A map with room for so many entries, if it states [`Extra::Capacity`].
    #[must_use]
    fn with_capacity(_entries: usize) -> Self {
        lacking(Extra::Capacity)
    }

    /// A bounded cache that holds so many entries at most; see [`Map::with_bound`].
    #[must_use]
    fn with_bound(_entries: usize) -> Self {
        panic!("the map is listed as a bounded cache and has no `with_bound`")
    }

    /// A handle for the calling thread.
    fn handle(&self) -> Self::Handle<'_>;

    /// Frees what was taken out and waits in the calling thread for all to have left, the map's own parts too; says
    /// whether the map ever lets anything wait. Asked outside the clock while no thread is inside the map, and once
    /// more when it was dropped.
    #[must_use]
    fn reclaim(_map: Option<&Self>) -> bool {
        false
    }

    /// Slots handed out so far, and how often one again, if the map keeps account. Asked outside the clock.
    fn tracked(&self) -> Option<Tracked> {
        None
    }
}
