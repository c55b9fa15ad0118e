//! Contention: how threads waited for each other, and what their readers got to see.

mod cloud;

use formats::observation::{Collector, Consistency, Contention, Waits};
use maud::{Markup, html};

use super::{Files, WorkloadSection};
use crate::chart::figure::Table;
use crate::csv_file::csv_file;
use crate::map_result::MapResult;
use crate::number::{self, NONE};
use crate::prose::{listed, spread};
use crate::view::{View, WorkloadResults};

pub(super) const SECTION: WorkloadSection = WorkloadSection {
    anchor: "contention",
    title: "Contention",
    shows: &[Collector::Contention],
    render,
    files,
};

fn render(_: &View<'_>, workload: &WorkloadResults<'_>) -> Markup {
    let seen: Vec<(&MapResult<'_>, &Contention)> = workload
        .results
        .iter()
        .filter(|result| !result.is_null)
        .filter_map(|result| Some((result, result.first::<Contention>()?)))
        .collect();
    if seen.is_empty() {
        return html! {};
    }
    html! {
        p .finding { (waiting(&seen)) }
        (cloud::figure(workload, &seen))
        (waits(&seen).markup())
        @if seen.iter().any(|(_, seen)| seen.tracker.is_some()) {
            p .finding { (tracking(&seen)) }
            (trackers(&seen).markup())
        }
        @if seen.iter().any(|(_, seen)| seen.consistency.is_some()) {
            p .finding { (reading(&seen)) }
            (consistency(&seen).markup())
        }
        p .note {
            "Locks are counted in this pass only, over the whole tape, so operations are not timed in it: throughput and \
             percentiles are from the other passes, " (workload.load()) ". It is a single pass: no difference between maps is \
             claimed. " (NONE) ": the locks are the library's own and cannot be counted. What readers see is a separate \
             experiment on a new map: each thread writes rising numbers to one key, reads it back and reads its \
             neighbour's; then all update one key."
        }
    }
}

fn waits(seen: &[(&MapResult<'_>, &Contention)]) -> Table {
    let mut table = Table::new([
        "map",
        "operations a second",
        "p50",
        "p99",
        "p99.9",
        "locks taken",
        "waits",
        "wait per operation",
        "longest wait",
        "retries",
        "deepest queue",
        "slots reused",
    ]);
    for (result, seen) in seen {
        let speed = result.figures.ops_per_second.map_or_else(|| NONE.to_owned(), number::approx);
        let mut cells = vec![result.map.to_owned(), speed];
        match result.figures.percentiles {
            Some([p50, p99, p999, _]) => cells.extend(
                [p50, p99, p999].map(|ns| ns.map_or_else(|| NONE.to_owned(), |ns| number::nanos(ns as f64))),
            ),
            None => cells.extend([NONE; 3].map(str::to_owned)),
        }
        match met(seen) {
            Some(waits) => cells.extend([
                number::count(waits.acquisitions),
                number::count(waits.waits),
                number::nanos(waits.wait_ns as f64 / seen.ops.max(1) as f64),
                number::nanos(waits.longest_wait_ns as f64),
                number::count(waits.retries),
                number::count(waits.deepest_queue),
            ]),
            None => cells.extend([NONE; 6].map(str::to_owned)),
        }
        cells.push(seen.tracked.filter(|tracked| tracked.taken > 0).map_or_else(
            || NONE.to_owned(),
            |tracked| number::percent(tracked.reused as f64 / tracked.taken as f64),
        ));
        table.row(cells);
    }
    table
}

/// What all threads met, if the map's locks count.
fn met(seen: &Contention) -> Option<Waits> {
    seen.threads.iter().copied().reduce(Waits::and)
}

/// What was met at the trackers alone; the table above has the locks of the slots in it too.
fn trackers(seen: &[(&MapResult<'_>, &Contention)]) -> Table {
    let mut table = Table::new([
        "map",
        "locks of the tracker taken",
        "waits for them",
        "wait per operation",
        "longest wait",
        "retries",
    ]);
    for (result, seen) in seen {
        let Some(met) = seen.tracker else { continue };
        table.row([
            result.map.to_owned(),
            number::count(met.acquisitions),
            number::count(met.waits),
            number::nanos(met.wait_ns as f64 / seen.ops.max(1) as f64),
            number::nanos(met.longest_wait_ns as f64),
            number::count(met.retries),
        ]);
    }
    table
}

fn tracking(seen: &[(&MapResult<'_>, &Contention)]) -> String {
    let tracked = || seen.iter().filter_map(|(result, seen)| Some((result.map, seen.tracker?)));
    let free: Vec<&str> = tracked().filter(|(_, met)| met.waits == 0).map(|(map, _)| map).collect();
    let most = tracked().filter(|(_, met)| met.waits > 0).max_by_key(|(_, met)| met.waits);
    let most = most.map_or_else(String::new, |(map, met)| {
        format!(
            "Most waits for the slot tracker: {map}, {} in {} lock acquisitions.",
            number::count(met.waits),
            number::count(met.acquisitions)
        )
    });
    match free.as_slice() {
        [] => most,
        free => format!("{most} None in {}.", listed(free, 5)).trim().to_owned(),
    }
}

fn waiting(seen: &[(&MapResult<'_>, &Contention)]) -> String {
    let per_op = |waits: Waits, ops: u64| waits.wait_ns as f64 / ops.max(1) as f64;
    let waited = seen.iter().filter_map(|(result, seen)| Some((result.map, per_op(met(seen)?, seen.ops))));
    spread(waited, number::nanos, ["least", "most"]).map_or_else(
        || "No lock of these maps can be counted.".to_owned(),
        |spread| {
            format!("In a single pass, which claims no order of the maps, the wait for locks per operation was {spread}.")
        },
    )
}

fn consistency(seen: &[(&MapResult<'_>, &Contention)]) -> Table {
    let mut table = Table::new([
        "map",
        "a reader gets",
        "own writes missed",
        "reads that went back in time",
        "stale reads",
        "most writes behind",
        "longest staleness",
        "updates lost",
        "updates that return nothing",
    ]);
    for (result, seen) in seen {
        let Some(seen) = seen.consistency else { continue };
        table.row([
            result.map.to_owned(),
            verdict(&seen).to_owned(),
            share(seen.own_writes_missed, seen.own_reads),
            share(seen.went_back, seen.other_reads),
            share(seen.stale, seen.other_reads),
            number::count(seen.most_writes_behind),
            number::nanos(seen.longest_stale_ns as f64),
            share(seen.lost_updates, seen.answered_updates),
            share(seen.unanswered_updates, seen.answered_updates.saturating_add(seen.unanswered_updates)),
        ]);
    }
    table
}

fn share(part: u64, whole: u64) -> String {
    if whole == 0 { NONE.to_owned() } else { number::percent(part as f64 / whole as f64) }
}

/// What the reads of the experiment allow to say.
fn verdict(seen: &Consistency) -> &'static str {
    match seen {
        seen if seen.is_strict() => "the last value written",
        Consistency { own_writes_missed: 1.., .. } => "old values, even of its own writes",
        Consistency { went_back: 1.., .. } => "values that go back in time",
        Consistency { stale: 1.., .. } => "old values of other threads' writes",
        Consistency { lost_updates: 1.., .. } => "the last value written, but updates are lost",
        _ => "the last value written; updates return nothing",
    }
}

fn reading(seen: &[(&MapResult<'_>, &Contention)]) -> String {
    let pairs = || seen.iter().filter_map(|(result, seen)| Some((result.map, seen.consistency?)));
    let odd: Vec<&str> = pairs().filter(|(_, seen)| !seen.is_strict()).map(|(map, _)| map).collect();
    if odd.is_empty() {
        return "No reader missed a completed write, and no update was lost.".to_owned();
    }
    let lost = pairs().filter(|(_, seen)| seen.own_writes_missed > 0);
    let worst = lost.max_by_key(|(_, seen)| seen.own_writes_missed);
    let own = worst.map_or_else(String::new, |(map, seen)| {
        let missed = share(seen.own_writes_missed, seen.own_reads);
        format!(" In {map} {missed} of the reads miss the thread's own last write.")
    });
    format!(
        "Anomalies were seen in {}.{own} The others always returned the last value written.",
        listed(&odd, 5)
    )
}

fn files(_: &WorkloadResults<'_>, result: &MapResult<'_>) -> Files {
    let Some(seen) = result.first::<Contention>() else { return Files::new() };
    let mut files = vec![("contention.csv".to_owned(), waits_by_thread(&seen.threads))];
    files.extend(seen.tracker.map(|met| ("tracker.csv".to_owned(), waits_by_thread(&[met]))));
    files.extend(seen.consistency.map(|seen| ("consistency.csv".to_owned(), consistency_figures(&seen))));
    files
}

fn waits_by_thread(threads: &[Waits]) -> Vec<u8> {
    let rows = threads.iter().enumerate().map(|(thread, met)| {
        let counts = [met.acquisitions, met.waits, met.wait_ns, met.longest_wait_ns, met.retries];
        let [locks, waits, ns, longest, retries] = counts.map(|figure| figure.to_string());
        [thread.to_string(), locks, waits, ns, longest, retries, met.deepest_queue.to_string()]
    });
    csv_file(
        ["thread", "locks_taken", "waits", "wait_ns", "longest_wait_ns", "retries", "deepest_queue"],
        rows,
    )
}

fn consistency_figures(seen: &Consistency) -> Vec<u8> {
    let figures = [
        ("threads", seen.threads),
        ("own_reads", seen.own_reads),
        ("own_writes_missed", seen.own_writes_missed),
        ("other_reads", seen.other_reads),
        ("went_back", seen.went_back),
        ("stale", seen.stale),
        ("most_writes_behind", seen.most_writes_behind),
        ("longest_stale_ns", seen.longest_stale_ns),
        ("answered_updates", seen.answered_updates),
        ("unanswered_updates", seen.unanswered_updates),
        ("lost_updates", seen.lost_updates),
    ];
    csv_file(["figure", "value"], figures.map(|(name, value)| [name.to_owned(), value.to_string()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_gets_follows_from_what_it_missed() {
        let strict =
            Consistency { own_reads: 9, other_reads: 9, answered_updates: 9, ..Consistency::default() };
        assert_eq!(verdict(&strict), "the last value written");
        let lossy = Consistency { lost_updates: 1, ..strict };
        assert_eq!(verdict(&lossy), "the last value written, but updates are lost");
        let stale = Consistency { stale: 1, ..lossy };
        assert_eq!(verdict(&stale), "old values of other threads' writes");
        let blind = Consistency { own_writes_missed: 1, ..stale };
        assert_eq!(verdict(&blind), "old values, even of its own writes");
        let silent = Consistency { unanswered_updates: 1, ..strict };
        assert_eq!(verdict(&silent), "the last value written; updates return nothing");
    }
}
