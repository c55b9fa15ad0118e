//! Method, limits, raw files.

use maud::{Markup, html};

use super::SessionSection;
use crate::number;
use crate::ratio::MIN_ROUNDS;
use crate::view::View;

pub(super) const SECTION: SessionSection =
    SessionSection { anchor: "method", title: "Method and limits", render };

fn render(view: &View<'_>) -> Markup {
    let manifest = &view.session.manifest;
    let differences = view.differences();
    html! {
        div .prose {
            p {
                "A workload becomes a tape: the exact operations, generated once from a seed. Every map plays the same tape, \
                 in a process of its own for each collector, so that no instrument disturbs another's figures. Answers are \
                 folded into a digest that must equal a model's; a map that answers wrongly has no figures. Where threads \
                 share keys the order of operations is open: there entries put in less entries taken out must be what is \
                 left. Of a map whose writes are seen later only the entries left can be checked, and only where threads \
                 own their keys; null, which does nothing, is not checked."
            }
            ul {
                li { b { "What counts. " } "The initial fill of a tape prepares the load. It has no arrival rate and is excluded from throughput, \
                    percentiles, shares and rates, bytes per entry, new tables and the times of the gate. Later fills are load and count, \
                    and so does a tape that is nothing but a fill. Curves over the tape, totals and peaks hold everything." }
                li { b { "Throughput. " } "Operations of all threads divided by wall time, from the release of all threads until the last is done. \
                    The median of the rounds. With --in-turn a map for one thread, without a schedule, takes turns with the reference \
                    map: on one processor, a stretch of some ten thousand operations each. Then the two share their caches, as in the gate, and both \
                    are slower than alone; what finds them coldest, the first fifth of a stretch, is reckoned by what it takes in the other rounds. \
                    Time in which another process had the processor is left out, unless the map waits at that place in most rounds." }
                li { b { "Ratios. " } "Maps of one round run one after the other, or in turn with the reference map (--in-turn). For each round the logarithm of the map's \
                    figure divided by that of the \
                    reference map (" (manifest.reference) ", or the one named in the table) in the same turns, if there were any; the median of these, and the \
                    order statistics around it, which assume nothing about the distribution. Five rounds: their range, 93.75 % confidence. From six on at least 95 %. \
                    Fewer than " (MIN_ROUNDS) ": no interval is claimed. An interval is of this session: in another one memory and \
                    neighbours are others, and its median may lie outside. Two builds are told apart by the pairs of the gate." }
                li { b { "Many comparisons. " } "Each interval stands for itself. Of " (differences.with_interval) " of them about "
                    (number::significant(differences.by_chance)) " would exclude 1 by chance if no map differed from the reference." }
                li { b { "Percentiles. " } "Read from HdrHistograms with three significant digits; histograms of rounds are added, percentiles are \
                    never averaged. A percentile is told from so many operations on that one lies above it, p99.9 from 1,000. The largest \
                    value is called max." }
                li { b { "Service time. " } "Closed loop: an operation starts when the previous one has ended, so that a pause slows one operation \
                    down and delays the others uncounted. It is not the response time at a given arrival rate." }
                li { b { "Response time. " } "Open loop, where a workload has an arrival rate: from the scheduled start of an operation to its end, so \
                    that operations waiting behind a pause count too (no coordinated omission). Throughput is then the rate that was \
                    completed. Slots, allocations and CPU profiles are taken at full speed." }
                li { b { "Heap. " } "Bytes that jemalloc has handed out, less those before the map was created, at slice boundaries: a peak within \
                    a slice does not show there. Where the allocations pass ran, peak, end, drained and dropped come from a counting \
                    allocator instead and are exact; each comparison says of which maps. RSS added is that of the process less what it \
                    was before the map was created." }
                li { b { "Slots. " } "Observed from outside by the addresses of entries, in a program with a counting allocator. A reused slot: an entry \
                    lived there before, in the same allocation. A recycled block: memory of a freed entry that the allocator handed out \
                    again. A fresh slot: neither. A dead slot: neither live nor usable by an insert before a rehash (a tombstone)." }
                li { b { "Events. " } "Reported by the ports of Go's maps themselves; of any other map the allocator shows new tables: blocks of at least \
                    4 KiB that could hold a 64th of the entries. Smaller ones show in the slots pass, where what a map could hold without dead slots rises from one window to the next. A capacity that rises without a new table is a rehash in place." }
                li { b { "CPU profiles. " } "Sampled by CPU time; inlined functions are counted to the function that holds them. Each graph says how many \
                    samples were taken and how many were expected." }
            }
            p { "The figures hold for this machine: on other processors, kernels and allocators the maps may rank otherwise." }
        }
        h3 { "Raw files" }
        ul .files {
            li { a href="session.json" { "session.json" } " machine, programs, tapes, plan" }
            li { a href="runs.jsonl.gz" { "runs.jsonl.gz" } " every pass, one line each: all figures of this page come from it; "
                "before the session is whole it is " code { "runs.jsonl" } }
            @if view.session.gate.is_some() {
                li { a href="gate.json" { "gate.json" } " what the gate found: every other form of it comes from it" }
                li { a href="pairs.jsonl" { "pairs.jsonl" } " every pair of processes of the gate, one line each" }
            }
            li { a href="summary.md" { "summary.md" } " the same verdicts for a pull request" }
            li { a href="data/" { "data/" } " the answer and the headlines; " code { "churnmark export" }
                " writes CSV, HdrHistogram logs and percentile files, for each workload and map, and a Chrome trace" }
            @if view.has_flamegraphs() {
                li { a href=(format!("{}/", view.flamegraphs)) { "flamegraphs/" } " folded stacks, SVG and pprof profiles" }
            }
            li { a href="../index.html" { "All sessions" } }
        }
    }
}
