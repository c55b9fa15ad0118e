//! Rows of a recording in CSV, and what is wrong with them.

use std::io::{Chain, Error, ErrorKind, Read};
use std::path::Path;

use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};
use formats::fault::Fault;

/// The rows of one file. Columns are divided by commas; a field may stand in double quotes.
pub(super) struct Rows<'a, R> {
    reader: Reader<Chain<Bounded<R>, &'static [u8]>>,
    record: ByteRecord,
    pub(super) file: &'a Path,
}

/// A source that ends in an error when one row goes on for too long, be it one line or many in quotes: the reader
/// would keep all of it.
struct Bounded<R> {
    source: R,
    /// Bytes that were read.
    given: u64,
    /// Where the row begins that is being read.
    row: u64,
}

/// The longest row. No recording has keys of this size; what packs well unpacks to anything.
const LONGEST_ROW: u64 = 1 << 20;

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.given.saturating_sub(self.row) > LONGEST_ROW {
            let problem =
                format!("the row goes on for more than {LONGEST_ROW} bytes; is a quote not closed?");
            return Err(Error::new(ErrorKind::InvalidData, problem));
        }
        let count = self.source.read(buffer)?;
        self.given += count as u64;
        Ok(count)
    }
}

/// One row.
pub(super) struct Row<'a> {
    record: &'a ByteRecord,
    file: &'a Path,
    line: u64,
}

impl<'a, R: Read> Rows<'a, R> {
    pub(super) fn new(source: R, file: &'a Path) -> Self {
        // Lines are counted by their ends: the last one gets one, and a carriage return is cut off later.
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .from_reader(Bounded { source, given: 0, row: 0 }.chain(&b"\n"[..]));
        Self { reader, record: ByteRecord::new(), file }
    }

    /// The next row. A first row that begins with one of `titles` names the columns and is passed over.
    pub(super) fn next(&mut self, titles: &[&str]) -> Result<Option<Row<'_>>, Fault> {
        loop {
            let line = self.reader.position().line();
            let first = self.reader.position().record() == 0;
            let begins = self.reader.position().byte();
            self.reader.get_mut().get_mut().0.row = begins;
            let more = self.reader.read_byte_record(&mut self.record).map_err(|error| {
                let problem = match error.into_kind() {
                    csv::ErrorKind::Io(error) => format!("cannot be read: {error}"),
                    other => format!("is no CSV: {other:?}"),
                };
                Fault { line: Some(line), ..Fault::of_file(self.file, problem) }
            })?;
            if !more {
                return Ok(None);
            }
            let title = self.record.get(0).unwrap_or_default();
            if first && titles.iter().any(|other| title.eq_ignore_ascii_case(other.as_bytes())) {
                continue;
            }
            let within = self.record.as_slice().split(|&byte| byte == b'\n').skip(1).count() as u64;
            let line = self.reader.position().line().saturating_sub(1 + within);
            return Ok(Some(Row { record: &self.record, file: self.file, line }));
        }
    }
}

impl Row<'_> {
    /// Refuses a row that has too few or too many of these columns; the first `least` must be there.
    pub(super) fn check(&self, columns: &[&str], least: usize) -> Result<(), Fault> {
        let found = self.record.len();
        if (least..=columns.len()).contains(&found) {
            return Ok(());
        }
        let field = columns.get(found).copied().unwrap_or_default();
        let problem = format!("the row has {found} columns; expected are {}", columns.join(","));
        Err(Fault::at(self.file, self.line, field, problem))
    }

    /// The bytes of a column, empty when the row is shorter.
    pub(super) fn bytes(&self, column: usize) -> &[u8] {
        let bytes = self.record.get(column).unwrap_or_default();
        let last = column + 1 == self.record.len();
        bytes.strip_suffix(b"\r").filter(|_| last).unwrap_or(bytes)
    }

    /// A key: any text that is not empty.
    pub(super) fn key(&self, column: usize) -> Result<&[u8], Fault> {
        match self.bytes(column) {
            [] => Err(self.fault("key", "is empty; any text is allowed")),
            key => Ok(key),
        }
    }

    /// A whole number.
    pub(super) fn whole(&self, column: usize, name: &str) -> Result<u64, Fault> {
        let number = std::str::from_utf8(self.bytes(column)).ok().and_then(|text| text.trim().parse().ok());
        number.ok_or_else(|| self.not(column, name, "a whole number from 0 on"))
    }

    /// A whole number, or 0 where the column is empty or missing.
    pub(super) fn whole_or_none(&self, column: usize, name: &str) -> Result<u64, Fault> {
        if self.bytes(column).is_empty() { Ok(0) } else { self.whole(column, name) }
    }

    /// Refuses a column that is no number at all.
    pub(super) fn check_number(&self, column: usize, name: &str) -> Result<(), Fault> {
        let number =
            std::str::from_utf8(self.bytes(column)).ok().and_then(|text| text.trim().parse::<f64>().ok());
        match number {
            Some(number) if number.is_finite() => Ok(()),
            _ => Err(self.not(column, name, "a number")),
        }
    }

    /// The fault of a column that holds something else than what is allowed.
    pub(super) fn not(&self, column: usize, name: &str, allowed: &str) -> Fault {
        let text: String = String::from_utf8_lossy(self.bytes(column)).chars().take(40).collect();
        self.fault(name, &format!("`{}` is not allowed; allowed is {allowed}", text.escape_debug()))
    }

    fn fault(&self, name: &str, problem: &str) -> Fault {
        Fault::at(self.file, self.line, name, problem)
    }
}
