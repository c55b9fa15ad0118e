//! The largest counts of a workload.

/// More entries than this would not fit the 24 GiB that the suite is made for.
pub(super) const MAX_LIVE: u64 = 100_000_000;
/// Key numbers are dense and the model keeps 8 bytes for each.
pub(super) const MAX_OPS: u64 = 1_000_000_000;
/// Phases of a recipe and steps of a script, repeats included.
pub(super) const MAX_PHASES: usize = 10_000;
