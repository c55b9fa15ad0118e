//! What keys that count see: figures that are known beforehand, and answers that stay what they were.

use std::collections::HashSet;

use formats::entry::Keys;
use formats::observation::{Calls, Collector, Observation, Reading};
use formats::subject::{Fact, MapKind};
use formats::tape::{Header, Kind, Op, Tape};
use maps::list::maps;
use subject::job::{Job, Unsupported};
use subject::program::Listed;

fn tape(keys: Keys, phases: &[(&str, Vec<Op>)]) -> Tape {
    Tape::of_one_thread(Header { keys, ..Header::default() }, phases)
}

fn play(map: &Listed, tape: Tape, collector: Collector) -> Result<Observation, Unsupported> {
    map.play_job(&Job { tape, collector, samples: 10, hz: 99, profile_ns: 1, turns: None, inject_work: 0 })
}

fn calls(map: &str, tape: Tape) -> Calls {
    let maps = maps();
    let map = maps.iter().find(|listed| listed.info.name == map).expect("it is on the list");
    match play(map, tape, Collector::Calls).expect("it has keys").reading {
        Reading::Calls(calls) => calls,
        other => panic!("{other:?}"),
    }
}

const ENTRIES: u64 = 10_000;

fn inserts() -> Vec<Op> {
    (0..ENTRIES).map(|key| Op::new(Kind::Insert, key)).collect()
}

/// Entries that a table hashes again while it grows to hold so many: all that it has, each time it grows.
fn rehashed(entries: u64) -> u64 {
    let mut map = HashSet::new();
    let mut rehashed = 0;
    for key in 0..entries {
        let (before, capacity) = (map.len() as u64, map.capacity());
        map.insert(key);
        rehashed += if map.capacity() == capacity { 0 } else { before };
    }
    rehashed
}

#[test]
fn a_growing_table_hashes_what_it_holds_again() {
    let again = rehashed(ENTRIES);
    assert!(again > ENTRIES, "it has grown more than once");
    for map in ["std", "hashbrown", "hashbrown-fx"] {
        let calls = calls(map, tape(Keys::U64, &[("fill", inserts())]));
        let [fill] = &*calls.phases else { panic!("{calls:?}") };
        assert_eq!((fill.ops, fill.key_ops, fill.hashes), (ENTRIES, ENTRIES, ENTRIES + again), "{map}");
        assert_eq!(calls.rehashed(), again);
    }
}

/// The oldest of 10,000 entries goes, a new one comes: dead slots pile up until the table is rebuilt.
fn window() -> Vec<Op> {
    (0..10 * ENTRIES).flat_map(|n| [Op::new(Kind::Remove, n), Op::new(Kind::Insert, ENTRIES + n)]).collect()
}

#[test]
fn an_oversized_table_is_not_rebuilt_in_the_churn() {
    let churn = |map: &str| {
        let calls = calls(map, tape(Keys::U64, &[("fill", inserts()), ("churn", window())]));
        (calls.phases[1].hashes - calls.phases[1].key_ops, calls.phases[1].comparisons)
    };
    let ((again, comparisons), (oversized, fewer)) = (churn("hashbrown"), churn("canary-oversized"));
    assert_eq!((again, oversized), (ENTRIES - 1, 0));
    assert!(fewer < comparisons, "{fewer} and {comparisons}");
    assert_eq!(churn("canary-slow-rehash"), (again, comparisons), "it is hashbrown in all but time");
}

#[test]
fn lookups_hash_once_and_compare_once() {
    let gets = |first: u64| (first..first + ENTRIES).map(|key| Op::new(Kind::Get, key)).collect::<Vec<_>>();
    let walks = vec![Op::new(Kind::Iterate, 0); 3];
    let phases = [("fill", inserts()), ("hits", gets(0)), ("walks", walks), ("misses", gets(ENTRIES))];
    let calls = calls("std", tape(Keys::Uuid, &phases));
    let [_, hits, walks, misses] = &*calls.phases else { panic!("{calls:?}") };
    assert_eq!((hits.hashes, misses.hashes), (ENTRIES, ENTRIES));
    // Seven bits of the hash are compared first: a stranger is asked once in 128 slots that are looked at.
    assert!((ENTRIES..ENTRIES + ENTRIES / 5).contains(&hits.comparisons), "{hits:?}");
    assert!(misses.comparisons < ENTRIES / 5, "{misses:?}");
    assert_eq!((walks.ops, walks.key_ops, walks.hashes, walks.comparisons), (3, 0, 0, 0));
}

#[test]
fn an_ordered_map_hashes_nothing() {
    let calls = calls("btree", tape(Keys::String(24), &[("fill", inserts())]));
    let [fill] = &*calls.phases else { panic!("{calls:?}") };
    assert_eq!((fill.hashes, calls.rehashed()), (0, 0));
    // No search finds its place with fewer comparisons than the halving of a half full map would take.
    assert!(calls.comparisons() > ENTRIES * u64::from((ENTRIES / 2).ilog2() - 1), "{fill:?}");
}

#[test]
fn every_map_with_keys_answers_as_it_does_uncounted() {
    let pairs = |n: u64| {
        let key = n * 7919 % 500;
        [Op::new(Kind::Remove, key), Op::new(Kind::Insert, key + 250), Op::new(Kind::Update, key + 100)]
    };
    let mut churn: Vec<Op> = (0..2000).flat_map(pairs).collect();
    churn.extend([Op::new(Kind::Iterate, 0), Op::new(Kind::Clear, 0), Op::new(Kind::Insert, 1)]);
    let fill: Vec<Op> = (0..500).map(|key| Op::new(Kind::Insert, key)).collect();
    let mut seen = 0;
    // What a bounded cache answers depends on what it lets go.
    for map in maps().iter().filter(|map| !map.info.canary && !map.info.kind.is_bounded()) {
        for keys in [Keys::U32, Keys::U64, Keys::Uuid, Keys::String(24)] {
            let tape = || tape(keys, &[("fill", fill.clone()), ("churn", churn.clone())]);
            let name = &map.info.name;
            let counted = match play(map, tape(), Collector::Calls) {
                Ok(counted) => counted,
                Err(Unsupported::Keys { has_keys, .. }) => {
                    assert!(!has_keys && !map.info.kind.has_keys(), "{name}");
                    continue;
                }
                Err(Unsupported::OwnThreads { .. }) => {
                    assert!(map.info.states(Fact::OwnThreads), "{name}");
                    continue;
                }
                Err(other) => panic!("{other}"),
            };
            let plain = play(map, tape(), Collector::Throughput).expect("every map plays alone");
            assert_eq!(counted.answers, plain.answers, "{name}");
            let Reading::Calls(calls) = counted.reading else { panic!("{name}: {:?}", counted.reading) };
            let hashes: u64 = calls.phases.iter().map(|phase| phase.hashes).sum();
            assert_eq!(hashes == 0, map.info.states(Fact::Ordered), "{name}: {calls:?}");
            assert!(hashes == 0 || hashes >= 6501, "{name}: {calls:?}");
            assert!(calls.comparisons() > 0, "{name}: {calls:?}");
            seen += 1;
        }
    }
    assert!(seen >= 4 * 15, "{seen} maps with keys");
}

#[test]
fn what_has_no_keys_says_so() {
    let maps = maps();
    let slab = maps.iter().find(|map| map.info.kind == MapKind::SlotManager).expect("there is one");
    let why = play(slab, tape(Keys::U64, &[("fill", inserts())]), Collector::Calls).unwrap_err().to_string();
    assert_eq!(
        why,
        format!("{} cannot be asked with keys that count their calls: it has no keys", slab.info.name)
    );
}
