//! What makes a map a program that plays tapes.
//!
//! ```text
//! Tape ─prepare─▶ steps with keys ─play_tape─▶ play ⇄ Map
//!                                          │ Watch
//!                                          ▼
//!                                     Observation
//! ```
//!
//! A map of your own becomes a subject in four steps, and needs four modules for it:
//!
//! 1. [`map`]: implement [`map::Map`], or [`map::Shared`] for a map that threads share;
//! 2. [`entry`]: be generic over [`entry::Key`] and [`entry::Value`] where more than `u64` is to be played;
//! 3. [`calls`]: say what the map does with keys that count how often they are hashed and compared;
//! 4. [`program`]: list the maps and call [`subject!`] once for each of the two programs.
//!
//! The other modules are what such a program consists of.

pub mod axes;
pub mod calls;
pub mod clock;
pub mod consistency;
pub mod driver;
pub mod entry;
pub mod huge_pages;
pub mod inject_work;
pub mod job;
pub mod locking;
pub mod made;
pub mod map;
pub mod pace;
pub mod pass;
pub mod play;
pub mod prepare;
pub mod probe_length;
pub mod program;
mod progress;
mod seldom;
mod stage;
pub mod stdout;
pub mod tally;
pub mod turns;
pub mod watch;
