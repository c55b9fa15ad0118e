//! Latency and speed of each role, where threads do different things: readers beside writers.

use formats::histogram::{Latencies, carries};
use formats::observation::{Latency, PhaseTimes, Throughput};
use formats::tape::{Header, RoleMark};
use maud::{Markup, html};

use crate::chart::figure::Table;
use crate::map_result::{MapResult, percentile};
use crate::number::{self, NONE};
use crate::prose::spread;
use crate::ratio::median;
use crate::view::WorkloadResults;

/// What the threads of one role did in one map, all kinds of operations and all rounds together.
struct Role<'a> {
    map: &'a str,
    is_candidate: bool,
    mark: &'a RoleMark,
    service: Latencies,
    /// From when operations were due; `None` without a schedule.
    response: Option<Latencies>,
    speed: Option<Speed>,
}

/// Medians over the rounds of the throughput passes.
#[derive(Clone, Copy)]
struct Speed {
    /// Operations a second, those of each thread over the time in which that thread was at work.
    ops_per_second: f64,
    /// The time of the last of its threads over that of the last of all, 0 to 1.
    presence: f64,
}

/// The table, or nothing where all threads do the same.
pub(super) fn figure(workload: &WorkloadResults<'_>) -> Markup {
    let roles: Vec<Role<'_>> = workload.results.iter().flat_map(of_map).collect();
    if roles.is_empty() {
        return html! {};
    }
    let paced = roles.iter().any(|role| role.response.is_some());
    let mut head = vec!["map", "role", "threads", "operations/s", "at work", "p50", "p99", "p99.9", "max"];
    head.extend(["response p99.9", "response max"].into_iter().filter(|_| paced));
    let mut table = Table::new(head);
    for role in &roles {
        table.row(row(role, paced));
    }
    let id = format!("{}-roles", workload.anchor);
    html! {
        figure id=(id) {
            figcaption {
                h4 { a href=(format!("#{id}")) { "Each role by itself" } }
                p .finding { (finding(&roles)) }
                p .note {
                    "All kinds of operations of the role's threads together. At work: for how much of the time until the last \
                     thread was done; what a role with less is beside others, it is for that long."
                }
            }
            (table.markup())
        }
    }
}

fn of_map<'a>(result: &MapResult<'a>) -> Vec<Role<'a>> {
    let Some(tape) = result.tape else { return Vec::new() };
    let of_role = |role: &'a RoleMark| {
        let seen = || {
            let kinds = result.each::<Latency>().flat_map(|latency| &latency.kinds);
            kinds.filter(|seen| seen.counts && seen.role.as_deref() == Some(&*role.name))
        };
        let mut service = Latencies::new();
        seen().for_each(|seen| service.add(&seen.service));
        let mut response = Latencies::new();
        seen().filter_map(|seen| seen.response.as_ref()).for_each(|one| response.add(one));
        let response = (response.count() > 0).then_some(response);
        let speed = speed(result, tape, role);
        let (map, is_candidate) = (result.map, result.is_candidate);
        (service.count() > 0).then_some(Role { map, is_candidate, mark: role, service, response, speed })
    };
    tape.roles.iter().filter_map(of_role).collect()
}

fn speed(result: &MapResult<'_>, tape: &Header, role: &RoleMark) -> Option<Speed> {
    let rounds: Vec<Speed> = result
        .each::<Throughput>()
        .filter_map(|seen| {
            let phases = result.counted(&seen.phases);
            let times: Vec<(bool, u64, u64)> = (0..tape.threads())
                .map(|thread| {
                    let (ops, wall_ns) = work(phases, thread);
                    (tape.role_of(thread) == Some(role), ops, wall_ns)
                })
                .collect();
            let mine = || times.iter().filter(|(is_mine, ..)| *is_mine);
            let last = times.iter().map(|(.., wall_ns)| *wall_ns).max().filter(|wall_ns| *wall_ns > 0)?;
            let rate = |(_, ops, wall_ns): &(bool, u64, u64)| *ops as f64 * 1e9 / (*wall_ns).max(1) as f64;
            let presence = mine().map(|(.., wall_ns)| *wall_ns).max()? as f64 / last as f64;
            Some(Speed { ops_per_second: mine().map(rate).sum(), presence })
        })
        .collect();
    let ops_per_second = median(rounds.iter().map(|speed| speed.ops_per_second))?;
    Some(Speed { ops_per_second, presence: median(rounds.iter().map(|speed| speed.presence))? })
}

/// Operations of one thread in these phases, and the time of its slices, ns.
fn work(phases: &[PhaseTimes], thread: usize) -> (u64, u64) {
    let slices = phases.iter().filter_map(|phase| phase.threads.get(thread)).flatten();
    slices.fold((0, 0), |(ops, wall_ns), slice| {
        (slice.ops.saturating_add(ops), slice.wall_ns.saturating_add(wall_ns))
    })
}

fn row(role: &Role<'_>, paced: bool) -> Vec<String> {
    let speed = |text: fn(Speed) -> String| role.speed.map_or_else(|| NONE.to_owned(), text);
    let mut cells = vec![
        role.map.to_owned(),
        role.mark.name.clone(),
        number::count(role.mark.threads.into()),
        speed(|speed| number::approx(speed.ops_per_second)),
        speed(|speed| number::percent(speed.presence)),
    ];
    let quoted = |times: &Latencies, percent: f64| {
        percentile(&times.histogram(), percent).map_or_else(|| NONE.to_owned(), |ns| number::nanos(ns as f64))
    };
    cells.extend([50.0, 99.0, 99.9, 100.0].map(|percent| quoted(&role.service, percent)));
    if paced {
        let response =
            |percent| role.response.as_ref().map_or_else(|| NONE.to_owned(), |times| quoted(times, percent));
        cells.extend([99.9, 100.0].map(response));
    }
    cells
}

/// The tail of each role over the maps.
fn finding(roles: &[Role<'_>]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for role in roles {
        if !names.contains(&&*role.mark.name) {
            names.push(&role.mark.name);
        }
    }
    let of_role = |name: &&str| {
        let carried = roles.iter().filter(|role| {
            role.is_candidate && role.mark.name == **name && carries(role.service.count(), 99.9)
        });
        let tails = carried.map(|role| (role.map, role.service.percentile(99.9) as f64));
        let tails = spread(tails, number::nanos, ["lowest", "highest"])
            .unwrap_or_else(|| "too few operations".to_owned());
        format!("p99.9 of {name}: {tails}.")
    };
    names.iter().map(of_role).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use formats::observation::{KindLatency, Reading, Slice};
    use formats::tape::Kind;

    use super::*;
    use crate::view::View;

    #[test]
    fn the_tail_of_readers_is_told_beside_that_of_writers() {
        let mut session = crate::sample::sized(&["dashmap", "papaya"], &["a"], 2, 2);
        assert_eq!(figure(&View::new(&session).workloads[0]).into_string(), "", "all threads do the same");
        for tape in session.manifest.tapes.values_mut() {
            tape.header.roles =
                ["readers", "writers"].map(|name| RoleMark { name: name.into(), threads: 1 }).into();
            tape.header.phases.iter_mut().for_each(|phase| phase.ops = vec![500, 500]);
        }
        let slices = |wall_ns| vec![Slice { ops: 500, wall_ns, cpu_ns: 1 }];
        crate::sample::each_reading(&mut session, |pass, reading| match reading {
            Reading::Latency(latency) => {
                let slow = if pass.map == "dashmap" { 9_000 } else { 200 };
                latency.kinds = [("readers", Kind::Get, slow), ("writers", Kind::Insert, 700)]
                    .map(|(role, kind, ns)| {
                        let mut service = Latencies::new();
                        service.record(ns, 50_000);
                        let (phase, role) = ("churn".into(), Some(role.into()));
                        KindLatency {
                            phase,
                            phase_number: None,
                            counts: true,
                            kind,
                            role,
                            service,
                            response: None,
                        }
                    })
                    .into();
            }
            Reading::Throughput(seen) => {
                seen.phases.iter_mut().for_each(|phase| phase.threads = vec![slices(1_000), slices(4_000)]);
            }
            _ => {}
        });
        let text = figure(&View::new(&session).workloads[0]).into_string();
        for said in [
            "p99.9 of readers: 200 ns (papaya, lowest) to 9.01 µs (dashmap, highest).",
            "<td>readers</td><td>1</td><td>500 M</td><td>25.0 %</td><td>200 ns</td>",
            "<td>writers</td><td>1</td><td>125 M</td><td>100 %</td><td>700 ns</td>",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
    }
}
