//! What every part of Churnmark agrees on, and nothing else.
//!
//! ```text
//! workloads/*.toml ─▶ Workload ─▶ Tape ─▶ (child plays it) ─▶ Observation ─▶ Run ─▶ Session
//! ```
//!
//! Writer and reader of each format stand in the same file, so that they cannot drift apart. This crate
//! starts no process, reads no clock and knows no map.

#![forbid(unsafe_code)]

pub mod answer;
pub mod baseline;
pub mod entry;
pub mod evidence;
pub mod expectation;
pub mod fault;
pub mod figure;
pub mod gate;
pub mod histogram;
pub mod history;
pub mod inspection;
mod named;
pub mod observation;
pub mod pace;
pub mod point;
pub mod policy;
pub mod replay;
pub mod run;
pub mod script;
pub mod session;
pub mod shown;
pub mod subject;
pub mod suite;
pub mod tape;
pub mod whole;
pub mod workload;
