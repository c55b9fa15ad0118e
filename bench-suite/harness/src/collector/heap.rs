//! `heap`: bytes in use over time, as the allocator and the kernel count them.

use formats::observation::Heap;
use formats::tape::Header;

pub(super) const ARGUMENTS: &[&str] = &["--samples", "200"];

/// The samples must reach to the end of the tape, in order. With threads, the one that looks may be done
/// before the others.
pub(super) fn check(reading: &Heap, tape: &Header) -> Result<(), String> {
    if !reading.samples.is_sorted_by_key(|sample| sample.ops) {
        return Err("samples are out of order".into());
    }
    let (last, all) = (reading.samples.last().map_or(0, |sample| sample.ops), super::all_ops(tape));
    let threads = tape.phases.first().map_or(0, |phase| phase.ops.len());
    if threads > 1 && (1..=all).contains(&last) {
        return Ok(());
    }
    super::equal("operations before the last sample", last, all)
}
