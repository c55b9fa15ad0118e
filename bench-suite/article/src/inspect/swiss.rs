//! The Swiss map, group by group.

use std::collections::HashMap;
use std::rc::Rc;

use formats::inspection::{Block, Field, Layout, Picture, Slot, State};
use go_maps::hash::Aes;
use go_maps::probe;
use go_maps::swiss::{CTRL_DELETED, CTRL_EMPTY, GroupView, Map};

use super::Inspected;
use super::diary::Diary;

type Swiss = Map<u64, u64, Aes, Rc<Diary>>;

pub(super) fn make(hint: usize, hasher: Aes, seed: u64, diary: Rc<Diary>) -> Box<dyn Inspected> {
    Box::new(Swiss::make(hint, hasher, seed, diary))
}

impl Inspected for Swiss {
    fn put(&mut self, key: u64, value: u64) -> Option<u64> {
        self.insert(key, value)
    }

    fn del(&mut self, key: u64) -> Option<u64> {
        self.remove(&key)
    }

    fn get(&mut self, key: u64) -> Option<u64> {
        Self::get(self, &key).copied()
    }

    fn clear(&mut self) {
        Self::clear(self);
    }

    fn layout(&self) -> Layout {
        let (fields, size) = Self::layout();
        let mut seen: HashMap<&str, u32> = HashMap::new();
        let fields = fields.iter().map(|field| {
            let number = seen.entry(field.name).or_default();
            let name = if field.size == size_of::<u64>() && field.name != "ctrl" {
                format!("{}[{number}]", field.name)
            } else {
                field.name.into()
            };
            *number += 1;
            Field { name, offset: field.offset, size: field.size }
        });
        Layout { of: "group".into(), size, fields: fields.collect() }
    }

    fn picture(&self, diary: &Diary) -> Picture {
        let figures = [
            ("used", self.len().to_string()),
            ("seed", format!("{:#018x}", self.seed())),
            ("globalDepth", self.global_depth().to_string()),
            ("dirLen", self.directory().len().to_string()),
            ("tombstonePossible", self.tombstone_possible().to_string()),
            ("clearSeq", self.clear_seq().to_string()),
        ];
        let small = self.small_group().map(|group| block(group, 0, 0, "the only group".into(), diary));
        let tables = self.tables().flat_map(|table| {
            let note = format!(
                "local depth {}, used {} of {}, growth left {}, tombstones {}",
                table.local_depth(),
                table.used(),
                table.capacity(),
                table.growth_left(),
                table.tombstones()
            );
            let groups = (0..).zip(table.groups());
            groups
                .map(|(number, group)| block(group, table.memory(), number, note.clone(), diary))
                .collect::<Vec<_>>()
        });
        Picture {
            figures: figures.map(|(name, figure)| (name.into(), figure)).into(),
            blocks: small.into_iter().chain(tables).collect(),
        }
    }
}

fn block(group: GroupView<'_, u64, u64>, memory: u32, number: u32, note: String, diary: &Diary) -> Block {
    let slots = (0..).zip(group.ctrls().iter().zip(group.slots())).map(|(slot, (&byte, (&key, &value)))| {
        let state = match byte {
            CTRL_EMPTY => State::Empty,
            CTRL_DELETED => State::Deleted,
            _ => State::Live,
        };
        let left_over = state != State::Live && diary.held(probe::Slot { memory, bucket: number, slot });
        Slot { byte: Some(byte), state, key: Some(key), value: Some(value), stale: left_over }
    });
    Block { name: diary.unit.name(memory, number), note, slots: slots.collect() }
}
