//! What every gate leaves behind: one line of `history.jsonl`.
//!
//! Only ratios of two builds that ran beside each other are kept. A time in nanoseconds belongs to its machine and
//! its hour; a ratio can be compared with one of another day.

use std::io::Write;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::{Metric, TimeMetric};
use crate::session::{SessionError, open_lines, parse, read, whole_lines};
use crate::shown::shown_json;

/// Name of the file that holds the history, beside the sessions.
pub const HISTORY_FILE: &str = "history.jsonl";

/// What one gate measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Version of this format.
    pub schema: u32,
    /// When the gate started, UTC, RFC 3339.
    pub when: String,
    /// The commit that was judged, with `+` when files were changed.
    pub revision: String,
    /// The commit that it was compared with.
    pub parent: String,
    /// The old commit that it was also compared with; the same for many entries, so that small steps add up.
    pub anchor: Option<String>,
    /// Times against the parent.
    pub against_parent: Vec<Ratio>,
    /// Times against the anchor; empty without one.
    pub against_anchor: Vec<Ratio>,
    /// Exact figures that are not what they were.
    pub exact_moved: Vec<ExactMove>,
}

/// A time of one build over that of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ratio {
    /// The workload.
    pub workload: String,
    /// The map.
    pub map: String,
    /// The time.
    pub metric: TimeMetric,
    /// The natural logarithm of the ratio: above 0 is slower.
    pub log_ratio: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Pairs of processes behind it.
    pub pairs: u32,
}

/// An exact figure that moved against the parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExactMove {
    /// The workload.
    pub workload: String,
    /// The map.
    pub map: String,
    /// The figure.
    pub metric: Metric,
    /// On the parent, for each seed.
    pub base: Vec<u64>,
    /// On this commit, for each seed.
    pub head: Vec<u64>,
}

/// A history read back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// One for each gate, in the order in which they were appended.
    pub entries: Vec<Entry>,
    /// Whether the last line was cut off, as a kill in the middle of a write leaves it.
    pub cut: bool,
}

impl History {
    /// Reads a history. Each line that is none of ours is an error that names it; a last line without an end is
    /// left out.
    pub fn read(file: &Path) -> Result<Self, SessionError> {
        let bytes = read(file)?;
        let whole = whole_lines(&bytes);
        let entries = bytes[..whole]
            .split_inclusive(|&byte| byte == b'\n')
            .enumerate()
            .map(|(index, line)| parse(line.trim_ascii_end(), file, index + 1))
            .collect::<Result<_, _>>()?;
        Ok(Self { entries, cut: whole < bytes.len() })
    }
}

impl Entry {
    /// Appends it as one line and waits until it is on the disk. Makes the file if there is none, and cuts off
    /// what an interrupted write left behind.
    ///
    /// # Panics
    /// Never: an entry holds string keys only.
    pub fn append(&self, file: &Path) -> Result<(), SessionError> {
        let mut line = shown_json(serde_json::to_string(self).expect("an entry is JSON"));
        line.push('\n');
        let write = || {
            let mut out = open_lines(file)?;
            out.write_all(line.as_bytes())?;
            out.sync_data()
        };
        write().map_err(|source| SessionError::Io { file: file.into(), source })
    }
}
