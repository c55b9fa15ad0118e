//! Figures of one map and workload as CSV, with a heading line; units stand in the names of the columns.

use formats::observation::{Allocations, Calls, Consistency, Events, Heap, Slots, Waits};

use crate::map_result::MapResult;

/// Every table of a result, with the end of its file name.
pub(super) fn files(result: &MapResult<'_>) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    if !result.throughput.is_empty() {
        files.push(("throughput.csv".to_owned(), throughput(result)));
    }
    if let Some(seen) = result.heap {
        files.push(("heap.csv".to_owned(), heap(seen)));
    }
    if let Some(seen) = result.slots {
        files.push(("slots.csv".to_owned(), slots(seen)));
    }
    if let Some(seen) = result.allocations {
        files.push(("classes.csv".to_owned(), classes(seen)));
    }
    if let Some(seen) = result.events {
        files.push(("events.csv".to_owned(), events(seen)));
        files.push(("event-list.csv".to_owned(), event_list(seen)));
        if !seen.decisions.is_empty() {
            files.push(("decisions.csv".to_owned(), decisions(seen)));
        }
    }
    if let Some(seen) = result.calls {
        files.push(("calls.csv".to_owned(), calls(seen)));
    }
    if let Some(seen) = result.contention {
        files.push(("contention.csv".to_owned(), contention(&seen.threads)));
        files.extend(seen.tracker.map(|met| ("tracker.csv".to_owned(), contention(&[met]))));
        files.extend(seen.consistency.map(|seen| ("consistency.csv".to_owned(), consistency(&seen))));
    }
    files
}

fn csv<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail, and every row has as many cells as the heading.
    let _ = out.write_record(head);
    for row in rows {
        let _ = out.write_record(row);
    }
    out.into_inner().unwrap_or_default()
}

fn throughput(result: &MapResult<'_>) -> Vec<u8> {
    let mut rows = Vec::new();
    for (round, seen) in &result.throughput {
        for (at, phase) in seen.phases.iter().enumerate() {
            for (thread, slices) in phase.threads.iter().enumerate() {
                for (index, slice) in slices.iter().enumerate() {
                    rows.push([
                        round.to_string(),
                        at.to_string(),
                        phase.phase.clone(),
                        thread.to_string(),
                        index.to_string(),
                        slice.ops.to_string(),
                        slice.wall_ns.to_string(),
                        slice.cpu_ns.to_string(),
                    ]);
                }
            }
        }
    }
    csv(["round", "phase_index", "phase", "thread", "slice", "ops", "wall_ns", "cpu_ns"], rows)
}

fn heap(heap: &Heap) -> Vec<u8> {
    let moments = std::iter::once(("before", &heap.before))
        .chain(heap.samples.iter().map(|sample| ("tape", sample)))
        .chain([("drained", &heap.drained), ("dropped", &heap.dropped)]);
    let rows = moments.map(|(moment, sample)| {
        let figures = [
            sample.ops,
            sample.live,
            sample.allocated,
            sample.active,
            sample.resident,
            sample.retained,
            sample.rss,
        ];
        let [ops, live, allocated, active, resident, retained, rss] =
            figures.map(|figure| figure.to_string());
        [moment.to_owned(), sample.phase.clone(), ops, live, allocated, active, resident, retained, rss]
    });
    let columns = [
        "moment",
        "phase",
        "ops",
        "live",
        "allocated_bytes",
        "active_bytes",
        "resident_bytes",
        "retained_bytes",
        "rss_bytes",
    ];
    csv(columns, rows)
}

fn slots(slots: &Slots) -> Vec<u8> {
    let told = |figure: Option<u64>| figure.map_or_else(String::new, |figure| figure.to_string());
    let rows = slots.windows.iter().map(|window| {
        let figures =
            [window.first_op, window.ops, window.reused, window.recycled, window.fresh, window.live];
        let [first_op, ops, reused, recycled, fresh, live] = figures.map(|figure| figure.to_string());
        let (dead, capacity) = (told(window.dead), told(window.capacity));
        [window.phase.clone(), first_op, ops, reused, recycled, fresh, live, dead, capacity]
    });
    csv(["phase", "first_op", "ops", "reused", "recycled", "fresh", "live", "dead", "capacity"], rows)
}

fn calls(seen: &Calls) -> Vec<u8> {
    let rows = seen.phases.iter().map(|phase| {
        let counts = [phase.ops, phase.key_ops, phase.hashes, phase.comparisons];
        let [ops, key_ops, hashes, comparisons] = counts.map(|figure| figure.to_string());
        [phase.phase.clone(), ops, key_ops, hashes, comparisons]
    });
    csv(["phase", "ops", "key_ops", "hashes", "comparisons"], rows)
}

fn contention(threads: &[Waits]) -> Vec<u8> {
    let rows = threads.iter().enumerate().map(|(thread, met)| {
        let counts = [met.acquisitions, met.waits, met.wait_ns, met.longest_wait_ns, met.retries];
        let [locks, waits, ns, longest, retries] = counts.map(|figure| figure.to_string());
        [thread.to_string(), locks, waits, ns, longest, retries, met.deepest_queue.to_string()]
    });
    csv(["thread", "locks_taken", "waits", "wait_ns", "longest_wait_ns", "retries", "deepest_queue"], rows)
}

fn consistency(seen: &Consistency) -> Vec<u8> {
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
    csv(["figure", "value"], figures.map(|(name, value)| [name.to_owned(), value.to_string()]))
}

fn classes(seen: &Allocations) -> Vec<u8> {
    let rows = seen.classes.iter().map(|class| {
        let lifetimes: Vec<String> = class.lifetimes.iter().map(u64::to_string).collect();
        let figures = [class.size, class.allocations, class.frees].map(|figure| figure.to_string());
        let [size, allocations, frees] = figures;
        [size, allocations, frees, lifetimes.join(" ")]
    });
    csv(["size_bytes", "allocations", "frees", "lifetimes_by_power_of_two_ops"], rows)
}

fn events(seen: &Events) -> Vec<u8> {
    let rows = seen.windows.iter().flat_map(|window| {
        window.counts.iter().map(|(kind, count)| {
            let [first_op, ops, live, count] =
                [window.first_op, window.ops, window.live, *count].map(|figure| figure.to_string());
            [window.phase.clone(), first_op, ops, live, kind.name().to_owned(), count]
        })
    });
    csv(["phase", "first_op", "ops", "live", "kind", "count"], rows)
}

fn event_list(seen: &Events) -> Vec<u8> {
    let rows = seen.listed.iter().map(|event| {
        let counts = event.kind.size_counts().unwrap_or_default().to_owned();
        [event.op.to_string(), event.kind.name().to_owned(), event.size.to_string(), counts]
    });
    csv(["op", "kind", "size", "size_counts"], rows)
}

fn decisions(seen: &Events) -> Vec<u8> {
    let rows = seen.decisions.iter().map(|one| {
        let (taken, follows) = (one.taken.name().to_owned(), one.follows.name().to_owned());
        [taken, one.growing.to_string(), one.overflow.to_string(), follows, one.count.to_string()]
    });
    csv(["taken", "growing", "overflow", "follows", "inserts"], rows)
}
