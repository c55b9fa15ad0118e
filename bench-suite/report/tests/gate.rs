//! What a gate found, in every form: the kept text, the forms' own definitions, and names that stay text.

mod golden;
mod junit;
mod sample;

use std::process::Command;

use formats::gate::{Conclusion, Gate};
use golden::golden;
use jsonschema::Validator;
use proptest::prelude::*;
use sample::gate::{gate, passed, rename};
use serde_json::Value;

#[test]
fn forms_are_as_they_were() {
    let gate = gate();
    golden("gate.json", &(serde_json::to_string_pretty(&gate).unwrap() + "\n"));
    golden("gate.txt", &report::gate::text(&gate, false));
    golden("gate.md", &report::gate::markdown(&gate));
    golden("gate.annotations", &report::gate::annotations(&gate));
    golden("gate.junit.xml", &report::gate::junit(&gate));
    golden("gate.sarif", &report::gate::sarif(&gate));
}

#[test]
fn the_document_is_read_back_as_it_was() {
    let text = serde_json::to_string(&gate()).unwrap();
    assert_eq!(serde_json::from_str::<Gate>(&text).unwrap(), gate());
}

/// What cargo prints.
fn cargo(arguments: &[&str]) -> String {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The schema of SARIF 2.1.0 that OASIS published. The crate `serde-sarif` brings it; the package manager knows
/// where that is.
fn sarif_schema() -> Validator {
    // Only what is built here is downloaded here.
    let about = cargo(&["-vV"]);
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let metadata =
        cargo(&["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", host]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let manifest = std::path::Path::new(package["manifest_path"].as_str().unwrap());
    let schema = std::fs::read_to_string(manifest.with_file_name("src/schema.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&schema).unwrap();
    // Its pattern of a language has a bracket that closes nothing, which not every reader takes; no document of
    // ours names a language.
    for part in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{part}/properties/language")).unwrap();
        assert!(language.as_object_mut().unwrap().remove("pattern").is_some());
    }
    assert_eq!(schema["title"], "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema");
    jsonschema::validator_for(&schema).unwrap()
}

fn in_every_end() -> impl Iterator<Item = Gate> {
    let all = [
        Conclusion::Failed,
        Conclusion::Invalid,
        Conclusion::Regressed,
        Conclusion::NothingCompared,
        Conclusion::Outdated,
        Conclusion::Inconclusive,
        Conclusion::Passed,
    ];
    all.into_iter().flat_map(|conclusion| {
        let mut broken = gate();
        broken.conclusion = conclusion;
        broken.controls[1].held = conclusion != Conclusion::Invalid;
        broken.not_compared[0].fails = conclusion == Conclusion::NothingCompared;
        let mut empty = broken.clone();
        (empty.exact, empty.timing, empty.controls) = (Vec::new(), Vec::new(), Vec::new());
        (empty.rule.comparisons, empty.rule.seeds) = (0, Vec::new());
        [broken, empty]
    })
}

#[test]
fn sarif_is_what_its_schema_says() {
    let schema = sarif_schema();
    for gate in in_every_end().chain([passed()]) {
        let text = report::gate::sarif(&gate);
        let document: Value = serde_json::from_str(&text).unwrap();
        let wrong: Vec<String> =
            schema.iter_errors(&document).map(|error| format!("{} {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        let read: serde_sarif::sarif::Sarif = serde_json::from_str(&text).unwrap();
        let run = &read.runs[0];
        let invocation = &run.invocations.as_ref().unwrap()[0];
        assert_eq!(invocation.exit_code, Some(i64::from(gate.conclusion.code())));
        let rules = run.tool.driver.rules.as_ref().unwrap();
        for result in run.results.as_ref().unwrap() {
            let at = usize::try_from(result.rule_index.unwrap()).unwrap();
            assert_eq!(Some(&rules[at].id), result.rule_id.as_ref(), "a rule's index leads to it");
        }
    }
    let mut wrong: Value = serde_json::from_str(&report::gate::sarif(&gate())).unwrap();
    wrong["runs"][0]["results"][0]["level"] = "grave".into();
    assert!(!schema.is_valid(&wrong), "the schema can refuse");
}

#[test]
fn junit_is_valid_by_its_schema() {
    for gate in in_every_end().chain([passed()]) {
        let counts = junit::check(&report::gate::junit(&gate)).unwrap();
        let red = counts.failures + counts.errors > 0;
        assert!(red || gate.conclusion == Conclusion::Passed, "{:?} {counts:?}", gate.conclusion);
        let invalid = matches!(gate.conclusion, Conclusion::Invalid | Conclusion::Failed);
        assert_eq!(counts.errors > 0, invalid, "{:?} {counts:?}", gate.conclusion);
    }
    let counts = junit::check(&report::gate::junit(&passed())).unwrap();
    assert_eq!((counts.failures, counts.errors, counts.skipped), (0, 0, 0));
}

#[test]
fn junit_can_be_wrong() {
    let good = report::gate::junit(&gate());
    let said = |from: &str, to: &str| {
        let wrong = good.replacen(from, to, 1);
        assert_ne!(wrong, good, "{from}");
        junit::check(&wrong).err()
    };
    let miscounted = said(" tests=\"", " tests=\"1").unwrap();
    assert!(miscounted.contains("told Counts { tests: 124"), "{miscounted}");
    for (from, to, problem) in [
        (" type=\"PerformanceRegression\"", " kind=\"x\"", "kind"),
        (" classname=\"gate\"", " classname=\"gate\" weight=\"3\"", "weight"),
        (" time=\"", " time=\"long", "'long"),
        ("<skipped ", "<skippe ", "skippe"),
    ] {
        let said = said(from, to);
        // Outside CI there may be nothing that knows the schema.
        let Some(said) = said else { return };
        assert!(said.contains(problem), "{said}");
    }
}

const HOSTILE: [&str; 5] = [
    "<script>alert(1)</script>",
    "\"onload=\"alert(1)",
    "]]><failure/>\u{1b}[2J\u{0}\u{ffff}",
    "a|b\n::error::x\r\nGATE: PASSED (exit 0)",
    "../../etc/passwd%0A,title=x",
];

fn check_all(gate: &Gate, schema: &Validator) {
    junit::check(&report::gate::junit(gate)).unwrap();
    let document: Value = serde_json::from_str(&report::gate::sarif(gate)).unwrap();
    let wrong: Vec<String> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let text = report::gate::text(gate, false);
    assert!(!text.contains(|letter: char| letter.is_control() && letter != '\n'));
    assert_eq!(text.lines().filter(|line| line.starts_with("GATE:")).count(), 1);
    let commands = report::gate::annotations(gate);
    let starts = ["::error title=", "::warning title=", "::notice title="];
    assert!(commands.lines().all(|line| starts.iter().any(|start| line.starts_with(start))), "{commands}");
    let markdown = report::gate::markdown(gate);
    assert!(!markdown.contains("<script") && !markdown.contains('\u{1b}'));
}

#[test]
fn names_stay_text() {
    let schema = sarif_schema();
    for name in HOSTILE {
        let mut gate = gate();
        rename(&mut gate, name);
        check_all(&gate, &schema);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_figure_and_name_can_be_told(
        name in "(?s).{0,20}",
        ratio in any::<f64>(),
        counts in prop::collection::vec((any::<u64>(), any::<u64>()), 0..4),
        change in prop::option::of(any::<f64>()),
    ) {
        let mut gate = gate();
        rename(&mut gate, &name);
        gate.seconds = ratio;
        for one in &mut gate.timing {
            (one.ratio, one.seconds, one.detectable) = (ratio, ratio, change);
        }
        for one in &mut gate.exact {
            (one.base, one.head) = counts.iter().copied().unzip();
            one.change = change;
        }
        let text = report::gate::text(&gate, true);
        prop_assert!(!text.contains("NaN") || name.contains("NaN"));
        junit::check(&report::gate::junit(&gate)).unwrap();
        serde_json::from_str::<Value>(&report::gate::sarif(&gate)).unwrap();
        prop_assert!(report::gate::markdown(&gate).starts_with("### ❌ Gate: REGRESSED (exit 3)\n"));
        prop_assert!(report::gate::annotations(&gate).starts_with("::error title="));
    }
}
