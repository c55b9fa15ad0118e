//! How long operations took over the tape, of all maps on one scale, with what they changed meanwhile.

use std::collections::BTreeMap;

use formats::histogram::carries;
use formats::observation::{EventKind, Events, Latency, LatencyWindow};
use maud::{Markup, html};

use crate::chart::figure::{Table, figure as captioned};
use crate::chart::heat::{Ascent, Heat, Mark, Rows, key};
use crate::map_result::MapResult;
use crate::number;
use crate::ratio::median;
use crate::view::WorkloadResults;

/// Changes of the structure that touch more than an entry or a bucket.
const MARKED: [EventKind; 10] = [
    EventKind::TableAllocated,
    EventKind::RehashInPlace,
    EventKind::Grow,
    EventKind::SameSizeGrow,
    EventKind::Split,
    EventKind::DirectoryDoubling,
    EventKind::Prune,
    EventKind::Clear,
    EventKind::Promotion,
    EventKind::DirtyRebuild,
];

/// A heat map for each map, and where each has its worst window.
pub(super) fn figure(workload: &WorkloadResults<'_>) -> Markup {
    let mut spikes = Vec::new();
    let mut heats = Vec::new();
    let medians = workload.candidates().filter_map(|result| result.figures.percentiles?[0]);
    let floor = 10_u64.pow(medians.min().unwrap_or(1).max(1).ilog10());
    for result in &workload.results {
        let windows = windows(result, floor);
        if windows.is_empty() {
            continue;
        }
        let marks = if workload.threads() == 1 { marks(result) } else { Vec::new() };
        spikes.extend(spike(result.map, &windows, &marks).filter(|_| result.is_candidate));
        let bands = thread_bands(result);
        let last = windows.last().map_or(0.0, |window| window.first_op as f64 + 1.0);
        heats.push(Heat {
            id: format!("{}-heat-{}", workload.anchor, result.place),
            name: result.map,
            columns: Heat::columns(windows.iter().map(|window| (window.first_op, &window.rows))),
            ops: bands.last().map_or(0.0, |(.., end)| *end).max(last),
            bands,
            marks,
        });
    }
    let lows = heats.iter().filter_map(Heat::extent).map(|extent| extent.0).min();
    let highs = heats.iter().filter_map(Heat::extent).map(|extent| extent.1).max();
    let (Some(low), Some(high)) = (lows, highs) else { return html! {} };
    let chart = html! {
        div .panels.small { @for heat in &heats { (heat.draw((low, high))) } }
        (key())
        p .note {
            "From the left to the right the operations of the tape, upwards the service time, on one scale for all maps, in the \
             first round. "
            @if workload.threads() == 1 {
                "What a map changed is from its pass of events, in hundredths of the tape: the same tape, played once more."
            } @else {
                "With threads no events are recorded."
            }
        }
    };
    let id = format!("{}-heat", workload.anchor);
    let shows = "Service time over the tape, all kinds of operations (thread 0)";
    captioned(&id, shows, &finding(&spikes), &chart, &table(&spikes))
}

fn table(spikes: &[Spike<'_>]) -> Table {
    let head = ["map", "median window's p99", "worst window's p99", "at operation", "changed in that window"];
    let mut data = Table::new(head);
    for spike in spikes {
        let [median, worst] = [spike.median, spike.worst].map(number::nanos);
        let changed = spike.changed.clone().unwrap_or_default();
        data.row([spike.map.to_owned(), median, worst, number::count(spike.at), changed]);
    }
    data
}

fn finding(spikes: &[Spike<'_>]) -> String {
    let widest = spikes.iter().max_by(|a, b| a.factor().total_cmp(&b.factor()));
    widest.map_or_else(String::new, |spike| {
        let changed = spike.changed.as_ref();
        format!(
            "Largest spike: {}. Its window at operation {} has a p99 of {}, {} that of its median window{}.",
            spike.map,
            number::count(spike.at),
            number::nanos(spike.worst),
            number::factor(spike.factor()),
            changed.map_or_else(String::new, |what| format!("; there its pass of events has: {what}"))
        )
    })
}

/// What a map changed, window by window of its pass of events; windows side by side with the same kinds are one mark.
fn marks(result: &MapResult<'_>) -> Vec<Mark> {
    let windows = result.first::<Events>().map_or(&[][..], |seen| &seen.windows);
    let mut marks: Vec<(f64, f64, BTreeMap<EventKind, u64>)> = Vec::new();
    for window in windows {
        let counts = window.counts.iter().filter(|(kind, count)| MARKED.contains(kind) && **count > 0);
        let counts: BTreeMap<EventKind, u64> = counts.map(|(kind, count)| (*kind, *count)).collect();
        let from = window.first_op as f64;
        let to = from + window.ops as f64;
        match marks.last_mut() {
            _ if counts.is_empty() => {}
            Some((_, end, seen)) if *end >= from && seen.keys().eq(counts.keys()) => {
                *end = to;
                seen.iter_mut()
                    .zip(counts.values())
                    .for_each(|((_, sum), more)| *sum = sum.saturating_add(*more));
            }
            _ => marks.push((from, to, counts)),
        }
    }
    let told = |counts: BTreeMap<EventKind, u64>| {
        let told = counts.iter().map(|(kind, count)| format!("{} ×{}", kind.name(), number::count(*count)));
        told.collect::<Vec<_>>().join(", ")
    };
    marks.into_iter().map(|(from, to, counts)| Mark { from, to, what: told(counts) }).collect()
}

/// A stretch of the tape: how long its operations took.
struct Window {
    first_op: u64,
    rows: Rows,
    /// The p99, where there are operations enough for one.
    tail: Option<f64>,
}

/// The windows of the first round; what is shorter than `floor` ns stands in the row of the floor. A session has a hundred
/// thousand of them: each is unpacked once.
fn windows(result: &MapResult<'_>, floor: u64) -> Vec<Window> {
    let windows = result.first::<Latency>().map_or(&[][..], |latency| &latency.windows);
    let window = |window: &LatencyWindow| {
        let count = window.service.count();
        // The rank of the p99.
        let rank = count - count / 100;
        let (mut rows, mut tail, mut below) = (Rows::new(), None, 0_u64);
        let mut ascent = Ascent::new();
        window.service.each(|ns, times| {
            let in_row = rows.entry(ascent.row(ns.max(floor))).or_default();
            *in_row = in_row.saturating_add(times);
            below = below.saturating_add(times);
            if tail.is_none() && below >= rank {
                tail = Some(ns as f64);
            }
        });
        Window { first_op: window.first_op, rows, tail: tail.filter(|_| carries(count, 99.0)) }
    };
    windows.iter().map(window).collect()
}

/// The phases of thread 0, as played.
fn thread_bands<'a>(result: &MapResult<'a>) -> Vec<(&'a str, f64, f64)> {
    let Some(latency) = result.each::<Latency>().next() else { return Vec::new() };
    let mut end = 0.0;
    let mut bands = Vec::new();
    for phase in &latency.times {
        let ops =
            phase.threads.first().map_or(0, |slices| number::total(slices.iter().map(|slice| &slice.ops)));
        bands.push((phase.phase.as_str(), end, end + ops as f64));
        end += ops as f64;
    }
    bands
}

/// How far the worst window is from the usual one.
struct Spike<'a> {
    map: &'a str,
    median: f64,
    worst: f64,
    at: u64,
    /// What the map changed there.
    changed: Option<String>,
}

impl Spike<'_> {
    fn factor(&self) -> f64 {
        self.worst / self.median.max(1.0)
    }
}

fn spike<'a>(map: &'a str, windows: &[Window], marks: &[Mark]) -> Option<Spike<'a>> {
    let tails = || windows.iter().filter_map(|window| Some((window.first_op, window.tail?)));
    let (at, worst) = tails().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let changed = marks.iter().find(|mark| (mark.from..mark.to).contains(&(at as f64)));
    let changed = changed.map(|mark| mark.what.clone());
    Some(Spike { map, median: median(tails().map(|(_, tail)| tail))?, worst, at, changed })
}

#[cfg(test)]
mod tests {
    use formats::observation::Reading;

    use super::*;
    use crate::view::View;

    #[test]
    fn every_map_has_a_panel_and_what_it_changed_is_marked_where_it_was() {
        let mut session = crate::sample::sized(&["hashbrown", "std", "btree"], &["a"], 1, 12);
        crate::sample::each_reading(&mut session, |pass, reading| {
            let Reading::Events(seen) = reading else { return };
            seen.windows.iter_mut().for_each(|window| window.counts.clear());
            if pass.map == "std" {
                seen.windows[3].counts.insert(EventKind::Grow, 1);
                seen.windows[4].counts.insert(EventKind::Grow, 2);
                seen.windows[6].counts.insert(EventKind::Delete, 9);
            }
        });
        let view = View::new(&session);
        let workload = &view.workloads[0];
        let text = figure(workload).into_string();
        assert_eq!(text.matches("class=\"heat\"").count(), 3, "{text}");
        let std = workload.results.iter().find(|result| result.map == "std").unwrap();
        let marks = marks(std);
        let windows = &std.first::<Events>().unwrap().windows;
        assert_eq!(marks.len(), 1);
        assert_eq!(marks[0].what, "grow ×3");
        assert_eq!((marks[0].from, marks[0].to), (windows[3].first_op as f64, windows[5].first_op as f64));
        assert!(text.contains("<title>grow ×3</title>"), "{text}");
    }
}
