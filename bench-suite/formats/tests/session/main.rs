//! Sessions on disk: written run by run, read back whole, and honest about what is missing.

mod gate;

use std::collections::BTreeMap;
use std::path::Path;

use formats::answer::{Answer, Digest};
use formats::histogram::Latencies;
use formats::observation::{
    Answers, Call, Clock, Collector, KindLatency, Latency, Observation, PhaseTimes, Reading, SCHEMA, Slice,
    Throughput,
};
use formats::point::Point;
use formats::run::{
    self, Failure, KILLED_FOR_MEMORY, Outcome, Pass, Reached, Run, WrongDigest, WrongLength, WronglyTold,
};
use formats::session::{
    Journal, Machine, Manifest, Noise, PACKED_RUNS_FILE, RUNS_FILE, SESSION_FILE, Session, SessionError,
    TapeInfo,
};
use formats::tape::{Executed, Header, Kind, PhaseMark, TapeId};
use formats::workload::{KeyPattern, Keys, Pace, Values};
use proptest::prelude::*;

fn pass(round: u32) -> Pass {
    Pass { workload: "lifo".into(), map: "std".into(), collector: Collector::Throughput, round }
}

fn manifest() -> Manifest {
    Manifest {
        schema: SCHEMA,
        id: "session".into(),
        started: "2026-01-01T00:00:00Z".into(),
        revision: "abc+".into(),
        suite: "smoke".into(),
        arguments: vec!["measure".into()],
        machine: Machine {
            host: "höst".into(),
            cpu: "cpu".into(),
            cores: 2,
            memory: 1 << 34,
            kernel: "6".into(),
            clock: "tsc".into(),
        },
        toolchain: "rustc".into(),
        programs: vec![],
        reference: "std".into(),
        tapes: BTreeMap::new(),
        passes: (0..3).map(pass).collect(),
        comparisons: vec![],
        left_out: vec![],
        noise: vec![Noise { seconds: 1.0, pauses_per_second: 0.5, longest_us: 12.0, lost_percent: 0.01 }],
    }
}

fn measured(round: u32) -> Run {
    let mut digest = Digest::default();
    digest.fold(1, Answer::of(7));
    let slice = Slice { ops: 10, wall_ns: 100, cpu_ns: 90 };
    let times = PhaseTimes { phase: "churn".into(), wall_ns: 100, threads: vec![vec![slice]] };
    let observation = Observation {
        schema: SCHEMA,
        map: "std".into(),
        tape: TapeId::try_from("0".repeat(32)).unwrap(),
        answers: Answers {
            digests: vec![digest],
            balance: -3,
            end_len: 5,
            told: None,
            stamps: None,
            found: None,
        },
        reading: Reading::Throughput(Throughput { phases: vec![times], turns: None }),
    };
    let outcome = Outcome::Measured(Box::new(observation));
    Run::new(pass(round), "2026-01-01T00:00:00Z".into(), 0.25, outcome)
}

fn failed(round: u32, failure: Failure) -> Run {
    Run::new(pass(round), "2026-01-01T00:00:00Z".into(), 1.5, Outcome::Failed(failure))
}

fn runs() -> Vec<Run> {
    let crash = Failure::Crash { code: None, signal: Some(11), stderr: "größer ✗".into() };
    vec![measured(0), failed(1, crash)]
}

/// A folder with a manifest and two runs.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    manifest().write(folder.path()).unwrap();
    let mut journal = Journal::open(folder.path()).unwrap();
    for run in runs() {
        journal.append(&run).unwrap();
    }
    folder
}

fn set_runs(folder: &Path, bytes: &[u8]) {
    std::fs::write(folder.join(RUNS_FILE), bytes).unwrap();
}

fn runs_bytes(folder: &Path) -> Vec<u8> {
    std::fs::read(folder.join(RUNS_FILE)).unwrap()
}

#[test]
fn what_was_written_is_read() {
    let folder = folder();
    let session = Session::read(folder.path()).unwrap();
    assert_eq!((&session.manifest, &session.runs, session.cut), (&manifest(), &runs(), false));
    assert_eq!(session.missing().collect::<Vec<_>>(), [&pass(2)]);
    assert!(session.runs[0].observation().is_some() && session.runs[1].observation().is_none());
    assert!(!folder.path().join("session.json.part").exists());
}

#[test]
fn the_figures_of_one_collector_are_read_and_how_all_ended() {
    let folder = folder();
    let only = |collector| Session::read_figures_of(folder.path(), collector).unwrap().runs;
    assert_eq!(only(Collector::Throughput), runs());
    let others = only(Collector::Heap);
    assert_eq!(others.iter().map(|run| &run.pass).collect::<Vec<_>>(), [&pass(0), &pass(1)]);
    assert_eq!(others[1], runs()[1]);
    assert_eq!(others[0].observation().unwrap().reading, Collector::Throughput.nothing());
    let read = others[0].observation().unwrap().answers.clone();
    assert_eq!(read, runs()[0].observation().unwrap().answers);
}

#[test]
fn many_lines_are_read_in_their_order_and_the_first_that_is_wrong_is_told() {
    let folder = folder();
    let all: Vec<Run> = (0..200).map(measured).collect();
    let lines: Vec<String> = all.iter().map(Run::line).collect();
    set_runs(folder.path(), lines.concat().as_bytes());
    assert_eq!(Session::read(folder.path()).unwrap().runs, all);
    let damaged: Vec<String> = (0..)
        .zip(&lines)
        .map(|(at, line)| if at % 50 == 40 { "{}\n".into() } else { line.clone() })
        .collect();
    set_runs(folder.path(), damaged.concat().as_bytes());
    let said = Session::read(folder.path()).unwrap_err().to_string();
    assert!(said.contains("runs.jsonl:41: "), "{said}");
}

#[test]
fn a_line_cut_anywhere_is_left_out_and_told() {
    let folder = folder();
    let whole = runs_bytes(folder.path());
    let first = whole.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    for length in 0..whole.len() {
        set_runs(folder.path(), &whole[..length]);
        let session = Session::read(folder.path()).unwrap_or_else(|error| panic!("{length}: {error}"));
        assert_eq!(session.runs.len(), usize::from(length >= first), "{length}");
        assert_eq!(session.cut, length != 0 && length != first, "{length}");
    }
}

#[test]
fn packed_runs_are_the_same_lines() {
    let folder = folder();
    let written = runs_bytes(folder.path());
    let packed = folder.path().join(PACKED_RUNS_FILE);
    formats::session::pack(folder.path()).unwrap();
    assert!(packed.is_file() && !folder.path().join(RUNS_FILE).exists());
    assert_eq!(formats::session::runs_file(folder.path()), packed);
    assert_eq!(Session::read(folder.path()).unwrap().runs, runs());
    formats::session::pack(folder.path()).unwrap();
    let bytes = std::fs::read(&packed).unwrap();
    // As a kill before the plain file went leaves them: both are there.
    set_runs(folder.path(), &written);
    assert_eq!(Session::read(folder.path()).unwrap().runs, runs());
    std::fs::remove_file(folder.path().join(RUNS_FILE)).unwrap();
    // Who goes on with it appends to the lines that were packed.
    Journal::open(folder.path()).unwrap().append(&measured(2)).unwrap();
    assert!(!packed.exists());
    assert_eq!(Session::read(folder.path()).unwrap().runs, [runs(), vec![measured(2)]].concat());
    assert!(runs_bytes(folder.path()).starts_with(&written));
    // A packed file that is cut or altered is told, wherever it is.
    std::fs::remove_file(folder.path().join(RUNS_FILE)).unwrap();
    for length in 0..bytes.len() {
        std::fs::write(&packed, &bytes[..length]).unwrap();
        let said = Session::read(folder.path()).unwrap_err().to_string();
        assert!(said.contains("runs.jsonl.gz"), "{length}: {said}");
    }
    std::fs::write(&packed, [&bytes, &b"more"[..]].concat()).unwrap();
    assert!(Session::read(folder.path()).is_err());
}

#[test]
fn a_cut_line_is_removed_before_the_next_is_written() {
    let folder = folder();
    let whole = runs_bytes(folder.path());
    // Within a letter of two bytes, as a kill may leave it.
    let cut = whole.iter().rposition(|&byte| byte == 0xC3).unwrap() + 1;
    set_runs(folder.path(), &whole[..cut]);
    Journal::open(folder.path()).unwrap().append(&runs()[1]).unwrap();
    assert_eq!(runs_bytes(folder.path()), whole);
}

#[test]
fn damage_in_the_middle_is_refused_with_its_line() {
    let folder = folder();
    let whole = runs_bytes(folder.path());
    let text = String::from_utf8(whole.clone()).unwrap();
    for (bytes, line) in [
        ([b"{\"schema\":2,\n".as_slice(), &whole].concat(), 1),
        ([b"\n".as_slice(), &whole].concat(), 1),
        ([&whole, b"{}\n".as_slice()].concat(), 3),
        ([&whole, b"\xff\n".as_slice()].concat(), 3),
        (text.replacen("\"wall_ns\":100", "\"wall_ns\":1e", 1).into_bytes(), 1),
        (text.replacen("\"crash\"", "\"crush\"", 1).into_bytes(), 2),
        (text.replacen("\"round\":1", "\"round\":1,\"colour\":1", 1).into_bytes(), 2),
    ] {
        set_runs(folder.path(), &bytes);
        match Session::read(folder.path()) {
            Err(SessionError::Damaged { line: found, .. }) if found == line => {}
            other => panic!("line {line} of\n{}\n{other:?}", String::from_utf8_lossy(&bytes)),
        }
    }
    set_runs(folder.path(), &[&whole, b"{\"schema\":\n".as_slice(), &whole].concat());
    let said = Session::read(folder.path()).unwrap_err().to_string();
    assert!(said.ends_with("runs.jsonl:3: EOF while parsing a value (column 10)"), "{said}");
}

#[test]
fn not_a_digit_of_a_run_can_change() {
    let folder = folder();
    let whole = String::from_utf8(runs_bytes(folder.path())).unwrap();
    let digits = whole.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit());
    for (place, digit) in digits {
        let mut bytes = whole.clone().into_bytes();
        bytes[place] = if digit == b'9' { b'8' } else { digit + 1 };
        set_runs(folder.path(), &bytes);
        assert!(Session::read(folder.path()).is_err(), "{}", String::from_utf8_lossy(&bytes));
    }
    let bare = whole.lines().map(|line| line.split(",\"check\"").next().unwrap().to_owned() + "}\n");
    set_runs(folder.path(), bare.clone().collect::<String>().as_bytes());
    let said = Session::read(folder.path()).unwrap_err().to_string();
    assert!(said.ends_with("runs.jsonl:1: has no checksum at its end"), "{said}");
    // Before lines had one.
    let before = bare.map(|line| line.replacen(&format!("\"schema\":{}", run::SCHEMA), "\"schema\":2", 1));
    set_runs(folder.path(), before.collect::<String>().as_bytes());
    assert_eq!(Session::read(folder.path()).unwrap().runs, runs());
}

#[test]
fn a_newer_schema_is_refused_with_both_versions() {
    let folder = folder();
    let newer = |schema| format!("{{\"schema\":{schema},\"something\":\"new\"}}\n");
    set_runs(folder.path(), newer(run::SCHEMA + 1).as_bytes());
    let said = Session::read(folder.path()).unwrap_err().to_string();
    assert!(said.contains("runs.jsonl: has schema 5; this program reads up to 4"), "{said}");
    std::fs::write(folder.path().join(SESSION_FILE), newer(SCHEMA + 1)).unwrap();
    let said = Session::read(folder.path()).unwrap_err().to_string();
    assert!(said.contains("session.json: has schema 4"), "{said}");
}

#[test]
fn a_plan_without_later_fields_is_read() {
    let folder = folder();
    let file = folder.path().join(SESSION_FILE);
    let mut manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    manifest.as_object_mut().unwrap().remove("left_out").unwrap();
    std::fs::write(&file, manifest.to_string()).unwrap();
    assert_eq!(Session::read(folder.path()).unwrap().manifest, self::manifest());
}

/// Two teeth of a saw, and the durations of one kind in phases of one name.
fn teeth() -> (TapeInfo, Run) {
    let mark = |name: &str, counts| PhaseMark { name: name.into(), ops: vec![9], counts, pace: None };
    let header = Header {
        workload: "lifo".into(),
        seed: 1,
        generator: 1,
        keys: Keys::U64,
        values: Values::U64,
        sizes: None,
        many: None,
        key_pattern: KeyPattern::Scattered,
        keys_shared: false,
        capacity: None,
        bound: None,
        holds_over_writes: false,
        pace: Pace::Closed,
        recorded_ns: None,
        roles: vec![],
        distinct: 18,
        phases: vec![mark("fill", false), mark("drain", true), mark("fill", true), mark("drain", true)],
        executed: Executed::default(),
    };
    let kind = |phase: &str, counts| {
        let service = Latencies::new();
        KindLatency {
            phase: phase.into(),
            phase_number: None,
            counts,
            kind: Kind::Insert,
            role: None,
            service,
            response: None,
        }
    };
    let reading = Reading::Latency(Latency {
        clock: Clock { name: "tsc".into(), hz: 1e9, read_ns: 1.0, granularity_ns: 1.0 },
        times: vec![],
        kinds: vec![kind("fill", true), kind("drain", true)],
        windows: vec![],
        worst: vec![],
    });
    let mut run = measured(0);
    if let Outcome::Measured(observation) = &mut run.outcome {
        observation.reading = reading;
    }
    let id = TapeId::try_from("0".repeat(32)).unwrap();
    (
        TapeInfo {
            id,
            why: "Why.".into(),
            asks: Vec::new(),
            header,
            point: Point::default(),
            expectations: Vec::new(),
        },
        run,
    )
}

#[test]
fn a_session_that_does_not_say_which_phases_count_is_read() {
    let folder = folder();
    let (tape, run) = teeth();
    let manifest = Manifest { tapes: BTreeMap::from([("lifo".into(), tape)]), ..manifest() };
    let older = |document: serde_json::Value| {
        let text = document.to_string().replace(",\"counts\":true", "").replace("\"counts\":true,", "");
        let text = text.replace("\"counts\":false,", "").replace(",\"counts\":false", "");
        assert!(!text.contains("counts"), "{text}");
        let text = text.replace(&format!("\"schema\":{}", run::SCHEMA), "\"schema\":1");
        text.replace(&format!("\"schema\":{SCHEMA}"), "\"schema\":1") + "\n"
    };
    std::fs::write(folder.path().join(SESSION_FILE), older(serde_json::to_value(&manifest).unwrap()))
        .unwrap();
    let lines = [run.clone(), runs()[1].clone()].map(|run| older(serde_json::to_value(&run).unwrap()));
    set_runs(folder.path(), lines.concat().as_bytes());
    let session = Session::read(folder.path()).unwrap();
    assert_eq!(session.manifest, manifest);
    assert_eq!(session.runs[1], runs()[1]);
    let Outcome::Measured(observation) = &session.runs[0].outcome else { panic!("{:?}", session.runs[0]) };
    assert_eq!(&observation.reading, &run.observation().unwrap().reading);
}

#[test]
fn a_damaged_plan_is_refused_with_its_line() {
    let folder = folder();
    let file = folder.path().join(SESSION_FILE);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("\"cores\": 2", "\"cores\": two", 1)).unwrap();
    let line = text.lines().position(|line| line.contains("\"cores\"")).unwrap() + 1;
    match Session::read(folder.path()) {
        Err(SessionError::Damaged { line: found, .. }) => assert_eq!(found, line),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_missing_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let said = Session::read(folder.path()).unwrap_err().to_string();
    assert!(said.contains(SESSION_FILE), "{said}");
    // A session that was stopped before its first run has none.
    manifest().write(folder.path()).unwrap();
    assert!(Session::read(folder.path()).unwrap().runs.is_empty());
    let none = folder.path().join("none");
    assert!(manifest().write(&none).unwrap_err().to_string().contains("none/session.json"));
    assert!(Journal::open(&none).unwrap_err().to_string().contains("none/runs.jsonl"));
}

#[test]
fn every_failure_survives_json_and_says_what_happened() {
    let digest = Digest::default();
    let call = Call { thread: 1, kind: Kind::Get, stamp: 0, answer: Some(9), from: 3, to: 4 };
    let wrong = |digest, entries, told| Failure::WrongAnswer { digest, entries, told, stamps: None };
    for (failure, want) in [
        (Failure::Timeout { after_s: 60.0, reached: None }, "timed out: killed after 60 s"),
        (
            Failure::Timeout { after_s: 60.0, reached: Some(Reached { done: 40, of: 90, moving: true }) },
            "slow: 40 of 90 operations in 60 s",
        ),
        (
            Failure::Timeout { after_s: 60.0, reached: Some(Reached { done: 40, of: 90, moving: false }) },
            "hung: 40 of 90 operations in 60 s, none in the second half",
        ),
        (Failure::Crash { code: None, signal: Some(11), stderr: String::new() }, "crashed: signal 11"),
        (Failure::Crash { code: Some(101), signal: None, stderr: String::new() }, "crashed: exit code 101"),
        (Failure::Crash { code: None, signal: None, stderr: String::new() }, "crashed"),
        (
            Failure::Crash {
                code: None,
                signal: Some(6),
                stderr: "first\nmemory allocation of 8800 bytes failed\nlast".into(),
            },
            "out of memory: memory allocation of 8800 bytes failed",
        ),
        (
            Failure::Crash { code: None, signal: Some(9), stderr: KILLED_FOR_MEMORY.into() },
            "out of memory: the kernel killed it",
        ),
        (
            Failure::Crash {
                code: Some(2),
                signal: None,
                stderr: "fatal error: runtime: out of memory".into(),
            },
            "out of memory: fatal error: runtime: out of memory",
        ),
        (
            wrong(Some(WrongDigest { thread: 1, want: digest, got: digest }), None, None),
            "wrong answer: thread 1 gave digest 0000000000000000, the model 0000000000000000",
        ),
        (
            wrong(None, Some(WrongLength { want: 3, got: 4, at_most: false }), None),
            "wrong answer: 4 entries left, must be 3",
        ),
        (wrong(None, None, None), "wrong answer"),
        (
            wrong(None, None, Some(WronglyTold { key: 5, call })),
            "wrong answer: no order of what the threads did explains that get of key 5 in thread 1 found value 9",
        ),
        (Failure::InvalidOutput { problem: "no line".into() }, "invalid output: no line"),
        (Failure::Unavailable { why: "no clock".into() }, "unavailable: no clock"),
    ] {
        assert_eq!(failure.to_string(), want);
        let run = failed(0, failure);
        let json = serde_json::to_string(&run).unwrap();
        assert!(!json.contains('\n'));
        assert_eq!(serde_json::from_str::<Run>(&json).unwrap(), run);
    }
    let old = r#"{"failure":"garbled","problem":"no line"}"#;
    let read: Failure = serde_json::from_str(old).unwrap();
    assert_eq!(
        read,
        Failure::InvalidOutput { problem: "no line".into() },
        "sessions of older versions are read"
    );
    assert_eq!(pass(0).to_string(), "lifo std throughput");
    assert_eq!(pass(1).to_string(), "lifo std throughput #2");
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120), at in 0usize..400) {
        let folder = folder();
        let whole = runs_bytes(folder.path());
        let at = at.min(whole.len());
        set_runs(folder.path(), &[&whole[..at], &bytes, &whole[at..]].concat());
        let _ = Session::read(folder.path());
        let journal = Journal::open(folder.path());
        prop_assert!(journal.is_ok());
        let left = runs_bytes(folder.path());
        prop_assert!(left.is_empty() || left.ends_with(b"\n"));
    }
}
