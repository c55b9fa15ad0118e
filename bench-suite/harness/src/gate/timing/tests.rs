//! Whole comparisons on small tapes: everything but the times.

use std::time::Duration;

use formats::gate::{ControlKind, TimeMetric};
use formats::policy::{Policy, Scope};
use glob::Pattern;
use verdict::sequential::Thresholds;

use super::*;
use crate::gate::controls;
use crate::interrupt::Interrupt;
use crate::turns::small::{Played, play, subject};

/// A rule that is soon done: any small number of pairs may decide.
fn quick() -> Policy {
    Policy { alpha: 0.2, max_pairs: 8, seconds: 60.0, ..Policy::default() }
}

struct Field {
    programs: Programs,
    tapes: TapeFiles,
    policy: Policy,
    interrupt: Interrupt,
    _played: Played,
}

impl Field {
    fn new(threads: u16, policy: Policy) -> Self {
        let played = play(threads, 6000);
        let tapes = [("small".to_string(), (played.file.clone(), played.tape.clone()))].into();
        let programs = Programs::exactly(&[subject()]).unwrap();
        Self { programs, tapes, policy, interrupt: Interrupt::default(), _played: played }
    }

    fn timing<'a>(&'a self, comparisons: &'a [Comparison]) -> Timing<'a> {
        let Self { programs, tapes, policy, interrupt, .. } = self;
        let context = PairContext { policy, seed: 1, time_limit: Duration::from_mins(2), interrupt };
        Timing::new(context, Builds { head: programs, base: programs, tapes }, comparisons).unwrap()
    }
}

/// The findings without injected work; the pairs are of no interest.
fn run(timing: &Timing<'_>) -> TimingResults {
    timing.run(InjectedWork::default(), 0, &mut |_| Ok(())).unwrap()
}

fn of(map: &str, base_map: &str) -> Comparison {
    Comparison { workload: "small".into(), map: map.into(), base_map: base_map.into() }
}

#[test]
fn both_times_come_from_the_same_pairs_and_percentiles_from_a_few_others() {
    let field = Field::new(1, quick());
    let comparisons = [of("hashbrown", "hashbrown")];
    let timing = field.timing(&comparisons);
    let plan = timing.family().unwrap().plan().clone();
    assert_eq!(timing.family().unwrap().tests(), 2);
    let mut pairs = Vec::new();
    let mut keep = |pair: &Pair| {
        pairs.push(pair.clone());
        Ok(())
    };
    let results = timing.run(InjectedWork::default(), 0, &mut keep).unwrap();
    let metrics: Vec<TimeMetric> = results.findings.iter().map(|finding| finding.metric).collect();
    assert_eq!(metrics, [TimeMetric::MedianSlice, TimeMetric::TotalCpu, TimeMetric::P99, TimeMetric::P999]);
    assert!(results.failed.is_empty() && results.not_compared.is_empty() && !results.interrupted);
    assert_eq!(results.right, 2 * pairs.len() as u64);
    assert!(controls::same_work(&results).passed);

    let turns: Vec<&Pair> = pairs.iter().filter(|pair| pair.design == Design::Turns).collect();
    assert!(turns.len() >= plan.first() && turns.len() <= plan.last());
    assert!((0..).zip(&turns).all(|(number, pair)| pair.number == number));
    assert_eq!(turns[..2].iter().filter(|pair| pair.base_first).count(), 1);
    let longest = results.findings[..2].iter().map(|finding| finding.pairs as usize).max();
    assert_eq!(longest, Some(turns.len()));
    for finding in &results.findings[..2] {
        assert!(plan.looks().contains(&(finding.pairs as usize)), "it stops at a planned look");
        assert!(finding.ratio > 0.0 && finding.seconds > 0.0);
    }
    let passes = pairs.len() - turns.len();
    assert_eq!(passes, ADVISORY_PAIRS);
    assert!(
        results.findings[2..]
            .iter()
            .all(|finding| finding.class == Class::Advisory && finding.design == Design::Abba)
    );
}

#[test]
fn what_cannot_be_compared_says_why() {
    let mut field = Field::new(1, quick());
    let comparisons = [of("nonesuch", "std"), of("std", "nonesuch")];
    let results = run(&field.timing(&comparisons));
    let rows: Vec<(&str, bool)> =
        results.not_compared.iter().map(|row| (row.why.as_str(), row.fails)).collect();
    let lacking = "no program of it plays `nonesuch` for times";
    assert_eq!(
        rows,
        [
            (format!("the head cannot play what the base plays: {lacking}").as_str(), true),
            (format!("the base has nothing to compare with: {lacking}").as_str(), false),
        ]
    );
    field.tapes.get_mut("small").unwrap().1.header.pace =
        formats::workload::Pace::PerSecond(9.try_into().unwrap());
    let comparisons = [of("std", "std")];
    let timing = field.timing(&comparisons);
    assert!(matches!(timing.family(), Err(FamilyError::Empty)));
    let results = run(&timing);
    assert!(results.not_compared[0].why.starts_with("it has a schedule"));
    assert!(controls::run(&timing).unwrap().is_empty());
}

#[test]
fn a_wrong_map_fails_and_has_no_verdict() {
    let field = Field::new(1, quick());
    let comparisons = [of("canary-wrong", "std")];
    let results = run(&field.timing(&comparisons));
    assert!(results.findings.is_empty());
    assert_eq!(results.failed[0].side, Side::Head);
    let control = controls::same_work(&results);
    assert!(
        !control.passed && control.said.contains("small canary-wrong on head: wrong answer"),
        "{control:?}"
    );
}

#[test]
fn a_waived_regression_leaves_the_other_time_to_be_tested() {
    let plan = Plan::new(0.1, 8).unwrap();
    let hypothesis = |metric, waived| {
        let rule = Policy::default().time("small", "std", metric, 1);
        let thresholds = Thresholds::new(rule.tolerance.ln_1p(), rule.delta.ln_1p()).unwrap();
        Hypothesis { metric, rule, thresholds, waived }
    };
    for waived in [false, true] {
        let both = [hypothesis(TimeMetric::MedianSlice, waived), hypothesis(TimeMetric::TotalCpu, false)];
        let mut tests = both.each_ref().map(|one| SequentialTest::new(one, Design::Turns, plan.clone()));
        // The one is slower in every pair, the other now slower and now faster.
        for noise in [0.3, -0.3].into_iter().cycle().take(plan.first()) {
            assert!(!decided(&tests));
            let log_ratios = vec![(TimeMetric::MedianSlice, 0.5), (TimeMetric::TotalCpu, noise)];
            let measured = MeasuredPair { base_first: false, log_ratios, seconds: 0.1 };
            for test in &mut tests {
                test.add(&measured).unwrap();
            }
        }
        assert_eq!(tests[0].verdict(), formats::gate::Verdict::Regressed);
        assert!(tests[1].is_open());
        assert_eq!(decided(&tests), !waived);
    }
}

#[test]
fn a_gate_that_can_never_decide_compares_nothing_and_its_controls_fail() {
    let field = Field::new(1, Policy { alpha: 1e-6, max_pairs: 8, ..Policy::default() });
    let comparisons = [of("std", "std")];
    let timing = field.timing(&comparisons);
    let controls = controls::run(&timing).unwrap();
    assert_eq!(controls.len(), 3);
    assert!(
        controls.iter().all(|control| !control.passed && control.said.contains("8 pairs can never decide"))
    );
    assert!(run(&timing).findings.is_empty());
}

#[test]
fn every_control_is_made_and_says_what_it_saw() {
    let off = |metric: &str| formats::policy::PolicyRule {
        scope: Scope {
            workload: Pattern::new("*").unwrap(),
            map: Pattern::new("*").unwrap(),
            metric: Pattern::new(metric).unwrap(),
        },
        class: Some(Class::Off),
        delta: None,
        tolerance: None,
    };
    let field = Field::new(1, Policy { rules: vec![off("p99*")], ..quick() });
    let comparisons = [of("std", "std")];
    let timing = field.timing(&comparisons);
    let controls = controls::run(&timing).unwrap();
    assert_eq!(
        controls.iter().map(|control| control.kind).collect::<Vec<_>>(),
        [ControlKind::EnoughPairs, ControlKind::Negative, ControlKind::Positive]
    );
    assert!(controls[0].passed && controls[0].said.contains("2 gated times"), "{controls:?}");
    assert!(
        controls[1].said.starts_with("small std, the base compared with itself: median slice "),
        "{controls:?}"
    );
    assert!(controls[2].said.starts_with("small std"), "{controls:?}");
}

#[test]
fn a_repetition_draws_anew() {
    let field = Field::new(2, quick());
    let mut firsts = Vec::new();
    let mut keep = |pair: &Pair| {
        firsts.extend((pair.number == 0).then_some(pair.design));
        Ok(())
    };
    let comparisons = [of("dashmap", "dashmap")];
    let all = field.timing(&comparisons).repeat(2, InjectedWork(64), &mut keep).unwrap();
    assert_eq!(firsts, [Design::Abba, Design::Abba]);
    for results in &all {
        let metrics: Vec<TimeMetric> = results.findings.iter().map(|finding| finding.metric).collect();
        assert_eq!(
            metrics,
            [TimeMetric::Wall, TimeMetric::TotalCpu],
            "injected work slows no single operation"
        );
    }
}
