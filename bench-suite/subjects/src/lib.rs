//! The maps under test, and the program that plays a tape into one of them.
//!
//! A map of your own becomes a subject by implementing [`map::Map`] (or [`map::Shared`]).

pub mod entry;
pub mod map;
