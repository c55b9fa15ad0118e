//! The verdicts of a session in Markdown, short enough for a pull request.

use std::fmt::Write;

use formats::run::Outcome;

use crate::gate;
use crate::map_result::MapResult;
use crate::markdown::{cell, code};
use crate::number::{self, NONE};
use crate::view::{View, WorkloadResults};

/// Failed passes that are listed; the report has all.
const FAILURES: usize = 20;

pub(crate) fn render(view: &View<'_>) -> String {
    let manifest = &view.session.manifest;
    let (measured, failed) = view.tally();
    let mut out = String::new();
    line(&mut out, &format!("### Churnmark: {}", cell(&manifest.id)));
    if let Some(gate) = &view.session.gate {
        line(&mut out, &format!("**{}**", cell(&gate::summary_line(gate))));
    }
    let missing = view.session.missing().count();
    line(
        &mut out,
        &format!(
            "{measured} of {} passes measured, **{failed} failed**, {missing} missing. {}, {} cores, {}.",
            measured + failed + missing,
            cell(&manifest.machine.cpu),
            manifest.machine.cores,
            cell(&manifest.toolchain)
        ),
    );
    failures(&mut out, view);
    for workload in &view.workloads {
        table(&mut out, workload);
    }
    let differences = view.differences();
    line(
        &mut out,
        &format!(
            "Ratios: throughput divided by that of `{}` (or of the map marked as reference), median of paired rounds, with its \
             interval. In italics: no difference is shown. {} of {} show one. Initial fills are excluded.",
            code(&manifest.reference),
            differences.shown,
            differences.compared
        ),
    );
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push_str("\n\n");
}

fn failures(out: &mut String, view: &View<'_>) {
    let failed: Vec<String> = view
        .session
        .runs
        .iter()
        .filter_map(|run| match &run.outcome {
            Outcome::Failed(failure) => {
                Some(format!("- {}: {}", cell(&run.pass.to_string()), cell(&failure.to_string())))
            }
            Outcome::Measured(_) => None,
        })
        .collect();
    for text in failed.iter().take(FAILURES) {
        out.push_str(text);
        out.push('\n');
    }
    if failed.len() > FAILURES {
        let _ = writeln!(out, "- and {} more", failed.len() - FAILURES);
    }
    if !failed.is_empty() {
        out.push('\n');
    }
}

fn table(out: &mut String, workload: &WorkloadResults<'_>) {
    if workload.results.is_empty() {
        return;
    }
    line(out, &format!("**{}**", cell(workload.name)));
    out.push_str(
        "| map | Mop/s | ratio | p50 | p99.9 | max | B/entry | reused |\n|---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for result in &workload.results {
        row(out, result, result.map == workload.reference);
    }
    out.push('\n');
}

fn row(out: &mut String, result: &MapResult<'_>, is_reference: bool) {
    let figures = &result.figures;
    let some = |text: Option<String>| text.unwrap_or_else(|| NONE.to_owned());
    let quoted = |at: usize| {
        some(figures.percentiles.map(|quoted| number::timed(quoted[at] as f64, figures.granularity_ns)))
    };
    let ratio = figures.speed_ratio.map(|ratio| {
        let text = match ratio.interval {
            Some(interval) => format!(
                "{} ({}–{})",
                number::factor(ratio.estimate),
                number::factor_digits(interval.low),
                number::factor_digits(interval.high)
            ),
            None => number::factor(ratio.estimate),
        };
        if ratio.differs() { text } else { format!("*{text}*") }
    });
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "| {} | {} | {} | {} | {} | {} | {} | {} |",
        cell(result.map),
        some(figures.ops_per_second.map(|speed| number::significant(speed / 1e6))),
        if is_reference { "reference".to_owned() } else { some(ratio) },
        quoted(0),
        quoted(2),
        quoted(3),
        some(figures.bytes_per_entry.map(number::significant)),
        some(figures.landed.map(|landed| number::percent(landed.reuse()))),
    );
}
