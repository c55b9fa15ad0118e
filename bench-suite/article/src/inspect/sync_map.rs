//! sync.Map of Go 1.19 to 1.23: the entries of the read map and of the dirty map.

use std::rc::Rc;

use formats::inspection::{Block, Layout, Picture, Slot};
use go_maps::hash::Aes;
use go_maps::sync_map::{State, SyncMap};

use super::Inspected;
use super::diary::Diary;

type Sync = SyncMap<u64, u64, Aes, Rc<Diary>>;

pub(super) fn make(_hint: usize, hasher: Aes, seed: u64, diary: Rc<Diary>) -> Box<dyn Inspected> {
    Box::new(Sync::with_probe(hasher, seed, diary))
}

impl Inspected for Sync {
    fn put(&mut self, key: u64, value: u64) -> Option<u64> {
        self.swap(key, value)
    }

    fn del(&mut self, key: u64) -> Option<u64> {
        self.load_and_delete(&key)
    }

    fn get(&mut self, key: u64) -> Option<u64> {
        self.load(&key)
    }

    fn clear(&mut self) {
        Self::clear(self);
    }

    fn layout(&self) -> Layout {
        Layout { of: "two classic maps from keys to pointers to entries".into(), size: 0, fields: Vec::new() }
    }

    fn picture(&self, _diary: &Diary) -> Picture {
        let view = self.view();
        let figures = [
            ("amended", view.amended.to_string()),
            ("misses", view.misses.to_string()),
            (
                "dirty",
                view.dirty.as_ref().map_or_else(|| "nil".into(), |dirty| format!("{} keys", dirty.len())),
            ),
        ];
        let read = block("read", "looked at without a lock", &view.read);
        let dirty = view.dirty.as_ref().map(|dirty| block("dirty", "behind the lock", dirty));
        Picture {
            figures: figures.map(|(name, figure)| (name.into(), figure)).into(),
            blocks: std::iter::once(read).chain(dirty).collect(),
        }
    }
}

fn block(name: &str, note: &str, entries: &[(u64, State<u64>)]) -> Block {
    let slots = entries.iter().map(|(key, state)| {
        let (state, value) = match state {
            State::Live(value) => (formats::inspection::State::Live, Some(*value)),
            State::Nil => (formats::inspection::State::Nil, None),
            State::Expunged => (formats::inspection::State::Expunged, None),
        };
        // The key of a deleted entry stays in the map.
        Slot { byte: None, state, key: Some(*key), value, stale: value.is_none() }
    });
    Block { name: name.into(), note: note.into(), slots: slots.collect() }
}
