//! The text of a baseline: JSON that reads well in a diff, one line a figure.

use std::io;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use super::{Baseline, BaselineError, Figures, Fingerprint, Update};
use crate::observation::SCHEMA;
use crate::schema::read_as;

/// The file, in the order of its fields.
#[derive(Serialize)]
struct Written<'a> {
    schema: u32,
    checksum: String,
    #[serde(flatten)]
    baseline: &'a Baseline,
}

/// The same as read. Flattening would forgive unknown fields.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wire {
    #[serde(rename = "schema")]
    _schema: u32,
    checksum: String,
    updates: Vec<Update>,
    fingerprint: Fingerprint,
    seeds: Vec<u64>,
    figures: Figures,
}

read_as!(Baseline, Wire, "Baseline");

#[derive(Deserialize)]
struct Version {
    schema: u32,
}

pub(super) fn write(baseline: &Baseline) -> String {
    let mut text = Vec::new();
    let mut out = Serializer::with_formatter(&mut text, LineFormatter(PrettyFormatter::new()));
    let written = Written { schema: SCHEMA, checksum: baseline.checksum(), baseline };
    written.serialize(&mut out).expect("string keys and whole numbers are JSON");
    text.push(b'\n');
    String::from_utf8(text).expect("JSON is UTF-8")
}

pub(super) fn parse(bytes: &[u8], file: &Path) -> Result<Baseline, BaselineError> {
    let file = || file.to_path_buf();
    if bytes.trim_ascii().is_empty() {
        return Err(BaselineError::Empty { file: file() });
    }
    let damage = |error: serde_json::Error| {
        if error.is_eof() {
            return BaselineError::Truncated { file: file(), line: error.line() };
        }
        let said = error.to_string();
        let problem = said.split(" at line ").next().unwrap_or_default().replace('\n', " ");
        BaselineError::Corrupt { file: file(), line: error.line(), problem }
    };
    // The version first: a newer file need not have the fields of ours.
    let version: Version = serde_json::from_slice(bytes).map_err(damage)?;
    if version.schema > SCHEMA {
        return Err(BaselineError::TooNew { file: file(), found: version.schema });
    }
    let Wire { _schema, checksum: recorded, updates, fingerprint, seeds, figures } =
        serde_json::from_slice(bytes).map_err(damage)?;
    let baseline = Baseline { updates, fingerprint, seeds, figures };
    let computed = baseline.checksum();
    if recorded != computed {
        return Err(BaselineError::Edited { file: file(), recorded, computed });
    }
    Ok(baseline)
}

/// Objects over many lines, lists on one: a figure that moves is one line of a diff.
struct LineFormatter(PrettyFormatter<'static>);

impl Formatter for LineFormatter {
    fn begin_array_value<W: io::Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: io::Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}
