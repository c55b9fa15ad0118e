//! Logs of key-value caches, as their owners published them.

use std::io::Read;
use std::path::Path;

use formats::fault::Fault;

use super::player::{NEVER, Next, Player, Step};
use super::row::Row;
use super::rows::{Divider, Rows};
use super::token::Token;

const TWITTER: [&str; 7] = ["time", "key", "key_size", "value_size", "client", "operation", "ttl"];
const TWITTER_WORDS: &str = "one of get gets set add replace cas append prepend delete incr decr";
const CACHELIB_WORDS: &str = "one of GET GET_LEASE SET SET_LEASE ADD REPLACE APPEND PREPEND INCR DECR DELETE";
/// More than this in `op_count` is no record of what happened.
const MAX_COUNT: u64 = 1_000_000;

/// Plays Twitter's seven columns as memcached would serve them.
///
/// | operation | becomes |
/// |---|---|
/// | get, gets | get |
/// | set | insert |
/// | add | insert when the key is not live, else get |
/// | replace, cas, append, prepend, incr, decr | update |
/// | delete | remove |
///
/// An entry is removed once the time reaches that of its insert (or replace, or cas) plus `ttl` seconds; a
/// `ttl` of 0 means for ever.
pub(super) fn read_twitter(source: impl Read, file: &Path, player: &mut Player) -> Result<(), Fault> {
    let mut rows = Rows::new(source, file, Divider::Byte(b','));
    while let Some(row) = rows.next()? {
        if row.is_first() && row.begins_with(&["time", "timestamp"]) {
            continue;
        }
        if row.len() != TWITTER.len() {
            return Err(row.columns_fault(&TWITTER));
        }
        let now = nanoseconds(row.whole(0, "time")?);
        let key = Token::of(row.key(1)?);
        row.whole(2, "key_size")?;
        player.facts.time(now);
        player.size(row.whole(3, "value_size")?);
        let ttl = ttl(row.whole(6, "ttl")?);
        let step = match row.bytes(5) {
            b"get" | b"gets" => Step::Get,
            b"set" => Step::Insert(ttl),
            b"add" => Step::Add(ttl),
            b"replace" | b"cas" => Step::Replace(ttl),
            b"append" | b"prepend" | b"incr" | b"decr" => Step::Update,
            b"delete" => Step::Remove,
            _ => return Err(row.not(5, "operation", TWITTER_WORDS)),
        };
        if player.play_at(now, key, step, 1) == Next::Enough {
            break;
        }
    }
    Ok(())
}

/// One row of a log of `CacheLib`.
struct Logged {
    now: u64,
    key: Token,
    step: Step,
    count: u64,
    size: Option<u64>,
}

/// Plays a key-value log of Meta's `CacheLib`: its heading says where which column is. Operations are those of
/// memcached, each done `op_count` times; a lease is a get, and a set with a lease a set. Rows come a little out of
/// order: they are put in the order of their times first.
pub(super) fn read_cachelib(source: impl Read, file: &Path, player: &mut Player) -> Result<(), Fault> {
    let mut rows = Rows::new(source, file, Divider::Byte(b','));
    let Some(first) = rows.next()? else { return Ok(()) };
    let heading = Heading::of(&first)?;
    let mut logged = Vec::new();
    while let Some(row) = rows.next()? {
        if row.len() != heading.columns {
            let problem = format!("the row has {} columns, and the heading {}", row.len(), heading.columns);
            return Err(row.fault("", &problem));
        }
        let mut read = heading.read(&row)?;
        if let Some(column) = heading.size {
            let bytes = row.whole_or_none(column, "size")?;
            player.size(bytes);
            read.size = Some(bytes);
        }
        logged.push(read);
    }
    if heading.time.is_some() {
        logged.sort_by_key(|row| row.now);
    }
    for row in logged {
        if heading.time.is_some() {
            player.facts.time(row.now);
        }
        player.size_again(row.size);
        if player.play_at(row.now, row.key, row.step, row.count) == Next::Enough {
            break;
        }
    }
    Ok(())
}

/// Which column of a log is what.
struct Heading {
    columns: usize,
    key: usize,
    op: usize,
    time: Option<usize>,
    count: Option<usize>,
    size: Option<usize>,
    ttl: Option<usize>,
}

impl Heading {
    fn of(row: &Row) -> Result<Self, Fault> {
        let place = |name: &str| (0..row.len()).find(|&column| row.bytes(column) == name.as_bytes());
        let (Some(key), Some(op)) = (place("key"), place("op")) else {
            return Err(row.fault("", "the first row must name the columns, `key` and `op` among them"));
        };
        let (time, count) = (place("op_time"), place("op_count"));
        Ok(Self { columns: row.len(), key, op, time, count, size: place("size"), ttl: place("ttl") })
    }

    fn read(&self, row: &Row) -> Result<Logged, Fault> {
        let now = self.time.map_or(Ok(0), |column| row.whole(column, "op_time"))?;
        let key = Token::of(row.key(self.key)?);
        let count = self.count.map_or(Ok(1), |column| row.count(column, "op_count", MAX_COUNT))?;
        let ttl = ttl(self.ttl.map_or(Ok(0), |column| row.whole_or_none(column, "ttl"))?);
        let step = match row.bytes(self.op) {
            b"GET" | b"GET_LEASE" => Step::Get,
            b"SET" | b"SET_LEASE" => Step::Insert(ttl),
            b"ADD" => Step::Add(ttl),
            b"REPLACE" => Step::Replace(ttl),
            b"APPEND" | b"PREPEND" | b"INCR" | b"DECR" => Step::Update,
            b"DELETE" => Step::Remove,
            _ => return Err(row.not(self.op, "op", CACHELIB_WORDS)),
        };
        Ok(Logged { now: nanoseconds(now), key, step, count, size: None })
    }
}

fn nanoseconds(seconds: u64) -> u64 {
    seconds.saturating_mul(1_000_000_000)
}

fn ttl(seconds: u64) -> u64 {
    if seconds == 0 { NEVER } else { nanoseconds(seconds) }
}
