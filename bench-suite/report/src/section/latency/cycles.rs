//! The tail of phases that come again under one name: whether a later cycle is slower than the first.

use std::collections::{BTreeMap, BTreeSet};

use formats::histogram::Latencies;
use formats::observation::Latency;
use maud::{Markup, html};

use crate::chart::figure::Table;
use crate::map_result::{MapResult, percentile};
use crate::number;
use crate::section::cycle_lines::charts;
use crate::view::WorkloadResults;

/// The percentile that is compared.
const PERCENT: f64 = 99.0;
/// From which factor on two cycles are said to differ: below it lies what rounds differ by anyway.
const NOTABLE: f64 = 2.0;

/// The p99 of each of the phases of one name in one map, ns, all kinds of operations and all rounds together.
struct Cycles<'a> {
    map: &'a str,
    is_candidate: bool,
    phase: &'a str,
    tails: Vec<f64>,
}

impl Cycles<'_> {
    fn ends(&self) -> [f64; 2] {
        [self.tails[0], self.tails[self.tails.len() - 1]]
    }

    fn slowest(&self) -> (usize, f64) {
        self.tails
            .iter()
            .copied()
            .enumerate()
            .fold((0, 0.0), |most, one| if one.1 > most.1 { one } else { most })
    }
}

/// The table, or nothing where no phase comes again.
pub(super) fn figure(workload: &WorkloadResults<'_>) -> Markup {
    let cycles: Vec<Cycles<'_>> = workload.results.iter().flat_map(of_map).collect();
    if cycles.is_empty() {
        return html! {};
    }
    let mut table =
        Table::new(["map", "phase", "times", "p99 of the first", "of the last", "slowest", "which"]);
    for one in &cycles {
        let ([first, last], (at, slowest)) = (one.ends(), one.slowest());
        let [first, last, slowest] = [first, last, slowest].map(number::nanos);
        let (times, which) = (one.tails.len(), format!("{} of {}", at + 1, one.tails.len()));
        let times = number::count(times as u64);
        table.row([one.map.to_owned(), one.phase.to_owned(), times, first, last, slowest, which]);
    }
    let id = format!("{}-tail-cycles", workload.anchor);
    let names: BTreeSet<&str> = cycles.iter().map(|one| one.phase).collect();
    let names: Vec<&str> = names.into_iter().collect();
    html! {
        figure id=(id) {
            figcaption {
                h4 { a href=(format!("#{id}")) { "p99 of phases that come again" } }
                p .finding { (finding(&cycles)) }
            }
            (charts(workload, &id, "p99", &names, |phase, map| {
                let one = cycles.iter().find(|one| (one.phase, one.map) == (phase, map));
                one.map(|one| one.tails.clone()).unwrap_or_default()
            }))
            details .data { summary { "Each phase that comes again" } (table.markup()) }
        }
    }
}

fn of_map<'a>(result: &MapResult<'a>) -> Vec<Cycles<'a>> {
    let mut of_phases: BTreeMap<(&str, u64), Latencies> = BTreeMap::new();
    for seen in result.each::<Latency>().flat_map(|latency| &latency.kinds).filter(|seen| seen.counts) {
        // Where phases of one name were recorded together, they cannot be told apart.
        if let Some(number) = seen.phase_number {
            of_phases.entry((&seen.phase, number)).or_insert_with(Latencies::sum).add(&seen.service);
        }
    }
    let mut by_name: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for ((phase, _), latencies) in of_phases {
        if let Some(tail) = percentile(&latencies.histogram(), PERCENT) {
            by_name.entry(phase).or_default().push(tail as f64);
        }
    }
    let cycles = |(phase, tails): (&'a str, Vec<f64>)| {
        let (map, is_candidate) = (result.map, result.is_candidate);
        (tails.len() > 1).then_some(Cycles { map, is_candidate, phase, tails })
    };
    by_name.into_iter().filter_map(cycles).collect()
}

/// Where first and last cycle are apart, the farthest first.
fn finding(cycles: &[Cycles<'_>]) -> String {
    let apart = |one: &Cycles<'_>| {
        let [first, last] = one.ends();
        (first / last.max(1.0)).max(last / first.max(1.0))
    };
    let mut told: Vec<&Cycles<'_>> =
        cycles.iter().filter(|one| one.is_candidate && apart(one) >= NOTABLE).collect();
    if told.is_empty() {
        return "In no map is the p99 of the last cycle twice that of the first, or half of it.".to_owned();
    }
    told.sort_by(|a, b| apart(b).total_cmp(&apart(a)));
    let text = |one: &&Cycles<'_>| {
        let [first, last] = one.ends().map(number::nanos);
        format!(
            "{} of {} has {first} in the first of {} cycles and {last} in the last",
            one.phase,
            one.map,
            one.tails.len()
        )
    };
    format!("First and last differ: {}.", told.iter().take(3).map(text).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use formats::observation::{KindLatency, Reading};
    use formats::tape::Kind;

    use super::*;
    use crate::view::View;

    /// A session in which the first of three cycles of std is slow.
    fn shown(numbered: bool) -> String {
        let mut session = crate::sample::sized(&["hashbrown", "std"], &["cycles"], 2, 2);
        crate::sample::each_reading(&mut session, |pass, reading| {
            let Reading::Latency(latency) = reading else { return };
            let kind = |number: u64| {
                let mut service = Latencies::new();
                service.record(if pass.map == "std" && number == 0 { 900 } else { 100 }, 500);
                let phase_number = numbered.then_some(number);
                KindLatency {
                    phase: "get".into(),
                    phase_number,
                    counts: true,
                    kind: Kind::Get,
                    role: None,
                    service,
                    response: None,
                }
            };
            latency.kinds = (0..3).map(kind).collect();
        });
        figure(&View::new(&session).workloads[0]).into_string()
    }

    #[test]
    fn a_slow_first_cycle_is_told_where_cycles_can_be_told_apart() {
        let said =
            "First and last differ: get of std has 900 ns in the first of 3 cycles and 100 ns in the last.";
        assert!(shown(true).contains(said), "{}", shown(true));
        assert!(shown(true).contains("id=\"w1-tail-cycles-chart\""), "{}", shown(true));
        assert_eq!(shown(false), "");
    }
}
