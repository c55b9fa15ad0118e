//! Shares of the operations of a churn phase.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Shares of the operations in percent; they sum to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Mix {
    /// Inserts of a key that is not live.
    pub insert: u8,
    /// Removes of a live key.
    pub remove: u8,
    /// Lookups of a live key.
    pub get: u8,
    /// Lookups of a key that is not live.
    pub get_absent: u8,
    /// Overwrites of a live key's value.
    pub update: u8,
    /// Walks over every entry.
    pub iterate: u8,
    /// Removals of every entry at once.
    pub clear: u8,
    /// Writes of a key of the keyspace, live or not: what a map's entry interface is for.
    pub upsert: u8,
    /// Questions how many entries there are.
    pub len: u8,
    /// Sweeps that take out what is not to be kept.
    pub retain: u8,
    /// Requests to give back what the entries do not need.
    pub shrink: u8,
    /// Lookups of a live key that hold what they find, while the thread goes on.
    pub hold: u8,
    /// Lookups in a bounded cache that put the key where they do not find it.
    pub fetch: u8,
}

impl Mix {
    /// No share of anything.
    pub const NONE: Self = Self {
        insert: 0,
        remove: 0,
        get: 0,
        get_absent: 0,
        update: 0,
        iterate: 0,
        clear: 0,
        upsert: 0,
        len: 0,
        retain: 0,
        shrink: 0,
        hold: 0,
        fetch: 0,
    };

    /// The shares with their names, in a fixed order.
    #[must_use]
    pub fn shares(self) -> [(&'static str, u8); 13] {
        [
            ("insert", self.insert),
            ("remove", self.remove),
            ("get", self.get),
            ("get_absent", self.get_absent),
            ("update", self.update),
            ("iterate", self.iterate),
            ("clear", self.clear),
            ("upsert", self.upsert),
            ("len", self.len),
            ("retain", self.retain),
            ("shrink", self.shrink),
            ("hold", self.hold),
            ("fetch", self.fetch),
        ]
    }
}
