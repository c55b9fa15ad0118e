//! `slots`: where inserts land. Runs in the program whose allocator tells where memory came from.

use formats::observation::Slots;
use formats::tape::{Header, Kind};

pub(super) const ARGUMENTS: &[&str] = &["--samples", "100"];

/// Every insert of a new entry must have landed somewhere.
pub(super) fn check(reading: &Slots, tape: &Header) -> Result<(), String> {
    if reading.unavailable.is_some() {
        return Ok(());
    }
    super::equal("operations", reading.windows.iter().map(|window| window.ops).sum(), super::all_ops(tape))?;
    let Some(hits) = tape.executed.hits else { return Ok(()) };
    let insert = Kind::Insert as usize;
    let landed = reading.windows.iter().map(|window| window.reused + window.recycled + window.fresh).sum();
    super::equal("inserts that landed somewhere", landed, tape.executed.kinds[insert] - hits[insert])
}

#[cfg(test)]
mod tests {
    use formats::observation::SlotWindow;

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
        }
    }

    #[test]
    fn every_insert_must_land_somewhere() {
        assert_eq!(check(&slots(2, 1, 4), &tape()), Ok(()));
        let lost = check(&slots(2, 1, 3), &tape());
        assert_eq!(lost, Err("6 inserts that landed somewhere, must be 7".into()));
        let blind = Slots { windows: vec![], unavailable: Some("moves entries".into()), ..slots(0, 0, 0) };
        assert_eq!(check(&blind, &tape()), Ok(()));
    }
}
