//! `JUnit` XML in the dialect of Jenkins and nextest: a suite is a workload, a case is one figure of one map.

use std::collections::BTreeMap;
use std::time::Duration;

use formats::gate::{Conclusion, Gate};
use formats::shown::shown_text;
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::finding::{Finding, Status, findings};
use super::summary_line::summary_line;
use super::text::{not_compared, rule, sides};
use crate::expected;

/// The suite of what concerns the session and no workload.
const SESSION: &str = "gate";

/// What a gate found, as test results. Times are in seconds and are those of measuring.
///
/// # Panics
/// Never: writing to memory does not fail.
#[must_use]
pub fn junit(gate: &Gate) -> String {
    let mut report = Report::new("churnmark gate");
    report.set_time(seconds(gate.seconds));
    report.add_test_suite(session(gate));
    let found = findings(gate);
    for workload in workloads(gate, &found) {
        let mut suite = TestSuite::new(workload);
        let of_suite = || found.iter().filter(|one| one.workload == workload);
        suite.set_time(seconds(measuring(of_suite())));
        suite.add_test_cases(of_suite().map(case));
        suite.add_test_cases(
            gate.expectations.iter().filter(|one| one.workload == workload).map(expected::case),
        );
        for one in gate.not_compared.iter().filter(|one| one.workload == workload) {
            suite.add_test_case(missing(workload, &one.map, &not_compared(one), one.fails));
        }
        report.add_test_suite(suite);
    }
    // The two characters that XML forbids and quick-junit lets pass.
    shown_text(report.to_string().expect("memory can be written"))
        .replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// How long the figures took, s. Those of one map come from the same pairs of processes.
fn measuring<'g>(of_suite: impl Iterator<Item = &'g Finding<'g>>) -> f64 {
    let mut by_map: BTreeMap<&str, f64> = BTreeMap::new();
    for one in of_suite {
        let longest = by_map.entry(one.map).or_default();
        *longest = longest.max(one.seconds());
    }
    by_map.values().sum()
}

/// Workloads in the order in which they occur.
fn workloads<'g>(gate: &'g Gate, found: &[Finding<'g>]) -> Vec<&'g str> {
    let mut names: Vec<&str> = Vec::new();
    let missing = gate.not_compared.iter().map(|one| one.workload.as_str()).filter(|name| !name.is_empty());
    let expected = gate.expectations.iter().map(|one| one.workload.as_str());
    for name in found.iter().map(|one| one.workload).chain(missing).chain(expected) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The controls, what is missing everywhere, and the verdict: a gate that failed has a case that failed.
fn session(gate: &Gate) -> TestSuite {
    let mut suite = TestSuite::new(SESSION);
    for line in sides(gate).into_iter().chain(rule(&gate.rule)) {
        let (name, value) = line.split_once(": ").unwrap_or(("session", &line));
        suite.add_property(Property::new(name, value));
    }
    for control in &gate.controls {
        let mut status = TestCaseStatus::success();
        if !control.passed {
            status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("InvalidSession").set_message(control.said.as_str());
        }
        suite.add_test_case(named(control.kind.name(), SESSION, status));
    }
    for one in gate.not_compared.iter().filter(|one| one.workload.is_empty()) {
        suite.add_test_case(missing(SESSION, &one.map, &not_compared(one), one.fails));
    }
    let kind = match gate.conclusion {
        Conclusion::Passed => None,
        Conclusion::Failed | Conclusion::Invalid => Some((NonSuccessKind::Error, "InvalidSession")),
        Conclusion::Regressed => Some((NonSuccessKind::Failure, "PerformanceRegression")),
        Conclusion::Broken => Some((NonSuccessKind::Failure, "ExpectationBroken")),
        Conclusion::NothingCompared => Some((NonSuccessKind::Failure, "NothingCompared")),
        Conclusion::Outdated => Some((NonSuccessKind::Failure, "BaselineOutdated")),
        Conclusion::Inconclusive => Some((NonSuccessKind::Failure, "Inconclusive")),
    };
    let mut status = TestCaseStatus::success();
    if let Some((kind, name)) = kind {
        status = TestCaseStatus::non_success(kind);
        status.set_type(name).set_message(summary_line(gate));
    }
    suite.add_test_case(named("verdict", SESSION, status));
    suite
}

fn case(one: &Finding<'_>) -> TestCase {
    let status = match one.status {
        Status::Regressed => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let message = format!("{} {}", one.title(), one.change());
            status.set_type("PerformanceRegression").set_message(message).set_description(one.sentence());
            status
        }
        Status::Advisory | Status::Waived | Status::Inconclusive | Status::Told => {
            skipped(&format!("{}: {}", one.status.title(), one.sentence()))
        }
        Status::Improved | Status::Unchanged => TestCaseStatus::success(),
    };
    let mut case = named(&format!("{}/{}", one.map, one.id()), one.workload, status);
    case.set_time(seconds(one.seconds()));
    case
}

fn missing(suite: &str, map: &str, said: &str, fails: bool) -> TestCase {
    let status = if fails {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type("NotCompared").set_message(said);
        status
    } else {
        skipped(said)
    };
    let map = if map.is_empty() { "every map" } else { map };
    named(&format!("{map}/not compared"), suite, status)
}

fn skipped(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(message);
    status
}

fn named(name: &str, suite: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(suite);
    case
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
