//! The maps under test: one file each, and one list.
//!
//! A file holds the type `Adapter` and the function `info`. To add a map, write its file, add its line in
//! [`for_each_map!`](crate::for_each_map), and name its crate in `Cargo.toml`.
//!
//! Every hash has a fixed seed, so that the same tape gives the same figures on every run.

use formats::answer::Answer;
use subject::entry::Value;
use subject::map::Address;

pub mod canary;
// What several maps have in common.
pub mod control_bytes;
pub mod epochs;
pub mod go;
// What a map is for some values of its axes.
pub mod hashbrown_ahash;
pub mod hashbrown_rapid;
pub mod hashbrown_sip;
pub mod lent_slots;
pub mod list;
pub mod owned_places;

/// Hands the list of all maps to the macro named, as lines `kind module;`. Each module of this crate has a type
/// `Adapter` and a function `info() -> MapInfo`, which leaves out what the kind says. The list of the canaries, [`for_each_canary!`](crate::for_each_canary),
/// reads alike; they are made for `u64` only.
///
/// | kind | `Adapter` |
/// |---|---|
/// | `null` | `Adapter<K, V>`: a [`Map`](subject::map::Map) of any key, [`Place`](subject::entry::Place) too, and [`Shared`](subject::map::Shared) |
/// | `single` | `Adapter<K, V>`: `Map<K, V> + Default` |
/// | `shared` | `Adapter<K, V>`: `Shared<K, V>` |
/// | `locked` | the same and `Adapter<K, V, true>`, whose locks count: they are ours |
/// | `eventual` | as `locked`; what is written is seen later |
/// | `slots` | `Adapter<V>`: `Map<Place, V> + Default` |
/// | `shared_slots` | `Adapter<V>`: `Shared<Place, V>` |
/// | `locked_slots` | the same and `Adapter<V, true>`, whose locks count |
/// | `cache` | as `single`; a bounded cache, made by [`Map::with_bound`](subject::map::Map::with_bound) |
/// | `shared_cache` | as `shared`; a bounded cache that threads share |
///
/// ```
/// macro_rules! names {
///     ($($kind:ident $module:ident;)*) => { [$(maps::$module::info().name),*] };
/// }
/// assert!(maps::for_each_map!(names).contains(&"hashbrown".to_owned()));
/// ```
#[macro_export]
macro_rules! for_each_map {
    ($callback:ident) => {
        $callback! {
            null null;
            single std_hash;
            single hashbrown_foldhash;
            single hashbrown_fx;
            single griddle;
            single indexmap_swap;
            single indexmap_shift;
            single btree;
            single go_classic;
            single go_classic_no_reuse;
            single go_swiss;
            slots slab;
            slots slotmap;
            slots slotmap_dense;
            shared_slots sharded_slab;
            shared_slots go_pool;
            locked_slots mutex_free_list;
            locked_slots slot_tracker_lock;
            locked_slots slot_tracker_sharded;
            locked mutex_std;
            locked rwlock_std;
            locked mutex_shards;
            locked optimistic;
            locked single_writer;
            eventual event_log;
            shared dashmap;
            shared papaya;
            shared scc;
            shared crossbeam_skiplist;
            shared go_sync_map;
            shared go_hash_trie;
            cache lru;
            cache hashlink_lru;
            cache quick_cache;
            shared_cache quick_cache_sync;
            shared_cache moka;
        }
    };
}

macro_rules! modules {
    ($($kind:ident $module:ident;)*) => { $(pub mod $module;)* };
}

// rustfmt does not look for modules that a macro declares: `make test` names the files to it.
for_each_map!(modules);

/// Hands the list of those maps that tell of their events to the macro named, as lines `kind module;`. Each
/// module has, beside `Adapter`, a type `Probed` of the same kind that tells [`LedgerProbe`](crate::go::LedgerProbe):
/// the passes that watch every operation play into it.
#[macro_export]
macro_rules! for_each_probed_map {
    ($callback:ident) => {
        $callback! {
            single go_classic;
            single go_classic_no_reuse;
            single go_swiss;
            shared go_sync_map;
            shared go_hash_trie;
        }
    };
}

/// Hands the list of what maps are for those values of their axes that take another type to the macro named, as lines
/// `kind module = map axis value;`. Each module has a type `Adapter` of that kind.
#[macro_export]
macro_rules! for_each_alternative {
    ($callback:ident) => {
        $callback! {
            single hashbrown_ahash = "hashbrown" "hasher" "ahash";
            single hashbrown_fx = "hashbrown" "hasher" "fx";
            single hashbrown_rapid = "hashbrown" "hasher" "rapidhash";
            single hashbrown_sip = "hashbrown" "hasher" "sip";
        }
    };
}

/// Entries that a bounded cache holds where nobody says how many.
pub(crate) const UNTOLD: usize = 1 << 10;

/// The answer of an operation that found this entry, or none.
#[inline]
pub(crate) fn answer<V: Value>(found: Option<&V>) -> Answer {
    found.map(Value::stamp).into()
}

/// The answer of a fetch that found this value, or put it.
#[inline]
pub(crate) fn fetched<V: Value>(value: &V, was_put: bool) -> Answer {
    if was_put { Answer::ABSENT } else { Answer::of(value.stamp()) }
}

/// The answer of a walk over these values.
#[inline]
pub(crate) fn total<'a, V: Value>(values: impl Iterator<Item = &'a V>) -> Answer {
    Answer::of(values.fold(0, |sum, value| sum.wrapping_add(value.stamp())))
}

/// Where a value lies.
pub(crate) fn address<V>(value: &V) -> Address {
    std::ptr::from_ref(value).addr()
}
