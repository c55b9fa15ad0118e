//! Operations that not every map has: played by those that have them, left out with a reason by the others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use formats::observation::{Latency, Reading};
use formats::tape::Kind;

use crate::sandbox::Sandbox;

/// The map chooses which entry leaves.
const WORKLIST: &str = r#"
name = "worklist"
why = "A set of things to do."
live = 300
remove = "first"
phases = [{ fill = 300 }, { churn = 2_000, mix = { insert = 45, remove = 45, len = 5, iterate = 5 } }, { drain = 3 }]
"#;

/// What takes many entries out, asks for room, or writes what may not be there.
const SWEEPS: &str = r#"
name = "sweeps"
why = "Everything else at once."
live = 200
keyspace = 900
capacity = 500
retain = { younger = 400 }
mix = { insert = 30, upsert = 30, get = 30, len = 4, retain = 4, shrink = 2 }
phases = [{ fill = 200 }, { churn = 3_000 }, { retain = 0.5 }, "shrink", { reserve = 900 }, "iterate", "copy", { churn = 500 },
          { copy = { reserve = true } }, { churn = 500 }]
"#;

/// The same from two threads, as far as the map chooses nothing that the others miss.
const TOGETHER: &str = r#"
name = "together"
why = "Two threads sweep and walk."
live = 200
keyspace = 600
threads = 2
keys_shared = true
retain = 0.5
mix = { insert = 40, upsert = 10, remove = 30, get = 10, iterate = 3, clear = 1, len = 3, retain = 3 }
phases = [{ fill = 200 }, { churn = 4_000 }, "iterate"]
"#;

/// Two threads copy a map that is behind one lock, or behind several.
const MOVES: &str = r#"
name = "moves"
why = "Two threads, and all entries go into a new map."
live = 200
threads = 2
keys_shared = true
mix = { insert = 50, remove = 50 }
phases = [{ fill = 200 }, { churn = 2_000 }, "copy", { churn = 2_000 }, "copy", { churn = 2_000 }]
"#;

/// A thread holds what it found, and writes on.
const HELD: &str = r#"
name = "held"
why = "A guard over many operations."
live = 200
hold = 300
mix = { insert = 40, remove = 40, get = 18, hold = 2 }
phases = [{ fill = 200 }, { churn = 3_000 }, "iterate", { churn = 1_000 }]
"#;

/// Two threads hold what they found, and only read.
const REFERENCES: &str = r#"
name = "references"
why = "References, and readers only."
live = 200
threads = 2
keys_shared = true
hold = 20
phases = [{ fill = 200 }, { churn = 4_000, mix = { get = 80, len = 5, iterate = 5, hold = 10 } }, { drain = 50 }]
"#;

#[test]
fn a_map_is_asked_to_hold_only_what_it_can() {
    let sandbox = Sandbox::with(&[HELD, REFERENCES]);
    let said = sandbox.run("verify -m papaya,dashmap,crossbeam-skiplist,scc,std,null", 0);
    let right = |workload: &str, map: &str| {
        let of = |line: &&str| line.split_whitespace().take(2).eq([workload, map]);
        said.stdout.lines().find(of).is_some_and(|line| line.contains("right"))
    };
    for (workload, map, can) in [
        ("held", "papaya", true),
        ("held", "crossbeam-skiplist", true),
        ("held", "dashmap", false),
        ("held", "std", false),
        ("references", "papaya", true),
        ("references", "dashmap", true),
        ("references", "scc", false),
    ] {
        assert_eq!(right(workload, map), can, "{workload} {map}: {}", said.stdout);
    }
    let said = sandbox.run("verify -w held -m dashmap", 2);
    assert!(said.stderr.contains("the map has no `hold_writing`"), "{}", said.stderr);
}

/// Threads that read beside one that writes and walks.
const BESIDE: &str = r#"
name = "beside"
why = "Readers beside a writer."
live = 200
ops = 4_000
keys_shared = true

[[role]]
name = "readers"
threads = 2
mix = { get = 90, get_absent = 10 }
get = "latest"

[[role]]
name = "writers"
threads = 1
mix = { insert = 45, remove = 45, iterate = 10 }
order = "random"
"#;

#[test]
fn every_map_that_has_an_operation_plays_it_right() {
    let sandbox = Sandbox::with(&[WORKLIST, SWEEPS, TOGETHER, MOVES, BESIDE]);
    let said = sandbox.run("verify", 0);
    let rows = said.stdout.lines().filter(|line| line.contains("right"));
    let played: BTreeSet<(&str, &str)> = rows
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.next()?))
        })
        .collect();
    for (workload, maps) in [
        (
            "worklist",
            &["hashbrown", "std", "indexmap-swap", "btree", "dashmap", "papaya", "scc", "mutex-std"][..],
        ),
        ("sweeps", &["hashbrown", "std", "indexmap-swap", "mutex-std", "rwlock-std", "mutex-shards", "null"]),
        ("together", &["dashmap", "papaya", "scc", "crossbeam-skiplist", "mutex-std", "rwlock-std"]),
        ("moves", &["mutex-std", "rwlock-std", "mutex-shards"]),
        (
            "beside",
            &["dashmap", "papaya", "scc", "crossbeam-skiplist", "mutex-std", "rwlock-std", "go-sync-map"],
        ),
    ] {
        for map in maps {
            assert!(played.contains(&(workload, *map)), "{workload} {map}: {}", said.stdout);
        }
    }
    for (workload, map) in
        [("worklist", "slab"), ("sweeps", "btree"), ("together", "single-writer"), ("moves", "dashmap")]
    {
        assert!(!played.contains(&(workload, map)), "{workload} {map}: {}", said.stdout);
    }
    assert!(said.stdout.contains("conservation of values"), "{}", said.stdout);
    let said = sandbox.run("verify -w worklist -m slab", 2);
    assert!(said.stderr.contains("the map has no `remove_first`"), "{}", said.stderr);
}

#[test]
fn an_operation_is_timed_by_itself() {
    let sandbox = Sandbox::with(&[WORKLIST, SWEEPS]);
    sandbox.run("measure -m hashbrown -c throughput,latency --rounds 1", 0);
    let session = sandbox.session();
    let kinds = |workload: &str| -> BTreeSet<Kind> {
        let runs = session.runs.iter().filter(|run| run.pass.workload == workload);
        let seen = runs.filter_map(|run| match &run.observation()?.reading {
            Reading::Latency(latency) => Some(latency.kinds.clone()),
            _ => None,
        });
        seen.flatten().map(|kind| kind.kind).collect()
    };
    assert_eq!(kinds("worklist"), [Kind::Insert, Kind::Iterate, Kind::RemoveFirst, Kind::Len].into());
    let swept = [Kind::Insert, Kind::Get, Kind::Iterate, Kind::Len, Kind::Upsert];
    let rare = [Kind::Retain, Kind::Shrink, Kind::Reserve, Kind::Copy];
    assert_eq!(kinds("sweeps"), swept.into_iter().chain(rare).collect());
    let page = fs::read_to_string(sandbox.only("").join("index.html")).unwrap();
    assert!(page.contains("remove_first") && page.contains("retain"), "the page tells of them");
}

#[test]
fn each_role_is_timed_by_itself() {
    let sandbox = Sandbox::with(&[BESIDE]);
    sandbox.run("measure -m dashmap,mutex-std -c throughput,latency --rounds 1", 0);
    let session = sandbox.session();
    let readings = session.runs.iter().filter_map(|run| match &run.observation()?.reading {
        Reading::Latency(latency) => Some(latency),
        _ => None,
    });
    let churned = |latency: &Latency, role: &str| -> BTreeMap<Kind, u64> {
        let of_role = latency.kinds.iter().filter(|seen| seen.counts && seen.role.as_deref() == Some(role));
        of_role.map(|seen| (seen.kind, seen.service.count())).collect()
    };
    for latency in readings {
        let readers = churned(latency, "readers");
        assert_eq!(readers.keys().collect::<Vec<_>>(), [&Kind::Get]);
        assert_eq!(readers.values().sum::<u64>(), 2_667, "two of three threads");
        let writers = churned(latency, "writers");
        assert_eq!(writers.keys().collect::<Vec<_>>(), [&Kind::Insert, &Kind::Remove, &Kind::Iterate]);
        assert_eq!(writers.values().sum::<u64>(), 1_333);
    }
    let page = fs::read_to_string(sandbox.only("").join("index.html")).unwrap();
    assert!(
        page.contains("p99.9 of readers: ") && page.contains("p99.9 of writers: "),
        "the page tells of each"
    );
}
