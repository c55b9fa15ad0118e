//! The sizes of values that stand on a tape.

use super::{Header, Op, SizeMark, Tape};

/// How many sizes a tape of these operations has.
pub(super) fn wanted(header: &Header, ops: &[Op]) -> usize {
    if header.values.vary() { ops.iter().filter(|op| op.kind().brings_value()).count() } else { 0 }
}

/// Refuses sizes that are not what the header says of them: what is wrong.
pub(super) fn check(header: &Header, sizes: &[u32]) -> Result<(), String> {
    let marked = header.values.vary().then(|| SizeMark::of(sizes));
    if header.sizes != marked {
        return Err("its sizes are not those that its header tells of".into());
    }
    Ok(())
}

pub(super) fn bytes(sizes: &[u32]) -> Vec<u8> {
    sizes.iter().flat_map(|size| size.to_le_bytes()).collect()
}

impl Tape {
    /// The sizes of the values that one thread brings, in the order of its operations; empty where all have one size.
    ///
    /// # Panics
    /// If there is no such thread.
    #[must_use]
    pub fn sizes(&self, thread: usize) -> &[u32] {
        let place = self.place(thread);
        let brought = |ops: &[Op]| ops.iter().filter(|op| op.kind().brings_value()).count();
        if self.sizes.is_empty() {
            return &[];
        }
        let start = brought(&self.ops[..place.start]);
        &self.sizes[start..start + brought(&self.ops[place])]
    }
}
