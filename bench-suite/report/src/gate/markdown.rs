//! For `$GITHUB_STEP_SUMMARY` and pull requests.

use std::fmt::Write;

use formats::gate::{Conclusion, Gate};

use super::finding::{Finding, Status, findings, with_status};
use super::summary_line::why;
use super::text::{controls, designs, expectations, rule, sides, unchanged_in_words, unsettled};
use crate::markdown::cell;

/// What a gate found: the verdict, tables of what moved, the rest folded away.
#[must_use]
pub fn markdown(gate: &Gate) -> String {
    let found = findings(gate);
    let sign = match gate.conclusion {
        Conclusion::Passed => "✅",
        Conclusion::Inconclusive => "⚠️",
        _ => "❌",
    };
    let conclusion = gate.conclusion;
    let mut out = format!(
        "### {sign} Gate: {} (exit {})\n\n**{}**\n\n",
        conclusion.word(),
        conclusion.code(),
        cell(&why(gate))
    );
    for line in sides(gate) {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{}  ", cell(&line));
    }
    for status in Status::ALL.into_iter().filter(|status| *status != Status::Unchanged) {
        out += &table(status, &with_status(&found, status));
    }
    let unchanged = with_status(&found, Status::Unchanged);
    if !unchanged.is_empty() {
        let _ = write!(out, "\nUnchanged: {}.\n", cell(&unchanged_in_words(&unchanged)));
    }
    out += &list("Expectations", &expectations(gate));
    out += &list("Not compared", &unsettled(gate));
    let broken = gate.controls.iter().any(|control| !control.passed);
    let checks = list("Controls", &controls(gate));
    let rule = list("Rule", &[rule(&gate.rule), designs(gate)].concat());
    if broken {
        out += &checks;
        out + &folded("The rule in force", &rule)
    } else {
        out + &folded("Controls and the rule in force", &(checks + &rule))
    }
}

fn table(status: Status, found: &[Finding<'_>]) -> String {
    if found.is_empty() {
        return String::new();
    }
    let mut out = format!("\n**{}**\n\n", status.title());
    out.push_str("| workload | map | figure | change | evidence |\n|---|---|---|--:|---|\n");
    for one in found {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            cell(one.workload),
            cell(one.map),
            cell(&one.title()),
            cell(&one.change()),
            cell(&one.evidence())
        );
    }
    out
}

fn list(title: &str, lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("- {}\n", cell(line))).collect();
    if lines.is_empty() { String::new() } else { format!("\n**{title}**\n\n{}", lines.concat()) }
}

fn folded(title: &str, inner: &str) -> String {
    format!("\n<details><summary>{title}</summary>\n{inner}\n</details>\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::gate::gate;

    #[test]
    fn a_control_that_broke_is_not_folded_away() {
        let mut gate = gate();
        let at = |text: &str, what: &str| text.find(what).unwrap();
        let text = markdown(&gate);
        assert!(at(&text, "**Controls**") > at(&text, "<details>"));
        gate.controls[1].passed = false;
        let text = markdown(&gate);
        assert!(at(&text, "FAILED") < at(&text, "<details>"));
    }

    #[test]
    fn names_stay_in_their_cells() {
        let mut gate = gate();
        gate.timing[3].map = "a|b\n</details><img src=x> @team [x](y)".into();
        gate.not_compared[0].why = "</details><script>".into();
        let text = markdown(&gate);
        assert!(!text.contains("<img") && !text.contains("<script") && !text.contains(" @team"));
        assert_eq!(text.matches("</details>").count(), 1);
        let columns = |line: &&str| line.starts_with("| ");
        for row in text.lines().filter(columns) {
            assert_eq!(row.replace("\\|", "").matches('|').count(), 6, "{row}");
        }
    }
}
