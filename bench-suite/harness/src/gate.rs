//! The parts of a gate: two sides, what is compared exactly, what is compared in time.

pub(crate) mod base;
pub(crate) mod controls;
pub(crate) mod timing;
