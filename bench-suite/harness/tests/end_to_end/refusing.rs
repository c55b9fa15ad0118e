//! Bad input: one error that says where and what, exit code 2, nothing lost.

use std::fs;

use crate::sandbox::{CHURN, Said, Sandbox};

#[test]
fn unknown_names_offer_close_ones() {
    let sandbox = Sandbox::with(&[CHURN]);
    sandbox.run("verify -w chrun", 2).complains(&["there is no workload `chrun`; there is churn"]);
    sandbox.run("verify -m hashbrwon", 2).complains(&["there is no map `hashbrwon`; there is hashbrown"]);
    sandbox
        .run("measure -w churn -m null -c trouhgput", 2)
        .complains(&["there is no collector", "throughput"]);
    sandbox
        .run("measure -w churn -m null --reference std", 2)
        .complains(&["there is no map in this session `std`"]);
    let said = sandbox.run("measure --suite large", 2);
    assert!(said.stderr.contains("there is smoke, standard, full, article, soak, truth"), "{}", said.stderr);
    assert!(sandbox.sessions("partial").is_empty());
}

#[test]
fn a_workload_that_makes_no_sense_is_refused_with_its_line() {
    for (wrong, parts) in [
        (CHURN.replace("live = 600", "live = 600\nspeed = 3"), ["workloads/churn.toml:5: ", "speed"]),
        (CHURN.replace("get = 10", "get = 9"), ["workloads/churn.toml:6: mix: ", "sum to 99"]),
        (
            CHURN.replace("name = \"churn\"", "name = \"other\""),
            ["workloads/churn.toml:2: name: ", "`churn`"],
        ),
        (
            CHURN.replace("live = 600", "live = \"many\""),
            ["workloads/churn.toml:4: live: ", "allowed is a whole number from 0 to"],
        ),
    ] {
        let sandbox = Sandbox::with(&[CHURN]);
        fs::write(sandbox.path("workloads/churn.toml"), wrong).unwrap();
        sandbox.run("tape churn", 2).complains(&parts);
    }
}

#[test]
fn a_recording_with_a_broken_line_is_refused_with_its_line() {
    let workload = r#"
name = "recorded"
why = "A recording."
[trace]
file = "recorded.csv"
format = "operations"
origin = "made for a test"
licence = "none"
"#;
    let sandbox = Sandbox::with(&[workload]);
    sandbox.run("tape recorded", 2).complains(&["workloads/recorded.toml:5: ", "recorded.csv"]);
    fs::write(sandbox.path("workloads/recorded.csv"), "op,key\n+,a\n!,a\n").unwrap();
    sandbox.run("tape recorded", 2).complains(&["recorded.csv:3: op: "]);
}

#[test]
fn a_missing_folder_of_workloads_is_said() {
    let sandbox = Sandbox::with(&[CHURN]);
    sandbox.run("list --workloads-in nowhere", 2).complains(&["`nowhere` cannot be read", "--workloads-in"]);
    fs::create_dir(sandbox.path("empty")).unwrap();
    sandbox.run("list --workloads-in empty", 2).complains(&["there is no workload (*.toml) in `empty`"]);
}

#[test]
fn missing_programs_are_said() {
    let sandbox = Sandbox::with(&[CHURN]);
    sandbox.run("list --subject nowhere", 2).complains(&["`nowhere` cannot be read"]);
    sandbox.run("list --subject workloads/churn.toml", 2).complains(&["does not start"]);
    sandbox.run("list --subject /bin/false", 2).complains(&["`/bin/false list` ended with exit status: 1"]);
    sandbox.run("list --subject /bin/echo", 2).complains(&["printed something that is no list of maps"]);
    // Alone in its folder it has nothing to start.
    let alone = sandbox.path("churnmark");
    fs::copy(env!("CARGO_BIN_EXE_churnmark"), &alone).unwrap();
    let said = Said::of(sandbox.program(&alone, "list").output().unwrap(), 2);
    said.complains(&["there is no `churnmark-maps` in", "cargo build --release"]);
}

#[test]
fn a_damaged_tape_is_made_again() {
    let sandbox = Sandbox::with(&[CHURN]);
    let before = sandbox.run("tape churn", 0).stdout;
    let tape = fs::read_dir(sandbox.path("tapes")).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&tape).unwrap();
    fs::write(&tape, &whole[..whole.len() / 2]).unwrap();
    let said = sandbox.run("tape churn", 0);
    said.complains(&[".tape", "it is made again"]);
    assert_eq!(said.stdout, before);
    assert_eq!(fs::read(&tape).unwrap(), whole);
}

#[test]
fn a_place_that_cannot_be_written_to_is_said_before_measuring() {
    let sandbox = Sandbox::with(&[CHURN]);
    let measure = "measure -w churn -m null -c throughput --rounds 1 --reports-in";
    sandbox
        .run(&format!("{measure} workloads/churn.toml/reports"), 2)
        .complains(&["cannot be written to (see --reports-in)"]);
    // Nobody may make folders here, not even root.
    sandbox.run(&format!("{measure} /sys/reports"), 2).complains(&["/sys/reports cannot be written to"]);
    let said =
        Said::of(sandbox.churnmark("tape churn").env("CHURNMARK_TAPES", "/sys/tapes").output().unwrap(), 2);
    said.complains(&["the folder of tapes `/sys/tapes` cannot be made"]);
}

#[test]
fn a_session_that_is_none_is_refused() {
    let sandbox = Sandbox::with(&[CHURN]);
    let said = sandbox.run("report nowhere", 2);
    assert_eq!(said.stderr.matches("os error").count(), 1, "{}", said.stderr);
    sandbox.run("report", 2).complains(&["reports cannot be read"]);
    sandbox.run("measure --resume", 2).complains(&["reports cannot be read"]);
    sandbox.run("report workloads", 2).complains(&["workloads/session.json"]);
    sandbox.run("measure --resume workloads", 2).complains(&["workloads is no session"]);

    sandbox.run("measure -w churn -m null -c throughput --rounds 2", 0);
    let folder = sandbox.only("");
    let resume = format!("measure --resume {}", folder.display());
    sandbox.run(&resume, 2).complains(&["is whole: there is nothing to resume"]);
    sandbox.run("measure --resume", 2).complains(&["there is no interrupted session"]);
    sandbox.run("flame", 2).complains(&["has no run of the stacks collector"]);

    let runs = folder.join("runs.jsonl");
    let text = sandbox.runs();
    fs::write(&runs, text.replacen("\"pass\"", "\"sap\"", 1)).unwrap();
    sandbox.run("report", 2).complains(&["runs.jsonl:1: "]);
    let schema = formats::run::SCHEMA;
    fs::write(&runs, text.replacen(&format!("\"schema\":{schema}"), "\"schema\":7", 1)).unwrap();
    sandbox.run("report", 2).complains(&[&format!("has schema 7; this program reads up to {schema}")]);
}

#[test]
fn a_wish_that_leaves_nothing_says_why() {
    let sandbox = Sandbox::with(&[crate::sandbox::OWNED]);
    let said = sandbox.run("measure -w owned -m std", 2);
    said.complains(&["there is nothing to play"]);
    assert!(said.stderr.contains("the map is for one thread, the workload has 2"), "{}", said.stderr);
}
