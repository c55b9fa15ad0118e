use formats::gate::{Design, Verdict};
use formats::observation::SCHEMA;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;
use crate::normal;
use crate::sequential::{Next, Plan, judge};

/// Noise of a pair: what turn-taking processes show.
const NOISE: f64 = 0.011;

fn pairs(rng: &mut Xoshiro256PlusPlus, centre: f64, map: &str) -> Vec<Pair> {
    let pair = |number: u32| Pair {
        workload: "fifo-window".into(),
        tape: "0".repeat(32).try_into().unwrap(),
        map: map.into(),
        design: Design::Turns,
        number,
        base_first: number.is_multiple_of(2),
        log_ratios: vec![(TimeMetric::TotalCpu, centre + NOISE * normal::draw(rng))],
        seconds: 0.3,
    };
    (0..32).map(pair).collect()
}

fn entry(revision: usize, parent: Vec<Ratio>, anchor: Vec<Ratio>) -> Entry {
    Entry {
        schema: SCHEMA,
        when: format!("2026-01-{:02}T00:00:00Z", revision + 1),
        revision: format!("c{revision}"),
        parent: format!("c{}", revision.saturating_sub(1)),
        anchor: (!anchor.is_empty()).then(|| "v1".into()),
        against_parent: parent,
        against_anchor: anchor,
        exact_moved: Vec::new(),
    }
}

/// What the gate says of these pairs.
fn gated(pairs: &[Pair]) -> Verdict {
    let plan = Plan::new(0.01, 32).unwrap();
    let thresholds = Thresholds::new(0.005, 0.03).unwrap();
    let logs: Vec<f64> = pairs.iter().map(|pair| pair.log_ratios[0].1).collect();
    let says = |n: &usize| match judge(&logs[..*n], &plan, &thresholds).unwrap().next {
        Next::Stop(verdict) => Some(verdict),
        Next::Continue(_) => None,
    };
    plan.looks().iter().find_map(says).unwrap()
}

#[test]
fn five_commits_of_one_percent_pass_alone_and_are_caught_by_the_anchor() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let step = libm::log1p(0.01);
    let mut entries = Vec::new();
    for commit in 1..=5_usize {
        let against_parent = pairs(&mut rng, step, "go-swiss");
        assert_ne!(gated(&against_parent), Verdict::Regressed, "commit {commit} passes alone");
        let against_anchor = pairs(&mut rng, step * commit as f64, "go-swiss");
        entries.push(entry(commit, ratios(&against_parent), ratios(&against_anchor)));
    }
    let of = |entries: &[Entry]| analyse(entries, &HistoryRule::default()).unwrap().series[0].drift.unwrap();
    assert_eq!(of(&entries[..1]).verdict, Verdict::Unchanged);
    let drift = of(&entries);
    assert_eq!(drift.verdict, Verdict::Regressed);
    assert!((drift.ratio - 5.0 * step).abs() < 0.01 && drift.since >= 2, "{drift:?}");
}

#[test]
fn a_step_that_stays_is_found_where_it_was_and_in_no_other_series() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(4);
    let mut entries = Vec::new();
    for commit in 0..24_usize {
        let level = if commit >= 14 { 0.04 } else { 0.0 };
        let mut against = ratios(&pairs(&mut rng, level, "go-swiss"));
        for map in ["go-classic", "hashbrown", "std"] {
            against.extend(ratios(&pairs(&mut rng, 0.0, map)));
        }
        entries.push(entry(commit, Vec::new(), against));
    }
    let found = analyse(&entries, &HistoryRule::default()).unwrap();
    assert_eq!(found.anchor.as_deref(), Some("v1"));
    for series in &found.series {
        let indices: Vec<usize> = series.changes.iter().map(|change| change.index).collect();
        let expected: &[usize] = if series.map == "go-swiss" { &[14] } else { &[] };
        assert_eq!(indices, expected, "{}", series.map);
    }
    let change = found.series.iter().find_map(|series| series.changes.first()).unwrap();
    assert!((change.after - change.before - 0.04).abs() < 0.01 && change.p_value < 0.05);
}

#[test]
fn levels_of_another_anchor_are_left_out() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    let mut against = |centre| ratios(&pairs(&mut rng, centre, "m"));
    let mut entries: Vec<Entry> = (0..8).map(|commit| entry(commit, against(0.0), against(0.2))).collect();
    entries.extend(
        (8..10)
            .map(|commit| Entry { anchor: Some("v2".into()), ..entry(commit, against(0.0), against(0.0)) }),
    );
    let found = analyse(&entries, &HistoryRule::default()).unwrap();
    let series = &found.series[0];
    assert_eq!(found.anchor.as_deref(), Some("v2"));
    assert_eq!(series.levels.iter().map(|value| value.entry).collect::<Vec<_>>(), [8, 9]);
    assert_eq!(series.steps.len(), 10);
    assert_eq!(series.drift.unwrap().verdict, Verdict::Unchanged);
}

#[test]
fn a_history_without_an_anchor_has_steps_only() {
    let parent = ratios(&pairs(&mut Xoshiro256PlusPlus::seed_from_u64(6), 0.05, "m"));
    let found = analyse(&[entry(1, parent, Vec::new())], &HistoryRule::default()).unwrap();
    assert_eq!((found.anchor, found.series[0].drift), (None, None));
    assert_eq!(found.series[0].steps.len(), 1);
    let nothing = analyse(&[], &HistoryRule::default()).unwrap();
    assert!(nothing.series.is_empty());
}

#[test]
fn the_error_is_that_of_the_estimate() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    let of: Vec<Ratio> = (0..400).map(|_| ratios(&pairs(&mut rng, 0.02, "m")).remove(0)).collect();
    let mean = of.iter().map(|one| one.log_ratio).sum::<f64>() / 400.0;
    let spread = (of.iter().map(|one| (one.log_ratio - mean).powi(2)).sum::<f64>() / 399.0).sqrt();
    let told = of.iter().map(|one| one.standard_error).sum::<f64>() / 400.0;
    assert!((told / spread - 1.0).abs() < 0.15, "told {told}, is {spread}");
    assert!((mean - 0.02).abs() < 0.001 && of[0].pairs == 32);
    assert!(ratios(&pairs(&mut rng, 0.0, "m")[..1]).is_empty(), "one pair has no error");
}

#[test]
fn what_is_no_measurement_is_refused() {
    let mut broken = ratios(&pairs(&mut Xoshiro256PlusPlus::seed_from_u64(8), 0.0, "m"));
    broken[0].standard_error = -1.0;
    let said = analyse(&[entry(1, Vec::new(), broken)], &HistoryRule::default()).unwrap_err().to_string();
    assert!(said.contains("-1"), "{said}");
    let rule = HistoryRule { delta: 0.001, ..HistoryRule::default() };
    assert!(matches!(analyse(&[], &rule), Err(HistoryError::Thresholds(_))));
}
