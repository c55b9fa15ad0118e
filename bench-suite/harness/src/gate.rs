//! The parts of a gate: its two sides, what is compared exactly and in time, and what is kept of it.

pub(crate) mod base;
pub(crate) mod committed;
pub(crate) mod conclusion;
pub(crate) mod controls;
pub(crate) mod exact;
pub(crate) mod expected;
pub(crate) mod flames;
pub(crate) mod history_entry;
pub(crate) mod instructions;
pub(crate) mod run;
pub(crate) mod session;
pub(crate) mod sides;
pub(crate) mod timing;
