//! The parts of the gate, one file each.

pub(crate) mod baseline;
pub(crate) mod exact;
pub(crate) mod instructions;
