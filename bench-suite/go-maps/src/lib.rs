//! Go's own maps, slot for slot.
//!
//! | module | what it is | in which Go |
//! |---|---|---|
//! | [`classic`] | the built-in map | 1.19 to 1.23 |
//! | [`swiss`] | the built-in map | 1.24 to 1.27 |
//! | [`sync_map`] | sync.Map | 1.19 to 1.23 |
//! | [`hash_trie`] | sync.Map | 1.24 to 1.27 |
//! | [`pool`] | sync.Pool | 1.19 to 1.27 |
//!
//! A recording of the real runtime replays on these ports with every digest equal. Names inside are Go's own. What
//! differs from one [kind of key](key::Kind), or one [release](release::Release), to another differs in the ports.
//! Each port takes a [`Probe`](probe::Probe) that hears of events and costs nothing when absent.
//!
//! How the shared maps are checked: small histories of real threads for linearizability (`tests/linearizable.rs`),
//! the same under a scheduler that tries interleavings (`tests/interleavings.rs`), and all of the library's tests
//! under Miri: `MIRIFLAGS="-Zmiri-disable-isolation -Zmiri-tree-borrows -Zmiri-permissive-provenance
//! -Zmiri-ignore-leaks" cargo +nightly miri test --lib`. The last three flags are for the list of threads that
//! crossbeam-epoch keeps for the whole process. `RUSTFLAGS=-Zsanitizer=thread cargo +nightly test -Zbuild-std
//! --target x86_64-unknown-linux-gnu` runs them under `ThreadSanitizer`.

#![cfg_attr(
    feature = "unprobed",
    expect(
        unused,
        clippy::unused_self,
        reason = "what events are made of is computed for nobody when their calls are taken out"
    )
)]
// Goes into every program that links this crate, so that a debugger shows the maps slot by slot.
#![debugger_visualizer(gdb_script_file = "../gdb/maps.py")]

pub mod classic;
pub mod hash;
pub mod hash_trie;
mod interleave;
pub mod key;
mod lanes;
pub mod layout;
pub mod marks;
pub mod pool;
pub mod probe;
mod reclaim;
pub mod recorded;
pub mod release;
pub mod seed;
pub mod swiss;
pub mod sync_map;
