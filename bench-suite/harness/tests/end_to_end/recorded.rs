//! Recordings of the real Go runtime through the command: every port does what was recorded, and a recording
//! that says something else is caught where it says so.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::sandbox::Sandbox;

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../go-maps/tests/golden").canonicalize().unwrap()
}

fn recordings() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(golden()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| !file.ends_with("README.md"));
    files.sort();
    files
}

/// A small recording, unpacked.
fn tiny() -> String {
    let packed = golden().join("classic_go123_tiny12.jsonl.gz");
    let output = std::process::Command::new("gzip").args(["-dc"]).arg(packed).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// The recording with another digest on the line of this operation, counted from 0.
fn altered(text: &str, operation: u64) -> String {
    let alter = |line: &str| {
        let mut json: Value = serde_json::from_str(line).unwrap();
        if json["n"] != operation + 1 || json["o"].is_null() {
            return line.to_owned();
        }
        let digest = json["d"].as_str().unwrap().to_owned();
        let first = if digest.starts_with('0') { "1" } else { "0" };
        json["d"] = Value::from(format!("{first}{}", &digest[1..]));
        line.replace(&digest, json["d"].as_str().unwrap())
    };
    text.lines().map(|line| alter(line) + "\n").collect()
}

#[test]
fn every_recording_replays_without_a_difference() {
    let sandbox = Sandbox::with(&[]);
    let files = recordings();
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let said = sandbox.run(&format!("verify --format json --recorded {}", names.join(" ")), 0);
    let rows: Vec<Value> = serde_json::from_str(&said.stdout).unwrap();
    assert!(rows.len() == files.len() && rows.len() >= 19, "{} files", rows.len());
    for (row, name) in rows.iter().zip(&names) {
        assert_eq!(row["file"], Value::from(name.as_str()));
        let same = &row["ending"]["same"];
        let compared = if name.ends_with("pool_order.txt") { "results" } else { "digests" };
        assert!(same["operations"].as_u64() > Some(0) && same[compared].as_u64() > Some(0), "{row}");
    }
}

#[test]
fn one_wrong_digest_is_reported_with_its_operation() {
    let sandbox = Sandbox::with(&[]);
    let (right, wrong) = (tiny(), altered(&tiny(), 4));
    assert_ne!(right, wrong);
    fs::write(sandbox.path("right.jsonl"), right).unwrap();
    fs::write(sandbox.path("wrong.jsonl"), wrong).unwrap();
    let said = sandbox.run("verify --recorded wrong.jsonl right.jsonl", 1);
    let line = |name: &str| said.stdout.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(line("wrong.jsonl").contains("operation 4: digest: recorded "), "{}", said.stdout);
    assert!(line("right.jsonl").ends_with("no difference"), "{}", said.stdout);

    let said = sandbox.run("verify --format json --recorded wrong.jsonl", 1);
    let rows: Value = serde_json::from_str(&said.stdout).unwrap();
    let differs = &rows[0]["ending"]["differs"];
    assert_eq!(
        (&differs["difference"]["operation"], &differs["compared"]["operations"]),
        (&4.into(), &5.into())
    );
}

#[test]
fn a_recording_that_cannot_be_read_costs_one_row() {
    let sandbox = Sandbox::with(&[]);
    let packed = fs::read(golden().join("swiss_go127_tiny12.jsonl.gz")).unwrap();
    fs::write(sandbox.path("short.gz"), &packed[..packed.len() / 2]).unwrap();
    fs::write(sandbox.path("right.jsonl"), tiny()).unwrap();
    let said = sandbox.run("verify --format markdown --recorded short.gz right.jsonl", 2);
    said.complains(&["churnmark: short.gz:", "cannot be read: "]);
    assert!(said.stdout.contains("| no difference |"), "{}", said.stdout);
    let said = sandbox.run("verify --recorded short.gz nowhere right.jsonl", 2);
    said.complains(&["short.gz:", "and 1 more"]);
    assert!(said.stdout.contains("cannot be opened: No such file"), "{}", said.stdout);
}

#[test]
fn recordings_and_tapes_are_not_asked_for_together() {
    let sandbox = Sandbox::with(&[]);
    let said = sandbox.run("verify --map std --recorded file", 2);
    assert!(said.stderr.contains("cannot be used with"), "{}", said.stderr);
}
