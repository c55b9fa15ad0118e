//! `allocations`: calls of the allocator. Runs in the program whose allocator counts.

use formats::observation::Allocations;
use formats::tape::Header;

pub(super) const ARGUMENTS: &[&str] = &[];

/// The phases must be those of the tape, and the size classes must add up to them.
pub(super) fn check(reading: &Allocations, tape: &Header) -> Result<(), String> {
    let got = reading.phases.iter().map(|phase| (phase.phase.as_str(), phase.ops));
    let want = tape.phases.iter().map(|mark| (mark.name.as_str(), mark.ops.iter().sum()));
    if !got.clone().eq(want.clone()) {
        let (got, want) = (got.collect::<Vec<_>>(), want.collect::<Vec<_>>());
        return Err(format!("phases {got:?}, must be {want:?}"));
    }
    let by_phase: u64 = reading.phases.iter().map(|phase| phase.allocations).sum();
    let by_class: u64 = reading.classes.iter().map(|class| class.allocations).sum();
    super::equal("blocks by size class", by_class, by_phase)
}
