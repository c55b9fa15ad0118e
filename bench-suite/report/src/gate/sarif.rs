//! SARIF 2.1.0: rules are the figures, results what became of them, places the workloads' files.

use formats::gate::{Conclusion, Gate, Metric, NotCompared, TimeMetric};
use serde_json::{Value, json};

use super::closing::closing;
use super::finding::{
    Figure, Finding, Standing, exact_about, exact_title, findings, time_about, time_title, workload_file,
};
use super::text::not_compared;

/// Rule of a control that did not hold, and of what could not be compared.
const CONTROL: &str = "control";
const NOT_COMPARED: &str = "not_compared";

/// What a gate found, as SARIF. Figures that did not move are left out: a code-scanning page lists what is there.
///
/// # Panics
/// Never: the document holds string keys only.
#[must_use]
pub fn sarif(gate: &Gate) -> String {
    let rules = rules();
    let mut results: Vec<Value> = findings(gate).iter().filter_map(|one| result(one, gate)).collect();
    results.extend(gate.controls.iter().filter(|control| !control.held).map(|control| {
        json!({
            "ruleId": CONTROL,
            "level": "error",
            "message": { "text": format!("{} did not hold: {}", control.kind.name(), control.said) },
            "partialFingerprints": { "figure/v1": format!("/{}", control.kind.name()) },
        })
    }));
    results.extend(gate.not_compared.iter().map(missing));
    for result in &mut results {
        let at = rules.iter().position(|rule| rule["id"] == result["ruleId"]);
        result["ruleIndex"] = at.into();
    }
    let document = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "churnmark",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "automationDetails": { "id": "churnmark-gate/" },
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation(gate)],
            "results": results,
            "properties": { "head": gate.head, "base": gate.base, "rule": gate.rule },
        }],
    });
    serde_json::to_string_pretty(&document).expect("string keys are JSON") + "\n"
}

fn invocation(gate: &Gate) -> Value {
    json!({
        "executionSuccessful": !matches!(gate.conclusion, Conclusion::Failed | Conclusion::Invalid),
        "exitCode": gate.conclusion.code(),
        "exitCodeDescription": closing(gate),
        "startTimeUtc": gate.started,
    })
}

/// Every figure there is, so that a rule keeps its index.
fn rules() -> Vec<Value> {
    let times = TimeMetric::ALL.into_iter().map(|metric| {
        let help = "Two builds are compared in pairs of fresh processes, with an exact signed-rank test.";
        rule(metric.name(), time_title(metric), time_about(metric), help)
    });
    let exact = Metric::all().map(|metric| {
        let help = if metric.more_is_worse() {
            "The figure is the same on every run of the same tape, and is compared exactly; more is worse."
        } else {
            "The figure is the same on every run of the same tape, and is compared exactly; less is worse."
        };
        rule(&metric.name(), &exact_title(metric), &exact_about(metric), help)
    });
    let control = rule(
        CONTROL,
        "control of the session",
        "A check of the session itself did not hold, so that it shows nothing.",
        "Measure again; if it stays so, ask `churnmark doctor` about the machine.",
    );
    let missing = rule(
        NOT_COMPARED,
        "not compared",
        "One side has what the other has not, or a figure could not be had.",
        "The message says what is missing.",
    );
    times.chain(exact).chain([control, missing]).collect()
}

fn rule(id: &str, name: &str, about: &str, help: &str) -> Value {
    json!({
        "id": id,
        "name": name,
        "shortDescription": { "text": about },
        "help": { "text": format!("{about} {help}") },
        "properties": { "tags": ["performance"] },
    })
}

fn result(one: &Finding<'_>, gate: &Gate) -> Option<Value> {
    let (kind, level) = match one.standing {
        Standing::Regressed => ("fail", "error"),
        Standing::Inconclusive if gate.conclusion == Conclusion::Inconclusive => ("fail", "error"),
        Standing::Advisory | Standing::Waived | Standing::Inconclusive => ("fail", "warning"),
        Standing::Improved => ("fail", "note"),
        // Anything but a failure has no level.
        Standing::Unsteady => ("notApplicable", "none"),
        Standing::Unchanged => return None,
    };
    let mut result = json!({
        "ruleId": one.id(),
        "kind": kind,
        "level": level,
        "message": { "text": format!("{}: {}", one.standing.title(), one.sentence()) },
        "locations": [location(&one.file())],
        "partialFingerprints": { "figure/v1": format!("{}/{}/{}", one.workload, one.map, one.id()) },
        "properties": properties(one),
    });
    if let Some(waiver) = one.waiver() {
        let why = format!("until {}: {}", waiver.until, waiver.reason);
        result["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": why }]);
    }
    Some(result)
}

fn location(file: &str) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": file },
        // A place without a line is not shown on a pull request.
        "region": { "startLine": 1 },
    } })
}

fn properties(one: &Finding<'_>) -> Value {
    match one.figure {
        Figure::Timing(time) => json!({
            "workload": time.workload,
            "map": time.map,
            "design": time.design,
            "pairs": time.pairs,
            "ratio": time.ratio,
            "interval": time.interval,
            "pSlower": time.p_slower,
            "pFaster": time.p_faster,
            "delta": time.delta,
            "tolerance": time.tolerance,
            "detectable": time.detectable,
        }),
        Figure::Exact(exact) => json!({
            "workload": exact.workload,
            "map": exact.map,
            "base": exact.base,
            "head": exact.head,
            "change": exact.change,
            "tolerance": exact.tolerance,
            "demoted": exact.demoted,
        }),
    }
}

fn missing(one: &NotCompared) -> Value {
    let (kind, level) = if one.fails { ("fail", "error") } else { ("notApplicable", "none") };
    let mut result = json!({
        "ruleId": NOT_COMPARED,
        "kind": kind,
        "level": level,
        "message": { "text": not_compared(one) },
        "partialFingerprints": { "figure/v1": format!("{}/{}/{NOT_COMPARED}", one.workload, one.map) },
    });
    if !one.workload.is_empty() {
        result["locations"] = json!([location(&workload_file(&one.workload))]);
    }
    result
}
