//! Every parser of the suite as a function of bytes, and what damages good input.
//!
//! ```text
//! corpus/<target>/*, files of the repository ─▶ corpus ─▶ mutate ─▶ target
//!                                                                    ├─ tests/short.rs    seconds, in `make test`
//!                                                                    ├─ churnmark-fuzz    minutes, on stable Rust
//!                                                                    └─ fuzz_targets/*    cargo-fuzz, on nightly
//! ```
//!
//! A target may refuse what it is given. It must not panic, take seconds, or take memory that the input does not have.

pub mod corpus;
pub mod mutate;
pub mod target;
