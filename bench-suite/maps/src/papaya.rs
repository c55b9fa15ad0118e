//! `papaya::HashMap`.

use ::papaya::{Compute, Guard, HashMap, HashMapBuilder, LocalGuard, Operation, ResizeMode};
use foldhash::fast::FixedState;
use formats::answer::Answer;
use formats::subject::{Axis, Extra, Fact, MapInfo};
use formats::tape::Kept;

use super::{address, answer, total};
use subject::axes;
use subject::entry::{Key, Value};
use subject::map::{Address, Map, Shared};

/// A table of pointers to entries, without locks.
pub struct Adapter<K, V>(HashMap<K, V, FixedState>);

/// What a thread holds: a reference, and the guard of what it holds on to. It pins for each operation.
pub struct Handle<'a, K, V>(&'a HashMap<K, V, FixedState>, Option<LocalGuard<'a>>);

/// What it says about itself.
#[must_use]
pub fn info() -> MapInfo {
    MapInfo::new(
        "papaya",
        env!("VERSION_OF_PAPAYA"),
        "papaya::HashMap with foldhash (fast) of a fixed seed, resizing incrementally as it does by default. \
         Each operation pins and unpins. An update and an upsert clone their value, because papaya may ask for \
         it again; a clear and a retain take the entries out one by one, because papaya's own do not count them. Its count of \
         entries takes 128 bytes for each processor.",
    )
    .with(Fact::FreesLater)
    .with_axis(Axis::new("resize", ["incremental", "blocking"], "incremental"))
    .with_extras([Extra::RemoveFirst, Extra::Upsert, Extra::Retain, Extra::Reserve, Extra::Capacity])
    .with_extras([Extra::Hold, Extra::HoldWriting])
}

impl<K, V> Default for Adapter<K, V> {
    fn default() -> Self {
        Self::made(HashMap::builder().hasher(FixedState::default()))
    }
}

impl<K, V> Adapter<K, V> {
    /// The map, resizing in the way that was chosen.
    fn made(map: HashMapBuilder<K, V, FixedState>) -> Self {
        Self(match axes::chosen("resize", String::new()).as_str() {
            "blocking" => map.resize_mode(ResizeMode::Blocking).build(),
            _ => map.build(),
        })
    }
}

impl<K: Key, V: Value> Shared<K, V> for Adapter<K, V> {
    type Handle<'a> = Handle<'a, K, V>;

    fn with_capacity(entries: usize) -> Self {
        Self::made(HashMap::builder().capacity(entries).hasher(FixedState::default()))
    }

    fn handle(&self) -> Handle<'_, K, V> {
        Handle(&self.0, None)
    }

    fn reclaim(map: Option<&Self>) -> bool {
        // With the guard what was retired is handed on, without it it is freed. A map that goes frees all.
        if let Some(Self(map)) = map {
            map.guard().flush();
        }
        true
    }
}

impl<K: Key, V: Value> Map<K, V> for Handle<'_, K, V> {
    #[inline]
    fn insert(&mut self, key: &K, value: V) -> Answer {
        answer(self.0.pin().insert(key.clone(), value))
    }

    #[inline]
    fn remove(&mut self, key: &K) -> Answer {
        answer(self.0.pin().remove(key))
    }

    #[inline]
    fn get(&mut self, key: &K) -> Answer {
        answer(self.0.pin().get(key))
    }

    #[inline]
    fn update(&mut self, key: &K, value: V) -> Answer {
        let replacing = |held: Option<(&K, &V)>| match held {
            Some(_) => Operation::Insert(value.clone()),
            None => Operation::Abort(()),
        };
        match self.0.pin().compute(key.clone(), replacing) {
            Compute::Updated { old: (_, value), .. } => Answer::of(value.stamp()),
            _ => Answer::ABSENT,
        }
    }

    #[inline]
    fn iterate(&mut self) -> Answer {
        total(self.0.pin().values())
    }

    #[inline]
    fn clear(&mut self) -> Answer {
        let map = self.0.pin();
        Answer::of(map.keys().filter(|key| map.remove(*key).is_some()).count() as u64)
    }

    fn len(&mut self) -> u64 {
        self.0.len() as u64
    }

    #[inline]
    fn remove_first(&mut self) -> Answer {
        let map = self.0.pin();
        answer(map.keys().find_map(|key| map.remove(key)))
    }

    #[inline]
    fn upsert(&mut self, key: &K, value: V) -> Answer {
        let writing = |_: Option<(&K, &V)>| Operation::<V, ()>::Insert(value.clone());
        match self.0.pin().compute(key.clone(), writing) {
            Compute::Updated { old: (_, value), .. } => Answer::of(value.stamp()),
            _ => Answer::ABSENT,
        }
    }

    #[inline]
    fn retain(&mut self, kept: Kept) -> Answer {
        let map = self.0.pin();
        let leaves =
            |key: &&K| matches!(map.remove_if(*key, |_, value| !kept.keeps(value.stamp())), Ok(Some(_)));
        Answer::of(map.keys().filter(leaves).count() as u64)
    }

    #[inline]
    fn hold(&mut self, key: &K) -> Answer {
        let guard = self.0.guard();
        let found = answer(self.0.get(key, &guard));
        self.1 = Some(guard);
        found
    }

    fn release(&mut self) {
        self.1 = None;
    }

    fn reserve(&mut self, more: usize) {
        self.0.pin().reserve(more);
    }

    fn locate(&mut self, key: &K) -> Option<Address> {
        self.0.pin().get(key).map(address)
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        self.0.pin().values().map(address).for_each(visit);
    }
}
