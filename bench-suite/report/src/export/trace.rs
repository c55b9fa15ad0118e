//! Every run on one time line, in the format of Chrome's trace viewer, Perfetto and speedscope.
//!
//! A process is a workload, a thread one map; phases and slices are complete events and nest, bytes held are
//! counters. Runs of a map follow each other. Times are those that the child measured, from 0.

use formats::observation::{Heap, PhaseTimes, Throughput};
use serde_json::{Value, json};

use crate::map_result::{MapResult, held};
use crate::view::View;

/// The trace of all results.
pub(super) fn json(view: &View<'_>) -> Vec<u8> {
    let mut events = Vec::new();
    for (pid, workload) in (1..).zip(&view.workloads) {
        events.push(name("process_name", pid, 0, workload.name));
        for (tid, result) in (1..).zip(&workload.results) {
            runs(&mut events, pid, tid, result);
        }
    }
    let trace = json!({
        "displayTimeUnit": "ns",
        "traceEvents": events,
        "otherData": { "session": view.session.manifest.id },
    });
    // A value without maps of odd keys is always written.
    serde_json::to_vec(&trace).unwrap_or_default()
}

fn name(what: &str, pid: usize, tid: usize, name: &str) -> Value {
    json!({ "ph": "M", "name": what, "pid": pid, "tid": tid, "args": { "name": name } })
}

/// Threads of one map lie on tracks of their own: slices of two threads overlap.
const TRACKS: usize = 1000;

fn runs(events: &mut Vec<Value>, pid: usize, tid: usize, result: &MapResult<'_>) {
    let threads = result
        .each::<Throughput>()
        .flat_map(|seen| seen.phases.iter().map(|phase| phase.threads.len()))
        .max()
        .unwrap_or(0);
    for thread in 0..threads {
        let text =
            if threads > 1 { format!("{} thread {thread}", result.map) } else { result.map.to_owned() };
        events.push(name("thread_name", pid, tid * TRACKS + thread, &text));
    }
    let mut start_ns: u64 = 0;
    for (round, seen) in result.rounds::<Throughput>() {
        for phase in &seen.phases {
            for (thread, _) in phase.threads.iter().enumerate() {
                events.extend(track(phase, round, start_ns, (pid, tid * TRACKS + thread), thread));
            }
            start_ns = start_ns.saturating_add(phase.wall_ns);
        }
    }
    if let Some(heap) = result.first::<Heap>() {
        // The heap pass is no timed pass: its samples are laid on the operations, 1 µs each.
        for sample in &heap.samples {
            let bytes = held(heap, sample);
            events.push(json!({
                "ph": "C", "name": format!("{} bytes held by operation", result.map), "pid": pid, "tid": tid * TRACKS,
                "ts": sample.ops, "args": { "bytes": bytes },
            }));
        }
    }
}

/// One phase of one thread, and its slices.
fn track(
    phase: &PhaseTimes,
    round: u32,
    start_ns: u64,
    (pid, tid): (usize, usize),
    thread: usize,
) -> Vec<Value> {
    let micros = |ns: u64| ns as f64 / 1000.0;
    let complete = |name: &str, from: u64, length: u64, args: Value| json!({ "ph": "X", "name": name, "pid": pid, "tid": tid, "ts": micros(from), "dur": micros(length), "args": args });
    let mut events = vec![complete(&phase.phase, start_ns, phase.wall_ns, json!({ "round": round }))];
    let mut at = start_ns;
    let end = start_ns.saturating_add(phase.wall_ns);
    for slice in &phase.threads[thread] {
        // A slice ends with its phase, whatever rounding says: events must nest.
        let length = slice.wall_ns.min(end.saturating_sub(at));
        events.push(complete("slice", at, length, json!({ "ops": slice.ops, "cpu_ns": slice.cpu_ns })));
        at += length;
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_nest_and_numbers_are_finite() {
        let session = crate::sample::session();
        let view = View::new(&session);
        let trace: Value = serde_json::from_slice(&json(&view)).unwrap();
        let events = trace["traceEvents"].as_array().unwrap();
        let mut open: std::collections::BTreeMap<(u64, u64), Vec<f64>> = std::collections::BTreeMap::new();
        let mut complete = 0;
        for event in events {
            match event["ph"].as_str().unwrap() {
                "M" => assert!(event["args"]["name"].is_string()),
                "C" => assert!(event["args"]["bytes"].is_u64() && event["ts"].is_u64()),
                "X" => {
                    complete += 1;
                    let place = (event["pid"].as_u64().unwrap(), event["tid"].as_u64().unwrap());
                    let (from, length) = (event["ts"].as_f64().unwrap(), event["dur"].as_f64().unwrap());
                    let ends = open.entry(place).or_default();
                    ends.retain(|end| *end > from + 1e-6);
                    assert!(ends.iter().all(|end| from + length <= end + 1e-6), "{event}");
                    ends.push(from + length);
                }
                other => panic!("{other}"),
            }
        }
        assert!(complete > 0);
    }
}
