//! One folder under `reports/`, written run by run and read back whole.

mod ended;
mod journal;
mod machine;
mod older;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use self::ended::Ended;
pub use self::journal::{Journal, PACKED_RUNS_FILE, RUNS_FILE, pack, runs_file};
pub(crate) use self::journal::{open_lines, whole_lines};
pub use self::machine::{Machine, Noise};
use crate::evidence::{CLAIMS_FILE, Claims};
use crate::expectation::Expectation;
use crate::gate::{Design, GATE_FILE, Gate};
use crate::observation::{Collector, SCHEMA};
use crate::point::Point;
use crate::question::Question;
use crate::run::{self, Pass, Run};
use crate::shown::shown_json;
use crate::subject::MapInfo;
use crate::tape::{Header, TapeId};
use crate::whole;

/// Name of the file that describes a session.
pub const SESSION_FILE: &str = "session.json";

/// The first version of a line of runs that has a checksum.
const CHECKED: u32 = 3;

/// What was measured, with what, where: `session.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// Version of this format.
    pub schema: u32,
    /// Name of the folder: `<utc>-<host>-<rev>`.
    pub id: String,
    /// When it started, UTC, RFC 3339.
    pub started: String,
    /// Revision of the measured source, with `+` when files were changed; empty when unknown.
    pub revision: String,
    /// Name of the suite.
    pub suite: String,
    /// The command line, for repeating it.
    pub arguments: Vec<String>,
    /// The machine.
    pub machine: Machine,
    /// The compiler that built the harness.
    pub toolchain: String,
    /// The measured programs.
    pub programs: Vec<Program>,
    /// The map that others are compared with.
    pub reference: String,
    /// The tapes, by name of the workload.
    pub tapes: BTreeMap<String, TapeInfo>,
    /// Every pass that was planned, in order.
    pub passes: Vec<Pass>,
    /// Maps whose times a gate compares; what they gave is in `pairs.jsonl`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comparisons: Vec<TimedComparison>,
    /// What the selection names and the manifest leaves out, and why: nothing is missing in silence.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
    /// Pauses seen by a thread that does nothing else, before and (once the session is whole) after.
    pub noise: Vec<Noise>,
}

/// Maps that do not play a workload, or not for some collectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// The workload.
    pub workload: String,
    /// The maps.
    pub maps: Vec<String>,
    /// The collectors.
    pub collectors: Vec<Collector>,
    /// The reason.
    pub why: String,
}

/// Two maps that play one tape in pairs of processes, so that their times can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimedComparison {
    /// The workload.
    pub workload: String,
    /// The map of the head.
    pub map: String,
    /// The map of the base: the same, unless two maps are compared.
    pub base_map: String,
    /// How they are compared.
    pub design: Design,
}

/// A measured program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Program {
    /// Its file name.
    pub name: String,
    /// XXH3-128 of the code and data that are loaded from it, in hex: whether it moved.
    pub digest: String,
    /// The maps that were played in it.
    pub maps: Vec<MapInfo>,
}

/// A tape of the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TapeInfo {
    /// The digest of its bytes.
    pub id: TapeId,
    /// Why anybody cares.
    pub why: String,
    /// What the workload asks of maps that play it; none where its shape says that. None is not written down.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<Question>,
    /// What the tape says about itself.
    pub header: Header,
    /// Which point of a sweep it is. None is not written down.
    #[serde(default, skip_serializing_if = "Point::is_whole")]
    pub point: Point,
    /// What must hold of maps that play it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<Expectation>,
}

/// A folder under `reports/` read back whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// What was to be measured.
    pub manifest: Manifest,
    /// What was, in the order it ended.
    pub runs: Vec<Run>,
    /// Whether the last line of the runs was cut off, as a kill in the middle of a write leaves it.
    pub cut: bool,
    /// What was found out about the claims of the article, if anybody asked.
    pub claims: Option<Claims>,
    /// What a gate found, if the session is one of a gate.
    pub gate: Option<Gate>,
}

/// Why a folder is no session, or a file of one is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// A file cannot be read or written.
    #[error("{}: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The runs that are being written are no longer where the session is.
    #[error("{}: is gone: the folder was removed or renamed while the session was measured", file.display())]
    Gone {
        /// The file.
        file: PathBuf,
    },
    /// Written by a newer version.
    #[error("{}: has schema {found}; this program reads up to {newest}: use a newer churnmark", file.display())]
    TooNew {
        /// The file.
        file: PathBuf,
        /// The version it names.
        found: u32,
        /// The newest that is read.
        newest: u32,
    },
    /// A line that is none of ours.
    #[error("{}:{line}: {problem}", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
}

impl Session {
    /// Reads the session in `folder`. One that was stopped before its first run has none.
    pub fn read(folder: &Path) -> Result<Self, SessionError> {
        Self::read_with(folder, None)
    }

    /// The same, with the figures of one collector. Passes of the others have readings with nothing in them, which takes a
    /// fraction of the time and of the memory.
    pub fn read_figures_of(folder: &Path, collector: Collector) -> Result<Self, SessionError> {
        Self::read_with(folder, Some(collector))
    }

    fn read_with(folder: &Path, only: Option<Collector>) -> Result<Self, SessionError> {
        let manifest = Manifest::read(folder)?;
        let (runs, cut) = journal::runs(folder, &manifest, only)?;
        let claims = if_there(&folder.join(CLAIMS_FILE))?;
        let gate = if_there(&folder.join(GATE_FILE))?;
        Ok(Self { manifest, runs, cut, claims, gate })
    }

    /// Planned passes that have no run yet.
    pub fn missing(&self) -> impl Iterator<Item = &Pass> {
        self.manifest.passes.iter().filter(|pass| !self.runs.iter().any(|run| run.pass == **pass))
    }
}

impl Manifest {
    /// Reads `session.json` in the folder of a session.
    pub fn read(folder: &Path) -> Result<Self, SessionError> {
        let file = folder.join(SESSION_FILE);
        parse_older(&read(&file)?, &file, 1, SCHEMA, older::manifest)
    }

    /// Writes `session.json` under a temporary name and renames it when whole.
    ///
    /// # Panics
    /// Never: a manifest holds string keys and finite numbers only.
    pub fn write(&self, folder: &Path) -> Result<(), SessionError> {
        write_whole(folder, SESSION_FILE, self)
    }
}

impl Claims {
    /// Writes `claims.json` into the folder of a session, like its manifest.
    ///
    /// # Panics
    /// Never: evidence holds string keys and finite numbers only.
    pub fn write(&self, folder: &Path) -> Result<(), SessionError> {
        write_whole(folder, CLAIMS_FILE, self)
    }
}

impl Gate {
    /// Reads `gate.json`.
    pub fn read(file: &Path) -> Result<Self, SessionError> {
        parse(&read(file)?, file, 1)
    }

    /// Writes `gate.json` into the folder of a session, like its manifest.
    ///
    /// # Panics
    /// Never: what a gate finds holds string keys and finite numbers only.
    pub fn write(&self, folder: &Path) -> Result<(), SessionError> {
        write_whole(folder, GATE_FILE, self)
    }
}

/// Writes a document under a temporary name and renames it when whole.
fn write_whole(folder: &Path, name: &str, document: &impl Serialize) -> Result<(), SessionError> {
    let file = folder.join(name);
    let text = serde_json::to_string_pretty(document).expect("string keys and finite numbers are JSON");
    whole::write_text(&file, &(shown_json(text) + "\n")).map_err(|source| SessionError::Io { file, source })
}

/// A document that not every session has.
fn if_there<T: DeserializeOwned>(file: &Path) -> Result<Option<T>, SessionError> {
    if file.exists() { parse(&read(file)?, file, 1).map(Some) } else { Ok(None) }
}

pub(crate) fn read(file: &Path) -> Result<Vec<u8>, SessionError> {
    whole::read(file).map_err(|source| SessionError::Io { file: file.into(), source })
}

/// Reads a document, or one line of a file that begins at `line`.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8], file: &Path, line: usize) -> Result<T, SessionError> {
    parse_older(bytes, file, line, SCHEMA, |_| {})
}

/// Reads a line of `runs.jsonl`, of which not a byte may have changed since it was written; the figures of all collectors,
/// or `only` of one.
fn read_run(
    bytes: &[u8],
    file: &Path,
    line: usize,
    manifest: &Manifest,
    only: Option<Collector>,
) -> Result<Run, SessionError> {
    let schema = schema_of(bytes, file, line, run::SCHEMA)?;
    let bring_up = |run: &mut Value| older::run(run, manifest);
    if schema < CHECKED {
        return parse_older(bytes, file, line, run::SCHEMA, bring_up);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| format!("is no UTF-8: {error}"));
    let document = text.and_then(Run::unchanged).map_err(|problem| SessionError::Damaged {
        file: file.into(),
        line,
        problem,
    })?;
    if schema == run::SCHEMA
        && let Some(only) = only
    {
        let ended: Ended = parse_older(document.as_bytes(), file, line, run::SCHEMA, |_| {})?;
        if ended.pass.collector != only {
            return Ok(ended.into());
        }
    }
    parse_older(document.as_bytes(), file, line, run::SCHEMA, bring_up)
}

/// The version that a document names, if it is not newer than `newest`.
fn schema_of(bytes: &[u8], file: &Path, line: usize, newest: u32) -> Result<u32, SessionError> {
    #[derive(Deserialize, JsonSchema)]
    struct Version {
        schema: u32,
    }
    let schema = match first_field(bytes) {
        Some(schema) => schema,
        None => serde_json::from_slice::<Version>(bytes).map_err(|error| damaged(&error, file, line))?.schema,
    };
    if schema > newest {
        return Err(SessionError::TooNew { file: file.into(), found: schema, newest });
    }
    Ok(schema)
}

/// The version where it stands as we write it: the rest of a long line need not be looked through for it.
fn first_field(bytes: &[u8]) -> Option<u32> {
    let rest = bytes.strip_prefix(b"{\"schema\":")?;
    let digits = rest.iter().take(9).position(|byte| *byte == b',')?;
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

fn damaged(error: &serde_json::Error, file: &Path, line: usize) -> SessionError {
    let said = error.to_string();
    // The library counts lines within what it was given; the place is told with the file's own.
    let problem = said.split(" at line ").next().unwrap_or_default();
    SessionError::Damaged {
        file: file.into(),
        line: line + error.line().saturating_sub(1),
        problem: format!("{problem} (column {})", error.column()),
    }
}

/// The same; one of an earlier version than `newest` is brought up to it first.
fn parse_older<T: DeserializeOwned>(
    bytes: &[u8],
    file: &Path,
    line: usize,
    newest: u32,
    bring_up: impl FnOnce(&mut Value),
) -> Result<T, SessionError> {
    // The version first: a newer document need not have the fields of ours.
    let damaged = |error: serde_json::Error| damaged(&error, file, line);
    if schema_of(bytes, file, line, newest)? == newest {
        return serde_json::from_slice(bytes).map_err(damaged);
    }
    let mut older: Value = serde_json::from_slice(bytes).map_err(damaged)?;
    bring_up(&mut older);
    serde_json::from_value(older).map_err(damaged)
}
