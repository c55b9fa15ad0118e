//! The history on disk: a line for each gate, and an error for each line that is none.

use formats::gate::{Metric, TimeMetric};
use formats::history::{Entry, ExactMove, HISTORY_FILE, History, Ratio};
use formats::observation::SCHEMA;
use proptest::prelude::*;

fn entry(revision: &str, log_ratio: f64) -> Entry {
    let ratio = Ratio {
        workload: "fifo-window".into(),
        map: "go-swiss".into(),
        metric: TimeMetric::TotalCpu,
        log_ratio,
        standard_error: 0.003,
        pairs: 14,
    };
    Entry {
        schema: SCHEMA,
        when: "2026-01-01T00:00:00Z".into(),
        revision: revision.into(),
        parent: "0123abcd".into(),
        anchor: Some("v1".into()),
        against_parent: vec![ratio.clone()],
        against_anchor: vec![ratio],
        exact_moved: vec![ExactMove {
            workload: "fifo-window".into(),
            map: "go-swiss".into(),
            metric: Metric::PeakBytes,
            base: vec![1],
            head: vec![2],
        }],
    }
}

#[test]
fn what_was_appended_is_read_in_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(HISTORY_FILE);
    let entries = [entry("a", 0.1), entry("b\n✗", -0.2), entry("c", 0.0)];
    for entry in &entries {
        entry.append(&file).unwrap();
    }
    assert_eq!(History::read(&file).unwrap(), History { entries: entries.into(), cut: false });
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 3);
}

#[test]
fn an_interrupted_write_costs_its_own_line_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(HISTORY_FILE);
    entry("a", 0.1).append(&file).unwrap();
    let whole = std::fs::read(&file).unwrap();
    for cut in [1, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&file, [&whole[..], &whole[..cut]].concat()).unwrap();
        let read = History::read(&file).unwrap();
        assert_eq!((read.entries.len(), read.cut), (1, true));
        entry("b", 0.2).append(&file).unwrap();
        let read = History::read(&file).unwrap();
        assert_eq!((read.entries.len(), read.cut), (2, false));
        assert_eq!(read.entries[1].revision, "b");
    }
}

#[test]
fn a_line_that_is_none_of_ours_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(HISTORY_FILE);
    let good = serde_json::to_string(&entry("a", 0.1)).unwrap();
    for (line, problem) in [
        ("{}", ":2: missing field `schema`"),
        ("not json", ":2: expected"),
        (&good.replace("total_cpu", "speed"), ":2: unknown variant `speed`"),
        (&good.replace("\"when\"", "\"nanoseconds\""), ":2: unknown field `nanoseconds`"),
    ] {
        std::fs::write(&file, format!("{good}\n{line}\n{good}\n")).unwrap();
        let said = History::read(&file).unwrap_err().to_string();
        assert!(said.contains(problem), "{said}");
    }
    let newer = good.replace(&format!("\"schema\":{SCHEMA}"), &format!("\"schema\":{}", SCHEMA + 1));
    std::fs::write(&file, newer + "\n").unwrap();
    assert!(History::read(&file).unwrap_err().to_string().contains("newer"));
    let missing = History::read(&folder.path().join("none.jsonl")).unwrap_err().to_string();
    assert!(missing.contains("none.jsonl"), "{missing}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), keep in 0_usize..400) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(HISTORY_FILE);
        let good = serde_json::to_string(&entry("a", 0.1)).unwrap();
        let keep = keep.min(good.len());
        std::fs::write(&file, [&good.as_bytes()[..keep], &bytes[..]].concat()).unwrap();
        let _ = History::read(&file);
    }

    #[test]
    fn any_entry_survives(revision in "(?s).{0,30}", log_ratio in -5.0_f64..5.0) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(HISTORY_FILE);
        let entry = entry(&revision, log_ratio);
        entry.append(&file).unwrap();
        prop_assert_eq!(History::read(&file).unwrap().entries, [entry]);
    }
}
