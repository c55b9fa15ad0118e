//! The oldest files of each format are read, and CHANGELOG.md says which those are.

use std::fs;
use std::path::Path;

use formats::evidence::Evidence;
use formats::gate::{Conclusion, GATE_FILE, Gate};
use formats::history::History;

/// A line of a history and a gate as the first version wrote them.
const HISTORY: &str = r#"{"schema":1,"when":"2026-11-26T00:00:00Z","revision":"c1","parent":"c0","anchor":null,"against_parent":[{"workload":"fifo-window","map":"std","metric":"total_cpu","log_ratio":0.01,"standard_error":0.002,"pairs":8}],"against_anchor":[],"exact_moved":[]}
"#;
const GATE: &str = r#"{"schema":1,"started":"2026-11-26T00:00:00Z","seconds":2.5,"head":{"name":"this build","revision":"c1","programs":[]},"base":{"name":"main","revision":"c0","programs":[]},"rule":{"alpha":0.01,"delta":0.03,"tolerance":0.005,"comparisons":0,"looks":[],"slices":1024,"discarded":128,"seeds":[1]},"controls":[],"exact":[],"timing":[],"not_compared":[],"conclusion":"passed"}
"#;
const EVIDENCE: &str = r#"{"schema":1,"implementation":"go1.23.9","family":"classic","experiment":"bucket","figures":{"length":8}}"#;

#[test]
fn the_oldest_are_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("history.jsonl"), HISTORY).unwrap();
    let history = History::read(&folder.path().join("history.jsonl")).unwrap();
    assert_eq!((history.entries.len(), history.entries[0].against_parent[0].pairs), (1, 8));
    fs::write(folder.path().join(GATE_FILE), GATE).unwrap();
    assert_eq!(Gate::read(&folder.path().join(GATE_FILE)).unwrap().conclusion, Conclusion::Passed);
    assert_eq!(Evidence::parse(EVIDENCE).unwrap().experiment, "bucket");
}

/// Each row names the source that has the number.
#[test]
fn the_change_log_says_the_versions() {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let log = fs::read_to_string(suite.join("CHANGELOG.md")).unwrap();
    let rows = log.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let mut count = 0;
    for row in rows.take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let source = fs::read_to_string(suite.join(cells[4].trim_matches('`'))).unwrap();
        let number = source.lines().find_map(|line| {
            let (name, number) = line.split_once(": u32 = ")?;
            let is_version = ["SCHEMA", "FORMAT_VERSION", "VERSION"].iter().any(|word| name.ends_with(word));
            is_version.then(|| number.trim_end_matches(';'))
        });
        let number = number.unwrap_or_else(|| panic!("{} has no version", cells[4]));
        assert_eq!(cells[2], number, "{row}");
        count += 1;
    }
    assert!(count >= 6, "{log}");
}
