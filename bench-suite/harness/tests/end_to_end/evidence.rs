//! The evidence of a finding: computed from what was measured, and from nothing else.

use std::fs;

use formats::observation::{Heap, Reading};
use formats::run::Outcome;
use formats::session::Session;

use crate::sandbox::{CHURN, Sandbox};

const FINDING: &str = "title = \"It *grows*\"\nlibrary = \"hashbrown\"\nworkload = \"churn\"\n\
    maps = [\"hashbrown\", \"btree\"]\nfigure = \"peak/fresh\"\nabout = \"A table is rebuilt.\"\n";

/// A workload with a finding, of which this must hold.
fn sandbox(at_least: &str) -> Sandbox {
    let expect = format!(
        "{CHURN}\n[[expect]]\nfigure = \"peak/fresh\"\nmaps = [\"hashbrown\"]\nat_least = {at_least}\nreason = \"it is known\"\n"
    );
    let sandbox = Sandbox::with(&[&expect]);
    fs::create_dir(sandbox.path("workloads/findings")).unwrap();
    fs::write(sandbox.path("workloads/findings/grown.toml"), FINDING).unwrap();
    sandbox
}

/// Bytes held when the table was filled, and the most while entries came and went.
fn held(heap: &Heap) -> [u64; 2] {
    let held = |filled: bool| {
        let samples = heap.samples.iter().filter(move |sample| (sample.phase == "fill") == filled);
        samples.map(|sample| sample.allocated - heap.before.allocated)
    };
    [held(true).next_back().unwrap(), held(false).max().unwrap()]
}

/// `31.5 KiB` and the like, in bytes.
fn bytes(told: &str) -> f64 {
    let (number, unit) = told.split_once(' ').unwrap();
    let size = ["B", "KiB", "MiB"].iter().position(|one| *one == unit).unwrap();
    number.parse::<f64>().unwrap() * 1024f64.powi(i32::try_from(size).unwrap())
}

#[test]
fn the_page_says_what_was_measured() {
    let sandbox = sandbox("1");
    let listed = sandbox.run("evidence", 0).stdout;
    assert!(listed.contains("grown    hashbrown  churn     peak/fresh  It *grows*"), "{listed}");
    let said = sandbox.run("evidence grown --rounds 1", 0);
    assert_eq!(said.stdout, "reports/evidence/grown/README.md\n");
    let folder = sandbox.path("reports/evidence/grown");
    let page = fs::read_to_string(folder.join("README.md")).unwrap();
    let figures = fs::read_to_string(folder.join("figures.csv")).unwrap();
    let session = Session::read(&folder.join("session")).unwrap();
    for run in &session.runs {
        let Outcome::Measured(observation) = &run.outcome else { panic!("{run:?}") };
        let Reading::Heap(heap) = &observation.reading else { continue };
        let map = &run.pass.map;
        let row = page.lines().find(|line| line.starts_with(&format!("| {map} |"))).unwrap();
        let [fresh, peak] = held(heap);
        let (_, told) = row.split_once(&format!(" | {:.2} (", peak as f64 / fresh as f64)).expect(row);
        let (before, after) = told.trim_end_matches(") |").split_once(" → ").expect(row);
        for (name, exact, told) in [("fresh", fresh, before), ("peak", peak, after)] {
            assert!((bytes(told) / exact as f64 - 1.0).abs() < 0.005, "{row}: {exact}");
            let line = format!("churn,{map},peak/fresh.{name}_bytes,0,{exact}\n");
            assert!(figures.contains(&line), "{line}: {figures}");
        }
    }
    for part in [
        "# It \\*grows\\*\n",
        "A table is rebuilt.",
        "![peak/fresh",
        "| peak/fresh (fresh → peak) |",
        "entries live. Tape `",
        "- held: hashbrown: ",
        "churnmark evidence grown",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let chart = fs::read_to_string(folder.join("chart.svg")).unwrap();
    assert!(chart.starts_with("<svg xmlns=") && chart.contains("data-name=\"hashbrown\""), "{chart}");
    let mut reader = quick_xml::Reader::from_str(&chart);
    while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
    // Nobody learns the name of the machine; the workload stands beside it and plays.
    assert_eq!((session.manifest.machine.host.as_str(), session.manifest.id.as_str()), ("", "grown"));
    sandbox.run("tape churn --workloads-in reports/evidence/grown", 0);
    // The pages are made of the passes alone.
    fs::remove_file(folder.join("README.md")).unwrap();
    sandbox.run("evidence grown --pages", 0);
    assert_eq!(fs::read_to_string(folder.join("README.md")).unwrap(), page);
}

#[test]
fn a_finding_that_no_longer_holds_ends_with_a_code_of_its_own() {
    let sandbox = sandbox("99");
    sandbox.run("evidence grown --rounds 1", 3);
    let page = fs::read_to_string(sandbox.path("reports/evidence/grown/README.md")).unwrap();
    assert!(page.contains("- broken: hashbrown: "), "{page}");
    sandbox.run("evidence nothing", 2).complains(&["there is no finding `nothing`; there is grown"]);
    fs::write(sandbox.path("workloads/findings/grown.toml"), FINDING.replace("peak/fresh", "peek")).unwrap();
    sandbox
        .run("evidence grown", 2)
        .complains(&["workloads/findings/grown.toml:5: figure: there is no figure `peek`"]);
}
