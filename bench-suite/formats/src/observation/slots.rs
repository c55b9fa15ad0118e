//! What the `slots` collector sees: where inserts land.

use serde::{Deserialize, Serialize};

/// Where inserts of new entries landed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slots {
    /// Counts for each stretch of the tape.
    pub windows: Vec<SlotWindow>,
    /// How many operations lie between a slot's delete and its next insert: entry `i` counts distances of
    /// 2^i to 2^(i+1)-1. Reused slots only.
    pub distance: Vec<u64>,
    /// One of this many deletes was followed for `distance`.
    pub distance_sampling: u32,
    /// How often the table moved (or was rearranged in place) and every entry was read again.
    pub moves: u64,
    /// Most bytes that the collector's own shadow memory took.
    pub shadow_bytes: u64,
    /// Most bytes that the map had allocated.
    pub map_bytes: u64,
    /// Why this map cannot be seen into, if so; then there are no windows.
    pub unavailable: Option<String>,
}

/// Inserts of new entries within a stretch of the tape.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotWindow {
    /// Name of the phase.
    pub phase: String,
    /// Operations before this window.
    pub first_op: u64,
    /// Operations within.
    pub ops: u64,
    /// Landed where, in the same allocation, an entry lived before.
    pub reused: u64,
    /// Landed in memory that an entry of this map had been freed from and the allocator gave back.
    pub recycled: u64,
    /// Neither.
    pub fresh: u64,
    /// Entries alive at the end of the window.
    pub live: u64,
    /// Slots at the end of the window that are neither live nor usable without a rehash; `None` where a map
    /// does not tell.
    pub dead: Option<u64>,
    /// Entries that the map could hold without growing if no slot were dead; `None` where it does not tell.
    pub capacity: Option<u64>,
}
