//! One test for each map of the list and each combination of key and value that it takes, and the list
//! itself.

use std::collections::BTreeSet;
use std::process::Command;

use formats::subject::{Extra, MapInfo, MapKind};
use maps::list::maps;
use subject::entry;
use subject::program::Listed;

use super::{alone, bounded, threads};

/// Checks of each kind of key with each kind of value. What threads do to each other does not depend on both: they play
/// where one of the two is a number.
macro_rules! keyed {
    ($first:ident::$alone:ident $(, $part:ident::$check:ident)*) => {
        numbers!($first::$alone $(, $part::$check)*);
        #[test]
        fn u64_to_inline() {
            of_entries!(u64, super::entry::Inline: $first::$alone $(, $part::$check)*);
        }
        #[test]
        fn u64_to_boxed() {
            of_entries!(u64, super::entry::Boxed: $first::$alone $(, $part::$check)*);
        }
        #[test]
        fn u32_to_u64() {
            of_entries!(u32, u64: $first::$alone $(, $part::$check)*);
        }
        #[test]
        fn uuid_to_u64() {
            of_entries!(super::entry::Uuid, u64: $first::$alone $(, $part::$check)*);
        }
        #[test]
        fn text_to_u64() {
            of_entries!(super::entry::Text, u64: $first::$alone $(, $part::$check)*);
        }
        #[test]
        fn other_keys_to_other_values() {
            use super::entry::{Boxed, Inline, Text, Uuid};
            of_entries!(u32, Inline: $first::$alone);
            of_entries!(u32, Boxed: $first::$alone);
            of_entries!(Uuid, Inline: $first::$alone);
            of_entries!(Uuid, Boxed: $first::$alone);
            of_entries!(Text, Inline: $first::$alone);
            of_entries!(Text, Boxed: $first::$alone);
        }
    };
}

/// Checks with numbers for keys and values.
macro_rules! numbers {
    ($($part:ident::$check:ident),+) => {
        #[test]
        fn u64_to_u64() {
            of_entries!(u64, u64: $($part::$check),+);
        }
    };
}

macro_rules! of_entries {
    ($Key:ty, $Value:ty: $($part:ident::$check:ident),+) => {
        $(super::$part::$check::<Adapter<$Key, $Value>, $Key, $Value>(&extras());)+
    };
}

macro_rules! of_map {
    (single $map:ident) => {
        keyed!(alone::single);
    };
    // It cannot replace a value in one step; its `info` says what follows.
    (shared crossbeam_skiplist) => {
        keyed!(alone::shared, threads::own_keys, threads::new_keys);
    };
    (shared $map:ident) => {
        keyed!(alone::shared, threads::own_keys, threads::new_keys, threads::same_keys);
    };
    (locked $map:ident) => {
        keyed!(alone::shared, threads::own_keys, threads::new_keys, threads::same_keys);
    };
    (eventual $map:ident) => {
        keyed!(alone::eventual, threads::eventual);
    };
    (slots $map:ident) => {
        #[test]
        fn place_to_u64() {
            super::alone::slots::<Adapter<u64>, u64>(&extras());
        }
        #[test]
        fn place_to_inline() {
            super::alone::slots::<Adapter<super::entry::Inline>, super::entry::Inline>(&extras());
        }
        #[test]
        fn place_to_boxed() {
            super::alone::slots::<Adapter<super::entry::Boxed>, super::entry::Boxed>(&extras());
        }
    };
    (locked_slots $map:ident) => {
        of_map!(shared_slots $map);
    };
    (shared_slots $map:ident) => {
        #[test]
        fn place_to_u64() {
            super::alone::shared_slots::<Adapter<u64>, u64>(&extras());
            super::threads::own_places::<Adapter<u64>, u64>(&extras());
        }
        #[test]
        fn place_to_inline() {
            super::alone::shared_slots::<Adapter<super::entry::Inline>, super::entry::Inline>(&extras());
            super::threads::own_places::<Adapter<super::entry::Inline>, super::entry::Inline>(&extras());
        }
        #[test]
        fn place_to_boxed() {
            super::alone::shared_slots::<Adapter<super::entry::Boxed>, super::entry::Boxed>(&extras());
            super::threads::own_places::<Adapter<super::entry::Boxed>, super::entry::Boxed>(&extras());
        }
    };
    (cache $map:ident) => {
        #[test]
        fn numbers_and_texts() {
            super::bounded::alone::<Adapter<u64, u64>, u64, u64>(&extras());
            super::bounded::alone::<Adapter<super::entry::Text, u64>, super::entry::Text, u64>(&extras());
        }
    };
    (shared_cache $map:ident) => {
        #[test]
        fn numbers_and_texts() {
            super::bounded::together::<Adapter<u64, u64>, u64, u64>(&extras());
            super::bounded::together::<Adapter<super::entry::Text, u64>, super::entry::Text, u64>(&extras());
        }
    };
    (null $map:ident) => {
        keyed!(alone::null);
        #[test]
        fn place_to_u64() {
            super::alone::null_slots::<Adapter<super::entry::Place, u64>, u64>(&extras());
        }
    };
}

macro_rules! tests {
    ($($kind:ident $map:ident;)*) => {
        $(mod $map {
            use maps::$map::Adapter;
            fn extras() -> super::BTreeSet<super::Extra> {
                maps::$map::info().extras
            }
            of_map!($kind $map);
        })*
    };
}

maps::for_each_map!(tests);

/// Every kind of key and a value of each size: the tables are those of the map that they are a variant of.
macro_rules! alternative_tests {
    ($($kind:ident $module:ident = $map:literal $axis:literal $value:literal;)*) => {
        $(mod $module {
            mod alternative {
                use super::super::{alone, entry::{Boxed, Inline, Text, Uuid}};
                use maps::$module::Adapter;

                #[test]
                fn each_kind_of_key_and_value() {
                    alone::$kind::<Adapter<u32, u64>, u32, u64>(&std::collections::BTreeSet::new());
                    alone::$kind::<Adapter<u64, Inline>, u64, Inline>(&std::collections::BTreeSet::new());
                    alone::$kind::<Adapter<Uuid, Boxed>, Uuid, Boxed>(&std::collections::BTreeSet::new());
                    alone::$kind::<Adapter<Text, u64>, Text, u64>(&std::collections::BTreeSet::new());
                }
            }
        })*
    };
}

mod alternatives {
    use super::{alone, entry};

    maps::for_each_alternative!(alternative_tests);
}

/// Axes whose values are looked at when the map is made.
#[test]
fn every_value_of_an_axis_conforms() {
    use maps::{dashmap, papaya};
    let within = |axis: &str, value: &str, check: fn()| {
        subject::axes::within(&[(axis.to_owned(), value.to_owned())], check);
    };
    for shards in ["2", "1024"] {
        within("shards", shards, || {
            alone::shared::<dashmap::Adapter<u64, u64>, u64, u64>(&BTreeSet::new());
            threads::same_keys::<dashmap::Adapter<u64, u64>, u64, u64>(&BTreeSet::new());
        });
    }
    within("resize", "blocking", || {
        alone::shared::<papaya::Adapter<u64, u64>, u64, u64>(&BTreeSet::new());
        threads::same_keys::<papaya::Adapter<u64, u64>, u64, u64>(&BTreeSet::new());
    });
}

macro_rules! of_canary {
    // Their faults are seen in the same check.
    (cache stale) => {
        #[test]
        fn its_old_values_are_seen() {
            super::bounded::found_out::<Adapter<u64, u64>, u64, u64>(&extras(), "operation ");
        }
    };
    (cache overfull) => {
        #[test]
        fn what_it_holds_too_much_is_seen() {
            super::bounded::found_out::<Adapter<u64, u64>, u64, u64>(
                &extras(),
                "it holds 338 entries, and may hold 300",
            );
        }
    };
    (cache $map:ident) => {
        #[test]
        fn u64_to_u64() {
            super::bounded::alone::<Adapter<u64, u64>, u64, u64>(&extras());
        }
    };
    // Its fault shows in every check but one.
    (shared losing) => {
        numbers!(threads::losing);
    };
    (single $map:ident) => {
        numbers!(alone::single);
    };
    (shared $map:ident) => {
        numbers!(alone::shared, threads::own_keys, threads::new_keys, threads::same_keys);
    };
}

macro_rules! canary_tests {
    ($($kind:ident canary::$map:ident;)*) => {
        $(mod $map {
            use maps::canary::$map::Adapter;
            fn extras() -> super::BTreeSet<super::Extra> {
                maps::canary::$map::info().extras
            }
            of_canary!($kind $map);
        })*
    };
}

maps::for_each_canary!(canary_tests);

#[test]
fn no_two_maps_have_the_same_name() {
    let mut names = BTreeSet::new();
    for Listed { info, .. } in maps() {
        assert!(names.insert(info.name.clone()), "two maps are called {}", info.name);
    }
}

#[test]
fn each_map_says_what_it_is() {
    for Listed { info, .. } in maps() {
        assert_eq!(info.name.starts_with("canary-"), info.canary, "{}", info.name);
        assert!(info.about.ends_with('.') && !info.about.contains("  "), "{}", info.about);
    }
}

/// A map named after a crate has that crate's version as cargo resolved it; any other has the version of the
/// compiler that brings std, or the suite's own.
#[test]
fn each_map_tells_the_version_of_its_library() {
    let tree = "tree --package churnmark-maps --depth 1 --edges normal --prefix none --locked";
    let crates = said(env!("CARGO"), tree);
    let rustc = said("rustc", "--version");
    let std = rustc.split(' ').nth(1).expect("rustc tells its version");
    let named_after = |info: &MapInfo| {
        // The one that is named for what it does.
        let named = if info.name == "optimistic" { "arc-swap" } else { &info.name };
        let direct = crates.lines().filter_map(|line| line.split_once(" v"));
        let fitting = direct.filter(|(name, _)| named.starts_with(name)).max_by_key(|(name, _)| name.len());
        fitting.map(|(_, version)| version.split(' ').next().unwrap_or_default().to_owned())
    };
    for Listed { info, .. } in maps() {
        let ours = info.canary || info.kind == MapKind::Null || info.name.starts_with("go-");
        let want = match named_after(&info) {
            _ if ours => env!("CARGO_PKG_VERSION").to_owned(),
            Some(version) => version,
            None if info.name.starts_with("go-") => env!("CARGO_PKG_VERSION").to_owned(),
            None => std.to_owned(),
        };
        assert_eq!(info.version, want, "{}", info.name);
    }
}

fn said(program: &str, arguments: &str) -> String {
    let output = Command::new(program)
        .args(arguments.split(' '))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}
