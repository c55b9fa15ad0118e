//! The file: a head, then blocks of operations. Whole numbers are little-endian.
//!
//! ```text
//! head   magic 8 · version u32 · 0 u32 · share of the keys f64 · 0 u64
//! block  "BLCK" · thread u32 · operations u32 · dropped before it u32 · begin, end ns u64 · checksum u64 · operations
//! ```
//!
//! An operation is 8 bytes: the hash of the key, its lowest three bits replaced by the kind. The checksum is over all
//! else in the block.

/// The first bytes of a recording.
pub const MAGIC: &[u8; 8] = b"CHURNREC";
/// The version of the format that this crate writes.
pub const VERSION: u32 = 1;

/// Bits of an operation that say its kind.
pub(crate) const KIND_BITS: u64 = 0b111;
/// Operations that a thread collects before it hands them over.
pub(crate) const OPERATIONS: usize = 256;

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Insert = 0,
    Remove = 1,
    Get = 2,
    Update = 3,
    Upsert = 4,
    Clear = 5,
    Iterate = 6,
}

/// The operations of a thread, in order.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) thread: u32,
    /// Operations of this thread that were dropped since the block before.
    pub(crate) dropped: u32,
    /// When the first one was collected, and when they were handed over, ns since the recording began.
    pub(crate) begin: u64,
    pub(crate) end: u64,
    pub(crate) operations: Vec<u64>,
}

pub(crate) fn head(share: f64) -> [u8; 32] {
    let mut head = [0; 32];
    head[..8].copy_from_slice(MAGIC);
    head[8..12].copy_from_slice(&VERSION.to_le_bytes());
    head[16..24].copy_from_slice(&share.to_le_bytes());
    head
}

impl Block {
    /// Appends the block as it stands in the file.
    pub(crate) fn write_to(&self, bytes: &mut Vec<u8>) {
        let count = u32::try_from(self.operations.len()).unwrap_or(u32::MAX);
        let words = [
            u64::from(self.thread) << 32 | u64::from(u32::from_le_bytes(*b"BLCK")),
            u64::from(self.dropped) << 32 | u64::from(count),
            self.begin,
            self.end,
        ];
        let checksum = words.iter().chain(&self.operations).fold(0, |sum, word| mix(sum, *word));
        for word in words.iter().chain([&checksum]).chain(&self.operations) {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
    }
}

/// One step of the checksum.
fn mix(sum: u64, word: u64) -> u64 {
    (sum.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
}
