//! What was kept and has changed since: found when it is read, and never in a report.

use std::fs;
use std::path::{Path, PathBuf};

use formats::observation::{Observation, Reading};
use formats::run::{Outcome, Run};
use formats::session::Session;
use rustix::process::Signal;

use crate::sandbox::{CHURN, OWNED, Sandbox, subject};

const MEASURE: &str = "measure -w churn -m std,btree -c throughput --rounds 2";

/// Replaces the runs by these, each with a checksum of its own.
fn keep(folder: &Path, runs: &[Run]) {
    fs::write(folder.join("runs.jsonl"), runs.iter().map(Run::line).collect::<String>()).unwrap();
}

#[test]
fn a_run_that_would_have_failed_is_refused() {
    let sandbox = Sandbox::with(&[CHURN]);
    sandbox.run(MEASURE, 0);
    let folder = sandbox.only("");
    let runs = Session::read(&folder).unwrap().runs;
    let refused = |alter: &dyn Fn(&mut Run), why: &str| {
        let mut runs = runs.clone();
        alter(&mut runs[1]);
        keep(&folder, &runs);
        sandbox.run("report", 2).complains(&["runs.jsonl:2: ", why]);
    };
    refused(&|run| run.pass.map = "somebody-else".into(), "is no pass of this session");
    refused(&|run| run.pass.round = 77, "is no pass of this session");
    refused(&|run| run.pass = runs[0].pass.clone(), "stands here twice");
    for (why, alter) in [
        ("wrong answer", (|seen| seen.answers.end_len += 1) as fn(&mut Observation)),
        ("it lived for less than", |seen| match &mut seen.reading {
            Reading::Throughput(times) => times.phases[0].wall_ns = u64::MAX,
            other => panic!("{other:?}"),
        }),
        ("instead of", |seen| seen.map = "another".into()),
        ("instead of", |seen| seen.tape = "f".repeat(32).try_into().unwrap()),
    ] {
        let alter = |run: &mut Run| match &mut run.outcome {
            Outcome::Measured(seen) => alter(seen),
            Outcome::Failed(failure) => panic!("{failure}"),
        };
        refused(&alter, why);
    }
    keep(&folder, &runs);
    sandbox.run("report", 0);
}

#[test]
fn the_tape_of_another_workload_is_not_played() {
    let sandbox = Sandbox::with(&[CHURN, OWNED]);
    let before = sandbox.run("tape churn", 0).stdout;
    sandbox.run("tape owned", 0);
    let tape = |name: &str| -> PathBuf {
        let tapes = fs::read_dir(sandbox.path("tapes")).unwrap().map(|entry| entry.unwrap().path());
        tapes.into_iter().find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(name)).unwrap()
    };
    fs::copy(tape("owned"), tape("churn")).unwrap();
    let said = sandbox.run("tape churn", 0);
    said.complains(&["is the tape of `owned`; it is made again"]);
    assert_eq!(said.stdout, before);
}

#[test]
fn a_session_of_another_machine_is_not_gone_on_with() {
    let sandbox = Sandbox::with(&[CHURN]);
    let mut measuring = sandbox.start("measure -w churn -m std,btree -c throughput --rounds 50");
    let folder = measuring.wait_for_runs(&sandbox, 1);
    measuring.signal(Signal::KILL);
    measuring.wait();
    let mut manifest = Session::read(&folder).unwrap().manifest;
    let here = manifest.machine.clone();
    manifest.machine.cpu = "Another One".into();
    manifest.machine.cores += 94;
    manifest.write(&folder).unwrap();
    sandbox.run("measure --resume", 2).complains(&["begun on another machine (processor `Another One` then"]);
    manifest.machine = here;
    manifest.write(&folder).unwrap();
    sandbox.run("measure --resume", 0);
}

#[test]
fn two_programs_of_one_name_are_two_programs() {
    let sandbox = Sandbox::with(&[CHURN]);
    for (folder, ending) in [("pa", ""), ("pb", "-counted")] {
        fs::create_dir(sandbox.path(folder)).unwrap();
        fs::copy(subject(ending), sandbox.path(folder).join("prog")).unwrap();
    }
    let programs = "--subject pa/prog --subject pb/prog";
    let mut measuring =
        sandbox.start(&format!("measure -w churn -m std,btree -c throughput --rounds 50 {programs}"));
    measuring.wait_for_runs(&sandbox, 1);
    measuring.signal(Signal::KILL);
    measuring.wait();
    sandbox.run("measure --resume --subject pa/prog", 2).complains(&["`prog` has changed since"]);
    sandbox.run(&format!("measure --resume {programs}"), 0);
}
