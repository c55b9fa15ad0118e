//! Every run on one time line, in the format of Chrome's trace viewer, Perfetto and speedscope.
//!
//! A process is a workload, a thread one map; phases and slices are complete events and nest, structural changes are
//! instants, bytes held are counters. Runs of a map follow each other. Times are those that the child measured, from 0.
//! Passes that take no times know at which operation something was: it is drawn when the first throughput pass was
//! there.

use formats::observation::{Events, Heap, PhaseTimes, Throughput};
use serde_json::{Value, json};

use crate::held::held;
use crate::map_result::MapResult;
use crate::view::View;

/// The trace of all results.
pub(super) fn json(view: &View<'_>) -> Vec<u8> {
    let mut events = Traced(b"{\"displayTimeUnit\":\"ns\",\"traceEvents\":[".to_vec());
    for (pid, workload) in (1..).zip(&view.workloads) {
        events.push(&name("process_name", pid, 0, workload.name));
        for (tid, result) in (1..).zip(&workload.results) {
            runs(&mut events, pid, tid, result);
        }
    }
    events.end(&json!({ "session": view.session.manifest.id }))
}

/// A trace that is being written. Kept as values, its events would take tenfold the memory.
struct Traced(Vec<u8>);

impl Traced {
    fn push(&mut self, event: &Value) {
        if self.0.last() != Some(&b'[') {
            self.0.push(b',');
        }
        self.write(event);
    }

    fn extend(&mut self, events: impl IntoIterator<Item = Value>) {
        events.into_iter().for_each(|event| self.push(&event));
    }

    fn end(mut self, about: &Value) -> Vec<u8> {
        self.0.extend(b"],\"otherData\":");
        self.write(about);
        self.0.push(b'}');
        self.0
    }

    fn write(&mut self, value: &Value) {
        // Writing to memory does not fail, and a value has no odd keys.
        let _ = serde_json::to_writer(&mut self.0, value);
    }
}

fn name(what: &str, pid: usize, tid: usize, name: &str) -> Value {
    json!({ "ph": "M", "name": what, "pid": pid, "tid": tid, "args": { "name": name } })
}

/// Threads of one map lie on tracks of their own: slices of two threads overlap.
const TRACKS: usize = 1000;

fn runs(events: &mut Traced, pid: usize, tid: usize, result: &MapResult<'_>) {
    let threads = result
        .each::<Throughput>()
        .flat_map(|seen| seen.phases.iter().map(|phase| phase.threads.len()))
        .max()
        .unwrap_or(0);
    for thread in 0..threads.max(1) {
        let text =
            if threads > 1 { format!("{} thread {thread}", result.map) } else { result.map.to_owned() };
        events.push(&name("thread_name", pid, tid * TRACKS + thread, &text));
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
    let place = (pid, tid * TRACKS);
    let axis = Axis::of(result);
    if let Some(heap) = result.first::<Heap>() {
        let sample = |ops: u64, bytes: u64| {
            json!({
                "ph": "C", "name": format!("{} bytes held", result.map), "pid": place.0, "tid": place.1,
                "ts": axis.micros(ops), "args": { "bytes": bytes },
            })
        };
        events.extend(heap.samples.iter().map(|one| sample(one.ops, held(heap, one))));
    }
    if let Some(seen) = result.first::<Events>() {
        events.extend(seen.listed.iter().map(|event| {
            json!({
                "ph": "i", "s": "t", "name": event.kind.name(), "pid": place.0, "tid": place.1, "ts": axis.micros(event.op),
                "args": { "operation": event.op, "size": event.size },
            })
        }));
    }
}

/// When the operations of a tape were played: places on the tape with their times, both rising.
struct Axis(Vec<(u64, u64)>);

impl Axis {
    /// By the first throughput pass: by its slices where one thread plays, else by its phases. Without such a pass an
    /// operation is taken for 1 ns; there is nothing else on the axis then.
    fn of(result: &MapResult<'_>) -> Self {
        let mut places = vec![(0_u64, 0_u64)];
        let (mut ops, mut ns) = (0_u64, 0_u64);
        for phase in result.first::<Throughput>().map_or(&[][..], |seen| &seen.phases) {
            let end = ns.saturating_add(phase.wall_ns);
            if let [slices] = phase.threads.as_slice() {
                for slice in slices {
                    ops = ops.saturating_add(slice.ops);
                    ns = ns.saturating_add(slice.wall_ns).min(end);
                    places.push((ops, ns));
                }
            } else {
                let slices = phase.threads.iter().flatten();
                ops = slices.fold(ops, |sum, slice| sum.saturating_add(slice.ops));
                places.push((ops, end));
            }
            ns = end;
        }
        Self(places)
    }

    fn micros(&self, op: u64) -> f64 {
        let after = self.0.partition_point(|(ops, _)| *ops <= op);
        let &(before, start) = self.0.get(after.wrapping_sub(1)).unwrap_or(&(0, 0));
        match self.0.get(after) {
            Some(&(ops, ns)) => {
                let share = (op - before) as f64 / (ops - before) as f64;
                micros(start) + share * (micros(ns) - micros(start))
            }
            None if self.0.len() > 1 => micros(start),
            None => micros(op),
        }
    }
}

fn micros(ns: u64) -> f64 {
    ns as f64 / 1000.0
}

/// A start and a length such that their sum, as any reader computes it, is not after `end`: what comes next begins
/// there, and what is around ends there.
fn stretch(start: f64, end: f64) -> (f64, f64) {
    let mut length = (end - start).max(0.0);
    while length > 0.0 && start + length > end {
        length = length.next_down();
    }
    (start, length)
}

/// One phase of one thread, and its slices.
fn track(
    phase: &PhaseTimes,
    round: u32,
    start_ns: u64,
    (pid, tid): (usize, usize),
    thread: usize,
) -> Vec<Value> {
    let complete = |name: &str, (from, length): (f64, f64), args: Value| json!({ "ph": "X", "name": name, "pid": pid, "tid": tid, "ts": from, "dur": length, "args": args });
    let end_ns = start_ns.saturating_add(phase.wall_ns);
    let whole = stretch(micros(start_ns), micros(end_ns));
    let mut events = vec![complete(&phase.phase, whole, json!({ "round": round }))];
    let mut at = start_ns;
    for slice in &phase.threads[thread] {
        // A slice ends with its phase, whatever rounding says: events must nest.
        let next = at.saturating_add(slice.wall_ns).min(end_ns);
        let piece = stretch(micros(at), micros(next).min(whole.0 + whole.1));
        events.push(complete("slice", piece, json!({ "ops": slice.ops, "cpu_ns": slice.cpu_ns })));
        at = next;
    }
    events
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use formats::observation::Reading;

    use super::*;

    #[test]
    fn events_nest_to_the_last_bit_on_one_axis() {
        let mut session = crate::sample::session();
        crate::sample::each_reading(&mut session, |_, reading| {
            // Times whose sums do not come out even in thousandths.
            let Reading::Throughput(seen) = reading else { return };
            for phase in &mut seen.phases {
                phase.wall_ns = phase.wall_ns / 7 * 7 + 3;
                phase.threads[0].iter_mut().for_each(|slice| slice.wall_ns += 1);
            }
        });
        let view = View::new(&session);
        let trace: Value = serde_json::from_slice(&json(&view)).unwrap();
        let mut open: BTreeMap<(u64, u64), Vec<f64>> = BTreeMap::new();
        let mut latest: BTreeMap<u64, f64> = BTreeMap::new();
        let (mut complete, mut instants, mut counters) = (0, 0, Vec::new());
        for event in trace["traceEvents"].as_array().unwrap() {
            let place = (event["pid"].as_u64().unwrap(), event["tid"].as_u64().unwrap());
            match event["ph"].as_str().unwrap() {
                "M" => assert!(event["args"]["name"].is_string()),
                "C" => counters.push((place.1, event["ts"].as_f64().unwrap())),
                "i" => {
                    instants += 1;
                    counters.push((place.1, event["ts"].as_f64().unwrap()));
                    assert!(
                        event["args"]["operation"].is_u64() && !event["name"].as_str().unwrap().is_empty()
                    );
                }
                "X" => {
                    complete += 1;
                    let (from, length) = (event["ts"].as_f64().unwrap(), event["dur"].as_f64().unwrap());
                    let ends = open.entry(place).or_default();
                    ends.retain(|end| *end > from);
                    assert!(ends.iter().all(|end| from + length <= *end), "{event}");
                    ends.push(from + length);
                    let latest = latest.entry(place.1).or_default();
                    *latest = latest.max(from + length);
                }
                other => panic!("{other}"),
            }
        }
        assert!(complete > 0 && instants > 0 && !counters.is_empty());
        for (track, at) in counters {
            assert!(at <= latest[&track], "{at} is after everything that was played on {track}");
        }
    }

    #[test]
    fn an_operation_is_where_the_throughput_pass_was() {
        let axis = Axis(vec![(0, 0), (100, 1000), (200, 5000)]);
        let places = [0, 50, 100, 150, 200, 999].map(|op| axis.micros(op).to_string());
        assert_eq!(places, ["0", "0.5", "1", "3", "5", "5"]);
        assert_eq!(Axis(vec![(0, 0)]).micros(7000).to_string(), "7");
    }
}
