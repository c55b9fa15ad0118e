//! A hash that can be damaged where a table starts to look.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::{FixedState, FoldHasher};

/// foldhash; the low eight bits of a hash are lost if so chosen.
#[derive(Debug, Clone, Default)]
pub struct Clustering<const LOSES: bool>(FixedState);

/// The hash of one key.
pub struct Clustered<'a, const LOSES: bool>(FoldHasher<'a>);

impl<const LOSES: bool> BuildHasher for Clustering<LOSES> {
    type Hasher = Clustered<'static, LOSES>;

    fn build_hasher(&self) -> Self::Hasher {
        Clustered(self.0.build_hasher())
    }
}

impl<const LOSES: bool> Hasher for Clustered<'_, LOSES> {
    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    fn write_u32(&mut self, number: u32) {
        self.0.write_u32(number);
    }

    fn write_u64(&mut self, number: u64) {
        self.0.write_u64(number);
    }

    fn finish(&self) -> u64 {
        let hash = self.0.finish();
        if LOSES { hash & !0xFF } else { hash }
    }
}
