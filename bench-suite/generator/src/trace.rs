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
use std::io::{BufReader, Read};
use std::path::Path;

use formats::fault::Fault;
use formats::workload::{Trace, TraceFormat};

use crate::recipe::Drawn;
use recorder::Recorder;
use rows::Rows;
use zstandard::Frames;

/// Operations of one recording. A tape of more would not fit the memory that the suite is made for.
const MAX_OPS: usize = 1_000_000_000;

/// Reads the recording of a workload, record by record.
pub(crate) fn read(trace: &Trace) -> Result<Drawn, Fault> {
    let file = File::open(&trace.file)
        .map_err(|error| Fault::of_file(&trace.file, format!("cannot be read: {error}")))?;
    let file = BufReader::with_capacity(1 << 16, file);
    if trace.file.extension().is_some_and(|extension| extension == "zst") {
        read_from(Frames::new(file), trace)
    } else {
        read_from(file, trace)
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
