//! The parts of a gate: its two sides, what is compared exactly and in time, and what is kept of it.

pub(crate) mod base;
pub(crate) mod baseline;
pub(crate) mod conclusion;
pub(crate) mod controls;
pub(crate) mod exact;
pub(crate) mod flames;
pub(crate) mod instructions;
pub(crate) mod kept;
pub(crate) mod layers;
pub(crate) mod remembered;
pub(crate) mod sides;
pub(crate) mod timing;
