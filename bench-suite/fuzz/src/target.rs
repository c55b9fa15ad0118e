//! The parsers, each as a function of bytes that tells whether it took them; and what is made of what they give.

use std::path::Path;

use formats::baseline::Baseline;
use formats::evidence::Evidence;
use formats::gate::{GATE_FILE, Gate, Pair};
use formats::histogram::Latencies;
use formats::history::History;
use formats::inspection::Inspection;
use formats::observation::Observation;
use formats::policy::Policy;
use formats::replay::Replay;
use formats::script::Script;
use formats::session::{RUNS_FILE, SESSION_FILE, Session};
use formats::subject::Subject;
use formats::suite::Suites;
use formats::tape::Tape;
use formats::workload::Workload;
use report::inspect::Show;
use serde::de::DeserializeOwned;
use verdict::history::HistoryRule;

/// A parser under test.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, and that of its folder in the corpus.
    pub name: &'static str,
    /// Files of the repository that it reads, by the beginning and the end of their paths.
    pub files: &'static [&'static str],
    /// The parser; whether it took the bytes.
    pub run: fn(&[u8]) -> bool,
}

/// Every target.
pub const ALL: &[Target] = &[
    Target { name: "workload", files: &["workloads/*.toml"], run: workload },
    Target {
        name: "suites",
        files: &["workloads/suites.toml"],
        run: |bytes| text(bytes, |text| Suites::parse(text, "suites.toml".as_ref())),
    },
    Target { name: "policy", files: &["reports/baseline/policy.toml"], run: policy },
    Target { name: "trace-operations", files: &[], run: |bytes| trace(bytes, "operations", "csv") },
    Target { name: "trace-requests", files: &[], run: |bytes| trace(bytes, "requests", "csv") },
    Target { name: "trace-twitter", files: &[], run: |bytes| trace(bytes, "twitter", "csv") },
    Target { name: "trace-oracle", files: &[], run: |bytes| trace(bytes, "oracle_general", "bin") },
    Target { name: "trace-zstandard", files: &[], run: |bytes| trace(bytes, "operations", "csv.zst") },
    Target { name: "tape", files: &[], run: |bytes| Tape::from_bytes(bytes, "a.tape".as_ref()).is_ok() },
    Target {
        name: "recording",
        files: &[
            "bench-suite/go-maps/tests/golden/*tiny12.jsonl.gz",
            "bench-suite/go-maps/tests/golden/*.txt",
        ],
        run: |bytes| go_maps::recorded::verify(bytes, "recording").is_ok(),
    },
    Target { name: "observation", files: &[], run: |bytes| json::<Observation>(bytes).is_some() },
    Target { name: "histogram", files: &[], run: histogram },
    Target { name: "session", files: &[], run: |bytes| session(bytes, &seed("runs/small.jsonl")) },
    Target { name: "runs", files: &[], run: |bytes| session(&seed("session/small.json"), bytes) },
    Target { name: "gate", files: &["bench-suite/report/tests/golden/gate.json"], run: gate },
    Target { name: "pairs", files: &[], run: pairs },
    Target { name: "baseline", files: &["reports/baseline/exact.json"], run: baseline },
    Target { name: "folded", files: &[], run: folded },
    Target { name: "subject", files: &[], run: |bytes| json::<Subject>(bytes).is_some() },
    Target { name: "history", files: &[], run: history },
    Target { name: "script", files: &[], run: |bytes| text(bytes, str::parse::<Script>) },
    Target {
        name: "evidence",
        files: &[],
        run: |bytes| bytes.split(|byte| *byte == b'\n').any(|line| text(line, Evidence::parse)),
    },
    Target { name: "inspection", files: &[], run: inspection },
    Target { name: "replay", files: &[], run: |bytes| json::<Replay>(bytes).is_some() },
];

/// The target of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Target> {
    ALL.iter().find(|target| target.name == name)
}

fn text<T, E: ToString>(bytes: &[u8], parse: impl FnOnce(&str) -> Result<T, E>) -> bool {
    let parsed = str::from_utf8(bytes).ok().map(parse);
    // What it says of bad input is made as well.
    parsed.is_some_and(|parsed| parsed.map_err(|error| error.to_string()).is_ok())
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string()).ok()
}

fn seed(name: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    std::fs::read(&file).unwrap_or_else(|why| panic!("{}: {why}", file.display()))
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).expect("a file in a temporary folder");
}

fn workload(bytes: &[u8]) -> bool {
    text(bytes, |text| Workload::parse_points(text, "workloads/a.toml".as_ref()))
}

fn policy(bytes: &[u8]) -> bool {
    text(bytes, |text| Policy::parse(text, "policy.toml".as_ref(), jiff::civil::date(2026, 1, 1)))
}

fn trace(bytes: &[u8], format: &str, ending: &str) -> bool {
    let folder = scratch();
    let capacity = if matches!(format, "requests" | "oracle_general") { "capacity = 3\n" } else { "" };
    let toml = format!(
        "name = \"t\"\nwhy = \"A recording.\"\n[trace]\nfile = \"t.{ending}\"\nformat = \"{format}\"\n{capacity}\
         origin = \"nobody\"\nlicence = \"none\"\n"
    );
    put(folder.path(), &format!("t.{ending}"), bytes);
    put(folder.path(), "t.toml", toml.as_bytes());
    let workload = Workload::parse(&toml, &folder.path().join("t.toml"));
    let workload = workload.unwrap_or_else(|fault| panic!("{toml}{fault}"));
    generator::generate(&workload).map_err(|fault| fault.to_string()).is_ok()
}

fn histogram(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let Ok(mut read) = Latencies::try_from(text.trim_end().to_owned()) else { return false };
    read.add(&read.clone());
    read.record(1, 1);
    read.max() >= read.percentile(99.0) && read.count() > 0
}

fn session(manifest: &[u8], runs: &[u8]) -> bool {
    let folder = scratch();
    put(folder.path(), SESSION_FILE, manifest);
    put(folder.path(), RUNS_FILE, runs);
    let Ok(session) = Session::read(folder.path()).map_err(|error| error.to_string()) else { return false };
    let pages = [report::page(&session), report::summary(&session)];
    let files = report::export::files(&session).len() + report::flame::files(&session).len();
    pages.iter().all(|page| !page.is_empty()) && files > 0 && !report::trends(&[session]).is_empty()
}

fn gate(bytes: &[u8]) -> bool {
    let folder = scratch();
    put(folder.path(), GATE_FILE, bytes);
    let Ok(gate) = Gate::read(&folder.path().join(GATE_FILE)).map_err(|error| error.to_string()) else {
        return false;
    };
    let forms = [
        report::gate::text(&gate, true),
        report::gate::markdown(&gate),
        report::gate::junit(&gate),
        report::gate::summary_line(&gate),
    ];
    forms.iter().all(|form| !form.is_empty()) && report::gate::annotations(&gate, None).len() < usize::MAX
}

fn pairs(bytes: &[u8]) -> bool {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let pairs: Option<Vec<Pair>> = lines.map(json::<Pair>).collect();
    pairs.is_some_and(|pairs| verdict::history::ratios(&pairs).len() <= 5 * pairs.len())
}

fn baseline(bytes: &[u8]) -> bool {
    let Ok(read) = Baseline::parse(bytes, "exact.json".as_ref()).map_err(|error| error.to_string()) else {
        return false;
    };
    let again = Baseline::parse(read.text().as_bytes(), "exact.json".as_ref());
    assert_eq!(again.as_ref().ok(), Some(&read), "what is written is read back");
    true
}

fn folded(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let half = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    report::flame::differential("title", &text[..half], &text[half..]).is_some()
}

fn history(bytes: &[u8]) -> bool {
    let folder = scratch();
    put(folder.path(), "history.jsonl", bytes);
    let read = History::read(&folder.path().join("history.jsonl")).map_err(|error| error.to_string());
    let Ok(History { entries, .. }) = read else { return false };
    let Ok(found) = verdict::history::analyse(&entries, &HistoryRule::default()) else { return false };
    !report::history::text(&entries, &found).is_empty() && !report::history::page(&entries, &found).is_empty()
}

fn inspection(bytes: &[u8]) -> bool {
    let Some(read) = json::<Inspection>(bytes) else { return false };
    let show = Show::All;
    !report::inspect::text(&read, show).is_empty() && !report::inspect::svg(&read, show).is_empty()
}
