//! Watching borders only: the operations run as in production.

use super::{Border, Watch};
use crate::toil::toil;

/// Calls a closure at every border and leaves the operations alone, but for work that is added on purpose. The
/// closure is behind a pointer so that all collectors that watch borders only play through one and the same loop.
pub struct Untimed<'a> {
    /// Is called at every border.
    pub border: &'a mut (dyn FnMut(Border<'_>) + Send),
    /// Steps of added work for every 64 operations, where a slowdown of a known size is wanted.
    pub toil: u64,
}

impl Watch for Untimed<'_> {
    fn border(&mut self, border: Border<'_>) {
        (self.border)(border);
    }

    fn end_chunk(&mut self, ops: usize) {
        if self.toil > 0 {
            toil(ops as u64 * self.toil / 64);
        }
    }
}
