//! bzip2, decompressed as it is read: any number of streams, as programs that pack on several processors write
//! them. The decoder knows one stream; where the next one begins is told by its first ten bytes.

use std::io::{BufRead, Error, ErrorKind, Read, Result};

use bzip2_rs::decoder::{Decoder, ReadState, WriteState};

/// `BZh`, a digit, and the mark of a block or, in an empty stream, of the end.
const HEAD: usize = 10;
const CHUNK: usize = 1 << 14;
/// The decoder asks for more at the end of each block that it has, and once more behind the last one.
const PATIENCE: u8 = 3;

/// Whether a stream begins here.
pub(super) fn begins(bytes: &[u8]) -> bool {
    let Some((head, mark)) = bytes.get(..HEAD).and_then(|head| head.split_first_chunk::<4>()) else {
        return false;
    };
    matches!(head, [b'B', b'Z', b'h', b'1'..=b'9'])
        && (mark == [0x31, 0x41, 0x59, 0x26, 0x53, 0x59] || mark == [0x17, 0x72, 0x45, 0x38, 0x50, 0x90])
}

/// The decompressed bytes of all streams.
pub(super) struct Streams<R> {
    decoder: Decoder,
    source: R,
    /// Compressed bytes that the decoder has not been given yet.
    held: Vec<u8>,
    /// Whether the decoder has been given the beginning of its stream.
    begun: bool,
    /// How often in a row it was told that its stream has no more bytes, and gave nothing.
    told_end: u8,
}

impl<R: BufRead> Streams<R> {
    pub(super) fn new(source: R) -> Self {
        Self { decoder: Decoder::new(), source, held: Vec::new(), begun: false, told_end: 0 }
    }

    /// Gives the decoder up to `space` bytes more of its stream, none at its end.
    fn feed(&mut self, space: usize) -> Result<()> {
        while self.held.len() < CHUNK {
            let bytes = self.source.fill_buf()?;
            let length = bytes.len();
            if length == 0 {
                break;
            }
            self.held.extend_from_slice(bytes);
            self.source.consume(length);
        }
        let first = usize::from(!self.begun).min(self.held.len());
        let end = memchr::memmem::find_iter(&self.held[first..], b"BZh")
            .map(|at| at + first)
            .find(|&at| begins(&self.held[at..]));
        // What may be the first bytes of a head stays until the rest of it has come.
        let whole = if self.held.len() < CHUNK { self.held.len() } else { self.held.len() - HEAD };
        let given = end.unwrap_or(whole).min(space);
        self.begun |= given > 0;
        self.told_end = if given == 0 { self.told_end + 1 } else { 0 };
        if self.told_end > PATIENCE || !self.begun {
            return Err(Error::new(ErrorKind::UnexpectedEof, "it ends too early"));
        }
        let taken = match self.decoder.write(&self.held[..given])? {
            WriteState::Written(written) => written,
            WriteState::NeedsRead => 0,
        };
        self.held.drain(..taken);
        Ok(())
    }
}

impl<R: BufRead> Read for Streams<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            match self.decoder.read(buffer)? {
                ReadState::Read(read) => {
                    self.told_end = 0;
                    return Ok(read);
                }
                ReadState::NeedsWrite(space) => self.feed(space)?,
                ReadState::Eof if self.held.is_empty() && self.source.fill_buf()?.is_empty() => return Ok(0),
                ReadState::Eof => {
                    self.decoder = Decoder::new();
                    (self.begun, self.told_end) = (false, 0);
                }
            }
        }
    }
}
