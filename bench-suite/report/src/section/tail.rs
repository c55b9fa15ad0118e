//! What made the slowest operations slow: whose their time was, and the worst of them.

use formats::observation::{Collector, Done, SlowInPlays, Tail};
use maud::{Markup, html};
use verdict::tail::{Cause, Judged, Shares, judge, shares};

use super::{Files, WorkloadSection};
use crate::chart::figure::Table;
use crate::csv_file::csv_file;
use crate::map_result::MapResult;
use crate::number::{self, NONE};
use crate::prose::plural;
use crate::view::{View, WorkloadResults};

pub(super) const SECTION: WorkloadSection = WorkloadSection {
    anchor: "tail",
    title: "What made the slowest operations slow",
    shows: &[Collector::Tail],
    render,
    files,
};

/// The percentiles above which time is divided, and which operation of how many that is.
const LEVELS: [(&str, u64); 2] = [("p99.9", 1000), ("p99.99", 10_000)];
/// The slowest operations of each map that are listed; all are in the data files.
const WORST: usize = 5;
/// Causes of one map that a sentence names.
const NAMED: usize = 4;

/// What is known of one map.
struct Seen<'a> {
    map: &'a str,
    is_candidate: bool,
    tail: &'a Tail,
    judged: Vec<Judged>,
    /// At each of the levels.
    shares: [Option<Shares>; LEVELS.len()],
}

impl<'a> Seen<'a> {
    fn of(result: &MapResult<'a>) -> Option<Self> {
        let tail = result.first::<Tail>()?;
        let judged = judge(tail);
        let shares = LEVELS.map(|(_, one_in)| shares(tail, &judged, one_in));
        Some(Self { map: result.map, is_candidate: result.is_candidate, tail, judged, shares })
    }

    /// The farthest of the levels that it has enough operations for.
    fn farthest(&self) -> Option<(&'static str, &Shares)> {
        LEVELS.iter().zip(&self.shares).rev().find_map(|((name, _), shares)| Some((*name, shares.as_ref()?)))
    }
}

fn render(_: &View<'_>, workload: &WorkloadResults<'_>) -> Markup {
    let seen: Vec<Seen<'_>> = workload.results.iter().filter_map(Seen::of).collect();
    if seen.is_empty() {
        return html! {};
    }
    let id = format!("{}-tail-causes", workload.anchor);
    html! {
        figure id=(id) {
            figcaption {
                h4 { a href=(format!("#{id}")) { "Where the time of the slowest operations goes, " (workload.load()) } }
                @for one in seen.iter().filter(|one| one.is_candidate) {
                    @if let Some(sentence) = sentence(one) { p .finding { (sentence) } }
                }
            }
            (by_cause(&seen).markup())
            details .data { summary { "The slowest operations of each map" } (worst(&seen).markup()) }
        }
        p .note { (about(&seen)) }
    }
}

/// Whose the time above the farthest percentile is.
fn sentence(seen: &Seen<'_>) -> Option<String> {
    let (level, shares) = seen.farthest()?;
    Some(format!("Above the {level} of {}: {}.", seen.map, divided(shares, NAMED)))
}

/// The shares of the causes, largest first.
fn divided(shares: &Shares, most: usize) -> String {
    let share = |ns: u64| number::percent(ns as f64 / shares.ns.max(1) as f64);
    let (told, rest) = shares.by_cause.split_at(shares.by_cause.len().min(most));
    let mut parts: Vec<String> =
        told.iter().map(|&(cause, ns)| format!("{} {}", share(ns), name(cause))).collect();
    if !rest.is_empty() {
        let ns = rest.iter().fold(0_u64, |sum, (_, ns)| sum.saturating_add(*ns));
        parts.push(format!("{} other", share(ns)));
    }
    parts.join(", ")
}

/// A cause in a few words.
const fn name(cause: Cause) -> &'static str {
    match cause {
        Cause::Event(kind) => kind.name(),
        Cause::Allocator => "allocator",
        Cause::Faults => "page faults",
        Cause::Wait => "waiting",
        Cause::AllEntries => "going over all entries",
        Cause::Map => "recurs (unexplained)",
        Cause::Preempted => "machine (preempted)",
        Cause::Machine => "machine (unexplained)",
        Cause::Untold => "not told apart",
    }
}

fn by_cause(seen: &[Seen<'_>]) -> Table {
    let levels = LEVELS
        .iter()
        .flat_map(|(level, _)| [format!("time above {level}, by cause"), "of it with a cause".to_owned()]);
    let mut table = Table::new(std::iter::once("map".to_owned()).chain(levels));
    for one in seen {
        let cells = one.shares.iter().flat_map(|shares| match shares {
            Some(shares) => [divided(shares, usize::MAX), number::percent(shares.explained())],
            None => [NONE.to_owned(), NONE.to_owned()],
        });
        table.row(std::iter::once(one.map.to_owned()).chain(cells));
    }
    table
}

fn worst(seen: &[Seen<'_>]) -> Table {
    let mut table = Table::new([
        "map",
        "at operation",
        "kind",
        "slow in",
        "fastest of them",
        "slowest of them",
        "cause",
        "what it did",
    ]);
    for one in seen {
        let slowest =
            |at: &usize| one.judged[*at].parts.iter().map(|(_, parts)| whole(parts)).max().unwrap_or(0);
        let mut order: Vec<usize> = (0..one.judged.len()).collect();
        order.sort_by_key(|at| (std::cmp::Reverse(slowest(at)), *at));
        for at in order.into_iter().take(WORST) {
            let (judged, slow) = (&one.judged[at], &one.tail.slow[at]);
            table.row([
                one.map.to_owned(),
                number::count(judged.index),
                judged.kind.name().to_owned(),
                format!("{} of {}", judged.recurs_in, plural(one.tail.plays.len(), "play")),
                number::nanos(judged.ns as f64),
                number::nanos(slowest(&at) as f64),
                name(judged.cause).to_owned(),
                did(&slow.done),
            ]);
        }
    }
    table
}

fn whole(parts: &[(Cause, u64)]) -> u64 {
    parts.iter().fold(0, |sum, (_, ns)| sum.saturating_add(*ns))
}

/// What was seen of an operation, in a few words.
fn did(done: &Done) -> String {
    let mut parts: Vec<String> = done
        .events
        .iter()
        .map(|(kind, times)| match times {
            1 => kind.name().to_owned(),
            times => format!("{} {}", number::count(*times), kind.name()),
        })
        .collect();
    let count = |count: u64, noun| plural(usize::try_from(count).unwrap_or(usize::MAX), noun);
    if done.calls > 0 {
        let calls = count(done.calls, "allocator call");
        parts.push(format!("{calls} for {}", number::bytes(done.bytes as f64)));
    }
    if done.met.faults() > 0 {
        parts.push(count(done.met.faults(), "page fault"));
    }
    if done.met.waits > 0 {
        parts.push(count(done.met.waits, "wait"));
    }
    if parts.is_empty() { "nothing that was counted".to_owned() } else { parts.join(", ") }
}

/// How it was found out.
fn about(seen: &[Seen<'_>]) -> String {
    let plays = seen.iter().map(|one| one.tail.plays.len()).max().unwrap_or(0);
    format!(
        "One process plays the tape {plays} times with a clock, each time into a new map of the same hash, and once more \
         without one, looking at every operation. What is slow at the same operation in two plays belongs to the map, what \
         is not to the machine; of a slow operation that recurs, what it took longer than in its fastest play does too. A \
         cause of the map's is what it did in that operation and does in no more than one of ten of the same kind, in this \
         order: a structural change, more calls of the allocator or more bytes than usual, a page fault, a wait. The \
         machine's is told where the processor was taken from the thread. The program's allocator counts and keeps freed \
         pages; a map that tells of its events does so while it is timed. How long operations take is in Latency."
    )
}

fn files(_: &WorkloadResults<'_>, result: &MapResult<'_>) -> Files {
    let Some(seen) = Seen::of(result) else { return Files::new() };
    vec![("tail.csv".to_owned(), slow_operations(&seen))]
}

fn slow_operations(seen: &Seen<'_>) -> Vec<u8> {
    let rows = seen.judged.iter().zip(&seen.tail.slow).map(|(judged, slow)| {
        let SlowInPlays { done, .. } = slow;
        let counts = [done.calls, done.bytes, done.met.faults(), done.met.waits];
        let [calls, bytes, faults, waits] = counts.map(|figure| figure.to_string());
        let times: Vec<String> =
            slow.ns.iter().map(|ns| ns.map_or_else(String::new, |ns| ns.to_string())).collect();
        let events: Vec<String> =
            done.events.iter().map(|(kind, times)| format!("{times} {}", kind.name())).collect();
        [
            judged.index.to_string(),
            judged.kind.name().to_owned(),
            judged.recurs_in.to_string(),
            times.join(" "),
            name(judged.cause).to_owned(),
            events.join("; "),
            calls,
            bytes,
            faults,
            waits,
        ]
    });
    let head = [
        "index",
        "kind",
        "slow_in_plays",
        "ns_in_plays",
        "cause",
        "events",
        "allocator_calls",
        "allocated_bytes",
        "page_faults",
        "waits",
    ];
    csv_file(head, rows)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use formats::observation::{Clock, EventKind, TailPlay, UsualOfKind};
    use formats::tape::Kind;

    use super::*;

    /// Twenty thousand inserts, of which one grows the table and one was slow once.
    fn tail() -> Tail {
        let play = |kept| TailPlay { ops: 20_000, ns: 1_000_000, kept, stretches: Vec::new() };
        let slow = |index, ns: [u64; 3], done| SlowInPlays {
            index,
            kind: Kind::Insert,
            ns: ns.map(Some).into(),
            done,
        };
        let grows = Done {
            events: BTreeMap::from([(EventKind::Grow, 1)]),
            calls: 2,
            bytes: 1 << 20,
            ..Done::default()
        };
        let usual = UsualOfKind {
            kind: Kind::Insert,
            ops: 20_000,
            events: BTreeMap::from([(EventKind::Grow, 1)]),
            by_calls: vec![19_999, 0, 1],
            by_bytes: [vec![19_999], vec![0; 20], vec![1]].concat(),
        };
        let slow = vec![
            slow(7, [6000, 6000, 6000], grows),
            slow(9, [0, 4000, 0], Done::default()),
            slow(11, [2000, 0, 2000], Done::default()),
        ];
        Tail { clock: Clock::default(), plays: vec![play(2); 3], slow, usual: vec![usual] }
    }

    fn seen(tail: &Tail) -> Seen<'_> {
        let judged = judge(tail);
        let shares = [None, shares(tail, &judged, 10_000)];
        Seen { map: "hashbrown", is_candidate: true, tail, judged, shares }
    }

    #[test]
    fn each_map_has_a_sentence_of_its_farthest_percentile() {
        let tail = tail();
        let seen = seen(&tail);
        assert_eq!(
            sentence(&seen).unwrap(),
            "Above the p99.99 of hashbrown: 69.2 % grow, 15.4 % recurs (unexplained), 15.4 % machine (unexplained)."
        );
        let shares = seen.shares[1].as_ref().unwrap();
        assert_eq!(divided(shares, 1), "69.2 % grow, 30.8 % other");
        let few = Seen { shares: [None, None], ..seen };
        assert_eq!(sentence(&few), None);
    }

    #[test]
    fn the_worst_operations_are_listed_with_what_they_did() {
        let tail = tail();
        let rows = worst(&[seen(&tail)]).rows;
        let first = [
            "hashbrown",
            "7",
            "insert",
            "3 of 3 plays",
            "6.00 µs",
            "6.00 µs",
            "grow",
            "grow, 2 allocator calls for 1.00 MiB",
        ];
        assert_eq!(rows[0], first);
        assert_eq!(
            rows[1][3..],
            ["1 of 3 plays", "4.00 µs", "4.00 µs", "machine (unexplained)", "nothing that was counted"]
        );
        assert_eq!(rows.len(), 3);
        let file = String::from_utf8(slow_operations(&seen(&tail))).unwrap();
        assert!(file.contains("\n9,insert,1,0 4000 0,machine (unexplained),,0,0,0,0\n"), "{file}");
    }
}
