//! How long a recording is, told from its size and some of its pieces: whoever has too much is told so before it is read.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use formats::workload::{Trace, TraceFormat};

use super::unpack::Unpacked;
use super::{binary, read_from};

/// A smaller file is read in no time, and fits.
const SMALL: u64 = 16 << 20;
/// Read at its beginning, to see what comes of a record.
const HEAD: usize = 1 << 20;
/// Read here and there, to see how long lines are: they are longer where numbers have grown.
const PIECES: u64 = 16;
const PIECE: usize = 1 << 14;

/// About so many operations, at the least, come of a recording. `None` where nobody can tell without reading it: it is
/// compressed, of blocks, or at fault. A small one is not asked.
#[must_use]
pub fn operations_at_least(trace: &Trace) -> Option<u64> {
    let mut file = File::open(&trace.file).ok()?;
    let length = file.metadata().ok().filter(|about| about.is_file() && about.len() > SMALL)?.len();
    let mut head = vec![0; HEAD];
    binary::fill(&mut file, &mut head).ok()?;
    if Unpacked::new(head.as_slice()).ok()?.compression().is_some() {
        return None;
    }
    let (records, share) = match trace.format {
        TraceFormat::Recorder => return None,
        TraceFormat::OracleGeneral => (length / binary::ORACLE as u64, 1.0),
        TraceFormat::KeysU32 => (length / 4, 1.0),
        TraceFormat::KeysU64 => (length / 8, 1.0),
        _ => {
            let lines = lines(&mut file, length)?;
            let of_head = Head::of(&head, trace)?;
            (scaled(lines, of_head.records_a_line), of_head.operations_a_record)
        }
    };
    let played = records.saturating_sub(trace.skip).min(trace.limit.unwrap_or(u64::MAX));
    Some(scaled(played, share.min(trace.sample.unwrap_or(1.0))))
}

/// What comes of the beginning.
struct Head {
    records_a_line: f64,
    /// At most 1: a cache that is still cold inserts more than it will.
    operations_a_record: f64,
}

impl Head {
    fn of(head: &[u8], trace: &Trace) -> Option<Self> {
        let whole_lines = &head[..=head.iter().rposition(|&byte| byte == b'\n')?];
        let all = Trace { skip: 0, limit: None, ..trace.clone() };
        let (drawn, facts) = read_from(whole_lines, &all).ok()?;
        let operations: usize = drawn.threads.iter().map(Vec::len).sum();
        let (records, lines) = (facts.records as f64, newlines(whole_lines) as f64);
        let operations_a_record = (operations as f64 / records).min(1.0);
        (records > 0.0).then_some(Self { records_a_line: records / lines, operations_a_record })
    }
}

/// About so many lines, by pieces that are spread over the file.
fn lines(file: &mut File, length: u64) -> Option<u64> {
    let mut piece = vec![0; PIECE];
    let (mut read, mut found) = (0, 0);
    for number in 0..PIECES {
        file.seek(SeekFrom::Start(length / PIECES * number)).ok()?;
        file.read_exact(&mut piece).ok()?;
        read += piece.len();
        found += newlines(&piece);
    }
    Some(scaled(length, found as f64 / read as f64))
}

fn newlines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count is a count")]
fn scaled(count: u64, share: f64) -> u64 {
    (count as f64 * share) as u64
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::path::Path;

    use formats::workload::{Source, Workload};

    use super::*;

    fn trace(folder: &Path, format: &str, rest: &str) -> Trace {
        let text = format!(
            "name = \"t\"\nwhy = \"A test.\"\n[trace]\nfile = \"t.bin\"\nformat = \"{format}\"\n{rest}"
        );
        match Workload::parse(&text, &folder.join("t.toml")).unwrap_or_else(|fault| panic!("{fault}")).source
        {
            Source::Trace(trace) => *trace,
            source => panic!("{source:?}"),
        }
    }

    /// Requests whose lines grow, for a cache that is cold at first.
    fn requests(lines: u64) -> String {
        let mut text = String::from("time,key,size\n");
        for number in 0..lines {
            let _ = writeln!(text, "{number},{},{}", number * number % 9973, number % 100);
        }
        text
    }

    #[test]
    fn the_length_is_told_from_pieces_and_is_no_more_than_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let of = |rest: &str| operations_at_least(&trace(folder.path(), "requests", rest)).unwrap();
        std::fs::write(folder.path().join("t.bin"), requests(1_200_000)).unwrap();
        for (rest, most) in [
            ("capacity = 5000", 1_200_000),
            ("capacity = 5000\nskip = 200_000", 1_000_000),
            ("capacity = 5000\nlimit = 1000", 1000),
            ("capacity = 5000\nsample = 0.5", 600_000),
        ] {
            let told = of(rest);
            assert!(told <= most + most / 20 && told >= most / 2, "{rest}: {told} of {most}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_not_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("t.bin");
        let keys = || operations_at_least(&trace(folder.path(), "keys_u64", "capacity = 9"));
        std::fs::write(&file, vec![1; 1 << 20]).unwrap();
        assert_eq!(keys(), None, "a small one");
        File::create(&file).unwrap().set_len(8 << 30).unwrap();
        assert_eq!(keys(), Some(1 << 30));
        let mut packed = vec![0x28, 0xb5, 0x2f, 0xfd];
        packed.resize(17 << 20, 0);
        std::fs::write(&file, packed).unwrap();
        assert_eq!(keys(), None, "a compressed one");
        std::fs::write(&file, vec![b'x'; 17 << 20]).unwrap();
        assert_eq!(operations_at_least(&trace(folder.path(), "twitter", "")), None, "nonsense");
    }
}
