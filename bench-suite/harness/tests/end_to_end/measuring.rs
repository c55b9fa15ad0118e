//! A session from start to end, and what is there afterwards.

use std::fs;
use std::path::{Path, PathBuf};

use formats::observation::{Collector, Reading, Slots};
use formats::run::Run;
use formats::session::Session;

use crate::sandbox::{CHURN, OWNED, SHARED, Sandbox};
use crate::schemas::fits;

#[test]
fn a_session_has_every_pass_and_a_report() {
    let sandbox = Sandbox::with(&[CHURN, OWNED, SHARED]);
    // All but stacks, of which each pass samples for seconds, instructions, which not every machine can count, and heaps:
    // tests of their own have them.
    let said =
        sandbox.run("measure -w * -m null,std,hashbrown,slab,dashmap -c [!sih]*,slots,heap --rounds 2", 0);
    let index = sandbox.path(said.stdout.trim());
    assert!(index.is_file(), "{}", said.stdout);
    assert_eq!(
        fs::canonicalize(sandbox.path("reports/latest")).unwrap(),
        index.parent().unwrap().canonicalize().unwrap()
    );

    let session = sandbox.session();
    assert_eq!(session.missing().count(), 0);
    assert_eq!(session.runs.len(), session.manifest.passes.len());
    assert_eq!(session.manifest.noise.len(), 2);
    assert_eq!(session.manifest.reference, "hashbrown");
    for collector in Collector::ALL {
        let of_churn = session.runs.iter().filter(|run| {
            run.pass.workload == "churn" && run.pass.collector == collector && run.observation().is_some()
        });
        let rounds = match collector {
            Collector::Throughput => 2,
            Collector::Contention | Collector::HeapStacks | Collector::Instructions | Collector::Stacks => 0,
            _ => 1,
        };
        let maps = match collector {
            // Neither the slot manager nor the map that does nothing has keys.
            Collector::Calls => 3,
            // Only two can tell how far they look.
            Collector::Probes => 2,
            _ => 5,
        };
        assert_eq!(of_churn.count(), maps * rounds, "{}", collector.name());
    }
    let contended = session.runs.iter().filter_map(|run| match &run.observation()?.reading {
        Reading::Contention(seen) if run.pass.workload == "shared" => Some((run.pass.map.as_str(), seen)),
        _ => None,
    });
    let strict: Vec<bool> = contended
        .filter(|(map, _)| *map == "dashmap")
        .map(|(_, seen)| seen.consistency.unwrap().is_strict())
        .collect();
    assert_eq!(strict, [true], "dashmap is looked at once, and shows one copy of each entry");
    let left_out = &session.manifest.left_out;
    let why = "the map is for one thread, the workload has 2";
    assert!(
        left_out
            .iter()
            .any(|row| row.workload == "owned" && row.maps == ["std", "hashbrown", "slab"] && row.why == why)
    );

    let page = fs::read_to_string(&index).unwrap();
    for name in ["churn", "owned", "hashbrown", "dashmap", "throughput"] {
        assert!(page.contains(name), "{name} is not on the page");
    }
    assert!(sandbox.path("reports/index.html").is_file());
    assert!(!fs::read_to_string(index.with_file_name("summary.md")).unwrap().is_empty());
}

/// Every link of a page to a flamegraph, as a browser follows it.
fn flamegraph_links(index: &Path) -> Vec<PathBuf> {
    let page = fs::read_to_string(index).unwrap();
    let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split_once('"'));
    let links = links
        .map(|(link, _)| link)
        .filter(|link| Path::new(link).extension().is_some_and(|kind| kind == "svg" || kind == "folded"));
    links.map(|link| index.parent().unwrap().join(link.replace("%23", "#"))).collect()
}

#[test]
fn links_lead_to_the_flamegraphs_wherever_they_are() {
    let sandbox = Sandbox::with(&[CHURN]);
    sandbox.run("measure -w churn -m hashbrown -c stacks", 0);
    let index = sandbox.only("").join("index.html");
    for elsewhere in
        ["", "--flamegraphs-in reports/graphs", "--flamegraphs-in deep/er/graphs#1", "--flamegraphs-in ./x"]
    {
        sandbox.run(&format!("report {elsewhere}"), 0);
        let links = flamegraph_links(&index);
        assert_eq!(links.len(), 2, "{elsewhere}: {links:?}");
        assert!(links.iter().all(|file| file.is_file()), "{elsewhere}: {links:?}");
        fs::remove_dir_all(sandbox.path("flamegraphs")).ok();
    }
    fs::remove_dir_all(sandbox.path("reports")).unwrap();
    sandbox.run("measure -w churn -m hashbrown -c events", 0);
    let page = fs::read_to_string(sandbox.only("").join("index.html")).unwrap();
    assert!(!page.contains("flamegraphs/"), "there is none");
}

#[test]
fn pages_can_be_written_again() {
    let sandbox = Sandbox::with(&[CHURN, SHARED]);
    sandbox.run("measure -w * -m dashmap -c throughput,stacks --rounds 1", 0);
    let folder = sandbox.only("");
    for workload in ["churn", "shared"] {
        for ending in ["folded", "svg", "pb.gz"] {
            let name = format!("flamegraphs/{}/{workload}/dashmap.{ending}", sandbox.session().manifest.id);
            assert!(sandbox.path(&name).is_file(), "{name}");
        }
    }
    let page = fs::read(folder.join("index.html")).unwrap();
    fs::remove_file(folder.join("index.html")).unwrap();
    fs::remove_dir_all(sandbox.path("flamegraphs")).unwrap();
    sandbox.run("report", 0);
    assert_eq!(fs::read(folder.join("index.html")).unwrap(), page, "the same session gives the same page");
    let said = sandbox.run("flame", 0);
    assert!(said.stdout.lines().all(|file| sandbox.path(file).is_file()) && !said.stdout.is_empty());
    let said = sandbox.run("report --format markdown", 0);
    assert!(said.stdout.contains("dashmap"));
    let said = sandbox.run("report --format json", 0);
    assert!(serde_json::from_str::<serde_json::Value>(&said.stdout).unwrap()["manifest"].is_object());
}

/// What stands in a file for Prometheus behind the beginnings of some lines, summed.
fn sum(metrics: &str, family: &str) -> f64 {
    let lines = metrics.lines().filter(|line| line.starts_with(&format!("{family}{{")));
    lines.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

#[test]
fn prometheus_is_told_after_each_pass_what_is_done() {
    let sandbox = Sandbox::with(&[CHURN]);
    let measure = "measure -w churn -m std,hashbrown -c slots,heap --prometheus";
    sandbox.run(&format!("{measure} metrics/churn.prom"), 0);
    let metrics = fs::read_to_string(sandbox.path("metrics/churn.prom")).unwrap();
    let session = sandbox.session();
    for family in ["churnmark_passes_total", "churnmark_planned_passes"] {
        assert!((sum(&metrics, family) - session.runs.len() as f64).abs() < 0.5, "{family}: {metrics}");
    }
    assert!(sum(&metrics, "churnmark_reused_slots_ratio") > 0.0, "{metrics}");
    let names: Vec<_> =
        fs::read_dir(sandbox.path("metrics")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["churn.prom"], "it was replaced as a whole");
    sandbox.run("export --form prometheus", 0);
    let exported = fs::read_to_string(sandbox.only("").join("data/metrics.prom")).unwrap();
    assert_eq!(exported, metrics);
    // Found before anything is measured.
    let said = sandbox.run(&format!("{measure} workloads"), 2);
    assert!(said.stderr.contains("workloads cannot be written"), "{}", said.stderr);
    assert!(sandbox.sessions("partial").is_empty(), "{}", said.stderr);
}

#[test]
fn counts_are_the_same_on_every_run() {
    let sandbox = Sandbox::with(&[CHURN]);
    let maps = "std,hashbrown,btree,slab,slotmap,indexmap-swap,papaya,dashmap,scc,crossbeam-skiplist,go-*";
    let readings = || -> Vec<(String, Reading)> {
        sandbox.run(&format!("measure -w churn -m {maps} -c slots,allocations,events"), 0);
        let folder = sandbox.only("");
        let mut runs = Session::read(&folder).unwrap().runs;
        fs::remove_dir_all(sandbox.path("reports")).unwrap();
        runs.sort_by(|a, b| a.pass.cmp(&b.pass));
        let reading = |run: &Run| (run.pass.to_string(), without_shadow(&run.observation().unwrap().reading));
        runs.iter().map(reading).collect()
    };
    let (first, second) = (readings(), readings());
    assert_eq!(first.len(), 48);
    for (first, second) in first.iter().zip(&second) {
        assert_eq!(first, second);
    }
}

/// What the collector itself takes depends on where the kernel puts the program; it is no figure of the map.
fn without_shadow(reading: &Reading) -> Reading {
    match reading {
        Reading::Slots(slots) => Reading::Slots(Slots { shadow_bytes: 0, ..slots.clone() }),
        other => other.clone(),
    }
}

#[test]
fn a_scaled_workload_has_a_name_and_a_tape_of_its_own() {
    let sandbox = Sandbox::with(&[CHURN]);
    sandbox.run("measure -w churn -m hashbrown -c throughput --rounds 1 --scale 0.5", 0);
    let session = sandbox.session();
    let tape = &session.manifest.tapes["churn@0.5"];
    assert_eq!(tape.header.workload, "churn@0.5");
    assert_eq!(tape.header.executed.kinds.iter().sum::<u64>(), 3300);
}

#[test]
fn what_there_is_can_be_listed() {
    let sandbox = Sandbox::with(&[CHURN, SHARED]);
    let said = sandbox.run("list", 0);
    for name in ["churn", "hashbrown", "canary-slow", "throughput", "standard"] {
        assert!(said.stdout.contains(name), "{name}: {}", said.stdout);
    }
    let said = sandbox.run("list --format json", 0);
    let all: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(all["workloads"].as_array().unwrap().len(), 2);
    assert_eq!(all["workloads"][1]["tags"], serde_json::json!(["threads"]));
    assert_eq!(all["suites"][0]["name"], "smoke");
    let map = |name: &str| all["maps"].as_array().unwrap().iter().find(|map| map["name"] == name).unwrap();
    assert_eq!(map("btree")["facts"], serde_json::json!(["counts_calls", "ordered"]));
    assert_eq!((&map("btree")["kind"], &map("slab")["kind"]), (&"single".into(), &"slot_manager".into()));
    for format in ["text", "markdown"] {
        let said = sandbox.run(&format!("list -m single-writer --format {format}"), 0);
        let facts = "own threads, hands over writes, counts locks, counts calls";
        // Text is folded to 80 columns.
        let words: Vec<&str> = said.stdout.split_whitespace().collect();
        assert!(words.join(" ").contains(facts) && said.stdout.contains("facts"), "{}", said.stdout);
        let widest = said.stdout.lines().map(|line| line.chars().count()).max();
        assert!(format == "markdown" || widest <= Some(80), "{}", said.stdout);
    }
    let said = sandbox.run("list --suite full", 0);
    assert!(said.stdout.contains("left out"), "{}", said.stdout);
    assert!(said.stdout.contains("the collector follows one thread, the workload has 2"), "{}", said.stdout);
}

#[test]
fn two_sessions_are_told_beside_each_other() {
    let sandbox = Sandbox::with(&[CHURN]);
    let measured = || {
        let said = sandbox
            .run("measure -w churn -m hashbrown -c allocations,throughput --rounds 1 --format json", 0);
        let answer: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
        assert_eq!(answer["loads"][0]["workload"], "churn");
    };
    measured();
    let first = sandbox.only("");
    measured();
    let said = sandbox.run(&format!("compare {} --all", first.display()), 0).stdout;
    assert!(said.contains("0 worse, 0 better") && said.contains("no difference shown"), "{said}");
    assert!(said.contains("too few rounds"), "one round tells nothing: {said}");
    let said = sandbox.run(&format!("compare {} reports/latest --format json", first.display()), 0).stdout;
    let comparison: serde_json::Value = serde_json::from_str(&said).unwrap();
    fits("comparison", "a comparison", &comparison);
    assert_eq!(comparison["same_machine"], true);
}

#[test]
fn a_tape_can_be_looked_at() {
    let sandbox = Sandbox::with(&[CHURN]);
    let said = sandbox.run("tape churn --ops 3 --out churn.tape", 0);
    assert!(said.stdout.contains("6600 operations") && said.stdout.contains("insert 2\n"), "{}", said.stdout);
    let tape = formats::tape::Tape::read(&sandbox.path("churn.tape")).unwrap();
    assert_eq!(tape.len(), 6600);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let sandbox = Sandbox::with(&[CHURN]);
    let mut churnmark = sandbox.churnmark("list");
    let mut child = churnmark.stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_doctor_says_whether_to_trust_timings() {
    let said = Sandbox::with(&[]).run("doctor --time 0.05", 0);
    assert!(
        said.stdout.contains("timings of this machine") || said.stdout.contains("Timings of this machine")
    );
    let said = Sandbox::with(&[]).run("doctor --time 0.05 --format json", 0);
    let diagnosis: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert!(diagnosis["tick_hz"].as_f64().unwrap() >= 100.0);
    assert!(diagnosis["noise"]["seconds"].as_f64().unwrap() >= 0.05);
}

#[test]
fn a_map_of_ones_own_plays_beside_those_of_the_suite() {
    let sandbox = Sandbox::with(&[CHURN]);
    let script = sandbox.script(
        &["mine"],
        r#""$real" play --tape "$3" --map std --collector throughput | sed 's/"map":"std"/"map":"mine"/'"#,
    );
    sandbox.run(&format!("measure --suite smoke --scale 1 -c throughput --subject {}", script.display()), 0);
    let session = sandbox.session();
    for map in ["mine", "hashbrown"] {
        assert!(session.runs.iter().any(|run| run.pass.map == map && run.observation().is_some()), "{map}");
    }
}

#[test]
fn a_session_ends_with_its_answer_and_can_be_asked_for_another() {
    let sandbox = Sandbox::with(&[CHURN]);
    let said = sandbox.run(
        "measure -w churn -m null,hashbrown,btree,slab -c throughput,latency,allocations,heap --rounds 5",
        0,
    );
    assert!(said.stderr.contains("\nTake, for one thread: "), "{}", said.stderr);
    assert!(said.stderr.contains("\nTake, slot manager: slab (churn)."), "{}", said.stderr);
    let folder = sandbox.only("");
    let answer = fs::read_to_string(folder.join("data/answer.json")).unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    for take in answer["takes"].as_array().unwrap() {
        assert!(said.stderr.contains(take.as_str().unwrap()));
        let summary = fs::read_to_string(folder.join("summary.md")).unwrap();
        assert!(summary.contains(&format!("**{}**", take.as_str().unwrap())));
    }

    let chosen = sandbox.run("choose --ordered --need peak<=1GiB --format json", 0);
    let chosen: serde_json::Value = serde_json::from_str(&chosen.stdout).unwrap();
    assert_eq!(chosen["take"], serde_json::json!(["btree"]));
    let said = sandbox.run("choose --need peak<=1B", 1);
    assert!(said.stdout.starts_with("No map of this session meets the needs."), "{}", said.stdout);
    let said = sandbox.run("choose --threads", 1);
    assert!(said.stdout.contains("What would tell more: churnmark measure -w"), "{}", said.stdout);
    let said = sandbox.run("choose --need p98<=1us", 2);
    assert!(said.stderr.contains("there is no figure `p98`; there are throughput"), "{}", said.stderr);
    sandbox
        .run("choose -w chrun", 2)
        .complains(&["there is no workload in this session `chrun`; there is churn"]);
}
