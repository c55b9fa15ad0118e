//! What columns are called, and what operations are called.

use formats::workload::{Action, Column};

/// What a heading calls a column, in lower case.
pub(super) fn column(title: &str) -> Option<Column> {
    Some(match title {
        "key" | "key_id" | "keys" | "block_id" | "obj_id" | "object_id" | "id" | "item" | "item_id"
        | "lbn" | "lba" | "addr" | "addr_id" | "address" | "block" | "obj" | "object" | "url" | "hash"
        | "token" => Column::Key,
        "time" | "timestamp" | "op_time" | "time_s" | "ts" | "clock_time" | "seconds" => Column::Time,
        "op" | "operation" | "op_name" | "command" | "cmd" | "action" | "method" => Column::Op,
        "size" | "value_size" | "io_size" | "obj_size" | "bytes" | "length" | "len" => Column::Size,
        "ttl" | "expiry" | "exptime" => Column::Ttl,
        "count" | "op_count" => Column::Count,
        _ => return None,
    })
}

/// What is done for a word, in lower case.
pub(super) fn action(word: &str) -> Option<Action> {
    Some(match word {
        "+" | "i" | "ins" | "insert" | "add" | "put" | "set" | "store" | "write" | "create" | "set_lease"
        | "login" | "malloc" | "alloc" => Action::Insert,
        "-" | "d" | "del" | "delete" | "remove" | "erase" | "evict" | "unlink" | "expire" | "logout"
        | "free" => Action::Remove,
        "?" | "g" | "get" | "gets" | "read" | "lookup" | "find" | "contains" | "peek" | "get_lease" => {
            Action::Get
        }
        "=" | "u" | "update" | "replace" | "cas" | "append" | "prepend" | "incr" | "decr" | "touch" => {
            Action::Update
        }
        "clear" | "flush" => Action::Clear,
        "iterate" | "scan" => Action::Iterate,
        _ => return None,
    })
}
