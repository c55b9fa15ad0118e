//! Response times stretch by stretch, where a tape has several with a schedule: up to which rate a map keeps up.

use formats::histogram::carries;
use formats::pace::Pace;
use maud::{Markup, html};

use crate::chart::figure::Table;
use crate::chart::frame::Axis;
use crate::chart::line::{Lines, Shape};
use crate::chart::scale::{Scale, Unit};
use crate::map_result::{MapResult, percentile};
use crate::number::{self, NONE};
use crate::paced::{Stretch, Waits, stretches};
use crate::prose::{listed, spread};
use crate::section::{heights, series};
use crate::view::WorkloadResults;

/// A map that keeps less of its schedule than this is behind it.
const KEPT: f64 = 0.99;
/// Maps that are named.
const NAMED: usize = 4;

/// The waits of one map, in the order of the stretches.
struct OfMap<'r, 'a> {
    result: &'r MapResult<'a>,
    waits: Vec<Option<Waits>>,
}

/// The figure, or nothing where no more than one stretch has a schedule.
pub(super) fn figure(workload: &WorkloadResults<'_>) -> Markup {
    let stretches = stretches(workload);
    let of_map = |result| OfMap { result, waits: stretches.iter().map(|one| one.of(result)).collect() };
    let maps: Vec<OfMap<'_, '_>> = workload.results.iter().map(of_map).collect();
    let maps: Vec<OfMap<'_, '_>> =
        maps.into_iter().filter(|map| map.waits.iter().any(Option::is_some)).collect();
    if stretches.len() < 2 || maps.is_empty() {
        return html! {};
    }
    let id = format!("{}-paces", workload.anchor);
    html! {
        figure id=(id) {
            figcaption {
                h4 { a href=(format!("#{id}")) { "p99.9 of the response time, phase by phase" } }
                p .finding { (finding(&stretches, &maps)) }
                p .note {
                    "All kinds of operations, from when they were due. Each phase begins when the one before is done: what is \
                     late in one is not late in the next. Kept: how long its schedule is over how long the phase took, \
                     throughput pass."
                }
            }
            (chart(workload, &id, &stretches))
            (overview(&stretches, &maps).markup())
            details .data { summary { "Each phase of each map" } (table(&stretches, &maps).markup()) }
        }
    }
}

/// A curve over the rate, where each stretch has one of its own.
fn chart(workload: &WorkloadResults<'_>, id: &str, stretches: &[Stretch]) -> Markup {
    let rate = |stretch: &Stretch| match stretch.pace {
        Pace::PerSecond(rate) => Some(f64::from(rate.get())),
        _ => None,
    };
    let rates: Option<Vec<f64>> = stretches.iter().map(rate).collect();
    let Some(rates) = rates.filter(|rates| rates.len() > 2 && rates.is_sorted_by(|a, b| a < b)) else {
        return html! {};
    };
    let points = |result: &MapResult<'_>| {
        let point = |(stretch, rate): (&Stretch, &f64)| {
            let waits = stretch.of(result)?;
            Some((*rate, percentile(&waits.response.histogram(), 99.9)? as f64))
        };
        stretches.iter().zip(&rates).filter_map(point).collect()
    };
    let lines = series(workload, points);
    let y = Scale::decades(heights(&lines).collect::<Vec<_>>());
    let chart = Lines {
        id,
        title: &format!("p99.9 of the response time over the rate in {}", workload.name),
        description: "One line for each map, one corner for each rate.",
        width: 1140.0,
        x: Axis {
            label: "operations due a second",
            unit: Unit::Count,
            scale: Scale::log(rates.iter().copied()),
        },
        y: Axis { label: "response time", unit: Unit::Nanos, scale: y },
        bands: &[],
        limits: Vec::new(),
        shape: Shape::Straight,
        series: lines,
    };
    chart.draw()
}

fn overview(stretches: &[Stretch], maps: &[OfMap<'_, '_>]) -> Table {
    let head = std::iter::once("map".to_owned()).chain(stretches.iter().map(|one| one.label.clone()));
    let mut table = Table::new(head);
    let cell = |waits: &Option<Waits>| {
        let Some(waits) = waits else { return NONE.to_owned() };
        let tail = tail(waits).map_or_else(|| NONE.to_owned(), number::nanos);
        match waits.kept.filter(|kept| *kept < KEPT) {
            Some(kept) => format!("{tail} ({} kept)", number::percent(kept)),
            None => tail,
        }
    };
    for OfMap { result, waits } in maps {
        table.row(std::iter::once(result.map.to_owned()).chain(waits.iter().map(cell)));
    }
    table
}

fn table(stretches: &[Stretch], maps: &[OfMap<'_, '_>]) -> Table {
    let mut table = Table::new([
        "map",
        "phase",
        "schedule",
        "operations",
        "kept",
        "service p99.9",
        "response p50",
        "response p99",
        "response p99.9",
        "response max",
    ]);
    for OfMap { result, waits } in maps {
        for (stretch, waits) in stretches.iter().zip(waits) {
            let Some(waits) = waits else { continue };
            let quoted = |times: &formats::histogram::Latencies, percent| {
                percentile(&times.histogram(), percent)
                    .map_or_else(|| NONE.to_owned(), |ns| number::nanos(ns as f64))
            };
            let mut cells = vec![result.map.to_owned(), stretch.label.clone(), stretch.pace.to_string()];
            cells.push(number::count(waits.response.count()));
            cells.push(waits.kept.map_or_else(|| NONE.to_owned(), number::percent));
            cells.push(quoted(&waits.service, 99.9));
            cells.extend([50.0, 99.0, 99.9, 100.0].map(|percent| quoted(&waits.response, percent)));
            table.row(cells);
        }
    }
    table
}

fn tail(waits: &Waits) -> Option<f64> {
    carries(waits.response.count(), 99.9).then(|| waits.response.percentile(99.9) as f64)
}

/// The tails in the first stretch and in the last, and who does not keep up from which one on.
fn finding(stretches: &[Stretch], maps: &[OfMap<'_, '_>]) -> String {
    let candidates = || maps.iter().filter(|map| map.result.is_candidate);
    let ends = [0, stretches.len() - 1].map(|at| {
        let tails = candidates().filter_map(|map| Some((map.result.map, tail(map.waits[at].as_ref()?)?)));
        let spread = spread(tails, number::nanos, ["lowest", "highest"]);
        format!("{}: {}", stretches[at].label, spread.unwrap_or_else(|| "too few operations".to_owned()))
    });
    let [first, last] = ends;
    format!("{first}. {last}. {}", behind(stretches, maps))
}

/// The maps that are behind, by the first stretch in which they are.
fn behind(stretches: &[Stretch], maps: &[OfMap<'_, '_>]) -> String {
    let mut looked = false;
    let mut late: Vec<Vec<&str>> = vec![Vec::new(); stretches.len()];
    for map in maps.iter().filter(|map| map.result.is_candidate) {
        let kept = |waits: &Option<Waits>| waits.as_ref().and_then(|waits| waits.kept);
        looked |= map.waits.iter().any(|waits| kept(waits).is_some());
        if let Some(at) = map.waits.iter().position(|waits| kept(waits).is_some_and(|kept| kept < KEPT)) {
            late[at].push(map.result.map);
        }
    }
    let told: Vec<String> = stretches
        .iter()
        .zip(&late)
        .filter(|(_, maps)| !maps.is_empty())
        .map(|(stretch, maps)| format!("{} from {} on", listed(maps, NAMED), stretch.label))
        .collect();
    match (looked, told.as_slice()) {
        (false, _) => "Without a throughput pass nobody knows who kept the schedule.".to_owned(),
        (true, []) => format!("Every map kept {} of each schedule or more.", number::percent(KEPT)),
        (true, told) => {
            format!(
                "Behind, with less than {} of the schedule kept: {}.",
                number::percent(KEPT),
                told.join("; ")
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use formats::histogram::Latencies;
    use formats::observation::{KindLatency, Reading};
    use formats::tape::{Kind, PhaseMark};

    use super::*;
    use crate::view::View;

    /// A session of three rates of a second each, of which std keeps half of the last one.
    fn shown(rates: &[u32]) -> String {
        let mut session = crate::sample::sized(&["hashbrown", "std"], &["rates"], 2, 2);
        let mark = |rate: &u32| PhaseMark {
            name: format!("{rate}-per-second"),
            ops: vec![u64::from(*rate)],
            counts: true,
            pace: NonZeroU32::new(*rate).map(Pace::PerSecond),
        };
        for tape in session.manifest.tapes.values_mut() {
            tape.header.phases = rates.iter().map(mark).collect();
        }
        crate::sample::each_reading(&mut session, |pass, reading| match reading {
            Reading::Latency(latency) => {
                let kind = |(number, rate): (u64, &u32)| {
                    let is_late = pass.map == "std" && *rate == 9000;
                    let times = |ns| {
                        let mut times = Latencies::new();
                        times.record(ns, u64::from(*rate));
                        times
                    };
                    KindLatency {
                        phase: format!("{rate}-per-second"),
                        phase_number: Some(number),
                        counts: true,
                        kind: Kind::Insert,
                        role: None,
                        service: times(100),
                        response: Some(times(if is_late { 700_000 } else { 200 })),
                    }
                };
                latency.kinds = (0..).zip(rates).map(kind).collect();
            }
            Reading::Throughput(seen) => {
                let one = seen.phases[0].clone();
                seen.phases = vec![one; rates.len()];
                for (times, rate) in seen.phases.iter_mut().zip(rates) {
                    let is_late = pass.map == "std" && *rate == 9000;
                    times.wall_ns = if is_late { 2_000_000_000 } else { 999_000_000 };
                }
            }
            _ => {}
        });
        figure(&View::new(&session).workloads[0]).into_string()
    }

    #[test]
    fn one_rate_is_told_from_another() {
        let text = shown(&[3000, 6000, 9000]);
        for said in [
            "3000-per-second: 200 ns in every map.",
            "9000-per-second: 200 ns (hashbrown, lowest) to 700 µs (std, highest).",
            "Behind, with less than 99.0 % of the schedule kept: std from 9000-per-second on.",
            "<td>700 µs (50.0 % kept)</td>",
            "<td>6000-per-second</td><td>6000 operations a second</td>",
            "<svg",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
    }

    #[test]
    fn a_rate_that_comes_again_is_a_stretch_of_its_own() {
        let text = shown(&[3000, 6000, 3000]);
        for said in ["3000-per-second (1 of 2)", "3000-per-second (2 of 2)", "Every map kept 99.0 %"] {
            assert!(text.contains(said), "{said}: {text}");
        }
        assert!(!text.contains("<svg"), "no curve goes back");
        assert_eq!(shown(&[3000]), "", "the other figure says it");
    }
}
