//! The maps under test, and the program that plays a tape into one of them.
//!
//! ```text
//! Tape ─prepare─▶ steps with keys ─tour─▶ play ⇄ Map
//!                                          │ Watch
//!                                          ▼
//!                                     Observation
//! ```
//!
//! A map of your own becomes a subject by implementing [`map::Map`] (or [`map::Shared`]).

pub mod calls;
pub mod canary;
pub mod consistency;
pub mod entry;
pub mod experiment;
pub mod host;
pub mod inspect;
pub mod list;
pub mod locking;
pub mod map;
pub mod maps;
pub mod pace;
pub mod pass;
pub mod play;
pub mod prepare;
pub mod program;
mod replay;
mod stage;
pub mod toil;
pub mod turns;
pub mod watch;
