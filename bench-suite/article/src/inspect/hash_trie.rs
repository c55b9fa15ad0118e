//! sync.Map of Go 1.24 and later: the sixteen children of every node.

use std::rc::Rc;

use formats::inspection::{Block, Layout, Picture, Slot, State};
use go_maps::hash::Aes;
use go_maps::hash_trie::{HashTrieMap, Step};
use go_maps::seed::Seeds;

use super::Inspected;
use super::diary::Diary;

/// Children of a node.
const CHILDREN: usize = 16;

type Trie = HashTrieMap<u64, u64, Aes, Rc<Diary>>;

pub(super) fn make(_hint: usize, hasher: Aes, seed: u64, diary: Rc<Diary>) -> Box<dyn Inspected> {
    Box::new(Trie::make(hasher, Seeds::new(seed).next_u64(), diary))
}

impl Inspected for Trie {
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
        Layout { of: "nodes of sixteen pointers".into(), size: 0, fields: Vec::new() }
    }

    fn picture(&self, _diary: &Diary) -> Picture {
        let mut draft = Draft { blocks: Vec::new(), open: Vec::new(), child: 0, entries: 0 };
        self.walk(|step| draft.draw(&step));
        let figures = [("entries", draft.entries), ("nodes", draft.blocks.len())];
        Picture {
            figures: figures.map(|(name, figure)| (name.into(), figure.to_string())).into(),
            blocks: draft.blocks,
        }
    }
}

/// The nodes seen so far on a walk.
struct Draft {
    blocks: Vec<Block>,
    /// Positions in `blocks` of the nodes from the root down to where the walk is.
    open: Vec<usize>,
    child: u8,
    entries: usize,
}

impl Draft {
    fn draw(&mut self, step: &Step<'_, u64, u64>) {
        match *step {
            Step::Enter { depth } => {
                let name = match self.open.last() {
                    Some(&parent) => {
                        let parent = &mut self.blocks[parent];
                        parent.slots[usize::from(self.child)].state = State::Node;
                        format!("{}.{:x}", parent.name, self.child)
                    }
                    None => "root".into(),
                };
                let nil = Slot { byte: None, state: State::Nil, key: None, value: None, stale: false };
                self.open.push(self.blocks.len());
                self.blocks.push(Block { name, note: format!("depth {depth}"), slots: vec![nil; CHILDREN] });
            }
            Step::Child(child) => self.child = child,
            Step::Entry { key, value, overflow } => {
                let Some(&node) = self.open.last() else { return };
                let live = Slot {
                    byte: None,
                    state: State::Live,
                    key: Some(*key),
                    value: Some(*value),
                    stale: false,
                };
                let slots = &mut self.blocks[node].slots;
                // Entries whose hashes are equal stand in one chain; all but the last go behind the node's own.
                if overflow {
                    slots.push(live);
                } else {
                    slots[usize::from(self.child)] = live;
                }
                self.entries += 1;
            }
            Step::ChildDone => {}
            Step::Leave => {
                self.open.pop();
            }
        }
    }
}
