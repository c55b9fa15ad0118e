//! Maps with a planted fault: each fault must be seen, and must cost one row only.

use formats::observation::{Allocations, Reading};
use formats::run::{Failure, Outcome};
use formats::session::Session;

use crate::sandbox::{CHURN, SHARED, Sandbox, failure};

#[test]
fn a_hanging_map_costs_one_row_and_a_slow_one_is_not_said_to_hang() {
    let sandbox = Sandbox::with(&[&CHURN.replace("ops = 6000", "ops = 60000")]);
    let maps = "canary-hanging,canary-crawling,hashbrown";
    sandbox.run(&format!("measure -w churn -m {maps} -c throughput --rounds 1 --timeout 5"), 1);
    let session = sandbox.session();
    // The fill of 600, and four slices of 1,024: 5,000 operations are done.
    let hung = "hung: 4696 of 60600 operations in 5 s, none in the second half";
    assert_eq!(failure(&session, "canary-hanging"), hung);
    let slow = failure(&session, "canary-crawling");
    assert!(slow.starts_with("slow: ") && slow.ends_with(" of 60600 operations in 5 s"), "{slow}");
    assert!(measured(&session, "hashbrown"));
}

#[test]
fn a_crashing_map_costs_one_row() {
    let sandbox = Sandbox::with(&[CHURN]);
    sandbox.run("measure -w churn -m canary-crashing,hashbrown -c throughput --rounds 1", 1);
    let session = sandbox.session();
    assert!(failure(&session, "canary-crashing").starts_with("crashed: "));
    assert!(measured(&session, "hashbrown"));
}

#[test]
fn a_wrong_map_is_never_fast() {
    let sandbox = Sandbox::with(&[CHURN]);
    let said = sandbox.run("verify -m canary-wrong,hashbrown", 1);
    let line = |map: &str| said.stdout.lines().find(|line| line.contains(map)).unwrap().to_string();
    assert!(line("canary-wrong").contains("wrong answer: thread 0 gave digest"), "{}", said.stdout);
    assert!(line("hashbrown").ends_with("every answer  right"), "{}", said.stdout);
    sandbox.run("measure -w churn -m canary-wrong -c throughput --rounds 1", 1);
    let session = sandbox.session();
    let wrong =
        |outcome: &Outcome| matches!(outcome, Outcome::Failed(Failure::WrongAnswer { digest: Some(_), .. }));
    assert!(wrong(&session.runs[0].outcome));
}

#[test]
fn a_map_that_loses_entries_under_contention_is_found_out() {
    let sandbox = Sandbox::with(&[SHARED]);
    let said = sandbox.run("verify -m canary-losing,dashmap --format json", 1);
    let rows: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    for row in rows.as_array().unwrap() {
        assert_eq!(row["checked"], "conservation and order");
        match row["map"].as_str().unwrap() {
            "dashmap" => assert_eq!(row["answers"], "right"),
            _ => assert!(row["answers"].as_str().unwrap().contains("entries left, must be"), "{row}"),
        }
    }
}

#[test]
fn a_map_that_invents_values_under_contention_is_found_out_and_its_twin_is_not() {
    let read = SHARED
        .replace("ops = 4000", "ops = 40000")
        .replace("40, remove = 40, get = 20", "20, remove = 20, get = 60");
    let sandbox = Sandbox::with(&[&read]);
    let said = sandbox.run("verify -m canary-inventing,canary-truthful,event-log --format json", 1);
    let rows: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let row = |map: &str| rows.as_array().unwrap().iter().find(|row| row["map"] == map).unwrap();
    let answers = row("canary-inventing")["answers"].as_str().unwrap();
    assert!(answers.contains("no order of what the threads did explains that get of key "), "{answers}");
    for (map, checked) in [("canary-truthful", "conservation and order"), ("event-log", "what was read")] {
        assert_eq!(
            (&row(map)["answers"], &row(map)["checked"]),
            (&"right".into(), &checked.into()),
            "{rows}"
        );
    }
    // What was checked is not kept: it is longer than all else.
    sandbox.run("measure -m canary-truthful -c throughput --rounds 1", 0);
    let session = sandbox.session();
    let told = session.runs[0].observation().unwrap().answers.told.as_ref().unwrap();
    assert_eq!(told.keys, []);
}

#[test]
fn a_leak_is_seen_and_its_twin_has_none() {
    let sandbox = Sandbox::with(&[CHURN]);
    sandbox.run("measure -w churn -m canary-leaky,hashbrown -c allocations", 0);
    let session = sandbox.session();
    assert!(allocations(&session, "canary-leaky").dropped_bytes > 0);
    assert_eq!(allocations(&session, "hashbrown").dropped_bytes, 0);
}

#[test]
fn a_slow_map_is_right_all_the_same() {
    let said = Sandbox::with(&[CHURN]).run("verify -m canary-slow", 0);
    assert!(said.stdout.contains("right"));
}

#[test]
fn canaries_play_only_when_named() {
    let sandbox = Sandbox::with(&[CHURN]);
    let said = sandbox.run("verify -m *", 0);
    assert!(said.stdout.contains("hashbrown") && !said.stdout.contains("canary"), "{}", said.stdout);
}

fn measured(session: &Session, map: &str) -> bool {
    session.runs.iter().any(|run| run.pass.map == map && run.observation().is_some())
}

fn allocations<'a>(session: &'a Session, map: &str) -> &'a Allocations {
    let run = session.runs.iter().find(|run| run.pass.map == map).unwrap();
    match &run.observation().unwrap().reading {
        Reading::Allocations(allocations) => allocations,
        other => panic!("{other:?}"),
    }
}
