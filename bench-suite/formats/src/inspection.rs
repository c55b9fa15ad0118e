//! A map slot by slot, before the first step of a script and after every one: what a subject program prints
//! when asked to `inspect`.

use serde::{Deserialize, Serialize};

/// Version of the types below.
pub const SCHEMA: u32 = 1;

/// The most slots of one picture; a map with more is not drawn.
pub const MAX_SLOTS: usize = 4096;

/// The most slots of all pictures of a script together.
pub const MAX_SLOTS_IN_ALL: usize = 1 << 17;

/// The most operations of a script that is inspected.
pub const MAX_OPERATIONS: u64 = 100_000;

/// A map while a script runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Inspection {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The map.
    pub map: String,
    /// What it is, in a few words.
    pub about: String,
    /// Where the seeds of its hashes start.
    pub seed: u64,
    /// Entries it was made for.
    pub hint: usize,
    /// Where the fields of a block of slots lie.
    pub layout: Layout,
    /// The map before the first step.
    pub start: Picture,
    /// Every step, in order.
    pub steps: Vec<StepTaken>,
}

/// The memory of one block of slots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// What Go calls the block.
    pub of: String,
    /// Its bytes; 0 when the map keeps its entries in no block.
    pub size: usize,
    /// Its fields, in the order of their offsets.
    pub fields: Vec<Field>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name in Go, with a number where there are eight alike.
    pub name: String,
    /// Bytes from the start of the block.
    pub offset: usize,
    /// Bytes.
    pub size: usize,
}

/// One step and what it left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StepTaken {
    /// The step, as written in a script.
    pub step: String,
    /// What the map answered, in words.
    pub answer: String,
    /// What happened inside the map meanwhile, in words, in order.
    pub events: Vec<String>,
    /// The map afterwards.
    pub after: Picture,
}

/// All slots at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// The fields of the map itself, such as its count, by name.
    pub figures: Vec<(String, String)>,
    /// Its blocks of slots, in the order of the memory.
    pub blocks: Vec<Block>,
}

/// Some slots side by side: a bucket, a group, a node, or a map of entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Its name. Two pictures show the same memory under the same name.
    pub name: String,
    /// Where it came from and what follows it.
    pub note: String,
    /// Its slots.
    pub slots: Vec<Slot>,
}

/// One slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Its tophash or control byte; `None` in a map without.
    pub byte: Option<u8>,
    /// What that byte, or the pointer in its place, says.
    pub state: State,
    /// The key that its memory holds, live or not.
    pub key: Option<u64>,
    /// The value that its memory holds, live or not.
    pub value: Option<u64>,
    /// It held an entry which is gone: key and value are what was left of it.
    pub stale: bool,
}

/// The state of a slot, under Go's own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Classic: empty, and so is everything behind it in its chain.
    EmptyRest,
    /// Classic: empty.
    EmptyOne,
    /// Classic: moved to the bucket of the same number.
    EvacuatedX,
    /// Classic: moved to the upper half of the new array.
    EvacuatedY,
    /// Classic: was empty when its bucket was evacuated.
    EvacuatedEmpty,
    /// Swiss: empty; a search ends here.
    Empty,
    /// Swiss: a tombstone; a search goes on.
    Deleted,
    /// sync.Map and hash trie: no entry.
    Nil,
    /// sync.Map: deleted, and not in the dirty map.
    Expunged,
    /// Hash trie: an inner node.
    Node,
    /// An entry.
    Live,
}

impl State {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EmptyRest => "emptyRest",
            Self::EmptyOne => "emptyOne",
            Self::EvacuatedX => "evacuatedX",
            Self::EvacuatedY => "evacuatedY",
            Self::EvacuatedEmpty => "evacuatedEmpty",
            Self::Empty => "empty",
            Self::Deleted => "deleted",
            Self::Nil => "nil",
            Self::Expunged => "expunged",
            Self::Node => "node",
            Self::Live => "live",
        }
    }
}

impl Layout {
    /// Where in its block the byte, the key and the value of a slot lie; `None` in a map without blocks.
    #[must_use]
    pub fn places(&self, slot: usize) -> Option<[usize; 3]> {
        let field = |name: &str| self.fields.iter().find(|field| field.name == name);
        // Eight alike are one field, or eight fields with a number.
        let eighth = |name: &str| {
            let all = |field: &Field| field.offset.saturating_add(slot.saturating_mul(field.size / 8));
            let plural = field(&format!("{name}s")).map(all);
            plural.or_else(|| field(&format!("{name}[{slot}]")).map(|field| field.offset))
        };
        let byte = field("tophash").or_else(|| field("ctrl"))?.offset.saturating_add(slot);
        Some([byte, eighth("key")?, eighth("elem")?])
    }
}

impl Picture {
    /// Slots of all blocks.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.blocks.iter().map(|block| block.slots.len()).sum()
    }

    /// The block of this name.
    #[must_use]
    pub fn block(&self, name: &str) -> Option<&Block> {
        self.blocks.iter().find(|block| block.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_have_their_places() {
        let field = |name: &str, offset, size| Field { name: name.into(), offset, size };
        let fields = vec![field("tophash", 0, 8), field("keys", 8, 64), field("elems", 72, 64)];
        let bucket = Layout { of: "bmap".into(), size: 144, fields };
        assert_eq!(bucket.places(3), Some([3, 32, 96]));
        let fields = vec![field("ctrl", 0, 8), field("key[0]", 8, 8), field("elem[0]", 16, 8)];
        let group = Layout { of: "group".into(), size: 136, fields };
        assert_eq!((group.places(0), group.places(1)), (Some([0, 8, 16]), None));
        let beyond = Layout {
            of: "bmap".into(),
            size: 1,
            fields: vec![field("ctrl", usize::MAX, 8), field("keys", 8, usize::MAX), field("elems", 1, 8)],
        };
        assert_eq!(beyond.places(9), Some([usize::MAX, usize::MAX, 10]));
        assert_eq!(Layout { of: "entries".into(), size: 0, fields: Vec::new() }.places(0), None);
    }

    #[test]
    fn states_are_written_under_their_names() {
        for state in [State::EmptyRest, State::EvacuatedX, State::Deleted, State::Live] {
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{}\"", state.name()));
        }
    }
}
