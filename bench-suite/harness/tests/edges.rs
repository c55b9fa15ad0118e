//! The house has the shape that its design gives it: which crate may use which, and how large a file may be.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What each crate may use, of ours. Dependencies of tests, benchmarks and build scripts count too.
const EDGES: [(&str, &[&str]); 12] = [
    ("churnmark-formats", &[]),
    ("churnmark-go-maps", &[]),
    ("churnmark-recorder", &[]),
    ("churnmark-generator", &["churnmark-formats"]),
    ("churnmark-subject", &["churnmark-formats"]),
    ("churnmark-maps", &["churnmark-formats", "churnmark-subject", "churnmark-go-maps"]),
    ("churnmark-article", &["churnmark-formats", "churnmark-subject", "churnmark-go-maps"]),
    ("churnmark-verdict", &["churnmark-formats"]),
    ("churnmark-report", &["churnmark-formats", "churnmark-verdict"]),
    (
        "churnmark-fuzz",
        &[
            "churnmark-formats",
            "churnmark-generator",
            "churnmark-go-maps",
            "churnmark-report",
            "churnmark-verdict",
        ],
    ),
    ("own-map", &["churnmark-formats", "churnmark-subject"]),
    ("churnmark", &["churnmark-formats", "churnmark-generator", "churnmark-report", "churnmark-verdict"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn metadata(arguments: &[&str]) -> Value {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1"]).args(arguments).current_dir(root());
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn packages(metadata: &Value) -> &[Value] {
    metadata["packages"].as_array().unwrap()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

#[test]
fn no_crate_uses_what_it_must_not() {
    let metadata = metadata(&["--no-deps"]);
    let ours: Vec<&str> = packages(&metadata).iter().map(|package| text(package, "name")).collect();
    assert!(ours.contains(&"churnmark"), "cargo does not see this crate");
    for package in packages(&metadata) {
        let name = text(package, "name");
        let allowed = EDGES.iter().find(|(from, _)| *from == name);
        let allowed = allowed.unwrap_or_else(|| panic!("say in EDGES what {name} may use")).1;
        for dependency in package["dependencies"].as_array().unwrap() {
            let to = text(dependency, "name");
            let ours = ours.contains(&to) || !dependency["path"].is_null();
            assert!(!ours || allowed.contains(&to), "{name} must not use {to}");
        }
    }
}

#[test]
fn files_are_short_and_named_for_what_they_hold() {
    let drawers = ["util", "utils", "common", "helper", "helpers", "misc", "types"];
    let budgets = [("harness/src/main.rs", 70), ("subject/src/play.rs", 80)];
    let suite = root().join("bench-suite");
    let mut files = Vec::new();
    collect(&suite, &mut files);
    assert!(files.len() > 20, "the sources are not where they were");
    for file in files {
        let name = file.strip_prefix(&suite).unwrap().to_str().unwrap();
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        let budget = budgets.iter().find(|(short, _)| *short == name).map_or(401, |(_, budget)| *budget);
        assert!(lines < budget, "{name} has {lines} lines; it must have less than {budget}");
        for part in &Path::new(name).with_extension("") {
            assert!(!drawers.contains(&part.to_str().unwrap()), "{name} is a drawer: name what it holds");
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("tests") {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
