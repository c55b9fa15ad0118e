//! The schemas that the command prints hold of every file that it ships and of every file that it writes.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::sandbox::{Said, Sandbox, subject};

/// A document must fit the schema of this name. Gives the schema for more questions.
pub(crate) fn fits(name: &str, what: &str, document: &Value) -> Validator {
    let schema = schema(name);
    let errors: Vec<String> = schema.iter_errors(document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{what} does not fit the schema `{name}`: {errors:?}");
    schema
}

/// The same of each line. There is one at least.
pub(crate) fn lines_fit(name: &str, text: &str) {
    let schema = schema(name);
    assert!(!text.is_empty(), "there is no {name}");
    for line in text.lines() {
        let errors: Vec<String> = schema.iter_errors(&parsed(line)).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{line} does not fit the schema `{name}`: {errors:?}");
    }
}

/// The runs of a session, packed or not.
fn runs(session: &Path) -> String {
    let Ok(packed) = fs::File::open(session.join("runs.jsonl.gz")) else {
        return fs::read_to_string(session.join("runs.jsonl")).unwrap();
    };
    let mut runs = String::new();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut runs).unwrap();
    runs
}

fn schema(name: &str) -> Validator {
    let schema = parsed(&churnmark(&["schema", name]));
    jsonschema::draft202012::meta::validate(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
    jsonschema::draft202012::new(&schema).unwrap()
}

fn churnmark(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_churnmark")).args(arguments).output().unwrap();
    Said::of(output, 0).stdout
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn toml(file: &Path) -> Value {
    toml::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files of a folder with this ending.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|own| own == ending)).collect();
    assert!(!files.is_empty(), "{folder}");
    files
}

#[test]
fn every_schema_is_listed_and_is_one() {
    let list = churnmark(&["schema"]);
    let names: Vec<&str> = list.lines().skip(1).map(|line| line.split_whitespace().next().unwrap()).collect();
    assert!(names.len() > 10, "{list}");
    for name in names {
        let schema = schema(name);
        assert!(!schema.is_valid(&json!("a word")), "{name} takes anything");
    }
}

#[test]
fn what_people_write_fits_and_an_unknown_field_does_not() {
    let (suites, workloads): (Vec<PathBuf>, Vec<PathBuf>) =
        files("workloads", "toml").into_iter().partition(|file| file.ends_with("suites.toml"));
    let policy = vec![root().join("reports/baseline/policy.toml")];
    let findings = files("workloads/findings", "toml");
    for (name, files) in
        [("workload", workloads), ("suites", suites), ("policy", policy), ("finding", findings)]
    {
        assert!(!files.is_empty(), "{name}");
        let schema = schema(name);
        for file in files {
            let mut document = toml(&file);
            let errors: Vec<String> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{}: {errors:?}", file.display());
            document["surprise"] = json!(1);
            assert!(!schema.is_valid(&document), "{} with an unknown field", file.display());
        }
    }
}

#[test]
fn mistakes_of_workloads_are_seen() {
    let good = json!({
        "name": "w",
        "why": "It is there.",
        "keys": { "string": 37 },
        "live": [100, 200],
        "mix": { "insert": 50, "remove": 50 },
        "phases": [{ "fill": 100 }, "shrink", { "retain": { "younger": 5 } }, { "retain": 0.5 }],
        "expect": [{ "figure": "p99.9", "maps": ["std"], "at_most": "50us", "reason": "It is a promise." }],
    });
    let schema = fits("workload", "a workload", &good);
    for (place, wrong) in [
        ("/mix/insert", json!("half")),
        ("/mix/insert", json!(-1)),
        ("/keys", json!({ "words": 37 })),
        ("/live/0", json!("many")),
        ("/phases/0", json!({ "fil": 100 })),
        ("/phases/1", json!("shrinks")),
        ("/phases/2/retain", json!({ "younger": 5, "older": 6 })),
        ("/phases/3/retain", json!(1.5)),
        ("/expect/0/figure", json!("p98")),
        ("/why", json!(null)),
    ] {
        let mut document = good.clone();
        *document.pointer_mut(place).unwrap() = wrong.clone();
        assert!(!schema.is_valid(&document), "{place}: {wrong}");
    }
}

/// Every collector of both programs, and something that is expected.
#[test]
fn what_a_session_leaves_fits() {
    let workload = r#"
name = "churn"
why = "Small enough for a test."
live = [300, 600]
ops = 3000
mix = { insert = 40, remove = 40, get = 10, get_absent = 5, update = 5 }

[[expect]]
figure = "reused"
maps = ["std", "go-classic"]
at_least = 0.0
reason = "A schema is looked at."
"#;
    let sandbox = Sandbox::with(&[workload]);
    sandbox.run("measure -w churn -m std,hashbrown,go-classic,papaya -c [!s]*,slots --rounds 2", 0);
    let folder = sandbox.only("");
    let read = |name: &str| parsed(&fs::read_to_string(folder.join(name)).unwrap());
    fits("session", "session.json", &read("session.json"));
    fits("answer", "answer.json", &read("data/answer.json"));
    fits("expectations", "expectations.json", &read("data/expectations.json"));
    let runs = runs(&folder);
    lines_fit("run", &runs);
    let observation = parsed(runs.lines().next().unwrap())["outcome"]["measured"].clone();
    let schema = fits("observation", "an observation", &observation);
    let mut strange = observation;
    strange["surprise"] = json!(1);
    assert!(!schema.is_valid(&strange), "an observation with an unknown field");

    for (name, arguments) in [
        ("choice", "choose --need peak<=100MiB --format json"),
        ("tape", "tape churn@live=300 --format json"),
    ] {
        fits(name, arguments, &parsed(&sandbox.run(arguments, 0).stdout));
    }
    let list = sandbox.program(&subject(""), "list").output().unwrap();
    fits("subject", "list", &parsed(&Said::of(list, 0).stdout));
}

#[test]
fn what_is_committed_fits() {
    let baseline = root().join("reports/baseline/exact.json");
    fits("baseline", "the baseline", &parsed(&fs::read_to_string(baseline).unwrap()));
    let evidence = fs::read_dir(root().join("reports/evidence")).unwrap();
    let mut seen = 0;
    for session in evidence.map(|entry| entry.unwrap().path().join("session")).filter(|path| path.is_dir()) {
        let manifest = parsed(&fs::read_to_string(session.join("session.json")).unwrap());
        fits("session", &session.display().to_string(), &manifest);
        lines_fit("run", &runs(&session));
        seen += 1;
    }
    assert!(seen > 0, "no evidence was looked at");
}
