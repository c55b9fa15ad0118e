//! Watching boundaries only: the operations run as in production.

use super::{Boundary, Watch};
use crate::inject_work::inject_work;

/// Calls a closure at every boundary and leaves the operations alone, but for work that is added on purpose. The
/// closure is behind a pointer so that all collectors that watch boundaries only play through one and the same loop.
pub struct Untimed<'a> {
    /// Is called at every boundary.
    pub boundary: &'a mut (dyn FnMut(Boundary<'_>) + Send),
    /// Steps of added work for every 64 operations, where a slowdown of a known size is wanted.
    pub inject_work: u64,
}

impl Watch for Untimed<'_> {
    fn boundary(&mut self, boundary: Boundary<'_>) {
        (self.boundary)(boundary);
    }

    fn end_chunk(&mut self, ops: usize) {
        if self.inject_work > 0 {
            inject_work(ops as u64 * self.inject_work / 64);
        }
    }
}
