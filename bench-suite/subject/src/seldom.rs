//! What most tapes do not ask for: out of the measured loop, so that it is the same with them and without.

use formats::answer::Answer;
use formats::tape::{Keep, Kind};

use crate::entry::Value;
use crate::map::Map;
use crate::prepare::Beside;

/// Finds or makes an entry.
#[inline(never)]
pub(crate) fn upsert<K, V: Value, M: Map<K, V> + ?Sized>(map: &mut M, key: &K, value: V) -> Answer {
    map.upsert(key, value)
}

/// Looks a key up and holds what was found.
#[inline(never)]
pub(crate) fn hold<K, V: Value, M: Map<K, V> + ?Sized>(map: &mut M, key: &K) -> Answer {
    map.hold(key)
}

/// Looks a key up in a bounded cache, and puts it where it is not found.
#[inline(never)]
pub(crate) fn fetch<K, V: Value, M: Map<K, V> + ?Sized>(
    map: &mut M,
    key: &K,
    stamp: u64,
    bytes: usize,
) -> Answer {
    map.fetch(key, stamp, bytes)
}

/// An operation that few tapes have.
#[inline(never)]
pub(crate) fn rare<K, V: Value, M: Map<K, V> + ?Sized>(
    map: &mut M,
    kind: Kind,
    index: u64,
    beside: &mut Beside<'_>,
    balance: &mut i64,
    taken: &mut u64,
) -> Answer {
    match kind {
        Kind::RemoveFirst => {
            let answer = map.remove_first();
            *balance -= i64::from(answer.is_present());
            *taken = taken.wrapping_add(answer.number());
            answer
        }
        Kind::Retain => {
            let keep = Keep::of_argument(beside.arguments.next().copied().unwrap_or_default());
            let answer = map.retain(keep.at(index));
            *balance -= answer.number().cast_signed();
            answer
        }
        Kind::Reserve => {
            let more = beside.arguments.next().copied().unwrap_or_default();
            map.reserve(usize::try_from(more).unwrap_or(usize::MAX));
            Answer::ABSENT
        }
        Kind::Copy => map.copy(beside.arguments.next().is_some_and(|reserve| *reserve != 0)),
        Kind::Release => {
            map.release();
            Answer::ABSENT
        }
        Kind::Shrink => {
            map.shrink();
            Answer::ABSENT
        }
        Kind::Len => Answer::of(map.len()),
        Kind::Insert
        | Kind::Remove
        | Kind::Get
        | Kind::Update
        | Kind::Iterate
        | Kind::Clear
        | Kind::Upsert
        | Kind::Hold
        | Kind::Fetch => {
            unreachable!("the loop knows it")
        }
    }
}

#[cold]
pub(crate) fn clear<K, V: Value, M: Map<K, V> + ?Sized>(map: &mut M, balance: &mut i64) -> Answer {
    let answer = map.clear();
    *balance -= answer.number().cast_signed();
    answer
}
