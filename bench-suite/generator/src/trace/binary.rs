//! Recordings of fixed records of bytes.

use std::io::Read;
use std::path::Path;

use formats::fault::Fault;

use super::player::{Next, Player, Step};
use super::token::Token;

/// libCacheSim's `oracleGeneral`: u32 time, u64 key, u32 size, i64 next access; little-endian, packed.
pub(super) const ORACLE: usize = 24;
/// No recording is longer: a next access beyond it is no position.
const MAX_POSITION: i64 = 1 << 48;
/// Records that are read at once.
const RECORDS: usize = 1 << 13;

/// Plays `oracleGeneral`. What its fields may hold is checked, so that a file of another kind is refused: times never
/// fall, and the next access comes later or (-1, or the largest number) never.
pub(super) fn read_oracle(source: impl Read, file: &Path, player: &mut Player) -> Result<(), Fault> {
    let mut last = 0;
    each::<ORACLE>(source, file, |number, record| {
        let now = u32::from_le_bytes(part(record, 0));
        let next = i64::from_le_bytes(part(record, 16));
        let position = i64::try_from(number).unwrap_or(i64::MAX);
        if now < last {
            return Err(implausible(
                number,
                &format!("its time {now} is before {last}, that of the record before it"),
            ));
        }
        if next != -1 && next != i64::MAX && !(position - 1..=MAX_POSITION).contains(&next) {
            let what = format!(
                "the next access to its key is said to be at {next}; allowed are -1 and later positions"
            );
            return Err(implausible(number, &what));
        }
        last = now;
        let now = u64::from(now) * 1_000_000_000;
        player.facts.time(now);
        player.size(u32::from_le_bytes(part(record, 12)).into());
        Ok(player.play_at(now, Token::of_number(u64::from_le_bytes(part(record, 4))), Step::Request, 1))
    })
}

/// Plays keys of `N` bytes, one behind the other. Text is refused: any bytes would pass for keys.
pub(super) fn read_keys<const N: usize>(
    source: impl Read,
    file: &Path,
    player: &mut Player,
) -> Result<(), Fault> {
    let mut text = 0;
    each::<N>(source, file, |number, record| {
        let printable = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
        if number <= 1024 {
            text += u64::from(record.iter().all(printable));
            if number == text && number * N as u64 >= 64 {
                return Err(format!(
                    "the first {} bytes are text, and no keys of {N} bytes",
                    number * N as u64
                ));
            }
        }
        Ok(player.play(Token::of(record), Step::Request))
    })
}

fn implausible(number: u64, what: &str) -> String {
    format!("record {number} cannot be: {what}")
}

fn part<const N: usize>(record: &[u8; ORACLE], at: usize) -> [u8; N] {
    record[at..].first_chunk().copied().unwrap_or([0; N])
}

/// Hands over each record of `N` bytes with its number, from 1 on.
fn each<const N: usize>(
    mut source: impl Read,
    file: &Path,
    mut hand: impl FnMut(u64, &[u8; N]) -> Result<Next, String>,
) -> Result<(), Fault> {
    let mut buffer = vec![0; N * RECORDS];
    let mut number = 0;
    loop {
        let filled = fill(&mut source, &mut buffer).map_err(|error| {
            Fault::of_file(file, format!("record {}: cannot be read: {error}", number + 1))
        })?;
        let (records, rest) = buffer[..filled].as_chunks::<N>();
        for record in records {
            number += 1;
            match hand(number, record) {
                Ok(Next::More) => {}
                Ok(Next::Enough) => return Ok(()),
                Err(problem) => return Err(Fault::of_file(file, problem)),
            }
        }
        if !rest.is_empty() {
            let problem = format!("record {} has {} bytes; expected are {N}", number + 1, rest.len());
            return Err(Fault::of_file(file, problem));
        }
        if filled < buffer.len() {
            return Ok(());
        }
    }
}

/// Reads until the buffer is full or nothing is left.
pub(super) fn fill(source: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
