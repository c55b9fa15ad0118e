//! A recording, read into operations.

mod operations;
mod recorder;
mod requests;
mod rows;
#[cfg(test)]
mod tests;
mod twitter;
mod zstandard;

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use formats::fault::Fault;
use formats::workload::{Trace, TraceFormat};

use crate::recipe::Drawn;
use recorder::Recorder;
use rows::Rows;
use zstandard::Frames;

/// Operations of one recording. A tape of more would not fit the memory that the suite is made for.
const MAX_OPS: usize = 1_000_000_000;

/// A file may unpack to so many times its size, or to [`LEAST_UNPACKED`]: whatever packs better is no recording.
const MOST_PACKED: u64 = 200;
/// See [`MOST_PACKED`].
const LEAST_UNPACKED: u64 = 16 << 20;

/// Reads the recording of a workload, record by record.
pub(crate) fn read(trace: &Trace) -> Result<Drawn, Fault> {
    let file = File::open(&trace.file)
        .map_err(|error| Fault::of_file(&trace.file, format!("cannot be read: {error}")))?;
    let file = BufReader::with_capacity(1 << 16, file);
    if trace.file.extension().is_some_and(|extension| extension == "zst") {
        let packed = std::fs::metadata(&trace.file).map_or(0, |file| file.len());
        read_from(Unpacked { source: Frames::new(file), left: most_unpacked(packed) }, trace)
    } else {
        read_from(file, trace)
    }
}

/// How much so many bytes may unpack to. Recordings of real programs pack to a fifth or a tenth.
fn most_unpacked(packed: u64) -> u64 {
    packed.saturating_mul(MOST_PACKED).max(LEAST_UNPACKED)
}

/// Unpacked bytes, which end in an error when there are more of them than a recording has.
struct Unpacked<R> {
    source: R,
    left: u64,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            let problem =
                format!("it unpacks to more than {MOST_PACKED} times its size; unpack it if that is meant");
            io::Error::new(io::ErrorKind::InvalidData, problem)
        })?;
        Ok(count)
    }
}

fn read_from(source: impl Read, trace: &Trace) -> Result<Drawn, Fault> {
    let file = trace.file.as_path();
    let capacity = trace.capacity.unwrap_or(1);
    let mut recorder = Recorder::default();
    match trace.format {
        TraceFormat::Operations => operations::read(Rows::new(source, file), &mut recorder)?,
        TraceFormat::Requests => requests::read_rows(Rows::new(source, file), capacity, &mut recorder)?,
        TraceFormat::Twitter => twitter::read(Rows::new(source, file), &mut recorder)?,
        TraceFormat::OracleGeneral => requests::read_oracle(source, file, capacity, &mut recorder)?,
    }
    if recorder.is_empty() {
        return Err(Fault::of_file(file, "holds no record"));
    }
    Ok(recorder.finish())
}

/// What a reader says of a file that goes on for too long.
fn too_long(file: &Path) -> Fault {
    Fault::of_file(file, format!("gives more than {MAX_OPS} operations; cut it"))
}
