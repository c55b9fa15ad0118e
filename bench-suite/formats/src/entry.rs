//! What entries are made of: the kinds of keys and values that a workload asks for.

use serde::{Deserialize, Serialize};

/// What keys are made of. A key's bits are a fixed bijection of its number on the tape, never sequential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keys {
    /// 4 bytes. There are 2^32 such keys: far more than a tape has.
    U32,
    /// 8 bytes.
    #[default]
    U64,
    /// 16 bytes.
    Uuid,
    /// Text of this many bytes (16 to 255) on the heap.
    String(u16),
}

/// What values are made of. The first 8 bytes are the stamp by which an answer is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Values {
    /// 8 bytes.
    #[default]
    U64,
    /// This many bytes inside the entry. Only 64 is compiled in.
    Bytes(u32),
    /// This many bytes (8 to 1 MiB) in a block of their own, allocated by the insert.
    Boxed(u32),
}
