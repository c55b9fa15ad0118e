//! What a file looks like: which form its records have, and by what one knows.

mod binary;
mod columns;
mod words;

use std::io::Read;
use std::path::Path;

use formats::fault::Fault;
use formats::workload::{Kinds, Layout, Trace, TraceFormat};

use super::binary::fill;
use super::read_from;
use super::unpack::Unpacked;

/// Bytes that are looked at.
const HEAD: usize = 1 << 18;

/// What a file is taken for.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    /// How its records are written.
    pub format: TraceFormat,
    /// How its rows are laid out.
    pub layout: Layout,
    /// By what one knows: a sentence each.
    pub why: Vec<String>,
}

/// Looks at the first bytes of a file. What the words of its operations mean may be `said`; others are known.
pub fn guess(file: &Path, said: &Kinds) -> Result<Guess, Fault> {
    let cannot = |error| Fault::of_file(file, format!("cannot be read: {error}"));
    let mut source = Unpacked::open(file).map_err(cannot)?;
    let compression = source.compression();
    let mut head = vec![0; HEAD];
    let length = fill(&mut source.by_ref(), &mut head).map_err(cannot)?;
    head.truncate(length);
    let mut guess = of_bytes(&head, length < HEAD, said, file)?;
    if let Some(compression) = compression {
        guess.why.insert(0, format!("it begins with the mark of {}", compression.name()));
    }
    Ok(guess)
}

/// Looks at the beginning of a file, or at all of it when it is `whole`.
pub(super) fn of_bytes(head: &[u8], whole: bool, said: &Kinds, file: &Path) -> Result<Guess, Fault> {
    if head.is_empty() {
        return Err(Fault::of_file(file, "is empty"));
    }
    if head.starts_with(super::recorded::MAGIC) {
        return Ok(Guess::of(TraceFormat::Recorder, "it begins with the mark of churnmark-recorder"));
    }
    let checked = &head[..head.len().min(4096)];
    let odd = checked.iter().filter(|&&byte| byte < b' ' && !b"\t\n\r\x1b".contains(&byte)).count();
    if odd * 50 > checked.len() {
        return binary::guess(head, whole, file);
    }
    // The last line may be cut off.
    let text = if whole { head } else { &head[..memchr::memrchr(b'\n', head).map_or(0, |at| at + 1)] };
    if text.is_empty() {
        let problem =
            format!("is text whose first line is longer than {HEAD} bytes: no form has such records");
        return Err(Fault::of_file(file, problem));
    }
    if let Some(guess) = by_mark(text) {
        return Ok(guess);
    }
    for (format, why) in BY_TRIAL {
        if is_read(text, format, file) {
            return Ok(Guess::of(format, why));
        }
    }
    columns::guess(text, said, file)
}

/// Forms that begin in a way of their own.
fn by_mark(text: &[u8]) -> Option<Guess> {
    let heaptrack = text.starts_with(b"v ") && memchr::memmem::find(text, b"\n+ ").is_some();
    let found = if heaptrack {
        (TraceFormat::Heaptrack, "it begins with heaptrack's version, and allocations follow as `+ …`")
    } else if text.starts_with(b"= Start") || text.starts_with(b"@ ") {
        (TraceFormat::Mtrace, "it begins as glibc's mtrace does")
    } else {
        return None;
    };
    Some(Guess::of(found.0, found.1))
}

/// Forms so narrow that whatever their readers accept is one.
const BY_TRIAL: [(TraceFormat, &str); 6] = [
    (
        TraceFormat::RedisMonitor,
        "every line is a time, a client in brackets, and quoted words: a command to Redis",
    ),
    (TraceFormat::MallocLab, "four lines of numbers come before lines `a id size`, `r id size` and `f id`"),
    (TraceFormat::Address, "every line is l or s and an address in hexadecimal digits"),
    (TraceFormat::Cachelib, "its heading names `key` and `op`, and its words are CacheLib's"),
    (TraceFormat::Twitter, "every row has Twitter's seven columns, with memcached's words in the sixth"),
    (
        TraceFormat::Arc,
        "every line is four whole numbers: start and count of a range, one that is ignored, and the line's own",
    ),
];

/// Whether the reader of a format accepts these bytes.
fn is_read(bytes: &[u8], format: TraceFormat, file: &Path) -> bool {
    read_from(bytes, &plain(format, file)).is_ok()
}

fn plain(format: TraceFormat, file: &Path) -> Trace {
    Trace {
        file: file.into(),
        format,
        layout: Layout::default(),
        capacity: Some(1),
        ttl: None,
        skip: 0,
        limit: None,
        sample: None,
        origin: None,
        licence: None,
    }
}

impl Guess {
    fn of(format: TraceFormat, why: impl Into<String>) -> Self {
        Self { format, layout: Layout::default(), why: vec![why.into()] }
    }
}
