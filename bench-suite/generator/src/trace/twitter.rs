//! Twitter's seven columns `time,key,key_size,value_size,client,operation,ttl`, as its caches logged them.

use std::io::Read;

use formats::fault::Fault;

use super::recorder::{NEVER, Recorder};
use super::rows::{Row, Rows};
use super::{MAX_OPS, too_long};

const COLUMNS: [&str; 7] = ["time", "key", "key_size", "value_size", "client", "operation", "ttl"];
const OPERATIONS: &str = "one of get gets set add replace cas append prepend delete incr decr";

/// Replays every row as memcached would serve it.
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
/// `ttl` of 0 means for ever. Sizes are checked and not used.
pub(super) fn read<R: Read>(mut rows: Rows<R>, recorder: &mut Recorder) -> Result<(), Fault> {
    let file = rows.file;
    while let Some(row) = rows.next(&["time", "timestamp"])? {
        row.check(&COLUMNS, COLUMNS.len())?;
        replay(&row, recorder)?;
        if recorder.len() > MAX_OPS {
            return Err(too_long(file));
        }
    }
    Ok(())
}

fn replay(row: &Row, recorder: &mut Recorder) -> Result<(), Fault> {
    let now = row.whole(0, "time")?;
    let key = row.key(1)?;
    row.whole(2, "key_size")?;
    row.whole(3, "value_size")?;
    let due = match row.whole(6, "ttl")? {
        0 => NEVER,
        ttl => now.saturating_add(ttl),
    };
    while recorder.expire(now) {}
    let id = recorder.id(key);
    match row.bytes(5) {
        b"get" | b"gets" => recorder.get(id),
        b"add" if recorder.is_live(id) => recorder.get(id),
        b"set" | b"add" => recorder.insert(id, due),
        b"replace" | b"cas" => {
            recorder.update(id);
            recorder.expire_at(id, due);
        }
        b"append" | b"prepend" | b"incr" | b"decr" => recorder.update(id),
        b"delete" => recorder.remove(id),
        _ => return Err(row.not(5, "operation", OPERATIONS)),
    }
    Ok(())
}
