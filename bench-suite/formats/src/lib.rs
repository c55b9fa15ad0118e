//! What every part of Churnmark agrees on, and nothing else.
//!
//! ```text
//! workloads/*.toml ─▶ Workload ─▶ Tape ─▶ (child plays it) ─▶ Observation ─▶ Run ─▶ Session
//! ```
//!
//! Writer and reader of each format stand in the same file, so that they cannot drift apart. This crate
//! starts no process, reads no clock and knows no map.
//!
//! A program that plays tapes wants the feature `files` off: it then compiles no TOML, no dates and nothing of sessions.

#![forbid(unsafe_code)]

pub mod answer;
#[cfg(feature = "files")]
pub mod baseline;
pub mod entry;
pub mod evidence;
#[cfg(feature = "files")]
pub mod expectation;
#[cfg(feature = "files")]
pub mod fault;
#[cfg(feature = "files")]
pub mod figure;
#[cfg(feature = "files")]
pub mod finding;
#[cfg(feature = "files")]
pub mod gate;
pub mod histogram;
#[cfg(feature = "files")]
pub mod history;
pub mod inspection;
mod named;
pub mod observation;
pub mod pace;
#[cfg(feature = "files")]
mod placed;
#[cfg(feature = "files")]
pub mod point;
#[cfg(feature = "files")]
pub mod policy;
#[cfg(feature = "files")]
pub mod question;
pub mod replay;
#[cfg(feature = "files")]
pub mod run;
#[cfg(feature = "files")]
pub mod schema;
pub mod script;
#[cfg(feature = "files")]
pub mod session;
#[cfg(feature = "files")]
pub mod shown;
pub mod subject;
#[cfg(feature = "files")]
pub mod suite;
pub mod tape;
pub mod whole;
#[cfg(feature = "files")]
pub mod workload;
