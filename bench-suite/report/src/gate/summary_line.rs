//! The last line of a gate: the verdict in words with the exit code, because make turns every code into 2.

use formats::expectation::Outcome;
use formats::gate::{Conclusion, Gate};

use super::finding::{Finding, Status, findings, with_status};
use crate::flame::printable;
use crate::prose::plural;

/// Maps that are named; the table above has all.
const NAMED: usize = 3;

/// The last line, without a line break.
#[must_use]
pub fn summary_line(gate: &Gate) -> String {
    let conclusion = gate.conclusion;
    printable(&format!("GATE: {} (exit {}): {}", conclusion.word(), conclusion.code(), why(gate)))
}

/// Why it ended so, in one line.
pub(crate) fn why(gate: &Gate) -> String {
    let found = findings(gate);
    let status = |status| with_status(&found, status);
    match gate.conclusion {
        Conclusion::Passed => passed(gate, &found),
        Conclusion::Regressed => named(&status(Status::Regressed)),
        Conclusion::Broken => broken_expectations(gate),
        Conclusion::Outdated => {
            format!("the policy wants the baseline renewed: {}", named(&status(Status::Improved)))
        }
        Conclusion::Inconclusive => named(&status(Status::Inconclusive)),
        Conclusion::Invalid => broken(gate).unwrap_or_else(|| "a control failed".to_owned()),
        Conclusion::Failed => gone(gate)
            .or_else(|| broken(gate))
            .or_else(|| missing(gate))
            .unwrap_or_else(|| "a pass crashed, hung or answered wrongly".to_owned()),
        Conclusion::NothingCompared => missing(gate).unwrap_or_else(|| "no figure has two sides".to_owned()),
    }
}

fn passed(gate: &Gate, found: &[Finding<'_>]) -> String {
    let all = format!(
        "{} of time and {}, none regressed",
        plural(gate.timing.len(), "comparison"),
        plural(gate.exact.len(), "exact figure")
    );
    let others = [
        (Status::Waived, "waived"),
        (Status::Advisory, "advisory"),
        (Status::Inconclusive, "inconclusive"),
        (Status::Improved, "improved"),
        (Status::Told, "told only"),
    ];
    others.into_iter().fold(all, |said, (status, word)| match with_status(found, status).len() {
        0 => said,
        count => format!("{said}, {count} {word}"),
    })
}

/// `map on workload: figure change, figure change; …`.
fn named(found: &[Finding<'_>]) -> String {
    let mut groups: Vec<((&str, &str), Vec<String>)> = Vec::new();
    for one in found {
        let said = format!("{} {}", one.title(), one.change());
        let of = (one.map, one.workload);
        match groups.iter_mut().find(|group| group.0 == of) {
            Some(group) => group.1.push(said),
            None => groups.push((of, vec![said])),
        }
    }
    let mut said: Vec<String> = groups
        .iter()
        .take(NAMED)
        .map(|((map, workload), figures)| format!("{map} on {workload}: {}", figures.join(", ")))
        .collect();
    if groups.len() > NAMED {
        said.push(format!("and {} more", groups.len() - NAMED));
    }
    said.join("; ")
}

/// The expectations that are broken, a sentence each.
fn broken_expectations(gate: &Gate) -> String {
    let broken = gate.expectations.iter().filter(|one| one.outcome == Outcome::Broken);
    let said: Vec<String> =
        broken.map(|one| format!("{} on {}: {}", one.map, one.workload, one.said)).collect();
    let more = said.len().saturating_sub(NAMED);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    said.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("; ") + &more
}

fn broken(gate: &Gate) -> Option<String> {
    let broken = gate.controls.iter().filter(|control| !control.passed);
    let said: Vec<String> =
        broken.map(|control| format!("{} failed: {}", control.kind.name(), control.said)).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// What is missing and makes the gate fail; a control that failed is a consequence.
fn gone(gate: &Gate) -> Option<String> {
    gate.not_compared.iter().any(|one| one.fails).then(|| missing(gate)).flatten()
}

fn missing(gate: &Gate) -> Option<String> {
    let mut missing: Vec<_> = gate.not_compared.iter().collect();
    // What makes the gate fail comes first.
    missing.sort_by_key(|one| !one.fails);
    let first = missing.first()?;
    let of = match (first.map.as_str(), first.workload.as_str()) {
        ("", "") => String::new(),
        (map, "") => format!("{map}: "),
        ("", workload) => format!("{workload}: "),
        (map, workload) => format!("{map} on {workload}: "),
    };
    let more = missing.len() - 1;
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    Some(format!("{of}{}{more}", first.why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::gate::{gate, passed};

    #[test]
    fn the_last_line_names_what_regressed() {
        assert_eq!(
            summary_line(&gate()),
            "GATE: REGRESSED (exit 3): go-swiss on fifo-window: total CPU 1.083 (1.062 to 1.104), peak bytes +15.0 %, \
             events \"same-size grow\" 0 → 7, rehashed entries +3"
        );
        assert_eq!(
            summary_line(&passed()),
            "GATE: PASSED (exit 0): 3 comparisons of time and 3 exact figures, none regressed"
        );
    }

    #[test]
    fn every_conclusion_says_why() {
        let mut gate = gate();
        gate.conclusion = Conclusion::Inconclusive;
        assert!(summary_line(&gate).ends_with("(exit 4): sharded-hashmap on threads-owned: wall time 1.020"));
        gate.conclusion = Conclusion::NothingCompared;
        gate.not_compared[1].fails = true;
        assert!(
            summary_line(&gate).contains("(exit 5): instructions were not counted"),
            "{}",
            summary_line(&gate)
        );
        gate.controls[1].passed = false;
        gate.conclusion = Conclusion::Invalid;
        assert!(summary_line(&gate).contains("INVALID (exit 6): negative control failed: the base against"));
        gate.conclusion = Conclusion::Failed;
        assert!(summary_line(&gate).contains("FAILED (exit 1): instructions were not counted"));
        gate.controls.clear();
        gate.not_compared.clear();
        assert!(summary_line(&gate).contains("FAILED (exit 1): a pass crashed"));
    }

    #[test]
    fn it_is_one_line_whatever_a_name_holds() {
        let mut gate = gate();
        for one in &mut gate.exact {
            one.map = "a\nGATE: PASSED (exit 0)\u{1b}[2J".into();
        }
        assert!(!summary_line(&gate).contains(|letter: char| letter.is_control()));
    }
}
