//! Every map's insert, remove, get, miss, churn and iterate in criterion: one group for each operation, one line of it for
//! each map, so that criterion's report compares maps.
//!
//! `cargo bench --package churnmark-maps --bench micro -- 'get/hashbrown'`
//!
//! The operations run through the measured loop of the suite, on keys that were made before. With `--profile-time SECONDS`
//! after `--`, the suite's own profiler samples instead: `target/criterion/<operation>/<map>/profile/` then holds
//! `stacks.folded` (speedscope, inferno) and `profile.pb.gz` (`go tool pprof`).

mod operation;
mod profiler;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};
use subject::entry::Place;
use subject::map::{Map, Shared};
use subject::program::Jemalloc;

use self::operation::{LIVE, Operation};
use self::profiler::Sampling;

/// The allocator of the measured programs.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// Entries that a bounded cache holds here: more than any operation puts, so that it drops none.
const ROOM: usize = 1 << 16;

/// The operations that one kind of key is asked for.
struct Asked {
    keyed: Vec<Operation<u64>>,
    placed: Vec<Operation<Place>>,
}

/// Plays an operation so many times into a new map, and gives the time that took.
type Play<K> = fn(&Operation<K>, u64) -> Duration;

/// One map.
enum Listed {
    Keyed(String, Play<u64>),
    Placed(String, Play<Place>),
}

macro_rules! play {
    ($Key:ty, alone, $map:ty) => {
        |operation: &Operation<$Key>, times| operation.time(&mut <$map>::default(), times)
    };
    ($Key:ty, bounded, $map:ty) => {
        |operation: &Operation<$Key>, times| {
            operation.time(&mut <$map as Map<$Key, u64>>::with_bound(ROOM), times)
        }
    };
    ($Key:ty, bounded_shared, $map:ty) => {
        |operation: &Operation<$Key>, times| {
            let map = <$map as Shared<$Key, u64>>::with_bound(ROOM);
            operation.time(&mut map.handle(), times)
        }
    };
    ($Key:ty, shared, $map:ty) => {
        |operation: &Operation<$Key>, times| {
            let map = <$map>::default();
            operation.time(&mut Shared::<$Key, u64>::handle(&map), times)
        }
    };
}

macro_rules! listed {
    (single $($module:ident)::+) => { listed!(Keyed, u64, alone, $($module)::+, <u64, u64>) };
    (slots $($module:ident)::+) => { listed!(Placed, Place, alone, $($module)::+, <u64>) };
    (shared_slots $($module:ident)::+) => { listed!(Placed, Place, shared, $($module)::+, <u64>) };
    (locked_slots $($module:ident)::+) => { listed!(Placed, Place, shared, $($module)::+, <u64>) };
    (cache $($module:ident)::+) => { listed!(Keyed, u64, bounded, $($module)::+, <u64, u64>) };
    (shared_cache $($module:ident)::+) => { listed!(Keyed, u64, bounded_shared, $($module)::+, <u64, u64>) };
    ($threads:ident $($module:ident)::+) => { listed!(Keyed, u64, shared, $($module)::+, <u64, u64>) };
    ($Kind:ident, $Key:ty, $how:ident, $($module:ident)::+, <$($of:ty),+>) => {
        Listed::$Kind(
            maps::$($module)::+::info().name,
            play!($Key, $how, maps::$($module)::+::Adapter<$($of),+>),
        )
    };
}

macro_rules! list {
    ($($kind:ident $($module:ident)::+;)*) => { vec![$(listed!($kind $($module)::+)),*] };
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .with_profiler(Sampling::default())
        .configure_from_args();
    let maps: Vec<Listed> = maps::for_each_map!(list);
    let asked = Asked { keyed: operation::keyed(), placed: operation::placed() };
    for (keyed, placed) in asked.keyed.iter().zip(&asked.placed) {
        let mut group = criterion.benchmark_group(keyed.name);
        group.throughput(Throughput::Elements(keyed.elements));
        for map in &maps {
            match map {
                Listed::Keyed(name, play) => {
                    group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
                        bencher.iter_custom(|times| play(keyed, times));
                    });
                }
                Listed::Placed(name, play) => {
                    group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
                        bencher.iter_custom(|times| play(placed, times));
                    });
                }
            }
        }
        group.finish();
    }
    criterion.final_summary();
    println!("{LIVE} entries live; criterion's report: target/criterion/report/index.html");
}
