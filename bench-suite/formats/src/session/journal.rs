//! The runs of a session: lines that are appended while it is measured, and packed once it is whole.
//!
//! ```text
//! runs.jsonl ──pack──▶ runs.jsonl.gz
//! ```
//!
//! The packed file takes its place as a whole before the plain one goes. Where both are there, a kill came between: they
//! hold the same lines, and the plain one is read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::{Manifest, SessionError, read_run};
use crate::run::Run;
use crate::whole;

/// Name of the file that holds the runs of a session while it is measured.
pub const RUNS_FILE: &str = "runs.jsonl";
/// The same, packed by gzip: of a session that is whole.
pub const PACKED_RUNS_FILE: &str = "runs.jsonl.gz";

/// The longest line that is read: a few MB are usual, and a packed file could boast of any length.
const LONGEST_LINE: u64 = 1 << 30;

/// `runs.jsonl`, open for appending.
#[derive(Debug)]
pub struct Journal {
    file: PathBuf,
    out: File,
}

impl Journal {
    /// Opens the runs of a session, making the file if there is none and cutting off a half-written line. Runs that
    /// were packed are unpacked first.
    pub fn open(folder: &Path) -> Result<Self, SessionError> {
        let file = folder.join(RUNS_FILE);
        let open = || {
            unpack(folder)?;
            open_lines(&file)
        };
        let out = open().map_err(|source| SessionError::Io { file: file.clone(), source })?;
        Ok(Self { file, out })
    }

    /// Appends one run and waits until it is on the disk.
    pub fn append(&mut self, run: &Run) -> Result<(), SessionError> {
        let line = run.line();
        let mut write = || {
            self.out.write_all(line.as_bytes())?;
            self.out.sync_data()?;
            self.is_in_place()
        };
        match write() {
            Ok(true) => Ok(()),
            Ok(false) => Err(SessionError::Gone { file: self.file.clone() }),
            Err(source) => Err(SessionError::Io { file: self.file.clone(), source }),
        }
    }

    /// Whether what is written to is what stands under the name.
    fn is_in_place(&self) -> io::Result<bool> {
        let written = self.out.metadata()?;
        Ok(fs::metadata(&self.file)
            .is_ok_and(|named| (named.dev(), named.ino()) == (written.dev(), written.ino())))
    }
}

/// Where the runs of a session are: packed, or as they are written.
#[must_use]
pub fn runs_file(folder: &Path) -> PathBuf {
    let [plain, packed] = [RUNS_FILE, PACKED_RUNS_FILE].map(|name| folder.join(name));
    if !plain.exists() && packed.exists() { packed } else { plain }
}

/// Packs the runs of a session that nobody appends to any more. The plain file goes when the packed one is on the disk.
/// Where there is none, nothing is done.
pub fn pack(folder: &Path) -> Result<(), SessionError> {
    let [plain, packed] = [RUNS_FILE, PACKED_RUNS_FILE].map(|name| folder.join(name));
    let pack = || {
        let mut lines = match whole::open(&plain) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            opened => opened?,
        };
        whole::write(&packed, |out| {
            let mut gzip = GzEncoder::new(out, Compression::default());
            io::copy(&mut lines, &mut gzip)?;
            gzip.finish()?.sync_all()
        })?;
        File::open(folder)?.sync_all()?;
        match fs::remove_file(&plain) {
            // Another report of the same session was faster.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    };
    pack().map_err(|source| SessionError::Io { file: packed.clone(), source })
}

/// The way back. A plain file that is there goes before a packed one.
fn unpack(folder: &Path) -> io::Result<()> {
    let [plain, packed] = [RUNS_FILE, PACKED_RUNS_FILE].map(|name| folder.join(name));
    if plain.exists() || !packed.exists() {
        return Ok(());
    }
    let mut lines = MultiGzDecoder::new(BufReader::new(whole::open(&packed)?));
    whole::write(&plain, |out| {
        io::copy(&mut lines, out)?;
        out.sync_all()
    })?;
    File::open(folder)?.sync_all()?;
    fs::remove_file(&packed)
}

/// All runs in a folder, and whether the last line was cut off. A session that was stopped before its first run has none.
pub(super) fn runs(folder: &Path, manifest: &Manifest) -> Result<(Vec<Run>, bool), SessionError> {
    let file = runs_file(folder);
    let open = whole::open(&file).map(BufReader::new);
    match open {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok((Vec::new(), false)),
        Err(source) => Err(SessionError::Io { file, source }),
        Ok(packed) if file.ends_with(PACKED_RUNS_FILE) => {
            lines(BufReader::new(MultiGzDecoder::new(packed)), &file, manifest)
        }
        Ok(plain) => lines(plain, &file, manifest),
    }
}

fn lines(mut text: impl BufRead, file: &Path, manifest: &Manifest) -> Result<(Vec<Run>, bool), SessionError> {
    let (mut runs, mut line) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        let read = (&mut text).take(LONGEST_LINE).read_until(b'\n', &mut line);
        let length = read.map_err(|source| SessionError::Io { file: file.into(), source })?;
        if line.ends_with(b"\n") {
            runs.push(read_run(line.trim_ascii_end(), file, runs.len() + 1, manifest)?);
        } else if length as u64 == LONGEST_LINE {
            let problem = format!("is longer than {LONGEST_LINE} bytes: no run is");
            return Err(SessionError::Damaged { file: file.into(), line: runs.len() + 1, problem });
        } else {
            return Ok((runs, length > 0));
        }
    }
}

/// A file of lines, open for appending; made if there is none, and without a half-written last line.
pub(crate) fn open_lines(file: &Path) -> io::Result<File> {
    let mut out = OpenOptions::new().read(true).append(true).create(true).open(file)?;
    let mut text = Vec::new();
    out.read_to_end(&mut text)?;
    out.set_len(whole_lines(&text) as u64)?;
    out.seek(SeekFrom::End(0))?;
    Ok(out)
}

/// The length of all lines that have an end.
pub(crate) fn whole_lines(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1)
}
