//! What is wrong with a file that a person wrote: one error, with the place and the remedy.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::placed::Placed;

/// One mistake in one input file: where it stands, what it is, and what would be allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// The file as the user named it.
    pub file: PathBuf,
    /// The line, counted from 1; `None` when the whole file is at fault (it is missing, say).
    pub line: Option<u64>,
    /// The field, column or key at fault, empty when there is none.
    pub field: String,
    /// What was wrong and what is allowed.
    pub problem: String,
}

impl Fault {
    /// A fault of the whole file.
    pub fn of_file(file: &Path, problem: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, field: String::new(), problem: problem.into() }
    }

    /// A fault of one field on one line (counted from 1).
    pub fn at(file: &Path, line: u64, field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { file: file.into(), line: Some(line), field: field.into(), problem: problem.into() }
    }

    /// A fault found by the TOML reader, placed on its line and field.
    #[must_use]
    pub fn from_toml(file: &Path, text: &str, error: &toml::de::Error) -> Self {
        let problem = in_words(&error.message().replace('\n', "; "));
        let Some(span) = error.span() else { return Self::of_file(file, problem) };
        let (line, content) = line_at(text, span.start);
        if let Some((field, _)) =
            problem.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'))
        {
            // What is missing stands on no line; the header of its table is the nearest place.
            let line = content.trim_start().starts_with('[').then_some(line);
            return Self { file: file.into(), line, field: field.into(), problem: "is missing".into() };
        }
        let key = content.split_once('=').map_or("", |(key, _)| key.trim());
        let bare = key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
        Self::at(file, line, if bare { key } else { "" }, problem)
    }
}

/// What the TOML reader says of a value that does not fit, in the words of who writes such files and not of the types
/// behind them. Whatever else it says stays as it is.
fn in_words(said: &str) -> String {
    if said.contains("wanted exactly 1 element") {
        return "is a table of more than one name; allowed is one name with its value".into();
    }
    let unfit = said.strip_prefix("invalid type: ").or_else(|| said.strip_prefix("invalid value: "));
    let Some((found, allowed)) = unfit.and_then(|rest| rest.rsplit_once(", expected ")) else {
        return said.to_owned();
    };
    let found = match found {
        "map" => "a table",
        "sequence" => "a list",
        value => ["integer ", "floating point ", "boolean ", "string "]
            .into_iter()
            .find_map(|kind| value.strip_prefix(kind))
            .unwrap_or(value),
    };
    let found = found.strip_suffix(" as i128").unwrap_or(found);
    let up_to = |most: u64| format!("a whole number from 0 to {most}");
    let allowed = match allowed {
        // All that have so few bits are shares.
        "u8" => up_to(100),
        "u16" => up_to(u16::MAX.into()),
        "u32" => up_to(u32::MAX.into()),
        "u64" => up_to(i64::MAX.unsigned_abs()),
        "f64" => "a number".into(),
        "a boolean" => "`true` or `false`".into(),
        "a sequence" => "a list in brackets".into(),
        "a string" => "text in quotes".into(),
        other => other.into(),
    };
    format!("is {found}; allowed is {allowed}")
}

/// The number (from 1) and the text of the line that holds byte `offset`.
pub(crate) fn line_at(text: &str, offset: usize) -> (u64, &str) {
    let offset = offset.min(text.len());
    let before = &text.as_bytes()[..offset];
    let line = before.split(|&byte| byte == b'\n').count() as u64;
    (line, text.lines().nth(usize::try_from(line - 1).unwrap_or(0)).unwrap_or(""))
}

/// A TOML file that is being read: turns places in it into faults.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    text: &'a str,
    file: &'a Path,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str, file: &'a Path) -> Self {
        Self { text, file }
    }

    pub(crate) fn file(&self) -> &'a Path {
        self.file
    }

    pub(crate) fn fault<T>(&self, place: &Placed<T>, field: &str, problem: impl Into<String>) -> Fault {
        let (line, _) = line_at(self.text, place.span().start);
        Fault::at(self.file, line, field, problem)
    }

    pub(crate) fn missing(&self, field: &str, what: &str) -> Fault {
        Fault { field: field.into(), ..Fault::of_file(self.file, format!("is missing: {what}")) }
    }

    pub(crate) fn within(&self, place: &Placed<u64>, field: &str, low: u64, high: u64) -> Result<u64, Fault> {
        let value = *place.get_ref();
        if (low..=high).contains(&value) {
            return Ok(value);
        }
        Err(self.fault(place, field, format!("{value} is out of range; allowed are {low} to {high}")))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}", self.problem)
    }
}
