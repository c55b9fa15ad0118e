//! A shared map that answers with values that nobody wrote, and its twin.

use formats::answer::Answer;

use crate::dashmap;
use subject::entry::{Key, Value};
use subject::map::{Address, Map, Shared};

/// Values that a thread gets before the first is invented.
const SOUND: u64 = 2_000;

/// Of those that it gets then, one in so many is.
const EACH: u64 = 50;

/// Far from every stamp.
const NOBODYS: u64 = 1 << 60;

/// dashmap that invents values when `LIES`.
pub struct Lying<K, V, const LIES: bool>(dashmap::Adapter<K, V>);

/// What a thread holds: a handle of dashmap, and how many values it got.
pub struct Handle<'a, K, V, const LIES: bool> {
    sound: dashmap::Handle<'a, K, V>,
    got: u64,
}

impl<K: Key, V: Value, const LIES: bool> Default for Lying<K, V, LIES> {
    fn default() -> Self {
        Self(dashmap::Adapter::default())
    }
}

impl<K: Key, V: Value, const LIES: bool> Shared<K, V> for Lying<K, V, LIES> {
    type Handle<'a> = Handle<'a, K, V, LIES>;

    fn handle(&self) -> Handle<'_, K, V, LIES> {
        Handle { sound: self.0.handle(), got: 0 }
    }
}

impl<K: Key, V: Value, const LIES: bool> Map<K, V> for Handle<'_, K, V, LIES> {
    fn insert(&mut self, key: &K, value: V) -> Answer {
        self.sound.insert(key, value)
    }

    fn remove(&mut self, key: &K) -> Answer {
        self.sound.remove(key)
    }

    fn get(&mut self, key: &K) -> Answer {
        let answer = self.sound.get(key);
        self.got += u64::from(answer.is_present());
        let lies = LIES && answer.is_present() && self.got > SOUND && self.got.is_multiple_of(EACH);
        if lies { Answer::of(answer.number() ^ NOBODYS) } else { answer }
    }

    fn update(&mut self, key: &K, value: V) -> Answer {
        self.sound.update(key, value)
    }

    fn iterate(&mut self) -> Answer {
        self.sound.iterate()
    }

    fn clear(&mut self) -> Answer {
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
}
