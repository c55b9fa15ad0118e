//! Replays recordings of the real Go runtime on the ports and compares everything that was recorded.
//!
//! A recording is made by a program that runs a script on a real map and writes down what it sees in memory:
//! where each key lies, what the map answered, and a digest of its whole state. `recorder/` beside the sources
//! holds those programs, and its `README.md` the formats.

mod classic;
mod digest;
mod hash_trie;
mod keys;
mod lines;
mod memhash;
mod pool;
mod script;
mod swiss;
mod sync_map;
mod turns;

use std::fmt;
use std::io::Read;

use lines::Recording;

/// What a recording is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A classic map: `classic-1`, or `classic-2` with keys of any kind.
    Classic,
    /// A Swiss map: `swiss-1`, or `swiss-2` with keys of any kind.
    Swiss,
    /// A sync.Map of Go 1.19 to 1.23: `syncmap-1`.
    SyncMap,
    /// A sync.Map of Go 1.24 and later: `trie-1`, or `trie-2` with keys of any kind.
    HashTrie,
    /// The order in which a sync.Pool gives items back: lines of text.
    Pool,
}

/// How much of a recording was compared: all of it, when it replayed without a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The recording, as the caller named it.
    pub name: String,
    /// What it is of.
    pub format: Format,
    /// The release of Go that was recorded, as Go prints it; for several, the last one.
    pub go: String,
    /// Operations replayed.
    pub operations: u64,
    /// Digests of the whole state compared.
    pub digests: u64,
    /// Places of a key, after it was put, compared.
    pub placements: u64,
    /// Answers compared.
    pub results: u64,
    /// Operations whose event, or lack of one, was compared.
    pub events: u64,
    /// Full dumps compared slot by slot.
    pub dumps: u64,
    /// Hashes computed from the recorded keys of the process and compared; 0 when those were not recorded.
    pub hashes: u64,
    /// Operations whose work (hashes, comparisons, groups gone to, groups zeroed) was compared; 0 when the runtime
    /// was not made to count it.
    pub works: u64,
    /// Lines that say nothing about a port, word for word.
    pub skipped: Vec<String>,
}

/// Why a recording did not verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The port did something else than the real runtime.
    #[error(transparent)]
    Difference(#[from] Box<Difference>),
    /// The recording cannot be read.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// The first thing that differs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Difference {
    /// What was compared up to here.
    pub compared: Verified,
    /// The line, counted from 1.
    pub line: u64,
    /// The operation, counted from 0; `None` before the first.
    pub operation: Option<u64>,
    /// What differs.
    pub what: String,
    /// What the real runtime did.
    pub recorded: String,
    /// What the port did.
    pub ported: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { compared, line, what, recorded, ported, .. } = self;
        write!(f, "{}:{line}: ", compared.name)?;
        if let Some(operation) = self.operation {
            write!(f, "operation {operation}: ")?;
        }
        write!(f, "{what}: recorded {recorded}, ported {ported}")
    }
}

/// A recording, or one line of it, that is not what the recorders write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}:{line}: {problem}")]
pub struct Malformed {
    /// The recording, as the caller named it.
    pub name: String,
    /// The line, counted from 1.
    pub line: u64,
    /// What is wrong and what is allowed.
    pub problem: String,
}

/// Replays one recording, packed with gzip or not. `name` stands in the report and in errors.
pub fn verify(reader: impl Read, name: &str) -> Result<Verified, Error> {
    let mut recording = Recording::open(reader, name);
    let Some(first) = recording.next_line()? else {
        return Err(recording.malformed("the recording is empty").into());
    };
    match recording.format(&first)? {
        Format::Classic => classic::replay(recording, &first),
        Format::Swiss => swiss::replay(recording, &first),
        Format::SyncMap => sync_map::replay(recording, &first),
        Format::HashTrie => hash_trie::replay(recording, &first),
        Format::Pool => pool::replay(recording, &first),
    }
}
