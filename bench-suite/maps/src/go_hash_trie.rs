//! sync.Map of Go 1.24 to 1.27, as a port.

use formats::answer::Answer;
use formats::observation::ProbeUnit;
use formats::subject::{Extra, Fact, MapInfo};
use formats::tape::Kept;
use go_maps::hash::Interface;
use go_maps::hash_trie::HashTrieMap;
use go_maps::probe::Probe;
use go_maps::seed::Seeds;

use super::go::{GoKey, LedgerProbe, SEED, Stamped};
use super::{address, epochs};
use subject::entry::Value;
use subject::map::{Address, Map, Shared};

type Port<K, V, P> = HashTrieMap<K, Stamped<V>, Interface<<K as GoKey>::Hash>, P>;

/// A trie over the bits of the hash, a lock in every inner node. Told to any probe.
pub struct Adapter<K: GoKey, V, P = ()>(Port<K, V, P>);

/// What a thread holds: a reference.
pub struct Handle<'a, K: GoKey, V, P>(&'a Port<K, V, P>);

/// The same, for passes that hear of its events.
pub type Probed<K, V> = Adapter<K, V, LedgerProbe>;

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "go-hash-trie",
        env!("CARGO_PKG_VERSION"),
        "Go's sync.Map of 1.24 to 1.27, a port: a trie over the bits of the hash, a lock in every inner node. \
         Each operation pins an epoch, where Go has a garbage collector. Insert is Swap; update is Load and \
         CompareAndSwap until it succeeds; clear ranges and deletes, since Go's does not say how many there \
         were. Keys are hashed by Go's own functions (AES) with fixed seeds.",
    )
    .with(Fact::TellsProbeLengths)
    .with(Fact::FreesLater)
    .with_extras([Extra::RemoveFirst, Extra::Retain])
}

impl<K: GoKey, V: Value, P: Probe + Default> Default for Adapter<K, V, P> {
    fn default() -> Self {
        Self(HashTrieMap::make(Interface(K::hasher()), Seeds::new(SEED).next_u64(), P::default()))
    }
}

impl<K: GoKey, V: Value, P: Probe + Default + Send + Sync> Shared<K, V> for Adapter<K, V, P> {
    type Handle<'a>
        = Handle<'a, K, V, P>
    where
        P: 'a;

    fn handle(&self) -> Handle<'_, K, V, P> {
        Handle(&self.0)
    }

    fn reclaim(_map: Option<&Self>) -> bool {
        epochs::reclaim();
        true
    }
}

impl<K: GoKey, V: Value, P: Probe> Map<K, V> for Handle<'_, K, V, P> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        self.0.swap_with(key.clone(), Stamped(value), |old| old.0.stamp()).into()
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        self.0.delete_with(key, |old| old.0.stamp()).into()
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        self.0.load_with(key, |held| held.0.stamp()).into()
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        loop {
            let Some(stamp) = self.0.load_with(key, |held| held.0.stamp()) else { return Answer::ABSENT };
            if self.0.compare_and_swap(key, &Stamped::equal_to(stamp), Stamped(value.clone())) {
                return Answer::of(stamp);
            }
        }
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        let mut sum: u64 = 0;
        self.0.range(|_, held| {
            sum = sum.wrapping_add(held.0.stamp());
            true
        });
        Answer::of(sum)
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        let mut entries = 0;
        self.0.range(|key, _| {
            entries += u64::from(self.0.delete(key));
            true
        });
        Answer::of(entries)
    }

    fn len(&mut self) -> u64 {
        let mut entries = 0;
        self.locate_all(&mut |_| entries += 1);
        entries
    }

    fn probe_unit(&mut self) -> Option<ProbeUnit> {
        Some(ProbeUnit::Node)
    }

    #[inline]
    fn remove_first(&mut self) -> Answer {
        let mut removed = Answer::ABSENT;
        self.0.range(|key, _| {
            removed = self.0.delete_with(key, |old| old.0.stamp()).into();
            !removed.is_present()
        });
        removed
    }

    #[inline]
    fn retain(&mut self, kept: Kept) -> Answer {
        let mut entries = 0;
        self.0.range(|key, held| {
            entries += u64::from(!kept.keeps(held.0.stamp()) && self.0.delete(key));
            true
        });
        Answer::of(entries)
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.0.load_with(key, |held| address(&held.0))
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.0.range(|_, held| {
            visit(address(&held.0));
            true
        });
    }
}
