//! What happens around a session: streams that take nothing, folders that vanish, what a kill or a child leaves behind.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use formats::session::Session;
use rustix::process::Signal;

use crate::sandbox::{CHURN, PATIENCE, Said, Sandbox};

const MEASURE: &str = "measure -w churn -m std,null -c throughput --rounds 2";

/// A session of which nothing but the plan is there, as a kill before the first run leaves it.
fn planned(sandbox: &Sandbox) -> std::path::PathBuf {
    let mut measuring = sandbox.start("measure -w churn -m std,btree -c throughput --rounds 500");
    let folder = measuring.wait_for_runs(sandbox, 1);
    measuring.signal(Signal::KILL);
    measuring.wait();
    let mut manifest = Session::read(&folder).unwrap().manifest;
    manifest.passes.truncate(2);
    manifest.write(&folder).unwrap();
    fs::remove_file(folder.join("runs.jsonl")).unwrap();
    folder
}

#[test]
fn a_stderr_that_takes_nothing_costs_no_run() {
    let sandbox = Sandbox::with(&[CHURN]);
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let gone = || Stdio::from(std::io::pipe().unwrap().1);
    for stderr in [full(), gone()] {
        Said::of(sandbox.churnmark(MEASURE).stderr(stderr).output().unwrap(), 0);
        assert_eq!(sandbox.session().runs.len(), 4);
        fs::remove_dir_all(sandbox.path("reports")).unwrap();
    }
    Said::of(sandbox.churnmark("verify -w churn -m std").stderr(full()).output().unwrap(), 0);
    Said::of(sandbox.churnmark("list --workloads-in nowhere").stderr(full()).output().unwrap(), 2);
    Said::of(sandbox.churnmark("list").stdout(full()).output().unwrap(), 2);
    Said::of(sandbox.churnmark("list").stdout(gone()).output().unwrap(), 0);
}

#[test]
fn a_session_without_a_run_is_gone_on_with_past_what_cannot_be() {
    let sandbox = Sandbox::with(&[CHURN]);
    let folder = planned(&sandbox);
    // Newer ones: of a gate, without a plan, and with one that is damaged.
    let reports = sandbox.path("reports");
    for name in ["8-gate.partial", "9-empty.partial", "9-odd.partial"] {
        fs::create_dir(reports.join(name)).unwrap();
    }
    let manifest = Session::read(&folder).unwrap().manifest;
    formats::session::Manifest { suite: "gate".into(), ..manifest }
        .write(&reports.join("8-gate.partial"))
        .unwrap();
    fs::write(reports.join("9-odd.partial/session.json"), "{").unwrap();

    let said = sandbox.run("measure --resume", 0);
    for why in
        ["8-gate.partial is of a gate", "9-empty.partial is no session", "9-odd.partial/session.json:1"]
    {
        assert!(said.stderr.contains(why), "{}", said.stderr);
    }
    assert_eq!(sandbox.session().runs.len(), 2);
    sandbox
        .run("measure --resume", 2)
        .complains(&["there is no interrupted session", "8-gate.partial is of a gate"]);
}

#[test]
fn a_session_that_was_renamed_goes_on_under_its_new_name() {
    let sandbox = Sandbox::with(&[CHURN]);
    let mine = sandbox.path("reports/mine.partial");
    fs::rename(planned(&sandbox), &mine).unwrap();
    sandbox.run("measure --resume reports/mine.partial", 0);
    assert_eq!(sandbox.session().manifest.id, "mine");
    let page = |name: &str| fs::read_to_string(sandbox.path(name)).unwrap();
    assert!(page("reports/index.html").contains("mine/index.html"));
    fs::rename(sandbox.path("reports/mine"), sandbox.path("reports/ours")).unwrap();
    sandbox.run("report", 0);
    assert!(page("reports/index.html").contains("ours/index.html"));
    assert_eq!(fs::read_link(sandbox.path("reports/latest")).unwrap(), Path::new("ours"));
}

#[test]
fn a_folder_that_vanishes_ends_the_session_and_says_so() {
    let sandbox = Sandbox::with(&[CHURN]);
    let mut measuring = sandbox.start("measure -w churn -m std,btree -c throughput --rounds 1000");
    let folder = measuring.wait_for_runs(&sandbox, 1);
    fs::rename(&folder, sandbox.path("elsewhere")).unwrap();
    let said = Said::of(measuring.wait(), 2);
    assert!(said.stderr.contains("runs.jsonl: is gone"), "{}", said.stderr);
    assert!(!said.stderr.contains("--resume"), "{}", said.stderr);
}

#[test]
fn what_stands_in_the_place_of_the_link_stays() {
    let sandbox = Sandbox::with(&[CHURN]);
    let latest = sandbox.path("reports/latest");
    fs::create_dir_all(&latest).unwrap();
    let said = sandbox.run(MEASURE, 0);
    assert!(said.stderr.contains("reports/latest is no link") && said.stdout.ends_with("index.html\n"));
    assert!(sandbox.path("reports/index.html").is_file());
    fs::remove_dir(&latest).unwrap();
    fs::write(&latest, "mine").unwrap();
    assert!(sandbox.run("report", 0).stderr.contains("reports/latest is no link"));
    assert_eq!(fs::read_to_string(&latest).unwrap(), "mine");
    // A link that lags behind, as a kill before it was made leaves it, is put right.
    fs::remove_file(&latest).unwrap();
    symlink("nowhere", &latest).unwrap();
    sandbox.run("report", 0);
    assert_eq!(fs::canonicalize(&latest).unwrap(), fs::canonicalize(sandbox.only("")).unwrap());
}

#[test]
fn parts_that_a_kill_left_are_gone_with_the_next_report() {
    let sandbox = Sandbox::with(&[CHURN]);
    sandbox.run(MEASURE, 0);
    let folder = sandbox.only("");
    let left = [
        folder.join("index.html.part1267"),
        folder.join("data/trace.json.part32651"),
        sandbox.path("reports/index.html.part7"),
        sandbox.path("tapes/churn-0.tape.part1236"),
    ];
    for part in &left {
        fs::write(part, "half").unwrap();
    }
    sandbox.run("report", 0);
    sandbox.run("tape churn", 0);
    for part in left {
        assert!(!part.exists(), "{}", part.display());
    }
}

#[test]
fn an_old_session_that_is_no_file_is_not_waited_for() {
    let sandbox = Sandbox::with(&[CHURN]);
    sandbox.run(MEASURE, 0);
    let runs = sandbox.only("").join("runs.jsonl.gz");
    fs::remove_file(&runs).unwrap();
    assert!(Command::new("mkfifo").arg(&runs).status().unwrap().success());
    sandbox.run("report", 2).complains(&["runs.jsonl.gz: is no regular file"]);
    let said = sandbox.run(MEASURE, 0);
    assert!(said.stderr.contains("left out of the page of all sessions"), "{}", said.stderr);
}

#[test]
fn many_sessions_in_one_second_have_many_names() {
    let sandbox = Sandbox::with(&[CHURN]);
    sandbox.run("tape churn", 0);
    let starts: Vec<_> =
        (0..8).map(|_| sandbox.start("measure -w churn -m null -c throughput --rounds 1")).collect();
    for measuring in starts {
        Said::of(measuring.wait(), 0);
    }
    assert_eq!(sandbox.sessions("").len(), 8);
}

#[test]
fn the_first_signal_ends_what_is_no_pass() {
    let big = CHURN.replace("churn\"", "big\"").replace("ops = 6000", "ops = 60_000_000");
    let sandbox = Sandbox::with(&[&big]);
    let mut measuring = sandbox.start("measure -w big -m null -c throughput");
    measuring.wait_until(|| sandbox.path("tapes").is_dir().then_some(()));
    measuring.signal(Signal::TERM);
    Said::of(measuring.wait(), 130).complains(&["interrupted"]);
    assert!(!sandbox.path("reports").exists());
}

#[test]
fn an_interrupted_gate_leaves_nothing() {
    let sandbox = Sandbox::with(&[CHURN]);
    let script = sandbox.script(&["slow"], "exec sleep 1000");
    let script = script.display();
    let mut gating = sandbox
        .start(&format!("gate --layer timing -w churn -m slow --subject {script} --base-program {script}"));
    gating.wait_until(|| sandbox.sessions("partial").pop());
    gating.signal(Signal::INT);
    Said::of(gating.wait(), 130).complains(&["a gate has no verdict before its end"]);
    assert!(sandbox.sessions("partial").is_empty());
}

/// Plays, and leaves a process behind that is in no group of ours and says where it is.
const LEAVES: &str = r#"
setsid sh -c 'echo $$ > "$0"; exec sleep 1000' PLACE < /dev/null > /dev/null 2>&1 &
while [ ! -s PLACE ]; do sleep 0.01; done
"#;

fn is_running(place: &Path) -> bool {
    let id = fs::read_to_string(place).unwrap();
    fs::read_to_string(format!("/proc/{}/stat", id.trim())).is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn nothing_that_a_child_started_outlives_it() {
    let sandbox = Sandbox::with(&[CHURN]);
    let place = sandbox.path("left");
    let leaves = LEAVES.replace("PLACE", place.to_str().unwrap());
    let script = sandbox.script(&["leaver"], &format!("{leaves}\nexit 0"));
    sandbox.run(&format!("verify -w churn --subject {} -m leaver", script.display()), 1);
    assert!(!is_running(&place));
}

#[test]
fn what_a_killed_session_left_is_ended_by_the_next() {
    let sandbox = Sandbox::with(&[CHURN]);
    let place = sandbox.path("left");
    let leaves = LEAVES.replace("PLACE", place.to_str().unwrap());
    let script = sandbox.script(&["leaver"], &format!("{leaves}\nsleep 1000"));
    let mut measuring = sandbox.start(&format!("verify -w churn --subject {} -m leaver", script.display()));
    measuring.wait_until(|| fs::metadata(&place).is_ok_and(|file| file.len() > 1).then_some(()));
    measuring.signal(Signal::KILL);
    measuring.wait();
    assert!(is_running(&place));
    sandbox.run("verify -w churn -m null", 0);
    let started = Instant::now();
    while is_running(&place) {
        assert!(started.elapsed() < PATIENCE, "it lives on");
        std::thread::yield_now();
    }
}
