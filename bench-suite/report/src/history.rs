//! A history of gates, for a terminal and as a page: how far each map has moved, where, and since when.

mod page;
mod text;

use formats::gate::Verdict;
use formats::history::{Entry, ExactMove};
use verdict::anchor::Drift;
use verdict::history::{HistoryFindings, Series, Value};

pub use self::page::page;
pub use self::text::text;

use crate::gate::{ratio, time_title};
use crate::markdown::cell;
use crate::number::NONE;

/// The first ten letters of a commit, and the day: enough to find it.
fn commit(entries: &[Entry], at: usize) -> String {
    let Some(entry) = entries.get(at) else { return NONE.to_owned() };
    let revision: String = entry.revision.chars().take(10).collect();
    let day: String = entry.when.chars().take(10).collect();
    format!("{revision} ({day})")
}

/// How many gates there are, from when to when, and against which anchor.
fn span(entries: &[Entry], found: &HistoryFindings) -> String {
    let days = match (entries.first(), entries.last()) {
        (Some(_), Some(_)) if entries.len() > 1 => {
            format!(", from {} to {}", commit(entries, 0), commit(entries, entries.len() - 1))
        }
        (Some(_), _) => format!(", {}", commit(entries, 0)),
        _ => String::new(),
    };
    let anchor = found.anchor.as_ref().map_or_else(
        || "no gate had an anchor, so that drift cannot be seen".to_owned(),
        |anchor| format!("anchor {anchor}"),
    );
    format!("{}{days}; {anchor}", crate::prose::plural(entries.len(), "gate"))
}

/// Series that drifted or changed first, then the others, each in their order.
fn by_gravity(found: &HistoryFindings) -> Vec<&Series> {
    let mut series: Vec<&Series> = found.series.iter().collect();
    let rank = |one: &Series| match one.drift.map(|drift| drift.verdict) {
        Some(Verdict::Regressed) => 0,
        _ if !one.changes.is_empty() => 1,
        Some(Verdict::Improved) => 2,
        _ => 3,
    };
    series.sort_by_key(|one| rank(one));
    series
}

fn title(one: &Series) -> &'static str {
    time_title(one.metric)
}

/// Where the newest level lies: `1.051 (1.044 to 1.059)`.
fn drifted(one: &Series) -> String {
    let Some(drift) = one.drift else { return NONE.to_owned() };
    match (drift.interval.lower, drift.interval.upper) {
        (Some(low), Some(high)) => {
            format!("{} ({} to {})", ratio(drift.ratio.exp()), ratio(low.exp()), ratio(high.exp()))
        }
        _ => ratio(drift.ratio.exp()),
    }
}

/// What is said of the drift, and since which commit.
fn drift_verdict(entries: &[Entry], one: &Series) -> String {
    let Some(drift) = one.drift else { return "no anchor".to_owned() };
    match (drift.verdict, one.levels.get(drift.since)) {
        (Verdict::Regressed | Verdict::Improved, Some(since)) => {
            format!("{} since {}", drift.verdict.name(), commit(entries, since.entry))
        }
        _ => drift.verdict.name().to_owned(),
    }
}

/// The changes of a series, a sentence each.
fn changes(entries: &[Entry], one: &Series) -> Vec<String> {
    let said = |change: &verdict::change_points::ChangePoint| {
        let at = one.levels.get(change.index).map_or(usize::MAX, |level| level.entry);
        format!(
            "{} → {} at {}, p {}",
            ratio(change.before.exp()),
            ratio(change.after.exp()),
            commit(entries, at),
            crate::gate::p_value(change.p_value)
        )
    };
    one.changes.iter().map(said).collect()
}

/// What lasted, for a pull request: a line for each series that changed or drifted; nothing where none did.
#[must_use]
pub fn lasting(entries: &[Entry], found: &HistoryFindings) -> String {
    let said = |one: &Series| {
        let name = cell(&format!("{} on {}: {}", one.map, one.workload, title(one)));
        let changed = changes(entries, one)
            .into_iter()
            .map(|said| format!("changed against the anchor, and stayed so: {said}"));
        let has_drifted = |drift: &Drift| matches!(drift.verdict, Verdict::Regressed | Verdict::Improved);
        let drift = one.drift.filter(has_drifted);
        let drift = drift.map(|_| format!("drifted to {}, {}", drifted(one), drift_verdict(entries, one)));
        changed.chain(drift).map(|said| format!("- {name} {said}")).collect::<Vec<_>>()
    };
    let lines: Vec<String> = by_gravity(found).into_iter().flat_map(said).collect();
    match lines.as_slice() {
        [] => String::new(),
        lines => format!("\n### Over {}\n\n{}\n", cell(&span(entries, found)), lines.join("\n")),
    }
}

fn newest(values: &[Value]) -> String {
    values.last().map_or_else(|| NONE.to_owned(), |value| ratio(value.log_ratio.exp()))
}

/// Exact figures that moved, newest first: the commit and what it did.
fn moves(entries: &[Entry]) -> Vec<(String, &ExactMove)> {
    let of = |(at, entry): (usize, &'_ Entry)| -> Vec<(String, usize, usize)> {
        (0..entry.exact_moved.len()).map(|index| (commit(entries, at), at, index)).collect()
    };
    let all = entries.iter().enumerate().rev().flat_map(of);
    all.map(|(commit, at, index)| (commit, &entries[at].exact_moved[index])).collect()
}

/// The totals over all seeds, which were judged.
fn counts(moved: &ExactMove) -> String {
    let total =
        |side: &[u64]| crate::number::count(u64::try_from(verdict::exact::total(side)).unwrap_or(u64::MAX));
    format!("{} → {}", total(&moved.base), total(&moved.head))
}
