//! A recording of one's own becomes a workload.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::sandbox::{CHURN, Sandbox};

/// A log of sessions: 300 tokens come, are looked up, and go.
fn sessions() -> String {
    let row = |token: u32| {
        let gone = if token >= 100 { format!("t{};logout;0\n", token - 100) } else { String::new() };
        format!("t{token};login;{}\nt{};read;0\n{gone}", 80 + token % 9, token / 2)
    };
    "token;what;size\n".to_string() + &(0..300).map(row).collect::<Vec<_>>().concat()
}

#[test]
fn a_file_is_looked_at_kept_and_played() {
    let sandbox = Sandbox::with(&[CHURN]);
    fs::write(sandbox.path("My Sessions.csv"), sessions()).unwrap();
    fs::rename(sandbox.path("My Sessions.csv"), sandbox.path("sessions.csv")).unwrap();
    let said = sandbox.run("import sessions.csv", 0);
    for part in [
        "sessions.csv: operations, because",
        "every row has 3 columns, divided by `;`",
        "its operations are login logout read",
        "800 records, 300 keys",
        "live entries over the operations, 101 at most",
        "nothing is written",
    ] {
        assert!(said.stdout.contains(part), "`{part}` is not said:\n{}", said.stdout);
    }
    sandbox.run("import sessions.csv --out workloads", 0);
    let text = fs::read_to_string(sandbox.path("workloads/sessions.toml")).unwrap();
    assert!(text.contains("values = { boxed = "), "{text}");
    let tape = sandbox.run("tape sessions --format json", 0).stdout;
    let header: serde_json::Value = serde_json::from_str(&tape).unwrap();
    assert_eq!(header["executed"]["kinds"], serde_json::json!([300, 200, 300, 0, 0, 0]));
    assert_eq!(header["executed"]["peak_live"], 101);
    let said = sandbox.run("import sessions.csv --out workloads", 2);
    said.complains(&["workloads/sessions.toml` is there already", "--name"]);
    sandbox.run("verify -w sessions -m hashbrown,null", 0);
}

#[test]
fn requests_are_played_through_a_cache_of_a_tenth_of_the_keys() {
    let sandbox = Sandbox::with(&[CHURN]);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for at in 0..5000u64 {
        writeln!(encoder, "{}", at * at % 1009).unwrap();
    }
    fs::write(sandbox.path("asked"), encoder.finish().unwrap()).unwrap();
    let said = sandbox.run("import asked --out workloads --name asked-for --why Tests.", 0);
    assert!(
        said.stdout.contains("the mark of gzip") && said.stdout.contains("a cache of 51 entries"),
        "{}",
        said.stdout
    );
    let before = sandbox.run("import asked --capacity 51", 0).stdout;
    let tape = sandbox.run("tape asked-for --format json", 0).stdout;
    let header: serde_json::Value = serde_json::from_str(&tape).unwrap();
    let gets = format!("get     5000        {} ", header["executed"]["hits"][2]);
    assert!(before.contains(&gets), "`{gets}` is not in\n{before}");
}

#[test]
fn what_cannot_be_is_said_with_its_row() {
    let sandbox = Sandbox::with(&[CHURN]);
    sandbox.run("import nowhere.csv", 2).complains(&["there is no file `nowhere.csv`"]);
    fs::write(sandbox.path("a.csv"), "0,a,1\n1,\"ab,1\n2,c,1\n").unwrap();
    sandbox
        .run("import a.csv --format requests", 2)
        .complains(&["a.csv:2: a quote is opened and never closed"]);
    sandbox
        .run("import a.csv --format colours", 2)
        .complains(&["there is no form `colours`", "oracle_general"]);
    sandbox
        .run("import a.csv --format requests --sample 2", 2)
        .complains(&["--sample", "no share of the keys"]);
    sandbox.run("import a.csv --format twitter --divider ;", 2).complains(&["--divider", "goes with"]);
    sandbox.run("import a.csv --format oracle_general", 2).complains(&["a.csv: record 1 "]);
}

/// The example of churnmark-recorder, which the tests of the whole workspace have built; else it is built here.
fn example() -> PathBuf {
    let built = Path::new(env!("CARGO_BIN_EXE_churnmark")).with_file_name("examples").join("sessions");
    if !built.exists() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([
            "build",
            "--quiet",
            "--locked",
            "--package",
            "churnmark-recorder",
            "--example",
            "sessions",
        ]);
        assert!(cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap().success());
    }
    built
}

#[test]
fn a_program_is_recorded_imported_and_played() {
    let sandbox = Sandbox::with(&[CHURN]);
    let recorded = Command::new(example()).arg(sandbox.path("mine.churn")).output().unwrap();
    assert!(recorded.status.success(), "{}", String::from_utf8_lossy(&recorded.stderr));
    let said = sandbox.run("import mine.churn --out workloads", 0);
    for part in
        ["mine.churn: recorder, because", "6667 keys", "live entries over the operations, 1001 at most"]
    {
        assert!(said.stdout.contains(part), "`{part}` is not said:\n{}", said.stdout);
    }
    let tape = sandbox.run("tape mine --format json", 0).stdout;
    let header: serde_json::Value = serde_json::from_str(&tape).unwrap();
    let inserts = 6667;
    assert_eq!(
        header["executed"]["kinds"],
        serde_json::json!([inserts, inserts - 1000, 20_000 - inserts, 0, 0, 0])
    );
    // Every session that is looked up is there, but for those that the request before let go.
    assert_eq!(header["executed"]["hits"][2], 20_000 - inserts);
    sandbox.run("verify -w mine -m hashbrown,null", 0);
}
