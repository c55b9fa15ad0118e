//! A recording read line by line, with the place of every mistake.

use std::fmt::{self, Display};
use std::io::{BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny};

use super::{Difference, Error, Format, Malformed, Verified};
use crate::release::Release;

/// The longest line that is read, in bytes: a full dump of the largest map the recorders know has 0.2 MB.
const LONGEST: u64 = 64 << 20;

/// A recording, where it is being read, and what was compared so far.
pub(super) struct Recording<'r> {
    input: Box<dyn BufRead + 'r>,
    line: u64,
    pub(super) operation: Option<u64>,
    pub(super) tally: Verified,
}

/// What every line of a recording in JSON tells about itself.
#[derive(serde::Deserialize)]
pub(super) struct Kind {
    /// The kind of line; operations have none.
    pub(super) t: Option<String>,
    /// A digest: the line tells the state.
    pub(super) d: Option<IgnoredAny>,
    fmt: Option<String>,
}

impl<'r> Recording<'r> {
    pub(super) fn open(reader: impl Read + 'r, name: &str) -> Self {
        let mut plain = BufReader::new(reader);
        let packed = plain.fill_buf().is_ok_and(|start| start.starts_with(&[0x1F, 0x8B]));
        let input: Box<dyn BufRead + 'r> =
            if packed { Box::new(BufReader::new(MultiGzDecoder::new(plain))) } else { Box::new(plain) };
        let tally = Verified {
            name: name.to_owned(),
            format: Format::Classic,
            go: String::new(),
            operations: 0,
            digests: 0,
            placements: 0,
            results: 0,
            events: 0,
            dumps: 0,
            hashes: 0,
            works: 0,
            skipped: Vec::new(),
        };
        Self { input, line: 0, operation: None, tally }
    }

    /// The next line without its end, `None` behind the last one.
    pub(super) fn next_line(&mut self) -> Result<Option<String>, Malformed> {
        self.line += 1;
        let mut line = Vec::new();
        match (&mut self.input).take(LONGEST).read_until(b'\n', &mut line) {
            Err(error) => return Err(self.malformed(format!("cannot be read: {error}"))),
            Ok(0) => return Ok(None),
            Ok(_) => {}
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if line.len() as u64 == LONGEST {
            return Err(self.malformed(format!("longer than {LONGEST} bytes")));
        }
        String::from_utf8(line).map(Some).map_err(|_| self.malformed("not UTF-8"))
    }

    /// What the first line says the recording is of.
    pub(super) fn format(&mut self, first: &str) -> Result<Format, Malformed> {
        if first.contains("sizeof(sync.Pool)") {
            self.tally.format = Format::Pool;
            return Ok(Format::Pool);
        }
        let kind = self.kind(first)?;
        self.tally.format = match (kind.t.as_deref(), kind.fmt.as_deref()) {
            (Some("hdr"), Some("classic-1" | "classic-2")) => Format::Classic,
            (Some("hdr"), Some("swiss-1" | "swiss-2")) => Format::Swiss,
            (Some("hdr"), Some("syncmap-1")) => Format::SyncMap,
            (Some("hdr"), Some("trie-1" | "trie-2")) => Format::HashTrie,
            (Some("hdr"), fmt) => {
                return Err(self.malformed(format!(
                    "fmt is {}; allowed: classic-1, classic-2, swiss-1, swiss-2, syncmap-1, trie-1, trie-2",
                    fmt.unwrap_or("missing")
                )));
            }
            _ => return Err(self.malformed("the first line is not a header (\"t\":\"hdr\")")),
        };
        Ok(self.tally.format)
    }

    /// The release that was recorded.
    pub(super) fn release(&self, go: &str) -> Result<Release, Malformed> {
        Release::parse(go)
            .ok_or_else(|| self.malformed(format!("go is {go:?}; wanted is a release, as go1.27.3")))
    }

    pub(super) fn kind(&self, line: &str) -> Result<Kind, Malformed> {
        self.parse(line)
    }

    pub(super) fn parse<T: DeserializeOwned>(&self, line: &str) -> Result<T, Malformed> {
        serde_json::from_str(line).map_err(|error| {
            let text = error.to_string();
            let message = text.split(" at line ").next().unwrap_or(&text);
            self.malformed(format!("{message} (column {})", error.column()))
        })
    }

    /// A line that is there: the recording may not end here.
    pub(super) fn malformed(&self, problem: impl Into<String>) -> Malformed {
        Malformed { name: self.tally.name.clone(), line: self.line, problem: problem.into() }
    }

    pub(super) fn differs(&self, what: &str, recorded: impl Display, ported: impl Display) -> Error {
        Box::new(Difference {
            compared: self.tally.clone(),
            line: self.line,
            operation: self.operation,
            what: what.to_owned(),
            recorded: recorded.to_string(),
            ported: ported.to_string(),
        })
        .into()
    }

    /// Both are the same.
    pub(super) fn same<T: PartialEq + Display>(
        &self,
        what: &str,
        recorded: T,
        ported: T,
    ) -> Result<(), Error> {
        if recorded == ported { Ok(()) } else { Err(self.differs(what, recorded, ported)) }
    }

    /// The next operation has the number `index`.
    pub(super) fn begin(&mut self, index: u64) -> Result<(), Malformed> {
        if index != self.tally.operations {
            let expected = self.tally.operations;
            return Err(self.malformed(format!("operation {index} stands where {expected} should")));
        }
        self.tally.operations += 1;
        self.operation = Some(index);
        Ok(())
    }

    pub(super) fn same_digest(&mut self, recorded: &str, ported: &str) -> Result<(), Error> {
        self.tally.digests += 1;
        self.same("digest", recorded, ported)
    }

    /// 64 bits written as 1 to 16 hexadecimal digits.
    pub(super) fn hex(&self, digits: &str) -> Result<u64, Malformed> {
        u64::from_str_radix(digits, 16)
            .map_err(|_| self.malformed(format!("{digits:?} is not a hexadecimal number of 64 bits")))
    }
}

/// What a look-up answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Answer {
    /// The operation looks nothing up.
    #[default]
    NotAsked,
    Absent,
    Value(u64),
}

impl Answer {
    pub(super) fn of(value: Option<&u64>) -> Self {
        value.map_or(Self::Absent, |&value| Self::Value(value))
    }
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(Option::deserialize(deserializer)?.as_ref()))
    }
}

impl Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAsked => f.write_str("not asked"),
            Self::Absent => f.write_str("absent"),
            Self::Value(value) => value.fmt(f),
        }
    }
}

/// Eight bytes in hexadecimal digits, in the order of the slots.
pub(super) fn digits(bytes: [u8; 8]) -> String {
    format!("{:016x}", u64::from_be_bytes(bytes))
}

/// A number, or `none`.
pub(super) fn or_none<T: Display>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}
