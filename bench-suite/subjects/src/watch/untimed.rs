//! Watching borders only: the operations run as in production.

use super::{Border, Watch};

/// Calls a closure at every border and leaves the operations alone. The closure is behind a pointer so that
/// all collectors that watch borders only play through one and the same loop.
pub struct Untimed<'a>(pub &'a mut (dyn FnMut(Border<'_>) + Send));

impl Watch for Untimed<'_> {
    fn border(&mut self, border: Border<'_>) {
        (self.0)(border);
    }
}
