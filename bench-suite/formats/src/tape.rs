//! The exact operations of one workload at one seed, and their digest.
//!
//! ```text
//! "CHURNTAP"  u32 format version  u32 header length  header (JSON)  operations (u64 each)  u128 digest
//! ```
//!
//! Where a recording says when operations start, as many times follow them: when each is due, ns after the phase began (u64
//! each). Where values have different sizes, that of each operation that brings one follows (u32 each).
//!
//! All numbers are little-endian. The digest is XXH3-128 over every byte before it, so a tape that was cut
//! short or altered is refused.

mod header;
mod keep;
mod op;
mod schedule;
mod sizes;
mod slice;

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

pub use self::header::{Executed, Header, PhaseMark, RoleMark, SizeMark};
pub use self::keep::{Keep, Kept};
pub use self::op::{KINDS, Kind, Op, by_kind};
pub use self::slice::CHUNK;
use crate::whole;

const MAGIC: &[u8; 8] = b"CHURNTAP";
/// Version of the layout above and of [`Header`].
pub const FORMAT_VERSION: u32 = 2;

/// The digest of a tape's bytes; two runs are comparable only if it is equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "files", derive(schemars::JsonSchema))]
#[serde(into = "String", try_from = "String")]
pub struct TapeId(u128);

impl fmt::Display for TapeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl From<TapeId> for String {
    fn from(id: TapeId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for TapeId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u128::from_str_radix(&text, 16).ok().filter(|_| digits);
        number.map(Self).ok_or_else(|| format!("`{text}` is no digest of 32 hex digits"))
    }
}

/// The exact operations of one workload at one seed; every map plays the same tape.
#[derive(Debug, Clone, PartialEq)]
pub struct Tape {
    header: Header,
    ops: Vec<Op>,
    /// When each operation is due; empty where no recording says so.
    due_ns: Vec<u64>,
    /// The size of each value that an operation brings; empty where all have one.
    sizes: Vec<u32>,
    id: TapeId,
}

/// What a tape has beside its operations, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beside {
    /// When each is due, ns after the phase began; empty where no recording says so.
    pub due_ns: Vec<u64>,
    /// Bytes of the value of each that brings one; empty where all have one size.
    pub sizes: Vec<u32>,
}

/// Why a file is no tape that can be played.
#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    /// The file cannot be read or written.
    #[error("{}: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It starts with something else.
    #[error("{}: is no tape: it does not start with CHURNTAP", file.display())]
    NotATape {
        /// The file.
        file: PathBuf,
    },
    /// It was made by another version.
    #[error("{}: is a tape of format {found}; this program reads format {FORMAT_VERSION}", file.display())]
    OtherVersion {
        /// The file.
        file: PathBuf,
        /// The version it names.
        found: u32,
    },
    /// Bytes are missing, altered, or make no sense.
    #[error("{}: is damaged: {problem}; delete it and it is generated again", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What does not fit.
        problem: String,
    },
}

impl Tape {
    /// Puts a tape together. `ops` holds the operations of thread 0, then those of thread 1, and so on.
    ///
    /// # Panics
    /// If the phases do not account for the operations, or those that do not count are not the first: a mistake of
    /// the generator.
    #[must_use]
    pub fn new(header: Header, ops: Vec<Op>) -> Self {
        Self::with(header, ops, Beside::default())
    }

    /// The same where something stands beside the operations.
    ///
    /// # Panics
    /// As [`Tape::new`], and if the times or sizes are not those of the operations: a mistake of the generator.
    #[must_use]
    pub fn with(header: Header, ops: Vec<Op>, beside: Beside) -> Self {
        let Beside { due_ns, sizes } = beside;
        assert_eq!(counted(&header), Some(ops.len() as u64), "phases account for every operation");
        assert!(load_is_last(&header), "phases that do not count come first, and one counts");
        assert!(roles_account(&header), "roles account for every thread");
        assert_eq!(header.check_recorded(), Ok(()));
        let times = if header.is_recorded() { ops.len() } else { 0 };
        assert_eq!(due_ns.len(), times, "a time for each operation of a recording");
        assert_eq!(sizes.len(), sizes::wanted(&header, &ops), "a size for each value, where they differ");
        assert_eq!(sizes::check(&header, &sizes), Ok(()));
        let head = head_bytes(&header);
        let mut hash = Xxh3::new();
        hash.update(&head);
        for chunk in ops.chunks(8192) {
            hash.update(&op_bytes(chunk));
        }
        for chunk in due_ns.chunks(8192) {
            hash.update(&time_bytes(chunk));
        }
        for chunk in sizes.chunks(8192) {
            hash.update(&sizes::bytes(chunk));
        }
        let tape = Self { header, ops, due_ns, sizes, id: TapeId(hash.digest128()) };
        assert!(tape.times_rise(), "times of a thread do not fall");
        tape
    }

    /// A tape for one thread that no workload describes, from the operations of its phases: for tests, of the suite and
    /// of maps of one's own. Of several phases the first only prepares. What the header says of keys and phases is made
    /// here, all else stays.
    ///
    /// # Panics
    /// If there is no phase.
    #[must_use]
    pub fn of_one_thread(header: Header, phases: &[(&str, Vec<Op>)]) -> Self {
        let mark = |(index, (name, ops)): (usize, &(&str, Vec<Op>))| PhaseMark {
            name: (*name).into(),
            ops: vec![ops.len() as u64],
            counts: index > 0 || phases.len() == 1,
            pace: None,
        };
        let marks = phases.iter().enumerate().map(mark).collect();
        let ops: Vec<Op> = phases.iter().flat_map(|(_, ops)| ops.iter().copied()).collect();
        let keys = ops.iter().filter(|op| op.kind().names_key());
        let distinct = keys.map(|op| op.key() + 1).max().unwrap_or(0);
        Self::new(Header { distinct, phases: marks, ..header }, ops)
    }

    /// What it says about itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The digest of its bytes.
    #[must_use]
    pub fn id(&self) -> TapeId {
        self.id
    }

    /// Threads that play it.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.header.phases.first().map_or(0, |phase| phase.ops.len())
    }

    /// Operations of all threads.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ops.len()
    }

    /// Whether it holds no operation.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// The operations of one thread, all phases.
    ///
    /// # Panics
    /// If there is no such thread.
    #[must_use]
    pub fn thread(&self, thread: usize) -> &[Op] {
        &self.ops[self.place(thread)]
    }

    /// When the operations of one thread are due, ns after the phase began; empty where no recording says so.
    ///
    /// # Panics
    /// If there is no such thread.
    #[must_use]
    pub fn due_ns(&self, thread: usize) -> &[u64] {
        if self.due_ns.is_empty() { &[] } else { &self.due_ns[self.place(thread)] }
    }

    /// Which operations are those of a thread.
    fn place(&self, thread: usize) -> std::ops::Range<usize> {
        let ops_of = |t: usize| self.header.phases.iter().map(|phase| phase.ops[t]).sum::<u64>();
        let start: u64 = (0..thread).map(ops_of).sum();
        let start = usize::try_from(start).expect("the operations are in memory");
        let count = usize::try_from(ops_of(thread)).expect("the operations are in memory");
        start..start + count
    }

    fn times_rise(&self) -> bool {
        self.due_ns.is_empty() || (0..self.threads()).all(|thread| self.due_ns(thread).is_sorted())
    }

    /// Writes it, whole or not at all.
    pub fn write(&self, file: &Path) -> Result<(), TapeError> {
        let content = |out: &mut std::fs::File| -> std::io::Result<()> {
            let mut out = std::io::BufWriter::with_capacity(1 << 16, out);
            out.write_all(&head_bytes(&self.header))?;
            for chunk in self.ops.chunks(8192) {
                out.write_all(&op_bytes(chunk))?;
            }
            for chunk in self.due_ns.chunks(8192) {
                out.write_all(&time_bytes(chunk))?;
            }
            for chunk in self.sizes.chunks(8192) {
                out.write_all(&sizes::bytes(chunk))?;
            }
            out.write_all(&self.id.0.to_le_bytes())?;
            out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
        };
        whole::write(file, content).map_err(|source| TapeError::Io { file: file.into(), source })
    }

    /// Reads a tape and checks every byte of it.
    pub fn read(file: &Path) -> Result<Self, TapeError> {
        let bytes = whole::read(file).map_err(|source| TapeError::Io { file: file.into(), source })?;
        Self::from_bytes(&bytes, file)
    }

    /// Reads a tape from memory; `file` names it in errors.
    pub fn from_bytes(bytes: &[u8], file: &Path) -> Result<Self, TapeError> {
        let damaged = |problem: String| TapeError::Damaged { file: file.into(), problem };
        let Some(rest) = bytes.strip_prefix(MAGIC) else {
            return Err(TapeError::NotATape { file: file.into() });
        };
        let cut = || damaged(format!("it ends after {} bytes", bytes.len()));
        let (version, rest) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
        let found = u32::from_le_bytes(*version);
        if found != FORMAT_VERSION {
            return Err(TapeError::OtherVersion { file: file.into(), found });
        }
        let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (header, rest) = rest.split_at_checked(length).ok_or_else(cut)?;
        let (body, trailer) = rest.split_last_chunk::<16>().ok_or_else(cut)?;
        let id = TapeId(u128::from_le_bytes(*trailer));
        let mut hash = Xxh3::new();
        hash.update(&bytes[..bytes.len() - 16]);
        if TapeId(hash.digest128()) != id {
            return Err(damaged(format!("its {} bytes do not have the digest at their end", bytes.len())));
        }
        let header: Header =
            serde_json::from_slice(header).map_err(|error| damaged(format!("header: {error}")))?;
        header.check_recorded().map_err(damaged)?;
        let Parts { ops, due_ns, sizes } = parts(&header, body).map_err(damaged)?;
        if !load_is_last(&header) {
            return Err(damaged("its phases that count are not its last ones".into()));
        }
        if !roles_account(&header) {
            return Err(damaged("its roles do not account for its threads".into()));
        }
        let unbounded = |op: &Op| op.kind() == Kind::Fetch && header.bound.is_none();
        if let Some(index) = ops.iter().position(unbounded) {
            return Err(damaged(format!("operation {index} is a fetch, and there is no bound")));
        }
        let tape = Self { header, ops, due_ns, sizes, id };
        if !tape.times_rise() {
            return Err(damaged("the times of a thread fall".into()));
        }
        Ok(tape)
    }
}

/// What follows the header.
struct Parts {
    ops: Vec<Op>,
    due_ns: Vec<u64>,
    sizes: Vec<u32>,
}

/// Takes what follows the header apart; says what does not fit.
fn parts(header: &Header, body: &[u8]) -> Result<Parts, String> {
    let unaccounted = || "its phases do not account for its operations".to_owned();
    let count = counted(header).and_then(|count| usize::try_from(count).ok()).ok_or_else(unaccounted)?;
    let words = |bytes: &[u8]| -> Vec<u64> {
        bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect()
    };
    let (ops, rest) =
        count.checked_mul(8).and_then(|bytes| body.split_at_checked(bytes)).ok_or_else(unaccounted)?;
    let untimed = || "its times are not those of its operations".to_owned();
    let times = if header.is_recorded() { 8 * count } else { 0 };
    let (times, rest) = rest.split_at_checked(times).ok_or_else(untimed)?;
    let ops: Vec<Op> = words(ops).into_iter().map(Op::from_word).collect();
    let (sizes, odd) = rest.as_chunks::<4>();
    let wanted = sizes::wanted(header, &ops);
    if header.values.vary() && (sizes.len(), odd.len()) != (wanted, 0) {
        return Err("its sizes are not those of its values".into());
    }
    if !header.values.vary() && !rest.is_empty() {
        return Err(if header.is_recorded() { untimed() } else { unaccounted() });
    }
    let sizes: Vec<u32> = sizes.iter().map(|size| u32::from_le_bytes(*size)).collect();
    sizes::check(header, &sizes)?;
    Ok(Parts { ops, due_ns: words(times), sizes })
}

/// Operations that the phases account for; `None` when they disagree about the threads.
fn counted(header: &Header) -> Option<u64> {
    let threads = header.phases.first()?.ops.len();
    let mut total = 0u64;
    for phase in &header.phases {
        if phase.ops.len() != threads || threads == 0 {
            return None;
        }
        for ops in &phase.ops {
            total = total.checked_add(*ops)?;
        }
    }
    Some(total)
}

/// Whether phases that do not count come first and some other follows.
fn load_is_last(header: &Header) -> bool {
    header.phases.is_sorted_by_key(|phase| phase.counts)
        && header.phases.last().is_some_and(|phase| phase.counts)
}

/// Whether the roles, if there are any, are those of all threads.
fn roles_account(header: &Header) -> bool {
    let threads = header.roles.iter().fold(0u64, |sum, role| sum.saturating_add(role.threads.into()));
    header.roles.is_empty() || threads == header.threads() as u64
}

fn head_bytes(header: &Header) -> Vec<u8> {
    let json = serde_json::to_vec(header).expect("a header has string keys and finite numbers");
    let length = u32::try_from(json.len()).expect("a header is far below 4 GiB");
    [MAGIC.as_slice(), &FORMAT_VERSION.to_le_bytes(), &length.to_le_bytes(), &json].concat()
}

fn op_bytes(ops: &[Op]) -> Vec<u8> {
    ops.iter().flat_map(|op| op.word().to_le_bytes()).collect()
}

fn time_bytes(due_ns: &[u64]) -> Vec<u8> {
    due_ns.iter().flat_map(|ns| ns.to_le_bytes()).collect()
}
