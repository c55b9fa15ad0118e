//! CSV `op,key[,size[,ttl]]`: what was done, as it was done.

use std::io::Read;

use formats::fault::Fault;

use super::recorder::{NEVER, Recorder};
use super::rows::Rows;
use super::{MAX_OPS, too_long};

const COLUMNS: [&str; 4] = ["op", "key", "size", "ttl"];

/// Replays every row. Sizes are checked and not used: all values of a workload have one shape. A `ttl` counts
/// operations from the insert on, 0 or nothing means for ever; what falls due is removed before anything else
/// happens.
pub(super) fn read<R: Read>(mut rows: Rows<R>, recorder: &mut Recorder) -> Result<(), Fault> {
    let file = rows.file;
    while let Some(row) = rows.next(&["op", "operation"])? {
        row.check(&COLUMNS, 2)?;
        let id = recorder.id(row.key(1)?);
        row.whole_or_none(2, "size")?;
        let ttl = row.whole_or_none(3, "ttl")?;
        while recorder.expire(recorder.len() as u64) {}
        match row.bytes(0) {
            b"+" | b"insert" => {
                let due = if ttl == 0 { NEVER } else { ttl.saturating_add(recorder.len() as u64) };
                recorder.insert(id, due);
            }
            b"-" | b"delete" => recorder.remove(id),
            b"?" | b"get" => recorder.get(id),
            b"=" | b"update" => recorder.update(id),
            _ => return Err(row.not(0, "op", "one of + - ? = insert delete get update")),
        }
        if recorder.len() > MAX_OPS {
            return Err(too_long(file));
        }
    }
    Ok(())
}
