//! `throughput`: times of some hundred slices; the clock is read at their borders only.

use formats::observation::Throughput;
use formats::tape::Header;

pub(super) const ARGUMENTS: &[&str] = &["--samples", "200"];

pub(super) fn check(reading: &Throughput, tape: &Header) -> Result<(), String> {
    super::check_times(&reading.phases, tape)
}
