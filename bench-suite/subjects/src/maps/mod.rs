//! The maps under test: one file each, and one list.
//!
//! A file holds the type `Adapter` and the function `info`. To add a map, write its file, add its `mod` and
//! its line in [`for_each_map!`](crate::for_each_map), and name its crate in `Cargo.toml`.
//!
//! Every hash has a fixed seed, so that the same tape gives the same figures on every run.

pub mod btree;
pub mod crossbeam_skiplist;
pub mod dashmap;
pub mod event_log;
pub mod go;
pub mod go_classic;
pub mod go_classic_no_reuse;
pub mod go_hash_trie;
pub mod go_pool;
pub mod go_swiss;
pub mod go_sync_map;
pub mod hashbrown_foldhash;
pub mod hashbrown_fx;
pub mod indexmap_shift;
pub mod indexmap_swap;
pub mod lent_slots;
pub mod mutex_free_list;
pub mod mutex_shards;
pub mod mutex_std;
pub mod null;
pub mod optimistic;
pub mod owned_places;
pub mod papaya;
pub mod rwlock_std;
pub mod scc;
pub mod sharded_slab;
pub mod single_writer;
pub mod slab;
pub mod slot_tracker_lock;
pub mod slot_tracker_sharded;
pub mod slotmap;
pub mod std_hash;

use formats::answer::Answer;

use crate::entry::Value;
use crate::map::Address;

/// Hands the list of all maps to the macro named, as lines `kind module;`. Modules are paths from the root
/// of this crate; each has a type `Adapter` and a function `info() -> MapInfo`, which leaves out what the kind says.
///
/// | kind | `Adapter` |
/// |---|---|
/// | `null` | `Adapter<K, V>`: a [`Map`](crate::map::Map) of any key, [`Place`](crate::entry::Place) too, and [`Shared`](crate::map::Shared) |
/// | `single` | `Adapter<K, V>`: `Map<K, V> + Default` |
/// | `shared` | `Adapter<K, V>`: `Shared<K, V>` |
/// | `locked` | the same and `Adapter<K, V, true>`, whose locks count: they are ours |
/// | `eventual` | as `locked`; what is written is seen later |
/// | `slots` | `Adapter<V>`: `Map<Place, V> + Default` |
/// | `shared_slots` | `Adapter<V>`: `Shared<Place, V>` |
/// | `locked_slots` | the same and `Adapter<V, true>`, whose locks count |
///
/// ```
/// macro_rules! names {
///     ($($kind:ident $($module:ident)::+;)*) => { [$(subjects::$($module)::+::info().name),*] };
/// }
/// assert!(subjects::for_each_map!(names).contains(&"hashbrown".to_owned()));
/// ```
#[macro_export]
macro_rules! for_each_map {
    ($callback:ident) => {
        $callback! {
            null maps::null;
            single maps::std_hash;
            single maps::hashbrown_foldhash;
            single maps::hashbrown_fx;
            single maps::indexmap_swap;
            single maps::indexmap_shift;
            single maps::btree;
            single maps::go_classic;
            single maps::go_classic_no_reuse;
            single maps::go_swiss;
            slots maps::slab;
            slots maps::slotmap;
            shared_slots maps::sharded_slab;
            shared_slots maps::go_pool;
            locked_slots maps::mutex_free_list;
            locked_slots maps::slot_tracker_lock;
            locked_slots maps::slot_tracker_sharded;
            locked maps::mutex_std;
            locked maps::rwlock_std;
            locked maps::mutex_shards;
            locked maps::optimistic;
            locked maps::single_writer;
            eventual maps::event_log;
            shared maps::dashmap;
            shared maps::papaya;
            shared maps::scc;
            shared maps::crossbeam_skiplist;
            shared maps::go_sync_map;
            shared maps::go_hash_trie;
            single canary::slow;
            single canary::leaky;
            single canary::wrong;
            single canary::unsteady;
            single canary::hanging;
            single canary::crashing;
            single canary::fresh;
            single canary::oversized;
            single canary::fitting;
            single canary::slow_rehash;
            single canary::even_rehash;
            shared canary::losing;
        }
    };
}

/// Hands the list of those maps that tell of their events to the macro named, as lines `kind module;`. Each
/// module has, beside `Adapter`, a type `Probed` of the same kind that tells [`Told`](crate::watch::events::Told):
/// the passes that watch every operation play into it.
#[macro_export]
macro_rules! for_each_probed_map {
    ($callback:ident) => {
        $callback! {
            single maps::go_classic;
            single maps::go_classic_no_reuse;
            single maps::go_swiss;
            shared maps::go_sync_map;
            shared maps::go_hash_trie;
        }
    };
}

/// The answer of an operation that found this entry, or none.
#[inline]
pub(crate) fn answer<V: Value>(found: Option<&V>) -> Answer {
    found.map(Value::stamp).into()
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
