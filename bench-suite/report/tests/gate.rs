//! What a gate found, in every form: the kept text, the forms' own definitions, and names that stay text.

mod golden;
mod junit;
mod sample;

use formats::gate::{Conclusion, Gate};
use golden::golden;
use proptest::prelude::*;
use sample::gate::{gate, passed, rename};

#[test]
fn forms_are_as_they_were() {
    let gate = gate();
    golden("gate.json", &(serde_json::to_string_pretty(&gate).unwrap() + "\n"));
    golden("gate.txt", &report::gate::text(&gate, false));
    golden("gate.md", &report::gate::markdown(&gate));
    golden("gate.annotations", &report::gate::annotations(&gate, Some("workloads")));
    golden("gate.junit.xml", &report::gate::junit(&gate));
}

#[test]
fn the_document_is_read_back_as_it_was() {
    let text = serde_json::to_string(&gate()).unwrap();
    assert_eq!(serde_json::from_str::<Gate>(&text).unwrap(), gate());
}

fn in_every_end() -> impl Iterator<Item = Gate> {
    let all = [
        Conclusion::Failed,
        Conclusion::Invalid,
        Conclusion::Regressed,
        Conclusion::NothingCompared,
        Conclusion::Outdated,
        Conclusion::Inconclusive,
        Conclusion::Passed,
    ];
    all.into_iter().flat_map(|conclusion| {
        let mut broken = gate();
        broken.conclusion = conclusion;
        broken.controls[1].passed = conclusion != Conclusion::Invalid;
        broken.not_compared[0].fails = conclusion == Conclusion::NothingCompared;
        let mut empty = broken.clone();
        (empty.exact, empty.timing, empty.controls) = (Vec::new(), Vec::new(), Vec::new());
        (empty.rule.comparisons, empty.rule.seeds) = (0, Vec::new());
        [broken, empty]
    })
}

#[test]
fn junit_is_valid_by_its_schema() {
    for gate in in_every_end().chain([passed()]) {
        let counts = junit::check(&report::gate::junit(&gate)).unwrap();
        let red = counts.failures + counts.errors > 0;
        assert!(red || gate.conclusion == Conclusion::Passed, "{:?} {counts:?}", gate.conclusion);
        let invalid = matches!(gate.conclusion, Conclusion::Invalid | Conclusion::Failed);
        assert_eq!(counts.errors > 0, invalid, "{:?} {counts:?}", gate.conclusion);
    }
    let counts = junit::check(&report::gate::junit(&passed())).unwrap();
    assert_eq!((counts.failures, counts.errors, counts.skipped), (0, 0, 0));
}

#[test]
fn junit_can_be_wrong() {
    let good = report::gate::junit(&gate());
    let said = |from: &str, to: &str| {
        let wrong = good.replacen(from, to, 1);
        assert_ne!(wrong, good, "{from}");
        junit::check(&wrong).err()
    };
    let miscounted = said(" tests=\"", " tests=\"1").unwrap();
    assert!(miscounted.contains("told Counts { tests: 124"), "{miscounted}");
    for (from, to, problem) in [
        (" type=\"PerformanceRegression\"", " kind=\"x\"", "kind"),
        (" classname=\"gate\"", " classname=\"gate\" weight=\"3\"", "weight"),
        (" time=\"", " time=\"long", "'long"),
        ("<skipped ", "<skippe ", "skippe"),
    ] {
        let said = said(from, to);
        // Outside CI there may be nothing that knows the schema.
        let Some(said) = said else { return };
        assert!(said.contains(problem), "{said}");
    }
}

const HOSTILE: [&str; 5] = [
    "<script>alert(1)</script>",
    "\"onload=\"alert(1)",
    "]]><failure/>\u{1b}[2J\u{0}\u{ffff}",
    "a|b\n::error::x\r\nGATE: PASSED (exit 0)",
    "../../etc/passwd%0A,title=x",
];

fn check_all(gate: &Gate) {
    junit::check(&report::gate::junit(gate)).unwrap();
    let text = report::gate::text(gate, false);
    assert!(!text.contains(|letter: char| letter.is_control() && letter != '\n'));
    assert_eq!(text.lines().filter(|line| line.starts_with("GATE:")).count(), 1);
    let commands = report::gate::annotations(gate, Some("workloads"));
    let starts = ["::error title=", "::warning title=", "::notice title="];
    assert!(commands.lines().all(|line| starts.iter().any(|start| line.starts_with(start))), "{commands}");
    let markdown = report::gate::markdown(gate);
    assert!(!markdown.contains("<script") && !markdown.contains('\u{1b}'));
}

#[test]
fn names_stay_text() {
    for name in HOSTILE {
        let mut gate = gate();
        rename(&mut gate, name);
        check_all(&gate);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_figure_and_name_can_be_told(
        name in "(?s).{0,20}",
        ratio in any::<f64>(),
        counts in prop::collection::vec((any::<u64>(), any::<u64>()), 0..4),
        change in prop::option::of(any::<f64>()),
    ) {
        let mut gate = gate();
        rename(&mut gate, &name);
        gate.seconds = ratio;
        for one in &mut gate.timing {
            (one.ratio, one.seconds, one.detectable) = (ratio, ratio, change);
        }
        for one in &mut gate.exact {
            (one.base, one.head) = counts.iter().copied().unzip();
            one.change = change;
        }
        let text = report::gate::text(&gate, true);
        prop_assert!(!text.contains("NaN") || name.contains("NaN"));
        junit::check(&report::gate::junit(&gate)).unwrap();
        prop_assert!(report::gate::markdown(&gate).starts_with("### ❌ Gate: REGRESSED (exit 3)\n"));
        prop_assert!(report::gate::annotations(&gate, Some("workloads")).starts_with("::error title="));
    }
}
