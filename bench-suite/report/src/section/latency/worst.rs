//! The slowest operations, and which of them recur at the same place of the tape in every round.

use std::collections::BTreeMap;

use formats::observation::{Latency, SlowOp};
use formats::tape::Kind;
use maud::{Markup, html};

use crate::chart::figure::Table;
use crate::map_result::MapResult;
use crate::number::{self, NONE};
use crate::prose::plural;
use crate::ratio::median;
use crate::view::WorkloadResults;

/// The slow operations of one map, by thread, index and kind, with their durations in the rounds.
type SlowOps = BTreeMap<(u32, u64, Kind), Vec<f64>>;

/// The slowest operations of each map.
pub(super) fn figure(workload: &WorkloadResults<'_>) -> Markup {
    let results: Vec<(&MapResult<'_>, SlowOps)> = workload
        .results
        .iter()
        .map(|result| (result, seen(result)))
        .filter(|(result, _)| result.first::<Latency>().is_some())
        .collect();
    if results.iter().all(|(_, seen)| seen.is_empty()) {
        return html! {};
    }
    let mut table = Table::new([
        "map",
        "slowest",
        "kind",
        "at operation",
        "among the slowest in",
        "slowest in every round",
        "kind",
        "at operation",
    ]);
    for (result, seen) in &results {
        table.row(row(result, seen));
    }
    let id = format!("{}-worst", workload.anchor);
    html! {
        figure id=(id) {
            figcaption {
                h4 { a href=(format!("#{id}")) { "Slowest operations, " (workload.load()) } }
                p .finding { (finding(&results)) }
            }
            details .data { summary { "Slowest operations of each map" } (table.markup()) }
        }
    }
}

fn seen(result: &MapResult<'_>) -> SlowOps {
    let mut seen = SlowOps::new();
    let slow = result.each::<Latency>().flat_map(|latency| &latency.worst);
    for SlowOp { thread, index, kind, ns } in slow.filter(|slow| !result.prepares(slow.thread, slow.index)) {
        seen.entry((*thread, *index, *kind)).or_default().push(*ns as f64);
    }
    seen
}

/// The slowest operation that is among the slowest of every round, if there is more than one round.
fn recurring(result: &MapResult<'_>, seen: &SlowOps) -> Option<(f64, u64, Kind)> {
    let rounds = result.each::<Latency>().count();
    let every = seen.iter().filter(|(_, times)| rounds > 1 && times.len() == rounds);
    every
        .filter_map(|((_, index, kind), times)| Some((median(times.iter().copied())?, *index, *kind)))
        .max_by(|a, b| a.0.total_cmp(&b.0))
}

fn slowest(seen: &SlowOps) -> Option<(f64, u64, Kind, usize)> {
    seen.iter()
        .map(|((_, index, kind), times)| {
            (times.iter().copied().fold(0.0, f64::max), *index, *kind, times.len())
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
}

fn row(result: &MapResult<'_>, seen: &SlowOps) -> Vec<String> {
    let mut cells = vec![result.map.to_owned()];
    if let Some((ns, index, kind, rounds)) = slowest(seen) {
        let rounds = format!("{rounds} of {}", plural(result.each::<Latency>().count(), "round"));
        cells.extend([number::nanos(ns), kind.name().to_owned(), number::count(index), rounds]);
    }
    match recurring(result, seen) {
        Some((ns, index, kind)) => {
            cells.extend([number::nanos(ns), kind.name().to_owned(), number::count(index)]);
        }
        None => cells.extend([NONE; 3].map(str::to_owned)),
    }
    // All that were kept of such a map are of the initial fill.
    cells.resize(8, NONE.to_owned());
    cells
}

fn finding(results: &[(&MapResult<'_>, SlowOps)]) -> String {
    if results.iter().all(|(result, _)| result.each::<Latency>().count() < 2) {
        return "One round cannot separate pauses of the map from pauses of the machine: the slowest operations are listed \
                without a cause."
            .to_owned();
    }
    let real = || results.iter().filter(|(result, _)| result.is_candidate);
    let every = real().filter_map(|(result, seen)| Some((result.map, recurring(result, seen)?)));
    let most = every.max_by(|a, b| a.1.0.total_cmp(&b.1.0));
    let machine = real().filter(|(_, seen)| slowest(seen).is_some_and(|(.., rounds)| rounds == 1)).count();
    let recurs = most.map(|(map, (ns, index, kind))| {
        let (time, index) = (number::nanos(ns), number::count(index));
        format!("Slowest in every round: {map}, {} of {time} at operation {index}. ", kind.name())
    });
    format!(
        "Operations that are slow in every round are slow because of the map, those in a single round because of the \
         machine. {}In {machine} of {} maps the slowest operation was slow in one round only.",
        recurs.unwrap_or_default(),
        real().count()
    )
}

#[cfg(test)]
mod tests {
    use formats::observation::Reading;

    use super::*;
    use crate::view::View;

    #[test]
    fn the_slowest_operations_are_of_the_load_as_the_maximum_is() {
        let mut session = crate::sample::sized(&["hashbrown", "std"], &["a"], 2, 2);
        // One in the initial fill, slower than all others; of `std` there is nothing else.
        let fill = SlowOp { thread: 0, index: 5, kind: Kind::Insert, ns: 123_000_000 };
        crate::sample::each_reading(&mut session, |pass, reading| {
            let Reading::Latency(seen) = reading else { return };
            if pass.map == "std" {
                seen.worst.clear();
            }
            seen.worst.insert(0, fill);
        });
        let view = View::new(&session);
        let text = figure(&view.workloads[0]).into_string();
        assert!(
            text.contains("Slowest operations, after the initial fill") && !text.contains("123 ms"),
            "{text}"
        );
        assert!(text.contains(r#"<th scope="row">std</th><td>–</td>"#), "{text}");
    }
}
