//! Times: what an operation takes, the slowest ones, calls that go over all entries, waiting by the schedule.

use std::collections::BTreeMap;

use formats::histogram::{Latencies, value_at};
use formats::observation::Collector;
use formats::tape::Kind;

use super::{NAMED, Said, figures, part};
use crate::map_result::{MapResult, percentile};
use crate::number;
use crate::paced::stretches;
use crate::prose::{listed, plural, spread};
use crate::ratio::{MIN_ROUNDS, Ratio};
use crate::view::WorkloadResults;

/// Of the maps that are asked for keys what an operation takes: of the fastest, of all that the rounds cannot tell from
/// it, and of the slowest. With threads, how many operations a second all of them do.
pub(super) fn cost(workload: &WorkloadResults<'_>) -> Said {
    let keyed = |result: &&MapResult<'_>| result.has_keys || !workload.candidates().any(|one| one.has_keys);
    // In the order of the tables: fastest first.
    let maps: Vec<&MapResult<'_>> =
        workload.candidates().filter(keyed).filter(|result| !result.figures.speeds.is_empty()).collect();
    let Some((first, others)) = maps.split_first() else { return Err(Collector::Throughput) };
    let text = |result: &MapResult<'_>| {
        let speed = result.figures.ops_per_second.unwrap_or_default();
        if workload.threads() > 1 {
            format!("{} operations a second", number::approx(speed))
        } else {
            number::nanos(1e9 / speed)
        }
    };
    let rounds = plural(first.figures.speeds.len(), "round");
    let subject = if workload.threads() > 1 { "All threads together do" } else { "An operation takes" };
    let behind = |one: &MapResult<'_>| Ratio::paired(&one.figures.speeds, &first.figures.speeds);
    let tied: Vec<&str> = others
        .iter()
        .filter(|one| behind(one).is_none_or(|ratio| !ratio.differs()))
        .map(|one| one.map)
        .collect();
    let claims = others.is_empty()
        || others.iter().any(|one| behind(one).is_some_and(|ratio| ratio.interval.is_some()));
    let tied = match tied.as_slice() {
        _ if !claims => format!(" (fewer than {MIN_ROUNDS} paired rounds: no order is claimed)"),
        [] => String::new(),
        tied => format!(" (not told apart from it: {})", listed(tied, NAMED)),
    };
    let end = if workload.threads() > 1 { "lowest" } else { "highest" };
    let slowest = others
        .last()
        .map_or_else(String::new, |last| format!(", and {} in {}, the {end} median", text(last), last.map));
    Ok(format!(
        "{subject} {} in {}, the fastest{tied}{slowest}. Medians of {rounds}{}.",
        text(first),
        first.map,
        part(workload)
    ))
}

/// The p99.9 of all operations, and the longest one that every round saw.
pub(super) fn tail(workload: &WorkloadResults<'_>) -> Said {
    let sound = |result: &MapResult<'_>| !result.figures.latency_interrupted;
    let tails = figures(workload, |result| {
        result.figures.percentiles.filter(|_| sound(result))?[2].map(|ns| ns as f64)
    });
    let rounds =
        workload.candidates().map(|result| result.figures.percentiles_by_round.len()).max().unwrap_or(0);
    if rounds == 0 {
        return Err(Collector::Latency);
    }
    let granularity = workload.candidates().map(|result| result.figures.granularity_ns).fold(0.0, f64::max);
    let told = spread(tails, |ns| number::timed(ns, granularity), ["shortest", "longest"])
        .unwrap_or_else(|| "too few operations for one".to_owned());
    // A pause of the machine is in one round; what the map does is in all.
    let longest = figures(workload, |result| {
        let by_round = &result.figures.percentiles_by_round;
        by_round
            .values()
            .filter_map(|quoted| quoted[3])
            .min()
            .filter(|_| by_round.len() == rounds && rounds > 1)
    });
    let longest = longest.into_iter().max_by_key(|(_, ns)| *ns).map_or_else(String::new, |(map, ns)| {
        format!(
            " The longest operation of every round is at least {} in {map}, the most.",
            number::nanos(ns as f64)
        )
    });
    Ok(format!("p99.9 of all operations{}: {told}. {}.{longest}", part(workload), sure(rounds)))
}

/// What so many rounds of latencies let one say.
fn sure(rounds: usize) -> String {
    let told = plural(rounds, "round");
    if rounds < MIN_ROUNDS {
        format!("From {told}, too few to claim an order")
    } else {
        format!("From {told}; the comparison has the intervals")
    }
}

/// The median of each kind of call that goes over all entries.
pub(super) fn walk(workload: &WorkloadResults<'_>) -> Said {
    const KINDS: [(Kind, &str); 4] = [
        (Kind::Iterate, "a walk"),
        (Kind::Clear, "a clear"),
        (Kind::Retain, "a retain"),
        (Kind::Shrink, "a shrink"),
    ];
    let by_map: Vec<(&str, BTreeMap<Kind, Latencies>)> =
        workload.candidates().map(|result| (result.map, result.kinds())).collect();
    if by_map.iter().all(|(_, kinds)| kinds.is_empty()) {
        return Err(Collector::Latency);
    }
    let told = KINDS.iter().filter_map(|(kind, name)| {
        let seen = || by_map.iter().filter_map(|(map, kinds)| Some((*map, kinds.get(kind)?)));
        let medians = seen().map(|(map, seen)| (map, value_at(&seen.histogram(), 50.0) as f64));
        let most = seen().map(|(_, seen)| seen.count()).max()?;
        let spread = spread(medians, number::nanos, ["shortest", "longest"])?;
        let calls = usize::try_from(most).unwrap_or(usize::MAX);
        Some(format!("{name} {spread}, the median of {}", plural(calls, "call")))
    });
    let told: Vec<String> = told.collect();
    Ok(match told.as_slice() {
        [] => "Going over all entries: the load has no such call.".to_owned(),
        told => format!("Going over all entries takes: {}. No order is claimed.", told.join("; ")),
    })
}

/// The p99.9 by the schedule, beside that of the service.
pub(super) fn response(workload: &WorkloadResults<'_>) -> Said {
    let merged = |kinds: BTreeMap<Kind, Latencies>| {
        let mut all = Latencies::new();
        for one in kinds.values() {
            all.add(one);
        }
        percentile(&all.histogram(), 99.9).map(|ns| ns as f64)
    };
    if !workload.is_paced() {
        return Ok(
            "Response time: each operation starts when the one before is done, so there is none.".to_owned()
        );
    }
    let responses = figures(workload, |result| merged(result.responses()));
    let services = figures(workload, |result| merged(result.kinds()));
    let both = |spread: Option<String>| spread.unwrap_or_else(|| "too few operations".to_owned());
    if services.is_empty() && responses.is_empty() {
        return Err(Collector::Latency);
    }
    let rounds =
        workload.candidates().map(|result| result.figures.percentiles_by_round.len()).max().unwrap_or(0);
    let ends = ["shortest", "longest"];
    if let [first, .., last] = stretches(workload).as_slice()
        && workload.tape.is_some_and(|tape| tape.header.paces_differ())
    {
        let told = [first, last].map(|stretch| {
            let tails = figures(workload, |result| {
                percentile(&stretch.of(result)?.response.histogram(), 99.9).map(|ns| ns as f64)
            });
            format!("in {}: {}", stretch.label, both(spread(tails, number::nanos, ends)))
        });
        return Ok(format!(
            "p99.9 of the response time, from when an operation was due, {}. {}.",
            told.join("; "),
            sure(rounds)
        ));
    }
    Ok(format!(
        "p99.9 of the response time, from when an operation was due: {}. Of the service time: {}. {}.",
        both(spread(responses, number::nanos, ends)),
        both(spread(services, number::nanos, ends)),
        sure(rounds)
    ))
}
