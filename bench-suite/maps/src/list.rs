//! The list of maps as a program needs it: for each map a function that plays a tape into it.

use formats::entry::{Keys, Values};
use formats::observation::{Collector, Observation};
use formats::subject::{Fact, KeyKind, MapInfo, MapKind, ValueKind};
use subject::calls::CountedKey;
use subject::entry::{AnyKey, Boxed, Inline, Text, Uuid};
use subject::job::{Job, Unsupported};
use subject::program::{Listed, Play, with_own_threads};

/// Plays a tape into a map, with the keys and values that the tape asks for: every kind of key goes with every kind of
/// value. Written out for each map, since a type that takes types cannot be a parameter.
macro_rules! play {
    ($host:ident, $map:ident, $($module:ident)::+ $(, $counted:literal)?) => {
        |map, job| match shape(job) {
            (Keys::U32, values) => valued!(map, job, values, u32, $host, $map, $($module)::+ $(, $counted)?),
            (Keys::U64, values) => valued!(map, job, values, u64, $host, $map, $($module)::+ $(, $counted)?),
            (Keys::Uuid, values) => valued!(map, job, values, Uuid, $host, $map, $($module)::+ $(, $counted)?),
            (Keys::String(_), values) => valued!(map, job, values, Text, $host, $map, $($module)::+ $(, $counted)?),
        }
    };
}

/// The same for one kind of key.
macro_rules! valued {
    ($name:ident, $job:ident, $values:ident, $Key:ty, $host:ident, $map:ident, $($module:ident)::+ $(, $counted:literal)?) => {
        match $values {
            Values::U64 => subject::pass::$host::<crate::$($module)::+::$map<$Key, u64 $(, $counted)?>, $Key, u64>($name, $job),
            Values::Bytes(64) => subject::pass::$host::<crate::$($module)::+::$map<$Key, Inline $(, $counted)?>, $Key, Inline>($name, $job),
            Values::Boxed(_) => subject::pass::$host::<crate::$($module)::+::$map<$Key, Boxed $(, $counted)?>, $Key, Boxed>($name, $job),
            Values::Bytes(_) => strange($name, $job),
        }
    };
}

/// The same for a slot manager, which has no keys.
macro_rules! place {
    ($host:ident, $($module:ident)::+ $(, $counted:literal)?) => {
        |map, job| match shape(job) {
            (_, Values::U64) => subject::pass::$host::<crate::$($module)::+::Adapter<u64 $(, $counted)?>, u64>(map, job),
            (_, Values::Bytes(64)) => subject::pass::$host::<crate::$($module)::+::Adapter<Inline $(, $counted)?>, Inline>(map, job),
            (_, Values::Boxed(_)) => subject::pass::$host::<crate::$($module)::+::Adapter<Boxed $(, $counted)?>, Boxed>(map, job),
            (_, Values::Bytes(_)) => strange(map, job),
        }
    };
}

/// The same for a bounded cache, which is compiled for two kinds of keys, with values of 8 bytes: what differs between
/// caches is what they keep.
macro_rules! bounded {
    ($host:ident, $($module:ident)::+) => {
        |map, job| match shape(job) {
            (Keys::U64, Values::U64) => subject::pass::$host::<crate::$($module)::+::Adapter<u64, u64>, u64, u64>(map, job),
            (Keys::String(_), Values::U64) => subject::pass::$host::<crate::$($module)::+::Adapter<Text, u64>, Text, u64>(map, job),
            _ => strange(map, job),
        }
    };
}

/// Plays into the map whose locks count when contention is looked at, into the plain one otherwise.
macro_rules! either {
    ($plain:expr, $counted:expr) => {
        |map, job| {
            let (plain, counted): (Play, Play) = ($plain, $counted);
            if job.collector == Collector::Contention { counted(map, job) } else { plain(map, job) }
        }
    };
}

/// Plays into the map with keys that count: one type of them for all kinds, which hashes and compares as the key inside
/// does. Values have 8 bytes whatever the tape says: how often a map hashes and compares does not depend on them.
macro_rules! key_calls {
    ($host:ident, $($module:ident)::+) => {
        |map, job| subject::pass::$host::<crate::$($module)::+::Adapter<CountedKey<AnyKey>, u64>, _>(map, job, CountedKey::of_kind)
    };
}

/// The same for a port of Go's maps, which hashes and compares each kind of key in its own way.
macro_rules! go_key_calls {
    ($host:ident, $module:ident) => {
        |map, job| match shape(job).0 {
            Keys::U32 => subject::pass::$host::<crate::$module::Adapter<CountedKey<u32>, u64>, _>(
                map,
                job,
                CountedKey::of,
            ),
            Keys::U64 => subject::pass::$host::<crate::$module::Adapter<CountedKey<u64>, u64>, _>(
                map,
                job,
                CountedKey::of,
            ),
            Keys::Uuid => subject::pass::$host::<crate::$module::Adapter<CountedKey<Uuid>, u64>, _>(
                map,
                job,
                CountedKey::of,
            ),
            Keys::String(_) => subject::pass::$host::<crate::$module::Adapter<CountedKey<Text>, u64>, _>(
                map,
                job,
                CountedKey::of,
            ),
        }
    };
}

macro_rules! calls {
    (single go_classic) => { Some(go_key_calls!(calls_single, go_classic) as Play) };
    (single go_classic_no_reuse) => { Some(go_key_calls!(calls_single, go_classic_no_reuse) as Play) };
    (single go_swiss) => { Some(go_key_calls!(calls_single, go_swiss) as Play) };
    (shared go_sync_map) => { Some(go_key_calls!(calls_shared, go_sync_map) as Play) };
    (shared go_hash_trie) => { Some(go_key_calls!(calls_shared, go_hash_trie) as Play) };
    (single $($module:ident)::+) => { Some(key_calls!(calls_single, $($module)::+) as Play) };
    (shared $($module:ident)::+) => { Some(key_calls!(calls_shared, $($module)::+) as Play) };
    (locked $($module:ident)::+) => { Some(key_calls!(calls_shared, $($module)::+) as Play) };
    (eventual $($module:ident)::+) => { Some(key_calls!(calls_shared, $($module)::+) as Play) };
    ($keyless:ident $($module:ident)::+) => { None };
}

macro_rules! entry {
    (single $($module:ident)::+) => { play!(single, Adapter, $($module)::+) };
    (shared $($module:ident)::+) => { play!(shared, Adapter, $($module)::+) };
    (locked $($module:ident)::+) => {
        either!(play!(shared, Adapter, $($module)::+), play!(counted, Adapter, $($module)::+, true))
    };
    (eventual $($module:ident)::+) => {
        either!(play!(eventual, Adapter, $($module)::+), play!(counted, Adapter, $($module)::+, true))
    };
    (locked_slots $($module:ident)::+) => {
        either!(place!(shared_slots, $($module)::+), place!(counted_slots, $($module)::+, true))
    };
    (cache $($module:ident)::+) => { bounded!(single, $($module)::+) };
    (shared_cache $($module:ident)::+) => { bounded!(shared, $($module)::+) };
    (null $($module:ident)::+) => { play!(shared, Adapter, $($module)::+) };
    (slots $($module:ident)::+) => { place!(slots, $($module)::+) };
    (shared_slots $($module:ident)::+) => { place!(shared_slots, $($module)::+) };
}

/// What a map says about itself, with what follows from how it is listed.
macro_rules! stated {
    (single $($module:ident)::+) => { kind!(Single, $($module)::+) };
    (shared $($module:ident)::+) => { threads!(Shared, $($module)::+) };
    (locked $($module:ident)::+) => { threads!(Shared, $($module)::+).with(Fact::CountsLocks) };
    (eventual $($module:ident)::+) => {
        threads!(Eventual, $($module)::+).with(Fact::CountsLocks).with(Fact::NoAnswers)
    };
    (locked_slots $($module:ident)::+) => { kind!(SharedSlots, $($module)::+).with(Fact::CountsLocks) };
    (cache $($module:ident)::+) => { of_few_entries(kind!(Cache, $($module)::+)) };
    (shared_cache $($module:ident)::+) => { of_few_entries(threads!(SharedCache, $($module)::+)) };
    (null $($module:ident)::+) => { kind!(Null, $($module)::+) };
    (slots $($module:ident)::+) => { kind!(SlotManager, $($module)::+) };
    (shared_slots $($module:ident)::+) => { kind!(SharedSlots, $($module)::+) };
}

macro_rules! kind {
    ($kind:ident, $($module:ident)::+) => {
        MapInfo { kind: MapKind::$kind, ..crate::$($module)::+::info() }
    };
}

macro_rules! threads {
    ($kind:ident, $($module:ident)::+) => {
        with_own_threads::<crate::$($module)::+::Adapter<u64, u64>>(kind!($kind, $($module)::+))
    };
}

macro_rules! list {
    ($($kind:ident $($module:ident)::+;)*) => {
        vec![$(
            Listed::new(stated!($kind $($module)::+), entry!($kind $($module)::+))
                .with_calls(calls!($kind $($module)::+))
        ),*]
    };
}

/// Canaries take numbers only: what they prove does not depend on what keys and values are made of.
macro_rules! canary {
    (single $($module:ident)::+) => {
        Listed::single::<crate::$($module)::+::Adapter<u64, u64>>(crate::$($module)::+::info())
            .counting_single::<crate::$($module)::+::Adapter<CountedKey<u64>, u64>>()
    };
    (shared $($module:ident)::+) => {
        Listed::shared::<crate::$($module)::+::Adapter<u64, u64>>(crate::$($module)::+::info())
            .counting_shared::<crate::$($module)::+::Adapter<CountedKey<u64>, u64>>()
    };
    (cache $($module:ident)::+) => {
        Listed::cache::<crate::$($module)::+::Adapter<u64, u64>>(crate::$($module)::+::info())
    };
}

macro_rules! canary_list {
    ($($kind:ident $($module:ident)::+;)*) => { [$(canary!($kind $($module)::+)),*] };
}

/// The same for the maps that tell of their events.
macro_rules! probed {
    (single $($module:ident)::+) => { play!(probed_single, Probed, $($module)::+) };
    (shared $($module:ident)::+) => { play!(probed_shared, Probed, $($module)::+) };
}

macro_rules! probed_list {
    ($($kind:ident $($module:ident)::+;)*) => {
        [$((crate::$($module)::+::info().name, probed!($kind $($module)::+) as Play)),*]
    };
}

macro_rules! alternative_list {
    ($($kind:ident $module:ident = $map:literal $axis:literal $value:literal;)*) => {
        [$(($map, $axis, $value, entry!($kind $module) as Play, calls!($kind $module))),*]
    };
}

/// Every map of this suite.
#[must_use]
pub fn maps() -> Vec<Listed> {
    let mut maps: Vec<Listed> = crate::for_each_map!(list);
    maps.extend(crate::for_each_canary!(canary_list));
    for (name, play) in crate::for_each_probed_map!(probed_list) {
        if let Some(listed) = maps.iter_mut().find(|listed| listed.info.name == name) {
            listed.tell_events(play);
        }
    }
    for (name, axis, value, play, calls) in crate::for_each_alternative!(alternative_list) {
        if let Some(listed) = maps.iter_mut().find(|listed| listed.info.name == name) {
            listed.add_alternative(axis, value, play, calls);
        }
    }
    maps
}

fn strange(map: &str, job: &Job) -> Result<Observation, Unsupported> {
    let (keys, values) = shape(job);
    Err(Unsupported::Entries { map: map.into(), keys, values })
}

/// The cache states for which keys and values it is compiled.
fn of_few_entries(info: MapInfo) -> MapInfo {
    MapInfo { keys: [KeyKind::U64, KeyKind::String].into(), values: [ValueKind::U64].into(), ..info }
}

fn shape(job: &Job) -> (Keys, Values) {
    let header = job.tape.header();
    (header.keys, header.values)
}
