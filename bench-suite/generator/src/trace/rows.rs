//! Rows of a recording that is text: lines, divided into columns. Nothing is copied but what stands in quotes.

use std::io::Read;
use std::path::Path;

use formats::fault::Fault;
use memchr::memchr;

use super::row::Row;

/// Bytes that one row may have: more is no record of an operation, but a file of another kind.
pub(super) const MAX_ROW: usize = 1 << 16;
const CHUNK: usize = 1 << 18;

/// What stands between two columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Divider {
    /// This byte; a column may stand in double quotes, and then holds it, or the end of a line, too.
    Byte(u8),
    /// Any run of spaces and tabs.
    Spaces,
    /// Nothing: a line is one column.
    None,
}

/// The rows of one file. Blank lines are passed over.
pub(super) struct Rows<'a, R> {
    source: R,
    file: &'a Path,
    divider: Divider,
    buffer: Vec<u8>,
    /// Where what was not read yet begins and ends.
    rest: (usize, usize),
    /// Where the row begins, and where it ends without its line end.
    row: (usize, usize),
    /// Lines so far.
    line: u64,
    ended: bool,
    /// Where each column begins and ends, in the row or, when one stood in quotes, in `unquoted`.
    columns: Vec<(usize, usize)>,
    unquoted: Vec<u8>,
}

impl<'a, R: Read> Rows<'a, R> {
    pub(super) fn new(source: R, file: &'a Path, divider: Divider) -> Self {
        Self {
            source,
            file,
            divider,
            buffer: vec![0; CHUNK + MAX_ROW + 1],
            rest: (0, 0),
            row: (0, 0),
            line: 0,
            ended: false,
            columns: Vec::new(),
            unquoted: Vec::new(),
        }
    }

    /// The next row, divided into its columns.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, Fault> {
        while self.read_line(self.rest.0)? {
            if self.row.0 == self.row.1 {
                continue;
            }
            let (file, line) = (self.file, self.line);
            let bytes =
                if self.divide()? { &self.buffer[self.row.0..self.row.1] } else { &self.unquoted[..] };
            return Ok(Some(Row { bytes, columns: &self.columns, file, line }));
        }
        Ok(None)
    }

    /// Finds the end of the line that goes on at `from`; tells whether there is one. The row begins where what was
    /// not read yet began.
    fn read_line(&mut self, from: usize) -> Result<bool, Fault> {
        let before = from - self.rest.0;
        let mut scanned = before;
        let end = loop {
            let (start, end) = self.rest;
            if let Some(at) = memchr(b'\n', &self.buffer[start + scanned..end]) {
                break start + scanned + at;
            }
            scanned = end - start;
            if scanned > MAX_ROW {
                return Err(self.too_long());
            }
            if self.ended {
                if scanned == before {
                    return Ok(false);
                }
                break end;
            }
            self.refill()?;
        };
        let start = self.rest.0;
        if end - start > MAX_ROW {
            return Err(self.too_long());
        }
        let cut = end > start && self.buffer[end - 1] == b'\r';
        self.row = (start, end - usize::from(cut));
        self.rest.0 = (end + 1).min(self.rest.1);
        self.line += 1;
        Ok(true)
    }

    /// Takes the next line, too, into the row, whose quotes are still open; tells whether there is one.
    fn take_another_line(&mut self) -> Result<bool, Fault> {
        let from = self.rest.0;
        self.rest.0 = self.row.0;
        self.read_line(from)
    }

    fn too_long(&self) -> Fault {
        let problem = format!(
            "the row is longer than {MAX_ROW} bytes: this is no recording of this format, or a quote is left open"
        );
        Fault { line: Some(self.line + 1), ..Fault::of_file(self.file, problem) }
    }

    fn refill(&mut self) -> Result<(), Fault> {
        let (start, end) = self.rest;
        self.buffer.copy_within(start..end, 0);
        self.rest = (0, end - start);
        // Rows are found again from where they begin, so that theirs moved does not matter.
        self.row = (0, 0);
        let begins = self.line == 0 && start == 0 && end == 0;
        while self.rest.1 < self.buffer.len() && !self.ended {
            match self.source.read(&mut self.buffer[self.rest.1..]) {
                Ok(0) => self.ended = true,
                Ok(read) => {
                    self.rest.1 += read;
                    if self.rest.1 >= CHUNK {
                        break;
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::of_file(self.file, format!("cannot be read: {error}"))),
            }
        }
        if begins {
            self.check_beginning()?;
        }
        Ok(())
    }

    /// Passes over a byte order mark, and refuses what is no text.
    fn check_beginning(&mut self) -> Result<(), Fault> {
        let head = &self.buffer[..self.rest.1];
        if head.starts_with(b"\xef\xbb\xbf") {
            self.rest.0 = 3;
        }
        match memchr(0, &head[..head.len().min(4096)]) {
            Some(at) => {
                let problem = format!("is no text: byte {at} is zero; this format is lines of text");
                Err(Fault::of_file(self.file, problem))
            }
            None => Ok(()),
        }
    }

    /// Finds the columns of the row; tells whether they are in the row as it stands.
    fn divide(&mut self) -> Result<bool, Fault> {
        self.columns.clear();
        let row = &self.buffer[self.row.0..self.row.1];
        match self.divider {
            Divider::None => self.columns.push(trimmed(row, 0, row.len())),
            Divider::Spaces => {
                let mut start = None;
                for (at, &byte) in row.iter().enumerate() {
                    match (byte == b' ' || byte == b'\t', start) {
                        (false, None) => start = Some(at),
                        (true, Some(first)) => {
                            self.columns.push((first, at));
                            start = None;
                        }
                        _ => {}
                    }
                }
                if let Some(first) = start {
                    self.columns.push((first, row.len()));
                }
            }
            Divider::Byte(divider) => {
                let mut start = 0;
                for (at, &byte) in row.iter().enumerate() {
                    if byte == divider {
                        self.columns.push(trimmed(row, start, at));
                        start = at + 1;
                    } else if byte == b'"' && trimmed(row, start, at) == (at, at) {
                        self.unquote(divider)?;
                        return Ok(false);
                    }
                }
                self.columns.push(trimmed(row, start, row.len()));
            }
        }
        Ok(true)
    }

    /// Divides a row of which a column stands in quotes, and takes as many lines as it goes over.
    fn unquote(&mut self, divider: u8) -> Result<(), Fault> {
        let line = self.line;
        self.columns.clear();
        self.unquoted.clear();
        // Places count from the row's beginning, which moves when more is read.
        let mut at = 0;
        loop {
            let row = &self.buffer[self.row.0..self.row.1];
            while row.get(at) == Some(&b' ') && row[at..].iter().find(|&&byte| byte != b' ') == Some(&b'"') {
                at += 1;
            }
            let start = self.unquoted.len();
            if row.get(at) == Some(&b'"') {
                at = self.quoted_column(at + 1, line)?;
                self.columns.push((start, self.unquoted.len()));
            } else {
                let end = memchr(divider, &row[at..]).map_or(row.len(), |found| at + found);
                self.unquoted.extend_from_slice(&row[at..end]);
                self.columns.push(trimmed(&self.unquoted, start, self.unquoted.len()));
                at = end;
            }
            let row = &self.buffer[self.row.0..self.row.1];
            while row.get(at) == Some(&b' ') && divider != b' ' {
                at += 1;
            }
            match row.get(at) {
                None => return Ok(()),
                Some(&byte) if byte == divider => at += 1,
                Some(_) => {
                    let text = String::from_utf8_lossy(&row[at..]).chars().take(20).collect::<String>();
                    let problem = format!(
                        "the quote that closes the column is followed by `{}`; allowed is a divider or the end of the \
                         line, and a quote within quotes is written twice",
                        text.escape_debug()
                    );
                    return Err(Fault { line: Some(line), ..Fault::of_file(self.file, problem) });
                }
            }
        }
    }

    /// Copies a column from behind its opening quote; where it closed.
    fn quoted_column(&mut self, mut at: usize, line: u64) -> Result<usize, Fault> {
        loop {
            let row = &self.buffer[self.row.0..self.row.1];
            if let Some(length) = memchr(b'"', &row[at..]) {
                self.unquoted.extend_from_slice(&row[at..at + length]);
                at += length + 1;
                if row.get(at) != Some(&b'"') {
                    return Ok(at);
                }
                self.unquoted.push(b'"');
                at += 1;
                continue;
            }
            self.unquoted.extend_from_slice(&row[at..]);
            at = row.len();
            if !self.take_another_line()? {
                let problem = "a quote is opened and never closed";
                return Err(Fault { line: Some(line), ..Fault::of_file(self.file, problem) });
            }
        }
    }
}

/// The column from `start` to `end` without spaces around it.
#[inline]
fn trimmed(row: &[u8], start: usize, end: usize) -> (usize, usize) {
    let column = &row[start..end];
    match (column.first(), column.last()) {
        (Some(first), Some(last)) if *first > b' ' && *last > b' ' => (start, end),
        _ => {
            let behind = start + column.trim_ascii_start().len().abs_diff(column.len());
            (behind, behind + column.trim_ascii().len())
        }
    }
}
