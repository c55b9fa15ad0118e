//! A shared map that loses entries.

use formats::answer::Answer;

use crate::dashmap;
use subject::entry::{Key, Value};
use subject::map::{Address, Map, Shared};

/// Of the entries that a thread adds, one in so many is lost.
const EACH: u64 = 100;

/// dashmap that loses entries.
pub struct Adapter<K, V>(dashmap::Adapter<K, V>);

/// What a thread holds: a handle of dashmap, and how many entries it added.
pub struct Handle<'a, K, V> {
    sound: dashmap::Handle<'a, K, V>,
    added: u64,
}

impl<K: Key, V: Value> Default for Adapter<K, V> {
    fn default() -> Self {
        Self(dashmap::Adapter::default())
    }
}

impl<K: Key, V: Value> Shared<K, V> for Adapter<K, V> {
    type Handle<'a> = Handle<'a, K, V>;

    fn handle(&self) -> Handle<'_, K, V> {
        Handle { sound: self.0.handle(), added: 0 }
    }
}

impl<K: Key, V: Value> Map<K, V> for Handle<'_, K, V> {
    fn insert(&mut self, key: &K, value: V) -> Answer {
        let answer = self.sound.insert(key, value);
        if !answer.is_present() {
            self.added += 1;
            if self.added.is_multiple_of(EACH) {
                self.sound.remove(key);
            }
        }
        answer
    }

    fn remove(&mut self, key: &K) -> Answer {
        self.sound.remove(key)
    }

    fn get(&mut self, key: &K) -> Answer {
        self.sound.get(key)
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
