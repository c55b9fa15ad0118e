//! When each key was written last: what a sweep looks at.

/// The stamp of each key's value, as the model and every map have it.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The position on its thread's tape of the operation that is drawn.
    pub(crate) now: u64,
    stamps: Vec<u64>,
}

impl Written {
    /// The key is written by the operation that is drawn.
    #[inline]
    pub(crate) fn note(&mut self, key: u32) {
        let place = key as usize;
        if place >= self.stamps.len() {
            self.stamps.resize(place + 1, 0);
        }
        self.stamps[place] = self.now;
    }

    /// The stamp of a key that was written.
    pub(crate) fn of(&self, key: u32) -> u64 {
        self.stamps[key as usize]
    }
}
