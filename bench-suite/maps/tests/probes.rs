//! What the probes collector sees of each map that tells how far it looks.

use formats::entry::Keys;
use formats::observation::{Collector, PhaseProbes, ProbeUnit, Probes, Reading};
use formats::subject::Fact;
use formats::tape::{Executed, Header, Kind, Op, PhaseMark, Tape};
use maps::list::maps;
use subject::job::{Job, Unsupported};
use subject::program::Listed;
use subject::watch::ledger::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const ENTRIES: u64 = 3000;
const CYCLES: u64 = 3;

/// A filling, then cycles in which the oldest entries give way to new ones, and look-ups of keys that are there and of
/// some that never were.
fn tape(keys: Keys) -> Tape {
    let mut ops: Vec<Op> = (0..ENTRIES).map(|key| Op::new(Kind::Insert, key)).collect();
    let mut phases = vec![PhaseMark { name: "fill".into(), ops: vec![ENTRIES], counts: false, pace: None }];
    let distinct = ENTRIES * (CYCLES + 1);
    for cycle in 0..CYCLES {
        let mut part = |name: &str, part: &mut dyn Iterator<Item = Op>| {
            let before = ops.len();
            ops.extend(part);
            let of_part = (ops.len() - before) as u64;
            phases.push(PhaseMark { name: name.into(), ops: vec![of_part], counts: true, pace: None });
        };
        let turn = |at| {
            [Op::new(Kind::Remove, cycle * ENTRIES + at), Op::new(Kind::Insert, (cycle + 1) * ENTRIES + at)]
        };
        part("turn", &mut (0..ENTRIES).flat_map(turn));
        let look = |at| [Op::new(Kind::Get, (cycle + 1) * ENTRIES + at), Op::new(Kind::Get, distinct + at)];
        part("look", &mut (0..ENTRIES).flat_map(look));
    }
    let header = Header {
        workload: "probes".into(),
        keys,
        distinct,
        phases,
        executed: Executed { peak_live: Some(ENTRIES), ..Executed::default() },
        ..Header::default()
    };
    Tape::new(header, ops)
}

fn play(map: &Listed, keys: Keys) -> Result<Probes, Unsupported> {
    let (tape, collector) = (tape(keys), Collector::Probes);
    let job = Job { tape, collector, samples: 10, hz: 99, profile_ns: 1, turns: None, inject_work: 0 };
    match map.play_job(&job)?.reading {
        Reading::Probes(probes) => Ok(probes),
        other => panic!("{other:?}"),
    }
}

fn listed(name: &str) -> Listed {
    maps().into_iter().find(|map| map.info.name == name).unwrap()
}

fn probes(name: &str) -> Probes {
    play(&listed(name), Keys::U64).unwrap()
}

/// Places an operation of this kind goes to.
fn mean(phase: &PhaseProbes, kind: Kind, found: bool) -> f64 {
    let of_kind = phase.kinds.iter().find(|one| (one.kind, one.found) == (kind, found)).unwrap();
    of_kind.sum() as f64 / of_kind.ops() as f64
}

#[test]
fn maps_that_say_so_tell_of_each_operation_the_same_on_every_run_and_others_tell_nothing() {
    for map in maps().into_iter().filter(|map| !map.info.canary) {
        let name = &map.info.name;
        let seen = play(&map, Keys::U64);
        assert_eq!(map.info.states(Fact::TellsProbeLengths), seen.is_ok(), "{name}");
        let Ok(seen) = seen else { continue };
        assert_eq!(seen, play(&map, Keys::U64).unwrap(), "{name}");
        assert_eq!(seen.phases.len() as u64, 1 + 2 * CYCLES, "{name}");
        for phase in &seen.phases {
            let ops: u64 = phase.kinds.iter().map(formats::observation::KindProbes::ops).sum();
            assert_eq!(ops, phase.ops, "{name}: {}", phase.phase);
            // Whoever has many entries looks at one place at least, and a filling begins with few.
            let none = phase.kinds.iter().any(|one| one.lengths[0].0 == 0);
            assert!(!none || phase.phase == "fill", "{name}: {phase:?}");
        }
        for keys in [Keys::U32, Keys::Uuid, Keys::String(24)] {
            assert!(
                play(&map, keys).unwrap().phases[2].kinds.iter().all(|one| one.sum() >= one.ops()),
                "{name}"
            );
        }
    }
}

#[test]
fn a_hash_that_clusters_makes_walks_long_and_its_twin_walks_as_hashbrown_does() {
    if !listed("hashbrown").info.states(Fact::TellsProbeLengths) {
        return;
    }
    let [clustered, scattered, sound] =
        ["canary-clustered", "canary-scattered", "hashbrown"].map(|map| probes(map).phases);
    assert_eq!(scattered, sound);
    for (phase, sound) in clustered.iter().zip(&sound).filter(|(phase, _)| phase.phase == "look") {
        for found in [true, false] {
            let [far, near] = [phase, sound].map(|phase| mean(phase, Kind::Get, found));
            assert!(near < 1.5 && far > 4.0 * near, "{far} for {near}, found {found}");
        }
    }
}

#[test]
fn chains_are_longer_where_no_slot_is_used_again() {
    let of_cycle = |map: &str| -> Vec<f64> {
        let seen = probes(map);
        assert_eq!(seen.unit, ProbeUnit::Bucket);
        let look = seen.phases.iter().filter(|phase| phase.phase == "look");
        look.map(|phase| mean(phase, Kind::Get, false)).collect()
    };
    // Overflow buckets stay until the array is replaced: a few more are gone to in later cycles, whatever the rule.
    let (reusing, not) = (of_cycle("go-classic"), of_cycle("go-classic-no-reuse"));
    assert!(reusing.iter().all(|mean| *mean < 2.0), "{reusing:?}");
    assert!(not.iter().zip(&reusing).all(|(not, reusing)| not > reusing), "{not:?} for {reusing:?}");
}

/// Another of 3,000 keys shares its first k digits of four bits with a chance of 1 − (1 − 16⁻ᵏ)²⁹⁹⁹: summed over all k,
/// a key lies 3.57 nodes down. Nodes that turned empty on one side only stay, so that it is a little more.
#[test]
fn a_trie_is_gone_down_node_by_node() {
    let seen = probes("go-hash-trie");
    assert_eq!(seen.unit, ProbeUnit::Node);
    let depth = mean(&seen.phases[2], Kind::Get, true);
    assert!((3.5..3.9).contains(&depth), "{depth}");
}
