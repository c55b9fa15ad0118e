//! Two children that take turns over a pair of sockets, as a gate starts them.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use formats::observation::{Observation, PhaseTimes, Reading};
use formats::tape::{Executed, Header, Kind, Op, PhaseMark, Tape};
use tempfile::TempDir;

/// Fill, then remove the oldest and insert a new one, again and again; the same for each of the threads.
fn tape(folder: &TempDir, threads: usize) -> PathBuf {
    let fill = (0..1000).map(|key| Op::new(Kind::Insert, key));
    let churn = (0..20_000).flat_map(|n| [Op::new(Kind::Remove, n), Op::new(Kind::Insert, 1000 + n)]);
    let ops: Vec<Op> = fill.chain(churn).collect();
    let phase = |name: &str, ops, counts| PhaseMark {
        name: name.into(),
        ops: vec![ops; threads],
        counts,
        pace: None,
    };
    let header = Header {
        keys_shared: true,
        distinct: 21_000,
        phases: vec![phase("fill", 1000, false), phase("churn", 40_000, true)],
        executed: Executed { peak_live: Some(1000), ..Executed::default() },
        ..Header::default()
    };
    let place = folder.path().join(format!("{threads}.tape"));
    Tape::new(header, ops.repeat(threads)).write(&place).expect("a file in a folder of our own");
    place
}

fn play(tape: &Path, map: &str, more: &[&str], stdin: impl Into<Stdio>) -> Child {
    Command::new(env!("CARGO_BIN_EXE_churnmark-maps"))
        .args(["play", "--collector", "throughput", "--samples", "20", "--map", map, "--tape"])
        .arg(tape)
        .args(more)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program was built for this test")
}

fn sockets() -> (OwnedFd, OwnedFd) {
    let (one, other) = UnixStream::pair().expect("a pair of sockets");
    (one.into(), other.into())
}

fn output(child: Child) -> Output {
    child.wait_with_output().expect("the child ends")
}

fn observed(child: Child) -> (Observation, Vec<PhaseTimes>) {
    let output = output(child);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let observation: Observation = serde_json::from_slice(&output.stdout).expect("an observation");
    let Reading::Throughput(throughput) = &observation.reading else { panic!("{observation:?}") };
    let phases = throughput.phases.clone();
    (observation, phases)
}

#[test]
fn both_see_the_same_tape_in_the_same_slices() {
    let folder = TempDir::new().expect("a folder");
    let tape = tape(&folder, 1);
    let (one, other) = sockets();
    let first = play(&tape, "hashbrown", &["--turn", "first", "--pad", "70000", "--inject-work", "64"], one);
    let second = play(&tape, "std", &["--turn", "second", "--hop", "3"], other);
    let ((first, one), (second, other)) = (observed(first), observed(second));
    assert_eq!(first.answers, second.answers);
    assert_eq!(first.tape, second.tape);
    let slices = |phases: &[PhaseTimes]| -> Vec<(String, Vec<u64>)> {
        let ops = |phase: &PhaseTimes| phase.threads[0].iter().map(|slice| slice.ops).collect();
        phases.iter().map(|phase| (phase.phase.clone(), ops(phase))).collect()
    };
    assert_eq!(slices(&one), slices(&other));
    // 41,000 operations in 20 parts, each of whole chunks of 1,024.
    assert_eq!(slices(&one)[1].1.len(), 14);
    assert!(one[1].threads[0].iter().all(|slice| slice.cpu_ns > 0));
    let (alone, _) = observed(play(&tape, "hashbrown", &[], Stdio::null()));
    assert_eq!(alone.answers, first.answers);
}

#[test]
fn who_has_lost_its_partner_says_so_and_ends() {
    let folder = TempDir::new().expect("a folder");
    let tape = tape(&folder, 1);
    for side in ["first", "second"] {
        let (one, other) = sockets();
        let lonely = play(&tape, "hashbrown", &["--turn", side], one);
        drop(other);
        let output = output(lonely);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.starts_with("the partner that turns are taken with is gone: "), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_killed_partner_does_not_leave_the_other_waiting() {
    let folder = TempDir::new().expect("a folder");
    let tape = tape(&folder, 1);
    let (one, other) = sockets();
    let mut partner = play(&tape, "canary-hanging", &["--turn", "first"], one);
    let lonely = play(&tape, "hashbrown", &["--turn", "second"], other);
    partner.kill().expect("a child of ours");
    output(partner);
    let output = output(lonely);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_cannot_take_turns_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let (alone, several) = (tape(&folder, 1), tape(&folder, 2));
    let refused = |tape: &Path, map: &str, more: &[&str], stdin: Stdio| {
        let output = output(play(tape, map, more, stdin));
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let with_socket = |tape: &Path, map: &str, more: &[&str]| {
        let (near, far) = sockets();
        let refused = refused(tape, map, more, near.into());
        drop(far);
        refused
    };
    let (code, said) = with_socket(&several, "dashmap", &["--turn", "first"]);
    assert_eq!(
        (code, &*said),
        (Some(3), "dashmap: turns are taken by one thread at full speed, and the tape has several threads\n")
    );
    let (code, said) = with_socket(&alone, "single-writer", &["--turn", "first"]);
    assert_eq!(
        (code, &*said),
        (
            Some(3),
            "single-writer: turns are taken by one thread at full speed, and the map has a thread of its own\n"
        )
    );
    let file = Stdio::from(File::open(&alone).expect("the tape was written"));
    let (code, said) = refused(&alone, "hashbrown", &["--turn", "second"], file);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.starts_with("no partner to take turns with: the standard input is no socket"), "{said}");
    let (code, said) = with_socket(&alone, "hashbrown", &["--turn", "first", "--cpus", "0,99999"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.starts_with("cannot move to processor 99999: "), "{said}");
    for more in
        [&["--cpus", "0"][..], &["--hop", "4"], &["--turn", "third"], &["--turn", "first", "--hop", "0"]]
    {
        let (code, said) = refused(&alone, "hashbrown", more, Stdio::null());
        assert_eq!(code, Some(2), "{more:?}: {said}");
    }
}
