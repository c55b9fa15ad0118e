//! `stacks`: a CPU profile. The child plays the tape until it has samples enough.

use formats::observation::Stacks;

pub(super) const ARGUMENTS: &[&str] = &["--hz", "199", "--profile-ms", "1500"];

/// Every line must be a stack with its count, and no more samples than arrived.
pub(super) fn check(reading: &Stacks) -> Result<(), String> {
    let mut folded = 0;
    for line in reading.folded.lines() {
        let count = line.rsplit_once(' ').and_then(|(_, count)| count.parse::<u64>().ok());
        folded += count.ok_or_else(|| format!("`{line}` is no folded stack"))?;
    }
    if folded == 0 || folded > reading.samples {
        return Err(format!("{folded} samples in stacks, {} arrived", reading.samples));
    }
    Ok(())
}
