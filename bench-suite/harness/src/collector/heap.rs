//! `heap`: bytes in use over time, as the allocator and the kernel count them.

use formats::observation::Heap;
use formats::tape::Header;

pub(super) const ARGUMENTS: &[&str] = &["--samples", "200"];

/// The samples must reach to the end of the tape, in order.
pub(super) fn check(reading: &Heap, tape: &Header) -> Result<(), String> {
    if !reading.samples.is_sorted_by_key(|sample| sample.ops) {
        return Err("samples are out of order".into());
    }
    let last = reading.samples.last().map_or(0, |sample| sample.ops);
    super::equal("operations before the last sample", last, super::all_ops(tape))
}
