//! Baselines that are read back as they were written, and what is said of those that cannot be used.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use formats::baseline::{Baseline, BaselineError, Figures, Fingerprint, Moved, Update, moved};
use formats::gate::Metric;
use formats::tape::TapeId;
use proptest::prelude::*;

fn tape(number: u128) -> TapeId {
    TapeId::try_from(format!("{number:032x}")).unwrap()
}

fn figures(rows: &[(&str, &str, Metric, &[u64])]) -> Figures {
    let mut figures = Figures::new();
    for &(workload, map, metric, values) in rows {
        let maps = figures.entry(workload.into()).or_default();
        maps.entry(map.into()).or_default().insert(metric, values.into());
    }
    figures
}

fn baseline() -> Baseline {
    Baseline {
        updates: vec![Update {
            when: "2026-06-01T10:00:00Z".into(),
            reason: "the first".into(),
            revision: "abc1234".into(),
        }],
        fingerprint: Fingerprint {
            compiler: "rustc 1.95.0".into(),
            target: "x86_64-unknown-linux-gnu".into(),
            allocator: "jemalloc 5.3.1".into(),
            maps: BTreeMap::from([("slab".into(), "0.4.12".into()), ("std".into(), "1.95.0".into())]),
            tapes: BTreeMap::from([("lifo@0.05".into(), vec![tape(1), tape(2)])]),
        },
        seeds: vec![1, 2],
        figures: figures(&[
            ("lifo@0.05", "std", Metric::PeakBytes, &[100, 200]),
            ("lifo@0.05", "std", Metric::Allocations, &[3, 4]),
            ("lifo@0.05", "slab", Metric::Allocations, &[5, 5]),
        ]),
    }
}

fn read(text: &str) -> Result<Baseline, BaselineError> {
    Baseline::parse(text.as_bytes(), Path::new("exact.json"))
}

fn refused(text: &str) -> String {
    read(text).expect_err(text).to_string()
}

#[test]
fn a_figure_is_one_line() {
    let text = baseline().text();
    assert!(
        text.contains("\n        \"allocations\": [3, 4],\n        \"peak_bytes\": [100, 200]\n"),
        "{text}"
    );
    assert!(text.starts_with("{\n  \"schema\": 3,\n  \"checksum\": \""), "{text}");
    assert!(text.ends_with("}\n"), "{text}");
    assert_eq!(read(&text).unwrap(), baseline());
}

#[test]
fn line_ends_and_indents_of_another_system_do_no_harm() {
    let text = baseline().text().replace('\n', "\r\n");
    assert_eq!(read(&text).unwrap(), baseline());
}

#[test]
fn a_missing_one_names_the_command_that_makes_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("baseline/exact.json");
    let said = Baseline::read(&file).unwrap_err();
    assert!(matches!(said, BaselineError::Missing { .. }), "{said}");
    assert!(said.to_string().contains("there is no baseline; make one: churnmark baseline update --reason"));
    baseline().write(&file).unwrap();
    assert_eq!(Baseline::read(&file).unwrap(), baseline());
    let names: Vec<_> =
        fs::read_dir(file.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["exact.json"], "nothing temporary is left");
    let blocked = file.join("exact.json");
    assert!(matches!(baseline().write(&blocked), Err(BaselineError::Io { .. })));
    assert!(matches!(Baseline::read(&blocked), Err(BaselineError::Io { .. })));
}

#[test]
fn each_damage_has_its_own_words() {
    let text = baseline().text();
    let restore =
        "; restore it (git checkout), or delete it and make one: churnmark baseline update --reason";
    for (damaged, said) in [
        (String::new(), "exact.json: is empty"),
        (" \n\n".into(), "exact.json: is empty"),
        (text[..text.len() / 2].into(), "exact.json:"),
        ("figures\n".into(), "exact.json:1: expected"),
        (text.replace("[3, 4]", "[3, four]"), "exact.json:28: expected"),
        (text.replace("peak_bytes", "peek_bytes"), "exact.json:29: there is no metric `peek_bytes`"),
        (text.replace("\"seeds\"", "\"sides\""), "exact.json:21: unknown field `sides`"),
        (text.replace("[3, 4]", "[3, 3]"), "exact.json: was edited by hand or merged: its checksum is "),
        (text.replace("abc1234", "abc1235"), "exact.json: was edited by hand"),
    ] {
        let message = refused(&damaged);
        assert!(message.starts_with(said) && message.contains(restore), "{message} for\n{damaged}");
    }
    assert!(matches!(read(&text[..text.len() / 2]), Err(BaselineError::Truncated { line: 2.., .. })));
    let newer = text.replace("\"schema\": 3", "\"schema\": 7").replace("\"seeds\"", "\"more seeds\"");
    assert_eq!(
        refused(&newer),
        "exact.json: has schema 7; this program reads up to 3: use a newer churnmark"
    );
}

#[test]
fn other_conditions_are_listed() {
    let file = Path::new("exact.json");
    let there = baseline();
    let mut here = there.fingerprint.clone();
    here.maps.remove("slab");
    here.maps.insert("btree".into(), "1".into());
    assert!(
        there.must_fit(file, &here, &[1, 2]).is_ok(),
        "a map that is new or gone is found by the comparison"
    );
    here.compiler = "rustc 1.96.0".into();
    here.maps.insert("std".into(), "1.96.0".into());
    here.tapes.insert("lifo@0.05".into(), vec![tape(1), tape(1 << 100)]);
    let said = there.must_fit(file, &here, &[3]).unwrap_err().to_string();
    assert_eq!(
        said,
        "exact.json: cannot be compared with: compiler `rustc 1.95.0` there, `rustc 1.96.0` here, \
         version of std `1.95.0` there, `1.96.0` here, \
         tapes of lifo@0.05 `00000000+00000000` there, `00000000+00000010` here, seeds [1, 2] there, [3] here; \
         measure anew: churnmark baseline update --reason \"...\""
    );
}

#[test]
fn what_moved_has_both_sides() {
    let old = figures(&[("w", "a", Metric::Frees, &[1]), ("w", "b", Metric::Frees, &[1])]);
    let new = figures(&[
        ("w", "a", Metric::Frees, &[2]),
        ("w", "b", Metric::Frees, &[1]),
        ("x", "b", Metric::Frees, &[1]),
    ]);
    let row = |workload, map, old, new| Moved { workload, map, metric: Metric::Frees, old, new };
    assert_eq!(
        moved(&old, &new),
        [
            row("w", "a", Some([1].as_slice()), Some([2].as_slice())),
            row("x", "b", None, Some([1].as_slice()))
        ]
    );
    assert_eq!(moved(&new, &old).last(), Some(&row("x", "b", Some([1].as_slice()), None)));
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        rows in proptest::collection::vec(("\\PC{1,8}", "\\PC{1,8}", 0..34_usize, any::<[u64; 2]>()), 0..8),
        reason in "\\PC{1,20}",
    ) {
        let metrics: Vec<Metric> = Metric::all().collect();
        let mut written = baseline();
        for (workload, map, metric, values) in &rows {
            let maps = written.figures.entry(workload.clone()).or_default();
            maps.entry(map.clone()).or_default().insert(metrics[*metric], values.to_vec());
        }
        written.updates[0].reason = reason;
        prop_assert_eq!(read(&written.text()).unwrap(), written);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        prop_assert!(Baseline::parse(&bytes, Path::new("exact.json")).is_err());
    }

    #[test]
    fn no_cut_and_no_changed_byte_goes_unseen(at in 0.0..1.0, byte in b' '..b'~') {
        let text = baseline().text();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short text")]
        let at = (text.len() as f64 * at) as usize;
        prop_assert!(at + 2 > text.len() || read(&text[..at]).is_err());
        let mut changed = text.clone().into_bytes();
        changed[at] = byte;
        let read = Baseline::parse(&changed, Path::new("exact.json"));
        // A changed blank between values is the only change without a meaning.
        prop_assert!(read.is_err() || read.unwrap() == baseline());
    }
}
