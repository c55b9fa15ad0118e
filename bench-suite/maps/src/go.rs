//! What the ports of Go's maps have in common: how they hash, and how sync.Map is asked.
//!
//! Go draws its seeds at random; here they are fixed, as everywhere in this suite.

use std::cell::RefCell;

use formats::observation::{EventKind, Follows, Taken};
use go_maps::hash::{Aes, KeyHash};
use go_maps::key::Kind;
use go_maps::probe::{self, Event, Probe, Slot, Work};
use subject::calls::{CountedKey, count_hash};
use subject::entry::{Key, Text, Uuid, Value};
use subject::probe_length;
use subject::watch::event_log::Decision;
use subject::watch::ledger;

/// Where every seed of a port starts.
pub const SEED: u64 = 7;

/// A key that Go's maps can be asked for. Its default is what an empty slot holds.
pub trait GoKey: Key + Default {
    /// How it is hashed, and of what kind it is for Go.
    type Hash: KeyHash<Self> + Clone + Send + Sync + 'static;

    /// Its hash, of a fixed seed.
    fn hasher() -> Self::Hash;
}

/// Keys hashed by Go's own functions on a processor with AES.
macro_rules! go_keys {
    ($($key:ty),+) => {$(
        impl GoKey for $key {
            type Hash = Aes;

            fn hasher() -> Aes {
                Aes::seeded(SEED)
            }
        }
    )+};
}

go_keys!(u32, u64, Uuid, Text);

/// A value that compares by its stamp, as a pointer in Go's sync.Map compares by what it points to: an update
/// is a compare-and-swap, and asks whether the value is still the one that was read.
#[repr(transparent)]
pub(super) struct Stamped<V>(pub(super) V);

impl<V: Value> Stamped<V> {
    /// One that is equal to any value with this stamp.
    pub(super) fn equal_to(stamp: u64) -> Self {
        Self(V::make(stamp, 0))
    }
}

impl<V: Value> PartialEq for Stamped<V> {
    fn eq(&self, other: &Self) -> bool {
        self.0.stamp() == other.0.stamp()
    }
}

/// A hash of Go's ports that counts: Go's own takes the bytes of a key and does not ask the key.
#[derive(Debug, Clone)]
pub struct CountedHash<H>(H);

impl<K, H: KeyHash<K>> KeyHash<CountedKey<K>> for CountedHash<H> {
    const KIND: Kind = H::KIND;
    const UPDATES: bool = H::UPDATES;
    const POINTERS: bool = H::POINTERS;
    const BYTES: usize = H::BYTES;

    fn hash(&self, key: &CountedKey<K>, seed: u64) -> u64 {
        count_hash();
        self.0.hash(key.uncounted(), seed)
    }

    fn text(key: &CountedKey<K>) -> &[u8] {
        H::text(key.uncounted())
    }
}

impl<K: GoKey> GoKey for CountedKey<K> {
    type Hash = CountedHash<K::Hash>;

    fn hasher() -> Self::Hash {
        CountedHash(K::hasher())
    }
}

thread_local! {
    /// The slots into which the port carried entries during the last operation.
    static MOVES: RefCell<Vec<Slot>> = const { RefCell::new(Vec::new()) };
}

/// The slots into which a port of this thread said to have carried entries since the last time.
pub(super) fn take_moves() -> Vec<Slot> {
    MOVES.take()
}

/// The probe of the ports in passes that watch every operation: writes to the thread's ledger.
#[derive(Debug, Clone, Copy)]
pub struct LedgerProbe(());

impl Default for LedgerProbe {
    fn default() -> Self {
        ledger::announce();
        Self(())
    }
}

impl Probe for LedgerProbe {
    const COUNTS: bool = true;

    fn count(&self, work: Work) {
        if let Work::Visit(places) = work {
            probe_length::count(places as u64);
        }
    }

    fn see(&self, event: Event) {
        let (kind, size) = match event {
            Event::Insert(decision) => return ledger::decided(decision_of(decision)),
            Event::Move { to } => {
                ledger::keep_moves(|| MOVES.with_borrow_mut(|moves| moves.push(to)));
                (EventKind::Move, 0)
            }
            Event::Delete { freed, .. } => (EventKind::Delete, freed.into()),
            Event::Grow { to, .. } => (EventKind::Grow, to),
            Event::SameSizeGrow { overflow } => (EventKind::SameSizeGrow, overflow.into()),
            Event::Evacuate { moved, .. } => (EventKind::Evacuate, moved.into()),
            Event::GrowthDone => (EventKind::GrowthDone, 0),
            Event::OverflowBucket { spare: true } => (EventKind::SpareOverflowBucket, 0),
            Event::OverflowBucket { spare: false } => (EventKind::HeapOverflowBucket, 0),
            Event::Split { .. } => (EventKind::Split, 0),
            Event::DirectoryDoubling { entries } => (EventKind::DirectoryDoubling, entries as u64),
            Event::Prune { tombstones } => (EventKind::Prune, tombstones.into()),
            Event::Clear => (EventKind::Clear, 0),
            Event::Miss { .. } => (EventKind::Miss, 0),
            Event::Promotion { entries, .. } => (EventKind::Promotion, entries as u64),
            Event::DirtyRebuild { entries } => (EventKind::DirtyRebuild, entries as u64),
            Event::Expunge => (EventKind::Expunge, 0),
            Event::TrieNode { .. } => (EventKind::TrieNode, 0),
            Event::TrieNodeRemoved { .. } => (EventKind::TrieNodeRemoved, 0),
            other => {
                debug_assert!(false, "{other:?} has no kind");
                return;
            }
        };
        ledger::emit(kind, size);
    }
}

const fn decision_of(decision: probe::Decision) -> Decision {
    let taken = match decision.taken {
        probe::Taken::FirstEmpty => Taken::FirstEmpty,
        probe::Taken::EndOfChain => Taken::EndOfChain,
        probe::Taken::NewOverflow => Taken::NewOverflow,
        probe::Taken::Tombstone => Taken::Tombstone,
    };
    let follows = match decision.follows {
        probe::Follows::Nothing => Follows::Nothing,
        probe::Follows::EmptyRest => Follows::EmptyRest,
        probe::Follows::Freed => Follows::Freed,
        probe::Follows::Live => Follows::Live,
    };
    Decision { taken, growing: decision.growing, overflow: decision.overflow, follows }
}

#[cfg(test)]
mod tests {
    use formats::entry::{KeyPattern, Keys};
    use go_maps::swiss;
    use subject::calls::take_calls;
    use subject::entry::Numbered;

    use super::*;

    fn counted<K: Numbered>(keys: Keys, number: u64) -> CountedKey<K> {
        CountedKey::of(keys, KeyPattern::Scattered, number)
    }

    #[test]
    fn a_hash_of_go_is_counted_once_too() {
        let number = <u64 as Numbered>::make(3, 8);
        let key = counted::<u64>(Keys::U64, 3);
        assert_eq!(CountedKey::<u64>::hasher().hash(&key, 5), u64::hasher().hash(&number, 5));
        assert_eq!(take_calls().hashes, 1);
        let text = counted::<Text>(Keys::String(24), 3);
        assert_eq!(CountedKey::<Text>::hasher().hash(&text, 5), Text::hasher().hash(text.uncounted(), 5));
        assert_eq!(take_calls().hashes, 1);
    }

    /// Look-ups of eight keys in a map of eight, and of one that is not there.
    fn looked_up<K: GoKey + Numbered>() -> [u64; 2] {
        let key = |number| counted::<K>(Keys::String(24), number);
        let mut map = swiss::Map::new(CountedKey::<K>::hasher(), SEED);
        for number in 0..8 {
            map.insert(key(number), number);
        }
        let _ = take_calls();
        assert!((0..8).all(|number| map.get(&key(number)) == Some(&number)) && map.get(&key(9)).is_none());
        let calls = take_calls();
        [calls.hashes, calls.comparisons]
    }

    #[test]
    fn a_small_map_compares_integers_and_hashes_other_keys() {
        // The first key takes one comparison, the eighth eight, an absent one eight.
        assert_eq!([looked_up::<u32>(), looked_up::<u64>()], [[0, 36 + 8]; 2]);
        assert_eq!([looked_up::<Uuid>()[0], looked_up::<Text>()[0]], [9; 2]);
    }
}
