//! What a gate leaves behind: its session, in every form, and a line of the history.

use std::fs;
use std::path::Path;

use formats::gate::{Conclusion, Design, GATE_FILE, PAIRS_FILE, Pair};
use formats::history::{HISTORY_FILE, History};
use formats::session::{Session, TimedComparison};
use quick_xml::events::Event;
use serde_json::Value;

use super::{broken, gate, last, newest, of_broken, ours, sandbox, with_few_pairs};
use crate::sandbox::{Said, Sandbox};
use crate::schemas::{fits, lines_fit};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn pairs(folder: &Path) -> Vec<Pair> {
    let text = fs::read_to_string(folder.join(PAIRS_FILE)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Names of the elements of an XML document, each with its attributes.
fn elements(text: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut elements = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(one) | Event::Empty(one) => {
                elements.push(String::from_utf8(one.to_vec()).unwrap());
            }
            Event::Eof => return elements,
            _ => {}
        }
    }
}

#[test]
fn every_form_is_kept_and_github_is_served() {
    let sandbox = sandbox();
    with_few_pairs(&sandbox);
    broken(&sandbox, "hashbrown", "canary-oversized");
    let ask = of_broken("--format json");
    let mut command = sandbox.churnmark(&ask);
    fs::write(sandbox.path("summary.md"), "Before.\n").unwrap();
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", sandbox.path("summary.md"));
    let said = Said::of(command.output().unwrap(), 3);
    let folder = newest(&sandbox);
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();

    assert_eq!(json(&said.stdout), json(&read(GATE_FILE)));
    assert_eq!(said.stdout.lines().count(), 1);
    let junit = elements(&read("junit.xml"));
    assert!(junit[0].starts_with("testsuites "), "{}", junit[0]);
    assert!(junit.iter().any(|one| one.starts_with("testcase ") && one.contains("\"hashbrown/peak_bytes\"")));
    assert!(junit.iter().any(|one| one.starts_with("failure ") && one.contains("PerformanceRegression")));
    let markdown = read("gate.md");
    assert!(markdown.contains("REGRESSED") && markdown.contains("| "), "{markdown}");
    assert_eq!(fs::read_to_string(sandbox.path("summary.md")).unwrap(), format!("Before.\n{markdown}"));
    let errors = said
        .stderr
        .lines()
        .filter(|line| line.starts_with("::error ") && line.contains("file=workloads/churn.toml"));
    assert!(errors.count() > 0, "{}", said.stderr);
    let page = read("index.html");
    assert!(page.contains("Gate: regressed") && page.contains("hashbrown"));
    assert!(said.stderr.contains(&format!("reports/{}/index.html", folder.file_name().unwrap().display())));

    fits("gate", GATE_FILE, &json(&read(GATE_FILE)));
    lines_fit("pair", &fs::read_to_string(folder.join(PAIRS_FILE)).unwrap());

    let pairs = pairs(&folder);
    assert!(pairs.iter().all(|pair| (pair.workload.as_str(), pair.map.as_str()) == ("churn", "hashbrown")));
    assert!(pairs.iter().all(|pair| pair.log_ratios.iter().all(|(_, log)| log.is_finite())), "{pairs:?}");
    let mut designs: Vec<Design> = pairs.iter().map(|pair| pair.design).collect();
    designs.dedup();
    assert_eq!(designs, [Design::Turns, Design::Abba]);
    assert!(!sandbox.path("flamegraphs").exists(), "drawn for times that decide nothing");
    let session = Session::read(&folder).unwrap();
    assert_eq!(session.manifest.suite, "gate");
    assert!(session.runs.iter().all(|run| run.observation().is_some()) && !session.runs.is_empty());
    let tapes: Vec<&str> = session.manifest.tapes.keys().map(String::as_str).collect();
    assert_eq!(tapes, ["churn", "churn@1#1"], "the exact layer plays other tapes than the pairs");
    assert!(pairs.iter().all(|pair| pair.tape == session.manifest.tapes["churn"].id));
}

#[test]
fn a_gate_of_times_alone_says_what_it_played() {
    let sandbox = sandbox();
    with_few_pairs(&sandbox);
    let ask = ours("--layer timing -m std,hashbrown");
    let (said, found) = gate(&sandbox, &ask, Conclusion::NothingCompared);
    assert!(!found.timing.is_empty(), "{}", said.stdout);
    let folder = newest(&sandbox);
    let Session { manifest, runs, .. } = Session::read(&folder).unwrap();
    let comparison = |map: &str| TimedComparison {
        workload: "churn".into(),
        map: map.into(),
        base_map: map.into(),
        design: Design::Turns,
    };
    assert_eq!(manifest.comparisons, [comparison("std"), comparison("hashbrown")]);
    assert_eq!(manifest.tapes.keys().collect::<Vec<_>>(), ["churn"]);
    assert_eq!(manifest.programs.len(), 2);
    assert!(manifest.passes.is_empty() && runs.is_empty(), "what pairs gave is in {PAIRS_FILE}");
    let tape = manifest.tapes["churn"].id;
    assert!(pairs(&folder).iter().all(|pair| pair.tape == tape));
    let told = sandbox.run("tape churn", 0).stdout;
    assert!(told.contains(&format!("id {tape}")), "{told}");
}

#[test]
fn a_summary_that_cannot_be_written_is_said() {
    let sandbox = sandbox();
    let mut command = sandbox.churnmark(&ours("--layer exact"));
    command.env("GITHUB_STEP_SUMMARY", sandbox.path("nowhere/summary.md"));
    let said = Said::of(command.output().unwrap(), 2);
    assert!(last(&said.stderr).contains("nowhere/summary.md cannot be written"), "{}", said.stderr);
    assert!(last(&said.stdout).starts_with("GATE: PASSED (exit 0): "), "{}", said.stdout);
}

#[test]
fn each_gate_leaves_a_line_and_the_history_tells_them() {
    let sandbox = sandbox();
    sandbox.run("history", 2).complains(&["there is no history yet", HISTORY_FILE]);
    for count in 1..=2 {
        gate(&sandbox, &ours(""), Conclusion::Passed);
        assert_eq!(lines(&sandbox), count);
    }
    let History { entries, cut } = History::read(&sandbox.path("reports").join(HISTORY_FILE)).unwrap();
    assert!(!cut && entries.iter().all(|entry| entry.exact_moved.is_empty() && entry.anchor.is_none()));
    lines_fit("history", &fs::read_to_string(sandbox.path("reports").join(HISTORY_FILE)).unwrap());
    let pairs = pairs(&newest(&sandbox));
    for entry in &entries {
        assert!(entry.parent.ends_with("mine, mine-counted"), "{}", entry.parent);
        let names: Vec<&str> = entry.against_parent.iter().map(|ratio| ratio.metric.name()).collect();
        assert_eq!(names, ["median_slice", "total_cpu", "p99", "p999"]);
        assert!(entry.against_parent.iter().all(|ratio| ratio.map == "hashbrown" && ratio.pairs >= 2));
    }
    let newest = entries[1].against_parent.iter().find(|ratio| ratio.metric.name() == "total_cpu").unwrap();
    let total = |pair: &&Pair| pair.log_ratios.iter().any(|(metric, _)| metric.name() == "total_cpu");
    assert_eq!(newest.pairs as usize, pairs.iter().filter(total).count());

    let text = sandbox.run("history", 0).stdout;
    assert!(text.starts_with("History: 2 gates, from "), "{text}");
    assert!(text.contains("no gate had an anchor") && text.contains("total CPU"), "{text}");
    let found = json(&sandbox.run("history --format json", 0).stdout);
    assert_eq!(found["series"].as_array().unwrap().len(), 4);
    assert!(
        found["series"].as_array().unwrap().iter().all(|one| one["steps"].as_array().unwrap().len() == 2)
    );
    let said = sandbox.run("history --format markdown", 0);
    assert_eq!(said.stdout, format!("```text\n{text}```\n"));
    assert_eq!(last(&said.stderr), "churnmark: reports/history.html");
    let page = fs::read_to_string(sandbox.path("reports/history.html")).unwrap();
    assert!(page.contains("hashbrown") && page.contains("</html>"));
}

#[test]
fn what_is_no_change_of_a_map_is_no_history() {
    let sandbox = sandbox();
    with_few_pairs(&sandbox);
    gate(&sandbox, &ours("--inject-work 3"), Conclusion::Passed);
    gate(&sandbox, &ours("-m std --base-map std"), Conclusion::NothingCompared);
    let (said, found) = gate(&sandbox, &ours("--layer timing --repeat 2"), Conclusion::NothingCompared);
    assert!(!found.timing.is_empty(), "{}", said.stdout);
    assert_eq!(lines(&sandbox), 0);
}

#[test]
fn a_history_cut_off_is_read_and_a_damaged_one_names_its_line() {
    let sandbox = sandbox();
    let line = r#"{"schema":1,"when":"2026-01-01T00:00:00Z","revision":"a","parent":"b","anchor":null,"against_parent":[],"against_anchor":[],"exact_moved":[]}"#;
    let put = |text: String| fs::write(sandbox.path("reports").join(HISTORY_FILE), text).unwrap();
    put(format!("{line}\n{}", &line[..40]));
    let said = sandbox.run("history", 0);
    assert!(said.stdout.starts_with("History: 1 gate, a (2026-01-01)"), "{}", said.stdout);
    assert!(said.stderr.contains("the last line was cut off and is left out"), "{}", said.stderr);
    put(format!("{line}\n{}\n", &line[..40]));
    sandbox.run("history", 2).complains(&["history.jsonl:2: "]);
    put(String::new());
    assert!(sandbox.run("history", 0).stdout.starts_with("History: 0 gates"));
    sandbox.run("history --history nowhere.jsonl", 2).complains(&["nowhere.jsonl"]);
}

fn lines(sandbox: &Sandbox) -> usize {
    fs::read_to_string(sandbox.path("reports").join(HISTORY_FILE)).map_or(0, |text| text.lines().count())
}
