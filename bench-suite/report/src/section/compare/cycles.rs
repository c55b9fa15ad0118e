//! Phases that come again under one name: what each of them costs, and whether a later one costs more than the first.

use std::collections::{BTreeMap, BTreeSet};

use formats::observation::Throughput;
use maud::{Markup, html};

use crate::chart::figure::Table;
use crate::map_result::{MapResult, ns_per_op};
use crate::number;
use crate::ratio::{Ratio, median};
use crate::section::cycle_lines::charts;
use crate::view::WorkloadResults;

/// From which factor on a cycle is said to be slower than the usual one.
const NOTABLE: f64 = 1.25;

/// The phases of one name in one map: ns an operation of each, by round.
struct Cycles<'a> {
    map: &'a str,
    is_candidate: bool,
    phase: &'a str,
    each: Vec<BTreeMap<u32, f64>>,
}

/// The figure, or nothing where no phase comes again.
pub(super) fn figure(workload: &WorkloadResults<'_>) -> Markup {
    let cycles: Vec<Cycles<'_>> = workload.results.iter().flat_map(of_map).collect();
    if cycles.is_empty() {
        return html! {};
    }
    let mut table = Table::new(["map", "phase", "times", "first", "median", "last", "slowest", "which"]);
    for one in &cycles {
        let times = one.times();
        let (Some((at, slowest)), Some(usual)) = (one.slowest(), median(times.iter().copied())) else {
            continue;
        };
        let [first, last] = [times[0], times[times.len() - 1]];
        let [first, usual, last, slowest] = [first, usual, last, slowest].map(number::nanos);
        let which = format!("{} of {}", at + 1, times.len());
        let count = number::count(times.len() as u64);
        table.row([one.map.to_owned(), one.phase.to_owned(), count, first, usual, last, slowest, which]);
    }
    let id = format!("{}-cycles", workload.anchor);
    let names: BTreeSet<&str> = cycles.iter().map(|one| one.phase).collect();
    let names: Vec<&str> = names.into_iter().collect();
    html! {
        figure id=(id) {
            figcaption {
                h4 { a href=(format!("#{id}")) { "Phases that come again, ns an operation" } }
                p .finding { (finding(&cycles)) }
            }
            (charts(workload, &id, "ns an operation", &names, |phase, map| {
                let one = cycles.iter().find(|one| (one.phase, one.map) == (phase, map));
                one.map(Cycles::times).unwrap_or_default()
            }))
            details .data { summary { "Each phase that comes again" } (table.markup()) }
        }
    }
}

fn of_map<'a>(result: &MapResult<'a>) -> Vec<Cycles<'a>> {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let phases = result.first::<Throughput>().map_or(&[][..], |seen| result.counted(&seen.phases));
    for (at, phase) in phases.iter().enumerate() {
        by_name.entry(&phase.phase).or_default().push(at);
    }
    let cycles = |(phase, places): (&'a str, Vec<usize>)| {
        let of_place = |at: usize| {
            let rounds = result.rounds::<Throughput>();
            let cost = |seen: &Throughput| ns_per_op(result.counted(&seen.phases).get(at..=at)?);
            rounds.filter_map(|(round, seen)| Some((round, cost(seen)?))).collect()
        };
        let each: Vec<BTreeMap<u32, f64>> = places.into_iter().map(of_place).collect();
        let each: Vec<_> =
            each.into_iter().filter(|rounds: &BTreeMap<u32, f64>| !rounds.is_empty()).collect();
        let (map, is_candidate) = (result.map, result.is_candidate);
        (each.len() > 1).then_some(Cycles { map, is_candidate, phase, each })
    };
    by_name.into_iter().filter_map(cycles).collect()
}

impl Cycles<'_> {
    /// The median over the rounds of each cycle.
    fn times(&self) -> Vec<f64> {
        self.each.iter().filter_map(|rounds| median(rounds.values().copied())).collect()
    }

    fn slowest(&self) -> Option<(usize, f64)> {
        self.times().into_iter().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// How much slower the slowest cycle is than the usual one, compared round by round.
    fn excess(&self) -> Option<Ratio> {
        let usual = |round: &u32| median(self.each.iter().filter_map(|rounds| rounds.get(round).copied()));
        let slowest = &self.each[self.slowest()?.0];
        let usual = slowest.keys().filter_map(|round| Some((*round, usual(round)?))).collect();
        Ratio::paired(slowest, &usual)
    }
}

/// The cycles that are slower than the usual one of their map, the worst first.
fn finding(cycles: &[Cycles<'_>]) -> String {
    let ranked = cycles.iter().filter(|one| one.is_candidate);
    let mut slow: Vec<(&Cycles<'_>, Ratio)> = ranked.filter_map(|one| Some((one, one.excess()?))).collect();
    if slow.iter().all(|(_, ratio)| ratio.interval.is_none()) {
        return "Too few rounds to tell cycles apart.".to_owned();
    }
    slow.retain(|(_, ratio)| ratio.differs() && ratio.estimate >= NOTABLE);
    slow.sort_by(|a, b| b.1.estimate.total_cmp(&a.1.estimate));
    let told: Vec<String> = slow.iter().take(3).filter_map(|(one, ratio)| tell(one, *ratio)).collect();
    if told.is_empty() {
        return "In every map each cycle costs what the others do, within 25 % or within noise.".to_owned();
    }
    format!("Slower than the usual cycle: {}.", told.join("; "))
}

fn tell(one: &Cycles<'_>, ratio: Ratio) -> Option<String> {
    let (at, ns) = one.slowest()?;
    let (place, times) = (at + 1, one.each.len());
    Some(format!(
        "{} {place} of {times} in {} ({} an operation, {} the usual one)",
        one.phase,
        one.map,
        number::nanos(ns),
        number::factor(ratio.estimate)
    ))
}

#[cfg(test)]
mod tests {
    use formats::observation::{PhaseTimes, Reading, Slice};
    use formats::run::Outcome;
    use formats::tape::PhaseMark;

    use super::*;
    use crate::view::View;

    #[test]
    fn phases_of_one_name_are_not_one_phase() {
        let mut session = crate::sample::sized(&["hashbrown", "std"], &["cycles"], 5, 2);
        let phase = |ns: u64| PhaseTimes {
            phase: "get".into(),
            wall_ns: 100 * ns,
            threads: vec![vec![Slice { ops: 100, wall_ns: 100 * ns, cpu_ns: 100 * ns }]],
        };
        for tape in session.manifest.tapes.values_mut() {
            tape.header.phases =
                vec![PhaseMark { name: "get".into(), ops: vec![100], counts: true, pace: None }; 4];
        }
        for run in &mut session.runs {
            let Outcome::Measured(observation) = &mut run.outcome else { continue };
            let Reading::Throughput(seen) = &mut observation.reading else { continue };
            let costs = if run.pass.map == "std" { [107, 38, 28, 27] } else { [11, 12, 11, 12] };
            seen.phases = costs.map(phase).into();
        }
        let view = View::new(&session);
        let text = figure(&view.workloads[0]).into_string();
        let said =
            "Slower than the usual cycle: get 1 of 4 in std (107 ns an operation, ×3.24 the usual one).";
        assert!(text.contains(said), "{text}");
        // A line for each map with a corner for each of four cycles, and a chart that paper shows.
        let line = |map: &str| {
            let from = text.split(&format!("data-name=\"{map}\"")).nth(1).unwrap();
            from.split(" d=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
        };
        assert_eq!(line("std").matches(['M', 'L']).count(), 4, "{text}");
        assert!(text.contains("id=\"w1-cycles-chart\""), "{text}");
        let once = crate::sample::session();
        assert_eq!(figure(&View::new(&once).workloads[0]).into_string(), "");
    }
}
