//! What `redis-cli monitor` prints: `1796047824.458970 [0 127.0.0.1:50872] "SET" "key:1" "value"`.

use std::io::Read;
use std::path::Path;

use formats::fault::Fault;
use formats::tape::Kind;

use super::player::{NEVER, Next, Player, Step};
use super::row::{Row, nanoseconds, whole};
use super::rows::{Divider, Rows};
use super::token::Token;

/// Plays the commands that are about keys. A key is what the map has; what is inside of a list, set or hash is its
/// value.
///
/// | command | becomes |
/// |---|---|
/// | set, setex, psetex, getset, mset, restore | insert, with the time to live that it names |
/// | setnx, msetnx | insert when the key is not live, else get |
/// | del, unlink, getdel | remove |
/// | get, mget, exists, ttl, type, strlen, reads of lists, sets and hashes | get |
/// | incr, decr, append, setrange and their like | update |
/// | writes into lists, sets and hashes | insert when the key is not live, else update |
/// | expire, pexpire, persist | another time to live |
/// | flushdb, flushall | clear |
///
/// Any other command is passed over.
pub(super) fn read(source: impl Read, file: &Path, player: &mut Player) -> Result<(), Fault> {
    let mut rows = Rows::new(source, file, Divider::None);
    let mut words = Vec::new();
    while let Some(row) = rows.next()? {
        if row.bytes(0) == b"OK" {
            player.facts.ignored += 1;
            continue;
        }
        let now = read_words(&row, &mut words)?;
        player.facts.time(now);
        if play(now, &words, player) == Next::Enough {
            break;
        }
    }
    Ok(())
}

fn play(now: u64, words: &[Vec<u8>], player: &mut Player) -> Next {
    let command = words[0].to_ascii_lowercase();
    let arguments = &words[1..];
    let number = |at: usize| arguments.get(at).and_then(|text| whole(text)).unwrap_or(0);
    let (step, stride) = match command.as_slice() {
        b"flushdb" | b"flushall" => return player.play_all(now, Kind::Clear),
        b"set" => (Step::Insert(ttl_of_set(arguments)), usize::MAX),
        b"getset" | b"restore" => (Step::Insert(NEVER), usize::MAX),
        b"setex" => (Step::Insert(number(1).saturating_mul(1_000_000_000)), usize::MAX),
        b"psetex" => (Step::Insert(number(1).saturating_mul(1_000_000)), usize::MAX),
        b"mset" => (Step::Insert(NEVER), 2),
        b"setnx" => (Step::Add(NEVER), usize::MAX),
        b"msetnx" => (Step::Add(NEVER), 2),
        b"del" | b"unlink" => (Step::Remove, 1),
        b"getdel" => (Step::Remove, usize::MAX),
        b"mget" | b"exists" | b"touch" => (Step::Get, 1),
        b"expire" => (Step::Expire(number(1).saturating_mul(1_000_000_000)), usize::MAX),
        b"pexpire" => (Step::Expire(number(1).saturating_mul(1_000_000)), usize::MAX),
        b"persist" => (Step::Expire(NEVER), usize::MAX),
        other if READS.contains(&other) => (Step::Get, usize::MAX),
        other if CHANGES.contains(&other) => (Step::Update, usize::MAX),
        other if WRITES.contains(&other) => (Step::Upsert, usize::MAX),
        _ => {
            player.facts.ignored += 1;
            return Next::More;
        }
    };
    if let (Step::Insert(_), [_, value]) = (step, arguments) {
        player.size(value.len() as u64);
    }
    for key in arguments.iter().step_by(stride) {
        if player.play_at(now, Token::of(key), step, 1) == Next::Enough {
            return Next::Enough;
        }
    }
    Next::More
}

const READS: [&[u8]; 26] = [
    b"get",
    b"strlen",
    b"getrange",
    b"substr",
    b"ttl",
    b"pttl",
    b"type",
    b"dump",
    b"getex",
    b"getbit",
    b"bitcount",
    b"llen",
    b"lrange",
    b"lindex",
    b"scard",
    b"smembers",
    b"sismember",
    b"srandmember",
    b"hget",
    b"hmget",
    b"hgetall",
    b"hlen",
    b"zrange",
    b"zscore",
    b"zcard",
    b"xlen",
];
const CHANGES: [&[u8]; 8] =
    [b"incr", b"decr", b"incrby", b"decrby", b"incrbyfloat", b"append", b"setrange", b"setbit"];
const WRITES: [&[u8]; 17] = [
    b"lpush", b"rpush", b"lpop", b"rpop", b"lset", b"ltrim", b"sadd", b"srem", b"spop", b"hset", b"hmset",
    b"hdel", b"hincrby", b"zadd", b"zrem", b"zpopmin", b"xadd",
];

/// The time to live that `set` names behind the value, ns.
fn ttl_of_set(arguments: &[Vec<u8>]) -> u64 {
    let unit = arguments.windows(2).skip(2).find_map(|pair| {
        let unit = match pair[0].to_ascii_lowercase().as_slice() {
            b"ex" => 1_000_000_000,
            b"px" => 1_000_000,
            _ => return None,
        };
        Some(whole(&pair[1])?.saturating_mul(unit))
    });
    unit.unwrap_or(NEVER)
}

/// Reads a line into the words of its command, at least one; when it came, ns.
fn read_words(row: &Row, words: &mut Vec<Vec<u8>>) -> Result<u64, Fault> {
    let allowed = "TIME [DATABASE CLIENT] \"COMMAND\" \"ARGUMENT\" …, as redis-cli monitor prints it";
    let fault = || row.not(0, "", allowed);
    let line = row.bytes(0);
    let time = memchr::memchr(b' ', line).ok_or_else(fault)?;
    let now = nanoseconds(&line[..time]).ok_or_else(fault)?;
    let rest = line[time..].strip_prefix(b" [").ok_or_else(fault)?;
    let client = memchr::memmem::find(rest, b"] \"").ok_or_else(fault)?;
    words.clear();
    let mut rest = &rest[client + 2..];
    while let Some(quoted) = rest.strip_prefix(b"\"") {
        let (word, behind) =
            read_word(quoted).ok_or_else(|| row.fault("", "a word's quote is never closed"))?;
        words.push(word);
        rest = behind.strip_prefix(b" ").unwrap_or(behind);
    }
    if rest.is_empty() && !words.is_empty() { Ok(now) } else { Err(fault()) }
}

/// A word from behind its opening quote, and what stands behind the closing one.
fn read_word(mut text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut word = Vec::new();
    loop {
        let (&byte, rest) = text.split_first()?;
        text = rest;
        match byte {
            b'"' => return Some((word, text)),
            b'\\' => {
                let (&escaped, rest) = text.split_first()?;
                text = rest;
                if let (b'x', Some((digits, rest))) = (escaped, text.split_first_chunk::<2>())
                    && let Some(byte) =
                        std::str::from_utf8(digits).ok().and_then(|d| u8::from_str_radix(d, 16).ok())
                {
                    word.push(byte);
                    text = rest;
                } else {
                    word.push(match escaped {
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        b'a' => 7,
                        b'b' => 8,
                        other => other,
                    });
                }
            }
            other => word.push(other),
        }
    }
}
