//! How many bytes the values of a recording have.

/// What a value may have: its stamp, to 1 MiB.
const ALLOWED: (u64, u64) = (8, 1 << 20);

/// The sizes of the values that are written.
#[derive(Debug, Default)]
pub(super) struct ValueSizes {
    /// The size of each key's value, as its latest record says; 0 before one does.
    of_key: Vec<u32>,
    written: Vec<u32>,
}

impl ValueSizes {
    /// A record says that the key's value has so many bytes; 0 says nothing. What no value can have counts as the nearest
    /// that one can.
    pub(super) fn note(&mut self, key: u32, bytes: u64) {
        if bytes == 0 {
            return;
        }
        let place = key as usize;
        if place >= self.of_key.len() {
            self.of_key.resize(place + 1, 0);
        }
        self.of_key[place] = u32::try_from(bytes.clamp(ALLOWED.0, ALLOWED.1)).unwrap_or(u32::MAX);
    }

    /// The key is written.
    #[inline]
    pub(super) fn write(&mut self, key: u32) {
        let known = self.of_key.get(key as usize).copied().unwrap_or(0);
        self.written.push(known.max(8));
    }

    /// The size of each value that was written, in order.
    pub(super) fn finish(self) -> Vec<u32> {
        self.written
    }
}
