//! Measurements in, verdicts out.
//!
//! Pure functions: no clock, no process, no file. The same measurements give the same verdicts.

#![forbid(unsafe_code)]

pub mod anchor;
pub mod change_points;
pub mod claims;
pub mod exact;
pub mod family;
pub mod history;
mod normal;
pub mod percentile_interval;
pub mod power;
pub mod sequential;
pub mod signed_rank;
pub mod tail;
pub mod told;
