//! What columns are called, and what operations are called.

use formats::workload::{Action, Column, Kinds};

/// What a heading calls a column, in lower case.
pub(super) fn column(title: &str) -> Option<Column> {
    Some(match title {
        "key" | "key_id" | "keys" | "block_id" | "obj_id" | "object_id" | "id" | "item" | "item_id"
        | "lbn" | "lba" | "addr" | "addr_id" | "address" | "block" | "obj" | "object" | "url" | "hash"
        | "token" | "session" | "session_id" | "sid" => Column::Key,
        "time" | "timestamp" | "op_time" | "time_s" | "ts" | "clock_time" | "seconds" | "datetime"
        | "date_time" | "at" | "created_at" | "@timestamp" => Column::Time,
        "op" | "operation" | "op_name" | "command" | "cmd" | "action" | "method" | "event" | "verb" => {
            Column::Op
        }
        "size" | "value_size" | "io_size" | "obj_size" | "bytes" | "length" | "len" => Column::Size,
        "ttl" | "expiry" | "exptime" => Column::Ttl,
        "count" | "op_count" => Column::Count,
        _ => return None,
    })
}

/// What is done for a word: as was said, else as such words are meant.
pub(super) fn action(word: &str, said: &Kinds) -> Option<Action> {
    let said = said.words().find(|(other, _)| *other == word).map(|(_, action)| action);
    said.or_else(|| known(&word.to_lowercase()))
}

/// What such a word is mostly used for, in lower case.
fn known(word: &str) -> Option<Action> {
    Some(match word {
        "+" | "i" | "ins" | "insert" | "add" | "put" | "set" | "store" | "write" | "create" | "set_lease"
        | "login" | "open" | "connect" | "join" | "enter" | "acquire" | "register" | "subscribe" | "push"
        | "start" | "begin" | "post" | "malloc" | "alloc" => Action::Insert,
        "-" | "d" | "del" | "delete" | "remove" | "erase" | "evict" | "unlink" | "expire" | "expired"
        | "logout" | "close" | "disconnect" | "leave" | "release" | "unregister" | "unsubscribe" | "pop"
        | "end" | "stop" | "destroy" | "free" => Action::Remove,
        "?" | "g" | "get" | "gets" | "read" | "lookup" | "find" | "contains" | "peek" | "get_lease"
        | "access" | "view" | "head" => Action::Get,
        "=" | "u" | "update" | "replace" | "cas" | "append" | "prepend" | "incr" | "decr" | "touch"
        | "renew" | "refresh" | "patch" => Action::Update,
        "clear" | "flush" => Action::Clear,
        "iterate" | "scan" => Action::Iterate,
        _ => return None,
    })
}
