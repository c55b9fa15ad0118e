//! Sessions with a planted truth: the first screen says it, and nothing false.

use formats::histogram::Latencies;
use formats::observation::{Collector, Reading};
use formats::run::{Failure, Outcome};
use formats::session::Session;
use formats::subject::{Fact as Stated, MapKind};

use super::*;

/// Maps that do the same in the same time, under loads that nothing grows or stalls in.
fn alike(maps: &[&str], workloads: &[&str]) -> Session {
    let mut session = crate::sample::sized(maps, workloads, 5, 6);
    session.gate = None;
    session.runs.retain(|run| run.pass.map != "crashing");
    let like = session.clone();
    let model = |pass: &formats::run::Pass| {
        let same = |run: &&formats::run::Run| {
            let other = &run.pass;
            (other.map == maps[0] && other.workload == pass.workload)
                && (other.collector, other.round) == (pass.collector, pass.round)
        };
        like.runs.iter().find(same).and_then(|run| run.observation()).unwrap().reading.clone()
    };
    crate::sample::each_reading(&mut session, |pass, reading| {
        *reading = model(pass);
        match reading {
            Reading::Heap(heap) => {
                let most = heap.samples[0].allocated;
                heap.samples.iter_mut().for_each(|sample| sample.allocated = most);
                heap.dropped.allocated = heap.before.allocated;
            }
            Reading::Latency(seen) => {
                let mut even = Latencies::new();
                for kind in &mut seen.kinds {
                    even = Latencies::new();
                    even.record(40, kind.service.count() - 5);
                    even.record(300, 5);
                    kind.service = even.clone();
                }
                seen.windows.iter_mut().for_each(|window| window.service = even.clone());
            }
            _ => {}
        }
    });
    let speeds: Vec<(&str, [f64; 5])> =
        maps.iter().map(|map| (*map, [100.0, 101.0, 99.0, 100.0, 102.0])).collect();
    crate::sample::set_speeds(&mut session, &speeds);
    session
}

/// The first screen: what to take and what to know.
fn first_screen(session: &Session) -> String {
    text(&answer(session))
}

fn choice(session: &Session) -> Choice {
    answer(session).loads[0].choices[0].clone()
}

#[test]
fn equal_maps_cannot_be_told_apart() {
    let mut session = alike(&["hashbrown", "std"], &["fifo"]);
    crate::sample::set_speeds(&mut session, &[("std", [101.0, 100.0, 100.0, 99.0, 103.0])]);
    assert_eq!(
        first_screen(&session),
        "Take, for one thread: hashbrown or std (fifo).\n- hashbrown or std, because: 5 rounds cannot tell hashbrown and std \
         apart; there is no slower map of its kind to compare it with. Against it: nothing in these figures.\n"
    );
    let choice = choice(&session);
    assert_eq!(choice.sure, "5 rounds cannot tell hashbrown and std apart");
    assert_eq!(choice.against, "nothing in these figures");
}

#[test]
fn points_of_one_workload_are_one_row() {
    let mut session =
        alike(&["hashbrown", "std"], &["sizes@live=10", "sizes@live=20", "sizes@live=30", "fifo"]);
    for live in [10, 20, 30] {
        let tape = session.manifest.tapes.get_mut(&format!("sizes@live={live}")).unwrap();
        tape.point.live = Some(live);
    }
    crate::sample::set_speeds(&mut session, &[("std", [80.0, 80.0, 81.0, 80.0, 79.0])]);
    let fast = session.clone();
    let speed = |pass: &formats::run::Pass, reading: &mut Reading| {
        let Reading::Throughput(seen) = reading else { return };
        if pass.map == "std" && pass.workload == "sizes@live=30" {
            seen.phases
                .iter_mut()
                .flat_map(|phase| phase.threads.iter_mut().flatten())
                .for_each(|slice| slice.ops *= 2);
        }
    };
    let mut session = fast;
    crate::sample::each_reading(&mut session, speed);
    let told = answer(&session);
    assert_eq!(
        told.takes,
        [
            "Take, for one thread: hashbrown (sizes with 10 live to 20 live and fifo); std (sizes with 30 live)."
        ]
    );
    let markdown = super::markdown(&told);
    let rows: Vec<&str> = markdown.lines().filter(|line| line.contains("| for one thread |")).collect();
    assert!(rows[0].starts_with(
        "| sizes (10 live to 30 live) | for one thread | hashbrown (10 live to 20 live), std (30 live) | 30 live: "
    ), "{}", rows[0]);
    assert_eq!(rows.len(), 2, "{markdown}");
    let screen = text(&told);
    let curve: Vec<&str> = screen.lines().skip_while(|line| !line.starts_with("sizes, ")).collect();
    assert!(
        curve[0] == "sizes, time an operation takes:" && curve[1].ends_with("10 live  20 live  30 live"),
        "{screen}"
    );
    assert!(curve[2].starts_with("  hashbrown ") && curve[3].starts_with("  std "), "{screen}");
}

#[test]
fn a_map_that_is_a_fifth_faster_is_taken_and_surely() {
    let mut session = alike(&["hashbrown", "std"], &["fifo"]);
    crate::sample::set_speeds(&mut session, &[("std", [120.0, 122.0, 119.0, 120.0, 121.0])]);
    assert_eq!(
        first_screen(&session),
        "Take, for one thread: std (fifo).\n- std, because: ×1.20 of hashbrown, 1.19–1.21 at 93.75 % from 5 paired rounds; no \
         instrument counts less in it than in hashbrown, the next. Against it: nothing in these figures.\n"
    );
    let choice = choice(&session);
    assert!(choice.sure.starts_with("×1.20 of hashbrown, 1.19–1.21 at 93.75 %"), "{}", choice.sure);
    assert_eq!(choice.why, "no instrument counts less in it than in hashbrown, the next");
    session.runs.retain(|run| run.pass.round < 2);
    let choice = self::choice(&session);
    assert_eq!(choice.take, ["std"]);
    assert!(choice.sure.starts_with("not claimed: ×1.20 of hashbrown in 2 paired rounds"), "{}", choice.sure);
}

#[test]
fn a_leaking_map_is_told_and_not_taken() {
    let mut session = alike(&["hashbrown", "leaky", "std"], &["fifo"]);
    crate::sample::set_speeds(&mut session, &[("leaky", [150.0; 5])]);
    crate::sample::each_reading(&mut session, |pass, reading| match reading {
        _ if pass.map != "leaky" => {}
        Reading::Allocations(seen) => (seen.peak_bytes, seen.dropped_bytes) = (3 << 20, 2 << 20),
        Reading::Heap(heap) => heap.dropped.allocated = heap.before.allocated + (2 << 20),
        _ => {}
    });
    let screen = first_screen(&session);
    assert!(screen.starts_with("Take, for one thread: hashbrown or std (fifo).\n"), "{screen}");
    assert!(
        screen.contains("leaky holds 2.00 MiB after it was dropped on fifo, 66.7 % of its peak"),
        "{screen}"
    );
    assert_eq!(choice(&session).against, "leaky is set aside: it holds 2.00 MiB after it was dropped");
}

#[test]
fn a_stalling_map_is_told_with_its_tail() {
    let mut session = alike(&["hashbrown", "stalling", "std"], &["fifo"]);
    crate::sample::set_speeds(&mut session, &[("stalling", [150.0; 5])]);
    crate::sample::each_reading(&mut session, |pass, reading| {
        let Reading::Latency(seen) = reading else { return };
        if pass.map == "stalling" {
            seen.kinds
                .iter_mut()
                .for_each(|kind| kind.service.record(20_000_000, kind.service.count() / 500));
        }
    });
    let screen = first_screen(&session);
    assert!(screen.starts_with("Take, for one thread: hashbrown or std (fifo).\n"), "{screen}");
    assert!(screen.contains("The p99.9 of stalling is 20.0 ms on fifo, ×"), "{screen}");
    assert!(choice(&session).against.starts_with("stalling is set aside: its p99.9 is 20.0 ms"));
}

#[test]
fn a_map_that_only_wins_without_threads_is_told_for_that_load_only() {
    let mut session = alike(&["first", "second"], &["alone", "together"]);
    for info in &mut session.manifest.programs[0].maps {
        info.kind = MapKind::Shared;
    }
    let tape = session.manifest.tapes.get_mut("together").unwrap();
    tape.header.phases.iter_mut().for_each(|phase| phase.ops = vec![phase.ops[0] / 2; 2]);
    let fast = |session: &mut Session, workload: &str, map: &str| {
        let mut one = session.clone();
        crate::sample::set_speeds(&mut one, &[(map, [150.0; 5])]);
        for (run, other) in session.runs.iter_mut().zip(one.runs) {
            if run.pass.workload == workload {
                *run = other;
            }
        }
    };
    fast(&mut session, "alone", "first");
    fast(&mut session, "together", "second");
    let answer = answer(&session);
    assert_eq!(answer.takes, ["Take, shared by threads: first (alone); second (together)."]);
    assert_eq!(answer.loads[0].choices[0].change, "with 2 threads (together) second");
    assert_eq!(answer.facts, []);
}

/// All maps do as many operations a second as the schedule asks for; `std` lets requests wait the shortest.
#[test]
fn under_a_schedule_the_shortest_wait_is_taken() {
    let mut session = alike(&["hashbrown", "std"], &["fifo"]);
    session.manifest.tapes.get_mut("fifo").unwrap().header.pace =
        formats::pace::Pace::PerSecond(std::num::NonZeroU32::new(1000).unwrap());
    let once = session.runs.iter().filter(|run| run.pass.collector == Collector::Latency);
    let once: Vec<_> = once.cloned().collect();
    for round in 1..5 {
        session.runs.extend(once.iter().cloned().map(|mut run| {
            run.pass.round = round;
            run
        }));
    }
    crate::sample::each_reading(&mut session, |pass, reading| {
        let Reading::Latency(seen) = reading else { return };
        let wait_ns = if pass.map == "std" { 1_000 } else { 3_000 } + 10 * u64::from(pass.round);
        for kind in &mut seen.kinds {
            let mut waits = Latencies::new();
            waits.record(wait_ns, kind.service.count());
            kind.response = Some(waits);
        }
    });
    crate::sample::set_speeds(&mut session, &[("hashbrown", [500.0; 5]), ("std", [100.0; 5])]);
    let choice = choice(&session);
    assert_eq!(choice.take, ["std"]);
    assert_eq!(
        choice.sure,
        "the p99.9 of the response time of hashbrown is ×2.96 its own, 2.92–3.00 at 93.75 % from 5 paired rounds"
    );
    session.runs.retain(|run| run.pass.collector != Collector::Latency);
    assert_eq!(answer(&session).takes, Vec::<String>::new(), "throughput is what the schedule asks for");
}

#[test]
fn slot_managers_variants_and_what_fails_are_kept_apart() {
    let mut session = alike(&["hashbrown", "slab", "changed", "null", "wrong", "planted"], &["fifo"]);
    for info in &mut session.manifest.programs[0].maps {
        match info.name.as_str() {
            "slab" => info.kind = MapKind::SlotManager,
            "changed" => drop(info.facts.insert(Stated::Altered)),
            "planted" => info.canary = true,
            _ => {}
        }
    }
    let fast = ["slab", "changed", "null", "wrong", "planted"].map(|map| (map, [900.0; 5]));
    crate::sample::set_speeds(&mut session, &fast);
    let mut run = session.runs.iter().find(|run| run.pass.map == "wrong").unwrap().clone();
    run.outcome =
        Outcome::Failed(Failure::WrongAnswer { digest: None, entries: None, told: None, stamps: None });
    session.runs.push(run);
    assert_eq!(
        first_screen(&session),
        "Take, for one thread: hashbrown (fifo).\nTake, slot manager: slab (fifo).\n- hashbrown, because: no other map of \
         this kind played it; there is no slower map of its kind to compare it with. Against it: wrong is set aside: a pass \
         failed (wrong answer).\n- slab, because: no other map of this kind played it; there is no slower map of its kind \
         to compare it with. Against it: nothing in these figures.\n- wrong fails 1 pass of fifo (throughput: \
         wrong answer).\n"
    );
}

#[test]
fn the_strongest_fact_comes_first_and_leads_to_its_figure() {
    let mut session = alike(&["hashbrown", "slow", "std"], &["a", "b"]);
    crate::sample::set_speeds(&mut session, &[("slow", [0.5; 5])]);
    crate::sample::each_reading(&mut session, |pass, reading| {
        let Reading::Heap(heap) = reading else { return };
        if pass.map == "std" {
            let twice = heap.samples[0].allocated * 2 - heap.before.allocated;
            heap.samples.last_mut().unwrap().allocated = twice;
        }
    });
    let answer = answer(&session);
    assert!(
        answer.facts[0]
            .text
            .starts_with("slow runs at ×0.0050 of the speed of hashbrown on a, and so on 1 more load.")
    );
    assert!(
        answer.facts[1].text.starts_with("std: about twice the memory with no more entries on 2 of 2 loads")
    );
    let page = crate::page(&session);
    for fact in &answer.facts {
        assert!(page.contains(&format!("id=\"{}\"", fact.figure)), "{}", fact.figure);
    }
}

#[test]
fn terminal_markdown_page_and_json_say_the_same() {
    let session = crate::sample::sized(&crate::sample::MAPS, &["fifo-window", "lifo"], 5, 12);
    let answer = answer(&session);
    assert!(!answer.facts.is_empty() && answer.facts.len() <= MOST_FACTS && !answer.takes.is_empty());
    let files = crate::export::files(&session);
    let json = files.iter().find(|(name, _)| name == "answer.json").unwrap();
    let json = String::from_utf8(json.1.clone()).unwrap();
    let (page, summary, terminal) = (crate::page(&session), crate::summary(&session), text(&answer));
    let first = answer.takes.iter().chain(answer.facts.iter().map(|fact| &fact.text));
    let of_loads = answer.loads.iter().flat_map(|load| &load.choices);
    let sentences = of_loads.flat_map(|one| [&one.against, &one.why, &one.sure, &one.change]);
    for sentence in first.clone().chain(sentences) {
        let escaped = maud::html! { (sentence) }.into_string();
        assert!(page.contains(&escaped), "the page: {sentence}");
        assert!(summary.contains(&crate::markdown::cell(sentence)), "the summary: {sentence}");
        assert!(json.contains(&serde_json::to_string(sentence).unwrap()), "answer.json: {sentence}");
    }
    assert!(first.clone().all(|sentence| terminal.contains(sentence)), "{terminal}");
    assert!(terminal.lines().count() <= 10, "{terminal}");
}

const MOST_FACTS: usize = 5;
