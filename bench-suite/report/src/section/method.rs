//! Method, limits, raw files.

use maud::{Markup, html};

use super::SessionSection;
use crate::file_name::file_name;
use crate::ratio::MIN_ROUNDS;
use crate::view::View;

pub(super) const SECTION: SessionSection =
    SessionSection { anchor: "method", title: "Method and limits", render };

fn render(view: &View<'_>) -> Markup {
    let plan = &view.session.plan;
    let compared = view.differences().1;
    let chance = (compared as f64 * 0.05).ceil();
    html! {
        div .prose {
            p {
                "A workload becomes a tape: the exact operations, made once from a seed. Every map plays the same tape, \
                 in a process of its own for each collector, so no instrument disturbs another's number. Every answer is \
                 folded into a digest that must equal the model's; a map that answers wrongly has no figures."
            }
            ul {
                li { b { "Throughput. " } "Operations of all threads over wall time from the moment all threads are let go to \
                    the moment the last is done; the first filling is left out when more follows. The median over the rounds." }
                li { b { "Ratios. " } "Maps of one round run next to each other. For each round the logarithm of map over " (plan.reference)
                    "; the median of these, and the order statistics around it, which assume nothing about the distribution. Five rounds: \
                     their range, 93.75 % confidence. From six on at least 95 %. Fewer than " (MIN_ROUNDS) ": no interval is claimed." }
                li { b { "Many comparisons. " } "Each interval stands for itself. Of " (compared) " of them up to about " (format!("{chance:.0}"))
                    " may leave 1 out by chance alone." }
                li { b { "Percentiles. " } "Read from HdrHistograms of three significant digits; histograms of rounds are added, percentiles are \
                    never averaged. The largest is called max." }
                li { b { "Service time. " } "Closed loop: the next operation starts when the last has ended, so a pause delays but does not \
                    multiply. It is not the response time of an open load." }
                li { b { "Response time. " } "Open loop, where a workload has a timetable: from when the operation should have started to its own \
                    end, so that what waits behind a pause is counted with it. Throughput is then the rate that was kept. Slots, allocations \
                    and CPU profiles are taken at full speed." }
                li { b { "Heap. " } "Bytes that jemalloc has handed out, less those before the map was made, at slice borders: a peak within \
                    a slice does not show there. Peak and end of the comparison come from a counting allocator and are exact." }
                li { b { "Slots. " } "Seen from outside by the addresses of entries; a program with a counting allocator of its own. Its \
                    timings are of no interest and are not shown." }
                li { b { "Events. " } "Told by the maps that can, the ports of Go's maps; of any other map the allocator shows tables: blocks \
                    of at least 4 KiB in which a 64th of the entries fit. A capacity that rises without one is a rehash in place." }
                li { b { "CPU profiles. " } "Sampled by CPU time; inlined functions are folded into the function that holds them. Samples \
                    that arrived and samples that were due are printed with each graph." }
            }
            p { "What one machine shows holds for that machine: other processors, kernels and allocators may order the maps otherwise." }
        }
        h3 { "Raw files" }
        ul .files {
            li { a href="session.json" { "session.json" } " machine, programs, tapes, plan" }
            li { a href="runs.jsonl" { "runs.jsonl" } " every pass, one line each: all figures of this page come from it" }
            @if view.session.gate.is_some() {
                li { a href="gate.json" { "gate.json" } " what the gate found: every other form of it comes from it" }
                li { a href="pairs.jsonl" { "pairs.jsonl" } " every pair of processes of the gate, one line each" }
            }
            li { a href="summary.md" { "summary.md" } " the same verdicts for a pull request" }
            li { a href="data/" { "data/" } " CSV, HdrHistogram logs and percentile files, a Chrome trace, for each workload and map" }
            li { a href=(format!("../../flamegraphs/{}/", file_name(&plan.id))) { "flamegraphs/" } " folded stacks, SVG and pprof profiles" }
            li { a href="../index.html" { "All sessions" } }
        }
    }
}
