//! Compressed recordings: told by their first bytes, whatever the file is called, and read as a stream.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result};
use std::path::Path;
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;

use super::bzip2::{self, Streams};
use super::zstandard::Frames;

/// What a recording is made of at the least: below it nothing is called a bomb.
const SMALL: u64 = 16 << 20;
/// Real recordings are packed 2 to 100 times; what is packed closer than this is one byte over and over.
const MAX_RATIO: u64 = 500;
/// What a dictionary of xz may take, KiB; `xz -9` asks for 64 MiB.
const XZ_KIB: u32 = 130 << 10;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Zstandard.
    Zstandard,
    /// gzip.
    Gzip,
    /// xz.
    Xz,
    /// bzip2.
    Bzip2,
}

impl Compression {
    /// What the first bytes of a file say; `None`: it is not compressed.
    fn of(head: &[u8]) -> Option<Self> {
        match *head {
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstandard),
            [0x1f, 0x8b, 0x08, ..] => Some(Self::Gzip),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            _ if bzip2::begins(head) => Some(Self::Bzip2),
            _ => None,
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zstandard => "Zstandard",
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Bzip2 => "bzip2",
        }
    }
}

/// The bytes of a file, decompressed. Refuses to go on where so little makes so much that no recording is in it.
pub(super) struct Unpacked<'a> {
    source: Box<dyn Read + 'a>,
    compression: Option<Compression>,
    /// Compressed bytes that were read so far.
    packed: Rc<Cell<u64>>,
    made: u64,
}

impl Unpacked<'static> {
    pub(super) fn open(file: &Path) -> Result<Self> {
        Self::new(File::open(file)?)
    }
}

impl<'a> Unpacked<'a> {
    pub(super) fn new(source: impl Read + 'a) -> Result<Self> {
        let packed = Rc::new(Cell::new(0));
        let counted = Counted { source, read: Rc::clone(&packed) };
        let mut source = BufReader::with_capacity(1 << 16, counted);
        let compression = Compression::of(source.fill_buf()?);
        let source: Box<dyn Read + 'a> = match compression {
            None => Box::new(source),
            Some(Compression::Zstandard) => Box::new(Frames::new(source)),
            Some(Compression::Gzip) => Box::new(MultiGzDecoder::new(source)),
            Some(Compression::Xz) => Box::new(XzReader::new_mem_limit(source, true, XZ_KIB)),
            Some(Compression::Bzip2) => Box::new(Streams::new(source)),
        };
        Ok(Self { source, compression, packed, made: 0 })
    }

    pub(super) fn compression(&self) -> Option<Compression> {
        self.compression
    }
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let Some(compression) = self.compression else { return self.source.read(buffer) };
        let read = self.source.read(buffer).map_err(|error| match error.kind() {
            ErrorKind::Interrupted => error,
            _ if compression == Compression::Zstandard => error,
            kind => Error::new(kind, format!("is no whole {} file: {error}", compression.name())),
        })?;
        self.made += read as u64;
        if self.made > SMALL && self.made / MAX_RATIO > self.packed.get() {
            let problem = format!(
                "{} bytes of {} make {} and more: no recording is so much alike, and it is not read further",
                self.packed.get(),
                compression.name(),
                self.made
            );
            return Err(Error::new(ErrorKind::InvalidData, problem));
        }
        Ok(read)
    }
}

/// Counts what is read.
struct Counted<R> {
    source: R,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.source.read(buffer)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}
