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
use std::num::NonZero;
use std::os::unix::fs::MetadataExt;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::thread;

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::{Manifest, SessionError, read_run};
use crate::observation::Collector;
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

/// All runs in a folder, with the figures of all collectors or `only` of one, and whether the last line was cut off. A
/// session that was stopped before its first run has none.
pub(super) fn runs(
    folder: &Path,
    manifest: &Manifest,
    only: Option<Collector>,
) -> Result<(Vec<Run>, bool), SessionError> {
    let file = runs_file(folder);
    let open = whole::open(&file).map(BufReader::new);
    let read = |number: usize, line: &[u8]| read_run(line.trim_ascii_end(), &file, number, manifest, only);
    match open {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok((Vec::new(), false)),
        Err(source) => Err(SessionError::Io { file, source }),
        Ok(packed) if file.ends_with(PACKED_RUNS_FILE) => {
            parsed(BufReader::new(MultiGzDecoder::new(packed)), &file, read)
        }
        Ok(plain) => parsed(plain, &file, read),
    }
}

/// Lines that may wait to be parsed: each can have some MB.
const AHEAD: usize = 4;
/// Bytes of stack of what parses: readings are deep.
const STACK: usize = 4 << 20;

/// Reads lines here and parses them on other threads, in which most of the time goes. Gives the runs in the order of
/// their lines, or what is wrong with the first line that is wrong.
fn parsed(
    text: impl BufRead,
    file: &Path,
    read: impl Fn(usize, &[u8]) -> Result<Run, SessionError> + Sync,
) -> Result<(Vec<Run>, bool), SessionError> {
    let no_thread = |source| SessionError::Io { file: file.into(), source };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let (send, receive) = mpsc::sync_channel::<(usize, Vec<u8>)>(AHEAD);
    let receive = Mutex::new(receive);
    thread::scope(|scope| {
        let parse = || {
            let mut runs = Vec::new();
            // The lock is for the taking alone: nothing panics within.
            while let Ok((number, line)) = receive.lock().unwrap_or_else(PoisonError::into_inner).recv() {
                runs.push((number, read(number, &line)));
            }
            runs
        };
        let spawn = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, parse);
        let lanes: Vec<_> = (0..threads).map(spawn).collect::<Result<_, _>>().map_err(no_thread)?;
        let ended = lines(text, file, |number, line| send.send((number, line)).is_ok());
        drop(send);
        let runs =
            lanes.into_iter().flat_map(|lane| lane.join().unwrap_or_else(|panic| resume_unwind(panic)));
        let mut runs: Vec<(usize, Result<Run, SessionError>)> = runs.collect();
        runs.sort_by_key(|(number, _)| *number);
        let runs = runs.into_iter().map(|(_, run)| run).collect::<Result<_, _>>()?;
        Ok((runs, ended?))
    })
}

/// Hands on each line with its number, and says whether the last one was cut off.
fn lines(
    mut text: impl BufRead,
    file: &Path,
    mut take: impl FnMut(usize, Vec<u8>) -> bool,
) -> Result<bool, SessionError> {
    for number in 1.. {
        let mut line = Vec::new();
        let read = (&mut text).take(LONGEST_LINE).read_until(b'\n', &mut line);
        let length = read.map_err(|source| SessionError::Io { file: file.into(), source })?;
        if length as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
            let problem = format!("is longer than {LONGEST_LINE} bytes: no run is");
            return Err(SessionError::Damaged { file: file.into(), line: number, problem });
        }
        if !line.ends_with(b"\n") {
            return Ok(length > 0);
        }
        if !take(number, line) {
            break;
        }
    }
    Ok(false)
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
