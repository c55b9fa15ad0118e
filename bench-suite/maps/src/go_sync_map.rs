//! sync.Map of Go 1.19 to 1.23, as a port.

use formats::answer::Answer;
use formats::subject::{Extra, Fact, MapInfo};
use formats::tape::Kept;
use go_maps::hash::Interface;
use go_maps::probe::Probe;
use go_maps::sync_map::SyncMap;

use super::go::{GoKey, LedgerProbe, SEED, Stamped};
use super::{address, epochs};
use subject::entry::Value;
use subject::map::{Address, Map, Shared};

type Port<K, V, P> = SyncMap<K, Stamped<V>, Interface<<K as GoKey>::Hash>, P>;

/// A read map without locks, and a dirty map behind one. Told to any probe.
pub struct Adapter<K: GoKey, V, P = ()>(Port<K, V, P>);

/// What a thread holds: a reference.
pub struct Handle<'a, K: GoKey, V, P>(&'a Port<K, V, P>);

/// The same, for passes that hear of its events.
pub type Probed<K, V> = Adapter<K, V, LedgerProbe>;

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "go-sync-map",
        env!("CARGO_PKG_VERSION"),
        "Go's sync.Map of 1.19 to 1.23, a port: a read map without locks, a dirty map behind one. Each operation \
         pins an epoch, where Go has a garbage collector. Insert is Swap; update is Load and CompareAndSwap \
         until it succeeds; clear ranges and deletes, since Go's does not say how many there were. Keys are \
         hashed by Go's own functions (AES) with fixed seeds.",
    )
    .with(Fact::FreesLater)
    .with_extras([Extra::Retain])
}

impl<K: GoKey, V: Value, P: Probe + Default> Default for Adapter<K, V, P> {
    fn default() -> Self {
        Self(SyncMap::with_probe(Interface(K::hasher()), SEED, P::default()))
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

    #[inline]
    fn retain(&mut self, kept: Kept) -> Answer {
        let mut entries = 0;
        self.0.range(|key, held| {
            entries += u64::from(!kept.keeps(held.0.stamp()) && self.0.delete(key));
            true
        });
        Answer::of(entries)
    }

    /// Asks without counting a miss: being looked at changes nothing.
    fn locate(&mut self, key: &K) -> Option<Address> {
        self.0.peek_with(key, |held| address(&held.0))
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.0.peek_all(|_, held| visit(address(&held.0)));
    }
}
