//! A short run of every target with the same damage each time.

use fuzz::corpus;
use fuzz::mutate::{Random, damage};
use fuzz::target::{ALL, by_name};

/// Damaged inputs of each target; a longer run is `cargo run --release`.
const INPUTS: usize = 150;
/// The same where each that is taken becomes a whole report.
const REPORTS: usize = 25;

fn short(name: &str) {
    let target = by_name(name).unwrap();
    let inputs = corpus::of(target);
    assert!(inputs.iter().any(|input| (target.run)(input)), "{name} takes nothing of its corpus");
    let mut random = Random::new(1);
    let count = if matches!(name, "session" | "runs") { REPORTS } else { INPUTS };
    for _ in 0..count {
        let [one, other] = [0; 2].map(|_| random.below(inputs.len()));
        (target.run)(&damage(&inputs[one], &inputs[other], &mut random));
    }
}

/// One test for each target, so that they run side by side and have a name when they fail.
macro_rules! short {
    ($($test:ident = $name:literal),* $(,)?) => {
        $(#[test] fn $test() { short($name); })*

        #[test]
        fn every_target_is_here() {
            let mut listed = [$($name),*];
            let mut all: Vec<&str> = ALL.iter().map(|target| target.name).collect();
            listed.sort_unstable();
            all.sort_unstable();
            assert_eq!(all, listed);
            for name in all {
                let file = format!("{}/fuzz_targets/{}.rs", env!("CARGO_MANIFEST_DIR"), name.replace('-', "_"));
                let text = std::fs::read_to_string(&file).unwrap_or_else(|why| panic!("{file}: {why}"));
                assert!(text.contains(&format!("\"{name}\"")), "{file}");
            }
        }
    };
}

short! {
    workload = "workload",
    suites = "suites",
    policy = "policy",
    trace_operations = "trace-operations",
    trace_requests = "trace-requests",
    trace_twitter = "trace-twitter",
    trace_oracle = "trace-oracle",
    trace_zstandard = "trace-zstandard",
    tape = "tape",
    recording = "recording",
    observation = "observation",
    histogram = "histogram",
    session = "session",
    runs = "runs",
    gate = "gate",
    pairs = "pairs",
    baseline = "baseline",
    folded = "folded",
    subject = "subject",
    history = "history",
    script = "script",
    evidence = "evidence",
    inspection = "inspection",
    replay = "replay",
}
