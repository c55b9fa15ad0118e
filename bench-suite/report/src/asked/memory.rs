//! Memory: growth beside no more entries, what is given back, bytes an entry, garbage collectors.

use formats::observation::{Collector, Heap};

use super::bands::{banded, tell};
use super::{NAMED, Said, figures, part, silent};
use crate::growth::largest_step;
use crate::number;
use crate::prose::{listed, plural, spread};
use crate::view::WorkloadResults;

/// From which factor on a heap grows.
pub(super) const GROWS: f64 = 1.25;
/// Of the peak: what is nearly all, and next to nothing.
const ALL: f64 = 0.9;
const SOME: f64 = 0.1;

/// Which maps take more memory although no more entries live.
pub(super) fn growth(workload: &WorkloadResults<'_>) -> Said {
    let seen = workload.candidates().filter(|result| result.first::<Heap>().is_some()).count();
    if seen == 0 {
        return Err(Collector::Heap);
    }
    let mut steps: Vec<_> =
        workload.candidates().filter_map(largest_step).filter(|step| step.factor() >= GROWS).collect();
    steps.sort_by(|a, b| b.factor().total_cmp(&a.factor()));
    let told: Vec<String> = steps
        .iter()
        .take(NAMED)
        .map(|step| {
            let [from, to] = [step.from, step.to].map(|bytes| number::bytes(bytes as f64));
            let kept = if step.kept { ", for good" } else { "" };
            format!("{} from {from} to {to}{kept}", step.map)
        })
        .collect();
    let others = seen.saturating_sub(steps.len());
    let others = match (others, told.len()) {
        (0, _) | (_, 0) => String::new(),
        (few, _) => format!(" {} by less than 25 %, or not at all.", plural(few, "other map")),
    };
    let more = steps.len().saturating_sub(told.len());
    let more = if more > 0 { format!("; {}", plural(more, "more map")) } else { String::new() };
    let told = match told.as_slice() {
        [] => "No map's heap grows by a step of 25 % or more beside no more entries.".to_owned(),
        told => {
            format!("Beside no more entries, the heap grows in one step: {}{more}.{others}", told.join("; "))
        }
    };
    Ok(format!("{told} Sampled at the borders of slices{}.", part(workload)))
}

/// How much of its peak a map holds when its entries are gone: at the end of a tape that leaves few, else after the
/// drain that ends each pass.
pub(super) fn given_back(workload: &WorkloadResults<'_>) -> Said {
    let executed = workload.tape.map(|tape| &tape.header.executed);
    let few = executed.and_then(|seen| {
        let (end, peak) = (seen.end_live?, seen.peak_live?);
        (end < peak / 10).then_some(end)
    });
    let kept = figures(workload, |result| {
        let held = result.figures.moments?;
        let left = if few.is_some() { held.end } else { held.drained };
        (held.peak > 0).then(|| left as f64 / held.peak as f64)
    });
    if kept.is_empty() {
        return Err(Collector::Allocations);
    }
    let bands = [(ALL, "nearly all or more:"), (SOME, "a part:"), (0.0, "less than a tenth:")];
    let when = match few {
        None => "With every entry removed".to_owned(),
        Some(1) => "At the end, with one entry alive".to_owned(),
        Some(end) => format!("At the end, with {} entries alive", number::count(end)),
    };
    Ok(format!(
        "{when}, of its peak a map still holds {}{}. Counted.",
        tell(&banded(&kept, &bands), number::percent),
        silent(workload, kept.len())
    ))
}

/// Bytes held over entries alive, beside those of key and value themselves.
pub(super) fn bytes(workload: &WorkloadResults<'_>) -> Said {
    let each = figures(workload, |result| result.figures.bytes_per_entry);
    let told = each.len();
    let spread = spread(each, number::bytes, ["least", "most"]).ok_or(Collector::Heap)?;
    let own = workload
        .entry_bytes()
        .map_or_else(String::new, |own| format!(" Key and value themselves are {}.", number::bytes(own)));
    Ok(format!(
        "An entry takes {spread}{}; bytes held over entries alive, sampled at the borders of slices{}.{own}",
        silent(workload, told),
        part(workload)
    ))
}

/// What garbage collectors did meanwhile.
pub(super) fn collections(workload: &WorkloadResults<'_>) -> Said {
    if workload.candidates().all(|result| result.first::<Heap>().is_none()) {
        return Err(Collector::Heap);
    }
    let seen = figures(workload, |result| result.first::<Heap>()?.gc.as_deref());
    let told: Vec<String> = seen
        .iter()
        .map(|(map, gc)| {
            let longest = gc.pauses_ns.iter().max().copied().unwrap_or(0);
            let (times, longest) = (number::count(gc.cycles), number::nanos(longest as f64));
            format!(
                "{map} {times}, the longest recent pause {longest}, {} of the CPU time",
                number::percent(gc.cpu_fraction)
            )
        })
        .collect();
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    Ok(match told.as_slice() {
        [] => "No map that played has a garbage collector.".to_owned(),
        told => format!("Garbage collections in one pass: {}.", listed(told, NAMED)),
    })
}
