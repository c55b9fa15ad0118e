//! Stopped in the middle: what was measured is kept, and the session goes on where it was.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Instant;

use formats::run::Pass;
use formats::session::Session;
use rustix::process::Signal;

use crate::sandbox::{CHURN, PATIENCE, Said, Sandbox, subject};

const MEASURE: &str = "measure -w churn -m std,hashbrown,btree,slab -c throughput,latency,heap --rounds 20";

fn passes(session: &Session) -> Vec<Pass> {
    let mut passes: Vec<Pass> = session.runs.iter().map(|run| run.pass.clone()).collect();
    passes.sort();
    passes
}

/// The session is whole, has each planned pass once, and still begins with what was kept before.
fn assert_whole(sandbox: &Sandbox, kept: &str) {
    let session = sandbox.session();
    let mut planned = session.manifest.passes.clone();
    planned.sort();
    assert_eq!(passes(&session), planned);
    assert!(sandbox.runs().starts_with(kept), "runs that were kept have changed");
}

/// The runs in the folder that are whole lines.
fn kept(folder: &std::path::Path) -> String {
    let runs = fs::read_to_string(folder.join("runs.jsonl")).unwrap();
    runs[..=runs.rfind('\n').unwrap()].to_string()
}

#[test]
fn a_kill_loses_at_most_the_running_pass() {
    let sandbox = Sandbox::with(&[CHURN]);
    let mut measuring = sandbox.start(MEASURE);
    let folder = measuring.wait_for_runs(&sandbox, 3);
    measuring.signal(Signal::KILL);
    measuring.wait();
    let kept = kept(&folder);
    assert!(kept.lines().count() >= 3);
    sandbox.run("measure --resume", 0);
    assert_whole(&sandbox, &kept);
}

#[test]
fn a_half_written_run_is_measured_again() {
    let sandbox = Sandbox::with(&[CHURN]);
    let mut measuring = sandbox.start(MEASURE);
    let folder = measuring.wait_for_runs(&sandbox, 2);
    measuring.signal(Signal::KILL);
    measuring.wait();
    let runs = kept(&folder);
    let cut = runs.trim_end().rfind('\n').unwrap() + 1;
    fs::write(folder.join("runs.jsonl"), &runs[..cut + 40]).unwrap();

    let said = sandbox.run(&format!("report {}", folder.display()), 0);
    assert!(said.stderr.contains("was cut off"), "{}", said.stderr);
    let said = sandbox.run(&format!("measure --resume {}", folder.display()), 0);
    assert!(said.stderr.contains("was cut off"), "{}", said.stderr);
    assert_whole(&sandbox, &runs[..cut]);
}

#[test]
fn ctrl_c_keeps_what_was_measured_and_says_how_to_go_on() {
    let sandbox = Sandbox::with(&[CHURN]);
    let mut measuring =
        sandbox.start("measure -w churn -m std,canary-hanging -c throughput --rounds 2 --timeout 3600");
    // In the end the hanging map hangs, whichever came first.
    let folder = measuring.wait_for_runs(&sandbox, 0);
    measuring.signal(Signal::INT);
    let said = Said::of(measuring.wait(), 130);
    said.complains(&["interrupted", &format!("churnmark measure --resume reports/{}", name(&folder))]);
    assert!(folder.is_dir());
    sandbox.run("measure --resume --timeout 2", 1);
    let session = sandbox.session();
    assert_eq!(session.runs.len(), 4);
    assert_eq!(session.runs.iter().filter(|run| run.observation().is_some()).count(), 2);
}

#[test]
fn the_command_to_go_on_with_works_as_it_is_printed() {
    let sandbox = Sandbox::with(&[CHURN]);
    fs::rename(sandbox.path("workloads"), sandbox.path("loads")).unwrap();
    let places = "--workloads-in loads --reports-in kept --flamegraphs-in flames";
    let mut measuring =
        sandbox.start(&format!("measure -w churn -m canary-hanging -c throughput --timeout 3600 {places}"));
    measuring.wait_until(|| fs::read_dir(sandbox.path("kept")).ok()?.next()?.ok());
    measuring.signal(Signal::INT);
    let said = Said::of(measuring.wait(), 130);
    let command = said.stderr.trim().rsplit_once("churnmark measure").unwrap().1.to_string();
    let said = sandbox.run(&format!("measure {command} --timeout 1"), 1);
    assert!(said.stdout.starts_with("kept/"), "{}", said.stdout);
    assert!(sandbox.path(said.stdout.trim()).is_file());
    assert!(!sandbox.path("reports").exists());
}

#[test]
fn no_child_outlives_a_killed_session() {
    let sandbox = Sandbox::with(&[CHURN]);
    let mut measuring =
        sandbox.start("measure -w churn -m canary-hanging -c throughput --rounds 1 --timeout 3600");
    let tape = sandbox.path("tapes");
    let children = || {
        let mut found = 0;
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            found += usize::from(String::from_utf8_lossy(&line).contains(tape.to_str().unwrap()));
        }
        found
    };
    measuring.wait_until(|| (children() == 1).then_some(()));
    measuring.signal(Signal::KILL);
    measuring.wait();
    let started = Instant::now();
    while children() > 0 {
        assert!(started.elapsed() < PATIENCE, "the child lives on");
        std::thread::yield_now();
    }
}

#[test]
fn two_sessions_in_one_second_have_two_names() {
    let sandbox = Sandbox::with(&[CHURN]);
    let measure = "measure -w churn -m null -c throughput --rounds 1";
    let running = [sandbox.start(measure), sandbox.start(measure), sandbox.start(measure)];
    for measuring in running {
        Said::of(measuring.wait(), 0);
    }
    assert_eq!(sandbox.sessions("").len(), 3);
}

#[test]
fn a_session_is_measured_by_one_process_at_a_time() {
    let sandbox = Sandbox::with(&[CHURN]);
    let mut measuring =
        sandbox.start("measure -w churn -m canary-hanging -c throughput --rounds 1 --timeout 3600");
    measuring.wait_for_runs(&sandbox, 0);
    sandbox.run("measure --resume", 2).complains(&["is being measured by another churnmark"]);
}

#[test]
fn other_programs_or_tapes_are_not_mixed_into_a_session() {
    let sandbox = Sandbox::with(&[CHURN]);
    let copy = sandbox.path("my-subject");
    fs::copy(subject(""), &copy).unwrap();
    let mut measuring = sandbox.start(&format!("{MEASURE} --subject my-subject"));
    let folder = measuring.wait_for_runs(&sandbox, 1);
    measuring.signal(Signal::KILL);
    measuring.wait();
    let kept = kept(&folder);

    sandbox
        .run("measure --resume", 2)
        .complains(&["`my-subject`, which is not here; give it with --subject"]);

    let toml = sandbox.path("workloads/churn.toml");
    let text = fs::read_to_string(&toml).unwrap();
    fs::write(&toml, text.replace("ops = 6000", "ops = 6001")).unwrap();
    let resume = "measure --resume --subject my-subject";
    sandbox.run(resume, 2).complains(&["workload `churn` has changed since the session began"]);
    fs::write(&toml, text).unwrap();

    // Other code under the same name.
    fs::remove_file(&copy).unwrap();
    fs::copy(subject("-counted"), &copy).unwrap();
    sandbox.run(resume, 2).complains(&["`my-subject` has changed since the session began"]);

    fs::remove_file(&copy).unwrap();
    fs::copy(subject(""), &copy).unwrap();
    sandbox.run(resume, 0);
    assert_whole(&sandbox, &kept);
}

#[test]
fn a_full_disk_loses_nothing() {
    let sandbox = Sandbox::with(&[CHURN]);
    sandbox.run("tape churn", 0);
    // A limit on the size of files stands for the disk: a write beyond it fails just so.
    let mut limited = Command::new("/bin/sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_churnmark"));
    limited
        .args(MEASURE.split(' '))
        .current_dir(sandbox.path(""))
        .env("CHURNMARK_TAPES", sandbox.path("tapes"));
    let said = Said::of(limited.process_group(0).output().unwrap(), 2);
    said.complains(&["what was measured is kept", "churnmark measure --resume", "runs.jsonl"]);
    let kept = kept(&sandbox.only("partial"));
    assert!(kept.lines().count() >= 1);
    sandbox.run("measure --resume", 0);
    assert_whole(&sandbox, &kept);
}

fn name(folder: &std::path::Path) -> String {
    folder.file_name().unwrap().to_str().unwrap().to_string()
}
