//! The verdicts of a session in Markdown, short enough for a pull request.

use std::fmt::Write;

use formats::shown::shown_text;

use crate::map_result::MapResult;
use crate::markdown::{cell, code};
use crate::number::{self, NONE};
use crate::view::{View, WorkloadResults};
use crate::{answer, asked, expected, gate};

/// Failed passes that are listed; the report has all.
const FAILURES: usize = 20;

pub(crate) fn render(view: &View<'_>) -> String {
    let manifest = &view.session.manifest;
    let tally = view.tally();
    let mut out = String::new();
    line(&mut out, &format!("### Churnmark: {}", cell(&manifest.id)));
    if let Some(gate) = &view.session.gate {
        line(&mut out, &format!("**{}**", cell(&gate::summary_line(gate))));
    }
    out.push_str(&answer::markdown(&answer::of_view(view)));
    line(
        &mut out,
        &format!(
            "{} of {} passes measured, {}{}{} missing. {}, {} cores, {}.",
            tally.measured,
            tally.all(),
            if tally.failed > 0 { format!("**{} failed**, ", tally.failed) } else { "0 failed, ".to_owned() },
            if tally.unavailable > 0 {
                format!("{} not to be had, ", tally.unavailable)
            } else {
                String::new()
            },
            tally.missing,
            cell(&manifest.machine.cpu),
            manifest.machine.cores,
            cell(&manifest.toolchain)
        ),
    );
    failures(&mut out, view);
    let judged = expected::list(&expected::of_view(view));
    if !judged.is_empty() {
        line(&mut out, &format!("**Expected, and not held**\n\n{}", judged.trim_end()));
    }
    for workload in &view.workloads {
        table(&mut out, view, workload);
    }
    let differences = view.differences();
    line(
        &mut out,
        &format!(
            "Ratios: throughput divided by that of `{}` (or of the map marked as reference), median of paired rounds, with its \
             interval; where that is not the quotient of the two medians beside it, with †. In italics: no difference is shown. {} of {} show one. Initial fills are excluded.",
            code(&manifest.reference),
            differences.shown,
            differences.compared
        ),
    );
    shown_text(out)
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
        .filter_map(|run| {
            Some(format!("- {}: {}", cell(&run.pass.to_string()), cell(&run.failure()?.to_string())))
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

fn table(out: &mut String, view: &View<'_>, workload: &WorkloadResults<'_>) {
    if workload.results.is_empty() {
        return;
    }
    line(out, &format!("**{}**", cell(workload.name)));
    for reply in asked::of_workload(view, workload) {
        line(out, &cell(&reply.text));
    }
    let [hits, rule] = if workload.is_bounded() { [" hits |", "--:|"] } else { [""; 2] };
    let _ = writeln!(out, "| map | Mop/s | ratio | p50 | p99.9 | max | B/entry | reused |{hits}");
    let _ = writeln!(out, "|---|--:|--:|--:|--:|--:|--:|--:|{rule}");
    for result in &workload.results {
        row(out, workload, result);
    }
    out.push('\n');
}

fn row(out: &mut String, workload: &WorkloadResults<'_>, result: &MapResult<'_>) {
    let is_reference = result.map == workload.reference;
    let figures = &result.figures;
    let some = |text: Option<String>| text.unwrap_or_else(|| NONE.to_owned());
    let timed = |ns: u64| number::timed(ns as f64, figures.granularity_ns);
    let quoted = |at: usize| some(figures.percentiles.and_then(|quoted| quoted[at].map(timed)));
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
        let text = if workload.quotient_apart(result).is_some() { text + " †" } else { text };
        if ratio.differs() { text } else { format!("*{text}*") }
    });
    let hits = if workload.is_bounded() {
        format!(" {} |", some(figures.hit_rate().map(number::percent)))
    } else {
        String::new()
    };
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "| {} | {} | {} | {} | {} | {} | {} | {} |{hits}",
        cell(result.map),
        some(figures.ops_per_second.map(|speed| number::significant(speed / 1e6))),
        match (is_reference, figures.interrupted > 0 && figures.speeds.is_empty()) {
            (true, _) => "reference".to_owned(),
            (_, true) => "*interrupted*".to_owned(),
            _ => some(ratio),
        },
        quoted(0),
        quoted(2),
        quoted(3),
        some(figures.bytes_per_entry.map(number::bytes_each)),
        some(figures.landed.map(|landed| number::percent(landed.reuse()))),
    );
}
