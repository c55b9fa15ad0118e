//! A folder of workloads in which not everything is right, or small.

use std::fs::{self, File};

use crate::sandbox::{CHURN, OWNED, Sandbox};

const RECORDED: &str = r#"
name = "recorded"
why = "A recording."
[trace]
file = "recorded.csv"
format = "operations"
origin = "made for a test"
licence = "none"
"#;

#[test]
fn a_bad_file_costs_itself_only() {
    let broken = CHURN.replace("churn", "broken").replace("get = 10", "get = 9");
    let sandbox = Sandbox::with(&[CHURN, &broken, RECORDED]);
    let refused = [
        "workloads/broken.toml:6: mix: the shares sum to 99",
        "workloads/recorded.toml:5: file: there is no",
    ];
    // Not asked for: each is one line, and the others go on.
    let said = sandbox.run("list", 0);
    assert!(said.stdout.contains("churn  ") && !said.stdout.contains("broken"), "{}", said.stdout);
    assert_eq!(said.stderr.lines().count(), 2, "{}", said.stderr);
    for why in refused {
        assert!(said.stderr.contains(why), "{}", said.stderr);
    }
    // Another is asked for: nothing is said of them.
    assert_eq!(sandbox.run("tape churn", 0).stderr, "");
    assert_eq!(sandbox.run("verify -w churn -m null", 0).stderr.lines().count(), 1);
    // Asked for among others: these go on, and the exit code says it.
    let said = sandbox.run("verify -w churn,broken -m null", 2);
    said.complains(&[refused[0]]);
    assert!(said.stdout.contains("churn"), "{}", said.stdout);
    sandbox.run("measure -w * -m null -c throughput --rounds 1", 2);
    assert_eq!(sandbox.session().runs.len(), 1);
    // Nothing else is asked for.
    sandbox.run("tape broken", 2).complains(&[refused[0]]);
}

#[test]
fn what_a_suite_names_and_is_refused_is_not_missed_in_silence() {
    let broken = OWNED.replace("insert = 50", "insert = 51");
    let sandbox = Sandbox::with(&[CHURN, &broken]);
    let suite = r#"
[[suite]]
name = "mine"
about = "Both."
workloads = ["churn", "owned"]
maps = ["null"]
collectors = { throughput = { rounds = 1 } }
"#;
    fs::write(sandbox.path("workloads/suites.toml"), suite).unwrap();
    let said = sandbox.run("measure --suite mine", 2);
    assert!(said.stderr.contains("owned.toml:7: mix: the shares sum to 101"), "{}", said.stderr);
    let runs = sandbox.session().runs;
    assert!(!runs.is_empty() && runs.iter().all(|run| run.pass.workload == "churn"));
}

#[test]
fn a_recording_that_nobody_asked_for_is_not_read() {
    let sandbox = Sandbox::with(&[CHURN, RECORDED]);
    // A hole of 4 GiB: whoever reads it needs room for it, and is refused by the limit.
    File::create(sandbox.path("workloads/recorded.csv")).unwrap().set_len(4 << 30).unwrap();
    for arguments in ["list", "tape churn"] {
        let mut limited = std::process::Command::new("/bin/sh");
        limited.args(["-c", "ulimit -v 400000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_churnmark")]);
        limited.args(arguments.split(' ')).current_dir(sandbox.path(""));
        let said = crate::sandbox::Said::of(
            limited.env("CHURNMARK_TAPES", sandbox.path("tapes")).output().unwrap(),
            0,
        );
        assert!(said.stderr.is_empty(), "{}", said.stderr);
    }
}
