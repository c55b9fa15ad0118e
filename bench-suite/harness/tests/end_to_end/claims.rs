//! What the article claims, judged by experiments that are made now.

use std::fs;

use formats::evidence::Claims;
use serde_json::Value;

use crate::sandbox::{CHURN, Sandbox};
use crate::schemas::fits;

fn claim(document: &Value, number: u64) -> Value {
    let claims = document["claims"].as_array().unwrap();
    claims.iter().find(|claim| claim["number"] == number).unwrap().clone()
}

/// The figure that an implementation gives to a claim.
fn figure<'v>(claim: &'v Value, implementation: &str) -> &'v str {
    let mut cells = claim["cells"].as_array().unwrap().iter();
    cells.find(|cell| cell["implementation"] == implementation).unwrap()["figure"].as_str().unwrap()
}

#[test]
fn claims_are_judged_by_what_is_measured() {
    let sandbox = Sandbox::with(&[]);
    let said = sandbox.run("claims --no-real-go -n 3,11,12,22,35,49,56 --format json", 0);
    let document: Value = serde_json::from_str(&said.stdout).unwrap();
    let verdict = |number| claim(&document, number)["verdict"].as_str().unwrap().to_owned();
    assert_eq!(verdict(3), "refuted");
    assert_eq!(verdict(11), "confirmed");
    assert_eq!(verdict(12), "refuted");
    assert_eq!(verdict(22), "about-source");
    assert_eq!(verdict(35), "refuted");
    assert_eq!(verdict(49), "refuted");
    for port in ["port-classic", "port-swiss"] {
        assert_eq!(figure(&claim(&document, 3), port), "freed slot 3, taken slot 3");
        assert_eq!(figure(&claim(&document, 12), port), "prints 8");
    }
    assert_eq!(figure(&claim(&document, 49), "python"), "seed 0: 0 3 0 1; md5: 3 0 2 3");
    assert_eq!(verdict(56), "not-measured");
    assert!(claim(&document, 56)["why"].as_str().unwrap().contains("real Go"));
}

#[test]
fn what_claims_writes_is_said() {
    let sandbox = Sandbox::with(&[CHURN]);
    sandbox.run("measure -w churn -m hashbrown -c throughput --rounds 1", 0);
    let said = sandbox.run("claims --no-real-go -n 3-5,22", 0);
    assert!(said.stderr.contains("claims.json; its pages are written again"), "{}", said.stderr);
    assert!(sandbox.run("claims -n 3-5x", 2).stderr.contains("a range such as 3-5"));
}

#[test]
fn other_evidence_gives_another_verdict() {
    let sandbox = Sandbox::with(&[]);
    let altered = "[ \"$2\" = list ] && { echo bucket; exit; }
        \"${real%maps}article\" experiment \"$2\" | sed 's/\"taken_slot\":3/\"taken_slot\":5/; s/\"length\":8/\"length\":9/'";
    let program = sandbox.script(&["none"], altered);
    let arguments = format!("claims --no-real-go -n 3,12,13 --format json --subject {}", program.display());
    let document: Value = serde_json::from_str(&sandbox.run(&arguments, 0).stdout).unwrap();
    assert_eq!(claim(&document, 3)["verdict"], "confirmed");
    assert_eq!(claim(&document, 12)["verdict"], "confirmed");
    assert_eq!(claim(&document, 13)["verdict"], "refuted", "that figure is as it was");
}

#[test]
fn a_failed_experiment_is_a_row_and_the_rest_is_judged() {
    let sandbox = Sandbox::with(&[]);
    let broken = "[ \"$2\" = list ] && { echo layout; exit; }; echo out of order >&2; exit 9";
    let program = sandbox.script(&["none"], broken);
    let said = sandbox.run(&format!("claims --no-real-go -n 1,3 --subject {}", program.display()), 1);
    assert!(said.stdout.contains("failed: layout in script: ended with"), "{}", said.stdout);
    assert!(said.stdout.contains(" 3  refuted"), "{}", said.stdout);
    assert!(said.stdout.contains("make truth"), "{}", said.stdout);
}

#[test]
fn a_session_keeps_the_evidence_and_its_report_shows_it() {
    let sandbox = Sandbox::with(&[CHURN]);
    sandbox.run("measure -w churn -m hashbrown -c throughput --rounds 1", 0);
    sandbox.run("claims --no-real-go -n 12", 0);
    sandbox.run("claims --no-real-go -n 11 --format markdown", 0);
    let folder = sandbox.only("");
    let document: Value = serde_json::from_slice(&fs::read(folder.join("claims.json")).unwrap()).unwrap();
    fits("claims", "claims.json", &document);
    fits("experiment", "an experiment", &document["evidence"][0]);
    let kept: Claims = serde_json::from_slice(&fs::read(folder.join("claims.json")).unwrap()).unwrap();
    let experiments: Vec<&str> = kept.evidence.iter().map(|one| one.experiment.as_str()).collect();
    assert!(experiments.contains(&"bucket") && experiments.contains(&"overflow"), "{experiments:?}");
    let page = fs::read_to_string(folder.join("index.html")).unwrap();
    assert!(page.contains("prints 8") && page.contains("refuted"));
}

#[test]
fn a_claim_that_does_not_exist_is_refused() {
    Sandbox::with(&[]).run("claims -n 3,68", 2).complains(&["no claim 68", "1 to 67"]);
}
