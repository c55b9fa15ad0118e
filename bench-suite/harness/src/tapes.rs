//! The tapes on disk: each is made once, kept, and checked byte by byte before it is played.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use anyhow::{Context, Result};
use formats::session::TapeInfo;
use formats::tape::{self, Header, Tape, TapeError};
use formats::whole;
use formats::workload::{Source, Workload};
use xxhash_rust::xxh3::Xxh3;

use crate::cache;
use crate::catalogue::Entry;
use crate::room;
use crate::stderr::tell;

/// The folder of tapes.
#[derive(Debug)]
pub(crate) struct Tapes {
    folder: PathBuf,
}

impl Tapes {
    /// `$CHURNMARK_TAPES`, or `tapes` in the build folder that this program stands in, or the user's cache.
    pub(crate) fn open() -> Result<Self> {
        let folder = place().context("there is no place for tapes: set CHURNMARK_TAPES to a folder")?;
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("the folder of tapes `{}` cannot be made", folder.display()))?;
        whole::sweep(&folder);
        Ok(Self { folder })
    }

    /// Refuses tapes that are too large, before any is made.
    pub(crate) fn have_room(&self, entries: &[Entry]) -> Result<()> {
        entries.iter().try_for_each(|entry| room::in_memory(&entry.workload))?;
        for entry in entries {
            if let Source::Trace(trace) = &entry.workload.source {
                room::recorded(trace, entry.workload.pace)?;
            }
        }
        let mut missing = Vec::new();
        // How much disk the tape of a recording takes shows when it is made.
        for entry in entries.iter().filter(|entry| !matches!(entry.workload.source, Source::Trace(_))) {
            if !self.folder.join(file_name(entry)?).exists() {
                missing.push(&entry.workload);
            }
        }
        room::on_disk(missing.into_iter(), &self.folder)
    }

    /// The tape of a workload and the file it is in.
    pub(crate) fn get(&self, entry: &Entry) -> Result<(PathBuf, Tape)> {
        let file = self.folder.join(file_name(entry)?);
        match Tape::read(&file) {
            Ok(tape) if is_of(tape.header(), &entry.workload) => return Ok((file, tape)),
            Ok(tape) => {
                let other = &tape.header().workload;
                tell!("churnmark: {}: is the tape of `{other}`; it is made again", file.display());
            }
            Err(TapeError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
            Err(damage) => tell!("churnmark: {damage}; it is made again"),
        }
        let tape = generator::generate(&entry.workload)?;
        tape.write(&file)?;
        Ok((file, tape))
    }
}

/// Whether a tape says of itself what its workload says.
fn is_of(header: &Header, workload: &Workload) -> bool {
    let Header {
        workload: name, seed, generator, keys, key_pattern, values, keys_shared, pace, many, ..
    } = header;
    let threads = header.phases.first().map_or(0, |phase| phase.ops.len());
    name == &workload.name
        && (*seed, *generator) == (workload.seed, generator::VERSION)
        && (keys, key_pattern, values) == (&workload.keys, &workload.key_pattern, &workload.values)
        && (*keys_shared, pace, *many) == (workload.keys_shared, &workload.pace, workload.many)
        && threads == usize::from(workload.threads.get())
}

/// Tapes and the files they are in, by name of the workload.
pub(crate) type TapeFiles = BTreeMap<String, (PathBuf, TapeInfo)>;

/// The tapes of some workloads.
pub(crate) fn of(entries: &[Entry]) -> Result<TapeFiles> {
    let tapes = Tapes::open()?;
    tapes.have_room(entries)?;
    let one = |entry: &Entry| {
        let (file, tape) = tapes.get(entry)?;
        let Workload { why, asks, point, expectations, .. } = entry.workload.clone();
        let info = TapeInfo { id: tape.id(), why, asks, header: tape.header().clone(), point, expectations };
        Ok((entry.workload.name.clone(), (file, info)))
    };
    entries.iter().map(one).collect()
}

/// The same name means the same bytes: everything that decides them is in the digest, the recording too. It is read piece
/// by piece.
fn file_name(entry: &Entry) -> Result<String> {
    let mut hash = Xxh3::new();
    hash.update(&tape::FORMAT_VERSION.to_le_bytes());
    hash.update(&generator::VERSION.to_le_bytes());
    hash.update(&entry.sources);
    if let Source::Trace(trace) = &entry.workload.source {
        let cannot = || format!("{} cannot be read", trace.file.display());
        let mut recording = BufReader::with_capacity(1 << 16, File::open(&trace.file).with_context(cannot)?);
        loop {
            let piece = recording.fill_buf().with_context(cannot)?;
            if piece.is_empty() {
                break;
            }
            hash.update(piece);
            let read = piece.len();
            recording.consume(read);
        }
    }
    Ok(format!("{}-{:032x}.tape", entry.workload.name, hash.digest128()))
}

fn place() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHURNMARK_TAPES").filter(|named| !named.is_empty()) {
        return Some(named.into());
    }
    cache::folder("tapes")
}
