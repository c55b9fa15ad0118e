//! What a subject program says about itself and its maps when asked `list`.

use serde::{Deserialize, Serialize};

/// The answer of a subject program to `list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Version of this format; see [`crate::observation::SCHEMA`].
    pub schema: u32,
    /// The program's own name.
    pub program: String,
    /// Its allocator: name, version and settings; empty where it does not tell.
    #[serde(default)]
    pub allocator: String,
    /// Collectors that this program can serve.
    pub collectors: Vec<crate::observation::Collector>,
    /// The maps inside.
    pub maps: Vec<MapInfo>,
}

/// One map of a subject program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapInfo {
    /// The name by which it is asked for.
    pub name: String,
    /// Version of the library behind it.
    pub version: String,
    /// What it is and how the adapter uses it: guards, clones, hasher.
    pub about: String,
    /// How it can be used.
    pub family: Family,
    /// Whether a fault was planted in it. Such maps play only when named.
    pub canary: bool,
}

/// How a map can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// One thread.
    Single,
    /// Threads share it, each through a handle of its own.
    Shared,
    /// Keeps values only and gives a key for each: a slot manager. One thread.
    SlotManager,
    /// A slot manager that threads share, each with keys of its own.
    SharedSlots,
    /// Threads share it, and what they write is seen later: its answers are not checked, what is left in the
    /// end is.
    Eventual,
    /// Does nothing; its cost is the suite's own. Any number of threads, answers are not checked.
    Null,
}

impl Family {
    /// Whether it is asked for keys of the tape, which it hashes or compares.
    #[must_use]
    pub const fn has_keys(self) -> bool {
        match self {
            Self::Single | Self::Shared | Self::Eventual => true,
            Self::SlotManager | Self::SharedSlots | Self::Null => false,
        }
    }

    /// Whether it can play a tape for this many threads that contend for the same keys or own disjoint ones;
    /// why it cannot.
    pub fn plays(self, threads: usize, keys_shared: bool) -> Result<(), Misfit> {
        match self {
            Self::Single | Self::SlotManager if threads > 1 => Err(Misfit::Threads(threads)),
            Self::SharedSlots if threads > 1 && keys_shared => Err(Misfit::SharedKeys),
            _ => Ok(()),
        }
    }
}

/// Why a map cannot play a tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// It is for one thread.
    #[error("the map is for one thread, the workload has {0}")]
    Threads(usize),
    /// What one thread was given cannot be taken by another.
    #[error("threads of a slot manager keep what it gave them, the workload's take each other's")]
    SharedKeys,
}
