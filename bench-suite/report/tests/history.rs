//! The history as text and as a page: the kept text, and names that stay text.

mod golden;

use formats::gate::{Metric, TimeMetric};
use formats::history::{Entry, ExactMove, Ratio};
use formats::observation::SCHEMA;
use golden::golden;
use proptest::prelude::*;
use verdict::history::{HistoryFindings, HistoryRule, analyse};

/// A made-up history: one map steps up and stays, one creeps, one rests. No figure was measured.
fn history() -> Vec<Entry> {
    (0..16).map(entry).collect()
}

fn entry(at: usize) -> Entry {
    let wobble = [0.0, 1.2e-3, -0.8e-3, 0.4e-3, -1.5e-3, 0.9e-3, -0.2e-3][at % 7];
    let level = |map: &str, at: usize| match map {
        "go-swiss" if at >= 9 => 0.041,
        "sharded-hashmap" => 0.003 * at as f64,
        _ => 0.0,
    };
    let ratio = |map: &str, log_ratio: f64| Ratio {
        workload: "fifo-window".into(),
        map: map.into(),
        metric: TimeMetric::TotalCpu,
        log_ratio,
        standard_error: 0.0031,
        pairs: 14,
    };
    let maps = ["go-swiss", "hashbrown", "sharded-hashmap"];
    let step = |map: &&str| level(map, at) - level(map, at.saturating_sub(1)) + wobble / 2.0;
    let moved = ExactMove {
        workload: "fifo-window".into(),
        map: "go-swiss".into(),
        metric: Metric::PeakBytes,
        base: vec![1_240_000, 1_240_512],
        head: vec![1_426_000, 1_426_077],
    };
    Entry {
        schema: SCHEMA,
        when: format!("2026-01-{:02}T03:04:05Z", at + 1),
        revision: format!("{:08x}", 0x00c0_ffee + at),
        parent: format!("{:08x}", 0x00c0_ffed + at),
        anchor: Some("v1".into()),
        against_parent: maps.iter().map(|map| ratio(map, step(map))).collect(),
        against_anchor: maps.iter().map(|map| ratio(map, level(map, at) + wobble)).collect(),
        exact_moved: if at == 9 { vec![moved] } else { Vec::new() },
    }
}

fn found(entries: &[Entry]) -> HistoryFindings {
    analyse(entries, &HistoryRule::default()).unwrap()
}

#[test]
fn forms_are_as_they_were() {
    let entries = history();
    let found = found(&entries);
    golden("history.lasting.md", &report::history::lasting(&entries, &found));
    golden("history.txt", &report::history::text(&entries, &found));
    let page = report::history::page(&entries, &found).replace("><", ">\n<");
    let (start, end) = (page.find("<style>").unwrap(), page.find("</style>").unwrap());
    golden("history.html", &format!("{}{}", &page[..start], &page[end..]));
}

#[test]
fn a_change_is_named_by_its_commit() {
    let entries = history();
    let text = report::history::text(&entries, &found(&entries));
    let changed = text.split("and stayed so\n").nth(1).unwrap().lines().next().unwrap();
    assert!(changed.contains("go-swiss") && changed.contains(&entries[9].revision), "{changed}");
    let page = report::history::page(&entries, &found(&entries));
    assert_eq!(page.matches("class=\"mark\"").count(), text.matches("→ 1.0").count());
    assert_eq!(page.matches("<svg class=\"chart past\"").count(), 3);
}

#[test]
fn a_page_asks_for_nothing() {
    let entries = history();
    let page = report::history::page(&entries, &found(&entries));
    for (at, _) in page.match_indices("href=\"") {
        assert!(page[at + 6..].starts_with('#') || page[at + 6..].starts_with("data:,\""));
    }
    assert!(!page.contains("src=") && !page.contains("@import") && !page.contains("url("));
}

#[test]
fn an_empty_history_says_so() {
    let found = found(&[]);
    assert!(report::history::page(&[], &found).contains("No gate has measured a time yet"));
    assert!(report::history::text(&[], &found).starts_with("History: 0 gates; no gate had an anchor"));
}

#[test]
fn names_stay_text() {
    for name in ["<script>alert(1)</script>", "\"onload=\"alert(1)", "</svg><img src=x>\u{1b}[2J\r\n"] {
        let mut entries = history();
        for entry in &mut entries {
            (entry.revision, entry.anchor) = (name.into(), Some(name.into()));
            for ratio in entry.against_parent.iter_mut().chain(&mut entry.against_anchor) {
                (ratio.workload, ratio.map) = (name.into(), format!("{name}{}", ratio.map));
            }
            for moved in &mut entry.exact_moved {
                moved.map = name.into();
            }
        }
        let page = report::history::page(&entries, &found(&entries));
        assert!(
            !page.contains("<script") && !page.contains("<img") && !page.contains("\"onload=\""),
            "{name}"
        );
        let text = report::history::text(&entries, &found(&entries));
        assert!(!text.contains(|letter: char| letter.is_control() && letter != '\n'), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_has_a_page(
        logs in prop::collection::vec((-50.0_f64..50.0, 0.0_f64..9.0, any::<bool>()), 0..12),
    ) {
        let mut entries: Vec<Entry> = (0..logs.len()).map(entry).collect();
        for (entry, (log_ratio, error, anchored)) in entries.iter_mut().zip(logs) {
            for ratio in entry.against_parent.iter_mut().chain(&mut entry.against_anchor) {
                (ratio.log_ratio, ratio.standard_error) = (log_ratio, error);
            }
            if !anchored {
                entry.anchor = None;
            }
        }
        let page = report::history::page(&entries, &found(&entries));
        prop_assert!(!page.contains("NaN") && !page.contains("\"inf") && !page.contains(">inf"));
        prop_assert!(!report::history::text(&entries, &found(&entries)).contains("NaN"));
    }
}
