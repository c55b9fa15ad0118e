//! What the `slots` collector sees: where inserts land.

use serde::{Deserialize, Serialize};

use super::film::Film;
use super::{Allocator, Collected, CollectorInfo, Cost, Need, Threads, equal, total};
use crate::tape::Header;

/// Where inserts of new entries landed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
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
    /// What became of each slot; `None` where it was not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub film: Option<Film>,
}

impl Collected for Slots {
    const INFO: CollectorInfo = CollectorInfo {
        is_timed: false,
        keeps_pace: false,
        needs: &[Need::NoOwnThreads, Need::Answers],
        allocator: Allocator::Counting,
        threads: Threads::One,
        arguments: &["--samples", "100"],
        cost: Cost { start: 0.02, factor: 4.0, samples_for: 0.0 },
    };

    /// Every insert of a new entry must have landed somewhere.
    fn check(&self, tape: &Header) -> Result<(), String> {
        if self.unavailable.is_some() {
            return Ok(());
        }
        if let Some(film) = &self.film {
            film.check(tape.ops())?;
        }
        equal("operations", total(self.windows.iter().map(|window| window.ops)), tape.ops())?;
        let Some(entries) = tape.new_entries() else { return Ok(()) };
        let landed = self.windows.iter().flat_map(|window| [window.reused, window.recycled, window.fresh]);
        equal("inserts that landed somewhere", total(landed), entries)
    }
}

/// Inserts of new entries within a stretch of the tape.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
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

#[cfg(test)]
mod tests {
    use super::super::tests::tape;
    use super::*;

    fn slots(reused: u64, recycled: u64, fresh: u64) -> Slots {
        let window = SlotWindow { ops: 10, reused, recycled, fresh, ..SlotWindow::default() };
        Slots {
            windows: vec![window],
            distance: vec![],
            distance_sampling: 1,
            moves: 0,
            shadow_bytes: 0,
            map_bytes: 0,
            unavailable: None,
            film: None,
        }
    }

    #[test]
    fn every_insert_must_land_somewhere() {
        assert_eq!(slots(2, 1, 4).check(&tape()), Ok(()));
        let lost = slots(2, 1, 3).check(&tape());
        assert_eq!(lost, Err("6 inserts that landed somewhere, must be 7".into()));
        let blind = Slots { windows: vec![], unavailable: Some("moves entries".into()), ..slots(0, 0, 0) };
        assert_eq!(blind.check(&tape()), Ok(()));
    }
}
