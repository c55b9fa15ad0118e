//! Workloads with a schedule, and workloads that are scripts.

use std::path::Path;

use formats::histogram::Latencies;
use formats::observation::{Collector, Reading};

use crate::sandbox::Sandbox;

/// 200 operations at 2,000 a second: 0.1 s, after a filling that has no schedule.
const PACED: &str = r#"
name = "paced"
why = "A load that comes when it comes."
live = 100
ops = 200
pace = { per_second = 2_000 }
mix = { insert = 40, remove = 40, get = 20 }
"#;

const SCRIPT: &str = r#"
name = "script"
why = "Written down."
script = "put 0..8; del 3; put 100; get 0..8; get 999; clear; put 3"
"#;

/// 200 operations at 10,000 a second, 100 in each burst: the second begins after 0.05 s.
const BURSTS: &str = r#"
name = "bursts"
why = "A load that comes in bursts."
live = 100
ops = 200
pace = { bursts = { per_second = 10_000, on = 0.01, off = 0.04 } }
mix = { insert = 40, remove = 40, get = 20 }
"#;

/// 50 operations at 1,000 a second and 200 at 4,000: 0.05 s each.
const RATES: &str = r#"
name = "rates"
why = "A load that rises."
live = 100
pace = { rates = { per_second = [1_000, 4_000], each = 0.05 } }
mix = { insert = 40, remove = 40, get = 20 }
"#;

/// A phase with a schedule between two without.
const BETWEEN: &str = r#"
name = "between"
why = "A load that is paced for a while."
live = 100
threads = 2
mix = { insert = 40, remove = 40, get = 20 }
phases = [{ fill = 100 }, { name = "free", churn = 200 }, { name = "paced", churn = 100, pace = { per_second = 2_000 } },
          { name = "free", churn = 200 }]
"#;

#[test]
fn each_phase_has_its_own_pace() {
    let sandbox = Sandbox::with(&[RATES, BETWEEN]);
    let told = sandbox.run("tape rates", 0).stdout;
    assert!(told.contains("1000, then 4000 operations a second: 0.1 s"), "{told}");
    let said = sandbox.run("verify -m std,dashmap", 0);
    assert_eq!(said.stdout.matches("right").count(), 3, "{}", said.stdout);
    sandbox.run("measure -w rates,between -m std,dashmap -c throughput,latency,heap --rounds 1", 0);
    for run in &sandbox.session().runs {
        let Some(observation) = run.observation() else { panic!("{run:?}") };
        let paced: &[u64] = if run.pass.workload == "rates" { &[1, 2] } else { &[2] };
        let times = match &observation.reading {
            Reading::Throughput(seen) => &seen.phases,
            Reading::Latency(seen) => {
                for kind in &seen.kinds {
                    let is_paced = paced.contains(&kind.phase_number.expect("a place on the tape"));
                    let response = kind.response.as_ref().map(Latencies::count);
                    assert_eq!(response, is_paced.then(|| kind.service.count()), "{}", kind.phase);
                }
                &seen.times
            }
            Reading::Heap(_) => continue,
            other => panic!("{other:?}"),
        };
        for at in paced {
            // The last of 50, 200 and 100 is due 1, 0.25 and 0.5 ms before the phase is over.
            let wall_ns = times[usize::try_from(*at).unwrap()].wall_ns;
            assert!(wall_ns >= 49_000_000, "{} {at}: {wall_ns} ns", run.pass.workload);
        }
    }
    let page = std::fs::read_to_string(sandbox.only("").join("index.html")).unwrap();
    assert!(
        page.contains("1000-per-second: ") && page.contains("p99.9 of the response time, phase by phase")
    );
}

#[test]
fn bursts_have_pauses_between_them() {
    let sandbox = Sandbox::with(&[BURSTS]);
    let told = sandbox.run("tape bursts", 0).stdout;
    assert!(told.contains("10000 operations a second for 0.01 s, then none for 0.04 s: 0.1 s"), "{told}");
    sandbox.run("measure -w bursts -m std,dashmap -c throughput,latency --rounds 1", 0);
    for run in &sandbox.session().runs {
        let Some(observation) = run.observation() else { panic!("{run:?}") };
        let (times, kinds) = match &observation.reading {
            Reading::Throughput(seen) => (&seen.phases, None),
            Reading::Latency(seen) => (&seen.times, Some(&seen.kinds)),
            other => panic!("{other:?}"),
        };
        // The last is due 9.9 ms into the second burst; a response that counted from the first would have waited for it.
        assert!(times[1].wall_ns >= 59_900_000, "{} ns", times[1].wall_ns);
        for kind in kinds.into_iter().flatten().filter(|kind| kind.counts) {
            let response = kind.response.as_ref().expect("what counts has a schedule");
            assert_eq!(response.count(), kind.service.count());
            assert!(response.percentile(0.0) < 40_000_000, "due in its burst: {:?}", kind.kind);
        }
    }
}

/// A recording of 80 ms, played twice as fast.
const RECORDED: &str = r#"
name = "recorded"
why = "A load that came when it came."
threads = 2
pace = { recorded = 2 }

[trace]
file = "recorded.csv"
format = "operations"
columns = ["time", "op", "key"]
"#;

#[test]
fn a_recording_is_played_by_its_times() {
    let sandbox = Sandbox::with(&[RECORDED]);
    // A row each millisecond, none between 20 ms and 60 ms.
    let row = |at: u32| {
        let op = if at.is_multiple_of(2) { "+" } else { "?" };
        format!("0.{:03},{op},{}\n", 100 + at, at / 2)
    };
    let rows: String = (0..20).chain(60..81).map(row).collect();
    std::fs::write(sandbox.path("workloads/recorded.csv"), rows).unwrap();
    let told = sandbox.run("tape recorded", 0).stdout;
    assert!(told.contains("as recorded, 2 times as fast: 0.0 s"), "{told}");
    assert!(sandbox.run("verify -m dashmap", 0).stdout.contains("right"));
    sandbox.run("measure -w recorded -m dashmap -c throughput,latency --rounds 1", 0);
    for run in &sandbox.session().runs {
        let Some(observation) = run.observation() else { panic!("{run:?}") };
        let times = match &observation.reading {
            Reading::Throughput(seen) => &seen.phases,
            Reading::Latency(seen) => {
                for kind in &seen.kinds {
                    let response = kind.response.as_ref().expect("what was recorded has a schedule");
                    assert_eq!(response.count(), kind.service.count());
                    assert!(response.percentile(0.0) < 20_000_000, "due after the pause: {:?}", kind.kind);
                }
                &seen.times
            }
            other => panic!("{other:?}"),
        };
        assert!(times[0].wall_ns >= 40_000_000, "the last is due after 40 ms: {} ns", times[0].wall_ns);
    }
    std::fs::write(sandbox.path("workloads/recorded.csv"), "1,+,a\n1,?,b\n").unwrap();
    let said = sandbox.run("tape recorded", 2);
    assert!(said.stderr.contains("its records are all of one time"), "{}", said.stderr);
}

#[test]
fn operations_wait_until_they_are_due() {
    let sandbox = Sandbox::with(&[PACED]);
    sandbox.run("measure -w paced -m std,dashmap -c [!s]*,slots --rounds 1", 0);
    let session = sandbox.session();
    for run in &session.runs {
        let Some(observation) = run.observation() else { panic!("{run:?}") };
        match &observation.reading {
            Reading::Throughput(seen) => {
                assert!(seen.phases[1].wall_ns >= 199 * 500_000, "{} ns", seen.phases[1].wall_ns);
            }
            Reading::Latency(seen) => {
                assert!(seen.times[1].wall_ns >= 199 * 500_000, "{} ns", seen.times[1].wall_ns);
                for kind in &seen.kinds {
                    let Some(response) = &kind.response else {
                        assert!(!kind.counts, "only what prepares has no schedule: {}", kind.phase);
                        continue;
                    };
                    assert_eq!((kind.phase.as_str(), response.count()), ("churn", kind.service.count()));
                    for percent in [0.0, 50.0, 99.0, 100.0] {
                        let times = [&kind.service, response].map(|times| times.percentile(percent));
                        assert!(times[0] <= times[1], "{percent} % of {:?}: {times:?}", kind.kind);
                    }
                }
                assert_eq!(seen.kinds.iter().filter(|kind| kind.response.is_some()).count(), 3);
            }
            Reading::Heap(seen) => assert_eq!(seen.samples.len(), 2, "a sample ends each phase"),
            _ => {}
        }
    }
    assert!(session.runs.iter().any(|run| run.pass.collector == Collector::Slots));
    let page = std::fs::read_to_string(sandbox.only("").join("index.html")).unwrap();
    assert!(page.contains("service p99.9") && page.contains("2000 operations a second"));
    sandbox.run("export --form hgrm", 0);
    assert!(sandbox.only("").join("data/paced/std.insert.response.hgrm").is_file());
}

#[test]
fn a_timetable_is_shown_and_verify_does_not_wait_for_it() {
    // Two days by its schedule: the verification would not come to an end.
    let sandbox = Sandbox::with(&[&PACED.replace("2_000", "1").replace("ops = 200", "ops = 200_000")]);
    let said = sandbox.run("tape paced", 0);
    assert!(said.stdout.contains("1 operations a second: 200000.0 s"), "{}", said.stdout);
    let said = sandbox.run("verify -w paced -m std", 0);
    assert!(said.stdout.contains("right"), "{}", said.stdout);
}

#[test]
fn a_time_limit_counts_beyond_the_timetable() {
    let sandbox = Sandbox::with(&[&PACED.replace("2_000", "66")]);
    // Three seconds of schedule: without them the child would be killed.
    sandbox.run("measure -w paced -m std -c throughput --rounds 1 --timeout 2.5", 0);
}

#[test]
fn steps_of_a_script_are_phases() {
    let sandbox = Sandbox::with(&[SCRIPT]);
    sandbox.run("measure -w script -m std,slab --rounds 1", 0);
    let session = sandbox.session();
    assert!(session.runs.iter().all(|run| run.observation().is_some()), "{:?}", session.runs);
    let names: Vec<&str> =
        session.manifest.tapes["script"].header.phases.iter().map(|phase| phase.name.as_str()).collect();
    assert_eq!(names, ["put 0..8", "del 3", "put 100", "get 0..8", "get 999", "clear", "put 3"]);
}

#[test]
fn every_map_answers_the_articles_workloads() {
    let sandbox = Sandbox::with(&[]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workloads");
    let scripts = "article-bucket,reuse-decision,delete-store-chain,bucket-paths";
    let recipes = "alloc-classes,slot-churn,slot-churn-fast,gc-pressure,gc-pressure-fast";
    let verify = |names: &str, scale: &str| {
        let arguments =
            format!("--workloads-in {} verify -w {names} {scale} --format json", folder.display());
        let said = sandbox.run(&arguments, 0);
        let rows: Vec<serde_json::Value> = serde_json::from_str(&said.stdout).unwrap();
        assert!(rows.len() > 50, "{} passes", rows.len());
        assert!(rows.iter().all(|row| row["answers"] == "right"), "{}", said.stdout);
    };
    verify(scripts, "");
    verify(recipes, "--scale 0.01");
}
