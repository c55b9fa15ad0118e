//! What a CPU profile holds: the work of every thread in which the map works, in phases that count.

use std::process::Command;

use formats::observation::{Observation, Reading, Stacks};
use formats::tape::{Header, Kind, Op, PhaseMark, Tape};
use tempfile::TempDir;

const KEYS: u64 = 50_000;

/// Each of two threads inserts keys of its own, which only prepares, and then plays these kinds on them, in turn.
fn tape(kinds: &[Kind]) -> Tape {
    let thread = |thread: u64| {
        let key = move |n: u64| thread * KEYS + n % KEYS;
        let fill = (0..KEYS).map(move |n| Op::new(Kind::Insert, key(n)));
        let load = (0..2 * KEYS).zip(kinds.iter().cycle()).map(move |(n, kind)| Op::new(*kind, key(n / 2)));
        fill.chain(load)
    };
    let phase =
        |name: &str, ops, counts| PhaseMark { name: name.into(), ops: vec![ops; 2], counts, pace: None };
    let phases = vec![phase("fill", KEYS, false), phase("churn", 2 * KEYS, true)];
    Tape::new(Header { distinct: 2 * KEYS, phases, ..Header::default() }, (0..2).flat_map(thread).collect())
}

fn profile(tape: &Tape, map: &str) -> Stacks {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("a.tape");
    tape.write(&file).expect("a file in a folder of our own");
    let output = Command::new(env!("CARGO_BIN_EXE_churnmark-maps"))
        .args([
            "play",
            "--collector",
            "stacks",
            "--hz",
            "199",
            "--profile-ms",
            "1000",
            "--map",
            map,
            "--tape",
        ])
        .arg(file)
        .output()
        .expect("the program was built for this test");
    assert!(output.status.success(), "{map}: {}", String::from_utf8_lossy(&output.stderr));
    let seen: Observation = serde_json::from_slice(&output.stdout).expect("an observation");
    let Reading::Stacks(stacks) = seen.reading else { panic!("{:?}", seen.reading.collector()) };
    let count = |line: &str| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap();
    assert_eq!(
        stacks.samples,
        stacks.folded.lines().map(count).sum::<u64>(),
        "{map}: those told are in the graph"
    );
    stacks
}

#[test]
fn threads_of_the_map_are_in_its_profile_and_others_have_none() {
    let writes = tape(&[Kind::Remove, Kind::Insert]);
    for (map, its_work) in [("event-log", "merge"), ("single-writer", "single_writer")] {
        let stacks = profile(&writes, map);
        let own: Vec<&str> =
            stacks.folded.lines().filter(|line| line.starts_with("thread of the map;")).collect();
        assert!(own.iter().any(|line| line.contains(its_work)), "{map}: {}", stacks.folded);
        assert!(stacks.folded.contains("play::play;"), "{map}: {}", stacks.folded);
    }
    let stacks = profile(&writes, "dashmap");
    assert!(!stacks.folded.contains("thread of the map"), "{}", stacks.folded);
}

#[test]
fn the_filling_is_in_no_profile() {
    let stacks = profile(&tape(&[Kind::Get]), "dashmap");
    assert!(stacks.folded.contains("::get"), "{}", stacks.folded);
    assert!(!stacks.folded.contains("insert"), "{}", stacks.folded);
    let stacks = profile(&tape(&[Kind::Remove, Kind::Insert]), "dashmap");
    assert!(stacks.folded.contains("::insert"), "{}", stacks.folded);
}
