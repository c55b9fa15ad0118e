use formats::observation::Reading;
use formats::session::Session;

use super::*;
use crate::sample;

/// Four maps of one thread and one that threads share, of which each is best in something or in nothing.
fn session() -> Session {
    let maps = ["hashbrown", "small", "dull", "ordered", "shared", "slots", "null"];
    let mut session = sample::sized(&maps, &["fifo"], 5, 6);
    session.runs.retain(|run| run.pass.map != "crashing");
    for info in &mut session.manifest.programs[0].maps {
        match info.name.as_str() {
            "ordered" => drop(info.facts.insert(Fact::Ordered)),
            "shared" => info.kind = MapKind::Shared,
            "slots" => info.kind = MapKind::SlotManager,
            _ => {}
        }
    }
    let speeds: [(&str, f64); 6] = [
        ("hashbrown", 100.0),
        ("small", 50.0),
        ("dull", 40.0),
        ("ordered", 30.0),
        ("shared", 20.0),
        ("slots", 900.0),
    ];
    sample::set_speeds(&mut session, &speeds.map(|(map, speed)| (map, [speed; 5])));
    sample::each_reading(&mut session, |pass, reading| match reading {
        Reading::Allocations(seen) => {
            let peak = if pass.map == "small" { 1 << 20 } else { 4 << 20 };
            (seen.peak_bytes, seen.drained_bytes, seen.dropped_bytes) = (peak, peak / 2, 0);
        }
        Reading::Latency(seen) => {
            let tail = if pass.map == "ordered" { 200 } else { 40_000 };
            for kind in &mut seen.kinds {
                let count = kind.service.count();
                kind.service = formats::histogram::Latencies::new();
                kind.service.record(30, count - count / 500);
                kind.service.record(tail, count / 500);
            }
        }
        _ => {}
    });
    session
}

fn needing(needs: &[&str]) -> Demand {
    Demand { needs: needs.iter().map(|need| need.parse().unwrap()).collect(), ..Demand::default() }
}

fn able(ability: Ability) -> Demand {
    Demand { abilities: [ability].into(), ..Demand::default() }
}

fn front(chosen: &Chosen) -> Vec<&str> {
    chosen.front.iter().map(|row| row.map.as_str()).collect()
}

fn remarks(remarks: &[Remark]) -> Vec<(&str, &str)> {
    remarks.iter().map(|one| (one.map.as_str(), one.why.as_str())).collect()
}

#[test]
fn the_front_holds_what_is_best_in_something() {
    let chosen = choose(&session(), &Demand::default());
    assert_eq!(chosen.take, ["hashbrown"]);
    assert_eq!(front(&chosen), ["hashbrown", "small", "ordered"]);
    assert_eq!(chosen.said, "Take hashbrown.");
    let better = "is as good in everything and better in something";
    let behind: Vec<(&str, String)> =
        vec![("dull", format!("hashbrown {better}")), ("shared", format!("hashbrown {better}"))];
    let seen: Vec<(&str, String)> =
        remarks(&chosen.behind).into_iter().map(|(map, why)| (map, why.to_owned())).collect();
    assert!(seen.contains(&behind[0]) && seen.contains(&behind[1]), "{seen:?}");
    let out = remarks(&chosen.left_out);
    assert_eq!(out, [("slots", "it chooses the keys itself"), ("null", "it does nothing")]);
    assert_eq!(choose(&session(), &able(Ability::ChoosesKeys)).take, ["slots"]);
}

#[test]
fn needs_are_met_by_those_that_are_chosen() {
    let chosen = choose(&session(), &needing(&["p99.9 <= 1us"]));
    assert_eq!(
        (chosen.take.as_slice(), front(&chosen)),
        (["ordered".to_owned()].as_slice(), vec!["ordered"])
    );
    assert!(remarks(&chosen.missed)[0].1.starts_with("p99.9 on fifo is 40.0 µs, not <= 1.00 µs"));
    assert_eq!(choose(&session(), &needing(&["peak <= 2MiB"])).take, ["small"]);
    let none = choose(&session(), &needing(&["peak <= 2MiB", "p99.9 <= 1us"]));
    assert_eq!((none.take.len(), none.said.as_str()), (0, "No map of this session meets the needs."));
    let ordered = choose(&session(), &able(Ability::Ordered));
    assert_eq!(ordered.take, ["ordered"]);
}

#[test]
fn what_a_session_cannot_decide_names_the_command_that_would() {
    let threads = choose(&session(), &able(Ability::Threads));
    assert_eq!(threads.said, "This session cannot decide: it has no load in which several threads play.");
    assert_eq!(threads.command.unwrap(), "churnmark measure -w 'threads-*,contended-writes'");
    let mut session = session();
    session.runs.retain(|run| run.pass.map != "ordered" || run.pass.collector.name() != "latency");
    let chosen = choose(&session, &needing(&["p99.9 <= 1us"]));
    assert_eq!(remarks(&chosen.undecided), [("ordered", "p99.9 was not measured on fifo")]);
    assert_eq!(chosen.command.as_deref(), Some("churnmark measure -w fifo -m ordered -c latency"));
    assert!(chosen.said.starts_with("This session cannot decide."), "{}", chosen.said);
    // Some rounds meet the bound, some do not.
    sample::set_speeds(&mut session, &[("small", [50.0, 70.0, 50.0, 50.0, 50.0])]);
    let chosen = choose(&session, &needing(&["throughput >= 60"]));
    assert_eq!(
        remarks(&chosen.undecided),
        [("small", "throughput on fifo is 50/s to 70.0/s: 1 of 5 rounds meet >= 60/s")]
    );
    assert_eq!(chosen.take, ["hashbrown"]);
    assert!(chosen.command.unwrap().ends_with("-m small -c throughput --rounds 15"));
}

#[test]
fn maps_that_cannot_be_told_apart_are_both_named() {
    let mut session = session();
    sample::set_speeds(&mut session, &[("small", [101.0, 99.0, 100.0, 100.0, 100.0])]);
    let chosen = choose(&session, &Demand::default());
    // As fast, and smaller: nothing speaks for the other any more.
    assert_eq!(
        (chosen.take.as_slice(), front(&chosen)),
        (["small".to_owned()].as_slice(), vec!["small", "ordered"])
    );
    session.runs.retain(|run| !matches!(run.pass.collector.name(), "allocations" | "heap"));
    let chosen = choose(&session, &Demand::default());
    assert_eq!(chosen.take.len(), 2, "{chosen:?}");
    assert!(chosen.said.contains("the rounds cannot tell them apart"));
    assert!(chosen.command.unwrap().ends_with("-c throughput --rounds 15"));
}

#[test]
fn what_fails_or_leaks_is_left_out() {
    let mut session = session();
    sample::each_reading(&mut session, |pass, reading| {
        if let Reading::Allocations(seen) = reading
            && pass.map == "hashbrown"
        {
            seen.dropped_bytes = seen.peak_bytes;
        }
    });
    let chosen = choose(&session, &Demand::default());
    assert_eq!(chosen.take, ["small"]);
    assert!(remarks(&chosen.left_out).contains(&("hashbrown", "it holds 4.00 MiB after it was dropped")));
}

#[test]
fn text_and_markdown_name_the_front() {
    let chosen = choose(&session(), &needing(&["peak <= 4MiB"]));
    let plain = text(&chosen, false);
    assert!(plain.starts_with("Take hashbrown.\n"), "{plain}");
    let heading = plain.lines().find(|line| line.starts_with("map ")).unwrap();
    let row = plain.lines().find(|line| line.starts_with("hashbrown ")).unwrap();
    assert_eq!(heading.find("load"), row.find("fifo"), "{plain}");
    let markdown = text(&chosen, true);
    assert!(
        markdown.starts_with("**Take hashbrown.**") && markdown.contains("| hashbrown | fifo | 100 |"),
        "{markdown}"
    );
}
