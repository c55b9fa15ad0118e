//! What is exported is read by libraries that others wrote, and they see the figures of the session.

mod sample;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use formats::observation::{Latency, Reading, Throughput};
use formats::session::Session;
use serde::Deserialize;

/// Where `make tools` puts the libraries.
const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tools/python");
const READ: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/others/read.py");

/// What the libraries see.
#[derive(Deserialize)]
struct Seen {
    /// Of each log the intervals: tag, count, maximum and median.
    logs: BTreeMap<String, Vec<(String, u64, u64, u64)>>,
    /// Of each table the number of its rows, and the sums of its columns of numbers.
    tables: BTreeMap<String, (usize, BTreeMap<String, f64>)>,
    /// Type, help and samples of each family of metrics.
    metrics: BTreeMap<String, (String, String, Vec<Sample>)>,
    /// How many slices there are, and how many operations are in them.
    trace: (usize, u64),
}

/// Name, labels and value.
type Sample = (String, BTreeMap<String, String>, f64);

/// What the libraries see of the exports in a folder. Without them the test is skipped, except in CI, where it fails.
fn seen(folder: &Path) -> Option<Seen> {
    if !Path::new(PYTHON).is_dir() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "CI needs the libraries: make tools");
        eprintln!("skipped: no libraries in {PYTHON}; make tools");
        return None;
    }
    let output = Command::new("python3").arg(READ).arg(folder).env("PYTHONPATH", PYTHON).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn readings<'s, T: 's>(session: &'s Session, map: &str) -> Vec<&'s T>
where
    &'s T: TryFrom<&'s Reading>,
{
    let runs = session.runs.iter().filter(|run| run.pass.map == map);
    runs.filter_map(|run| <&T>::try_from(&run.observation()?.reading).ok()).collect()
}

#[test]
fn others_see_the_figures_of_the_session() {
    let session = sample::session();
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in report::export::files(&session) {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
    let Some(seen) = seen(folder.path()) else { return };
    logs(&session, &seen);
    metrics(&session, &seen);

    let of_std = readings::<Throughput>(&session, "std");
    let slices =
        |seen: &&Throughput| seen.phases.iter().flat_map(|phase| phase.threads.iter().flatten()).count();
    let all: Vec<&Throughput> = sample::MAPS[..4].iter().flat_map(|map| readings(&session, map)).collect();
    assert_eq!(seen.trace.0, all.iter().map(slices).sum::<usize>());
    let (rows, sums) = &seen.tables["fifo-window/std.throughput.csv"];
    assert_eq!(*rows, of_std.iter().map(slices).sum::<usize>());
    let ops = |seen: &&Throughput| -> u64 {
        seen.phases.iter().flat_map(|phase| phase.threads.iter().flatten()).map(|slice| slice.ops).sum()
    };
    assert_eq!(seen.trace.1, all.iter().map(ops).sum::<u64>());
    assert!((sums["ops"] - of_std.iter().map(ops).sum::<u64>() as f64).abs() < 0.5, "{sums:?}");
    let filled = seen.tables.values().filter(|(rows, _)| *rows > 0).count();
    assert!(filled > 40, "{:?}", seen.tables.keys());
}

fn logs(session: &Session, seen: &Seen) {
    assert_eq!(seen.logs.len(), 4);
    for (name, intervals) in &seen.logs {
        let map = name.trim_start_matches("fifo-window/").trim_end_matches(".hlog");
        let (mut untagged, mut tagged) = (Vec::new(), Vec::new());
        for latency in readings::<Latency>(session, map) {
            let counted = latency.kinds.iter().filter(|kind| kind.counts);
            untagged.push(counted.map(|kind| kind.service.count()).sum::<u64>());
            tagged.extend(latency.kinds.iter().map(|kind| {
                let end = if kind.counts { "" } else { ".uncounted" };
                let tag = format!("{}.{}{end}", kind.phase, kind.kind.name());
                (tag, kind.service.count(), kind.service.max(), kind.service.percentile(50.0))
            }));
        }
        let of = |is_tagged: bool| intervals.iter().filter(move |one| one.0.is_empty() != is_tagged);
        assert_eq!(of(false).map(|one| one.1).collect::<Vec<_>>(), untagged, "{name}");
        assert_eq!(of(true).cloned().collect::<Vec<_>>(), tagged, "{name}");
    }
}

fn metrics(session: &Session, seen: &Seen) {
    assert!(seen.metrics.values().all(|(kind, help, _)| kind != "unknown" && help.ends_with('.')));
    // The library takes the ending off the name of a counter.
    for (counter, sum) in [
        ("churnmark_passes", session.runs.len() as f64),
        ("churnmark_pass_seconds", session.runs.iter().map(|run| run.seconds).sum()),
    ] {
        let (kind, _, samples) = &seen.metrics[counter];
        assert_eq!(kind, "counter");
        let all: f64 = samples.iter().map(|(.., value)| value).sum();
        assert!((all - sum).abs() < 1e-6, "{counter}: {all}, {sum}");
    }
    let (kind, _, speeds) = &seen.metrics["churnmark_operations_per_second"];
    assert_eq!((kind.as_str(), speeds.len()), ("gauge", 4));
    let (.., times) = &seen.metrics["churnmark_operation_duration_seconds"];
    let percentiles: Vec<&str> = times
        .iter()
        .filter(|(_, labels, _)| labels["map"] == "std")
        .map(|(_, labels, _)| labels["percentile"].as_str())
        .collect();
    assert_eq!(percentiles, ["100", "50", "99", "99.9"]);
}
