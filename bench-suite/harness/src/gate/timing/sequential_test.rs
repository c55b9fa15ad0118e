//! The test of one hypothesis, pair by pair on its way to a verdict.

use std::fmt::Write;

use anyhow::{Context, Result};
use formats::gate::{Class, Design, TimingFinding, Verdict, Waiver};
use verdict::family::{Family, TestRecord};
use verdict::power;
use verdict::sequential::{self, Look, Next, Plan};

use super::prepared::{Hypothesis, PreparedComparison};
use crate::turns::MeasuredPair;

/// The chance with which a slowdown that is said to be detectable is found.
const FOUND: f64 = 0.9;

/// A sequential test: its pairs, and what was said of them at the planned looks.
#[derive(Debug)]
pub(crate) struct SequentialTest<'a> {
    hypothesis: &'a Hypothesis,
    design: Design,
    plan: Plan,
    log_ratios: Vec<f64>,
    looks: Vec<Look>,
    verdict: Option<Verdict>,
    seconds: f64,
}

impl<'a> SequentialTest<'a> {
    /// A test that looks when this plan says.
    pub(super) fn new(hypothesis: &'a Hypothesis, design: Design, plan: Plan) -> Self {
        Self {
            hypothesis,
            design,
            plan,
            log_ratios: Vec::new(),
            looks: Vec::new(),
            verdict: None,
            seconds: 0.0,
        }
    }

    /// What it tests.
    pub(crate) const fn hypothesis(&self) -> &'a Hypothesis {
        self.hypothesis
    }

    /// Whether it wants more pairs.
    pub(crate) const fn is_open(&self) -> bool {
        self.verdict.is_none()
    }

    /// Whether its verdict decides the exit code.
    pub(crate) fn is_gated(&self) -> bool {
        self.hypothesis.rule.class == Class::Gated
    }

    /// Whether it is a regression that decides the exit code.
    pub(crate) fn has_regressed(&self) -> bool {
        self.is_gated() && !self.hypothesis.waived && self.verdict == Some(Verdict::Regressed)
    }

    /// What was said so far.
    pub(crate) fn verdict(&self) -> Verdict {
        self.verdict.unwrap_or(Verdict::Inconclusive)
    }

    /// Takes one more pair, and looks if that was planned. A test that has stopped takes no more.
    pub(super) fn add(&mut self, measured: &MeasuredPair) -> Result<()> {
        if !self.is_open() {
            return Ok(());
        }
        let metric = self.hypothesis.metric;
        let log_ratio = measured.log_ratios.iter().find(|(known, _)| *known == metric);
        self.log_ratios.push(log_ratio.with_context(|| format!("a pair has no {}", metric.name()))?.1);
        self.seconds += measured.seconds;
        if self.plan.looks().contains(&self.log_ratios.len()) {
            let judged = sequential::judge(&self.log_ratios, &self.plan, &self.hypothesis.thresholds)?;
            self.looks.push(judged.look);
            if let Next::Stop(verdict) = judged.next {
                self.verdict = Some(verdict);
            }
        }
        Ok(())
    }

    /// All pairs so far, described; nothing if there are none.
    pub(crate) fn look(&self) -> Result<Option<Look>> {
        Ok(sequential::describe(&self.log_ratios, &self.plan, &self.hypothesis.thresholds)?)
    }

    /// The smallest slowdown that this plan finds nine times in ten where pairs are as noisy as these;
    /// relative. Nothing if there are too few to tell.
    pub(crate) fn detectable(&self) -> Option<f64> {
        let deviation = power::deviation(&self.log_ratios)?;
        let smallest = power::minimum_detectable(&self.plan, &self.hypothesis.thresholds, deviation, FOUND);
        smallest.is_finite().then(|| smallest.exp_m1())
    }

    /// What is kept of it; nothing if it has no pairs.
    pub(super) fn finding(
        &self,
        workload: &str,
        map: &str,
        waiver: Option<&Waiver>,
    ) -> Result<Option<TimingFinding>> {
        let Hypothesis { metric, rule, .. } = *self.hypothesis;
        let Some(look) = self.look()? else { return Ok(None) };
        let verdict = self.verdict();
        Ok(Some(TimingFinding {
            workload: workload.into(),
            map: map.into(),
            metric,
            design: self.design,
            pairs: u32::try_from(look.pairs).unwrap_or(u32::MAX),
            ratio: look.estimate.exp(),
            interval: look.interval.lower.zip(look.interval.upper).map(|(low, high)| (low.exp(), high.exp())),
            p_slower: look.p_regressed,
            p_faster: look.p_improved,
            delta: rule.delta,
            tolerance: rule.tolerance,
            detectable: self.detectable(),
            seconds: self.seconds,
            class: rule.class,
            verdict,
            waiver: waiver.filter(|_| verdict == Verdict::Regressed).cloned(),
        }))
    }
}

/// Concludes all gated tests together once they have stopped, by Holm's procedure: what was rejected leaves its share
/// of alpha to the others.
pub(super) fn conclude_family(
    done: &mut [(&PreparedComparison<'_>, Vec<SequentialTest<'_>>)],
    family: &Family,
) -> Result<()> {
    let gated = |test: &&mut SequentialTest<'_>| test.is_gated();
    let mut tests: Vec<&mut SequentialTest<'_>> =
        done.iter_mut().flat_map(|(_, tests)| tests).filter(gated).collect();
    let record = |test: &&mut SequentialTest<'_>| TestRecord {
        thresholds: test.hypothesis.thresholds,
        looks: test.looks.clone(),
    };
    let records: Vec<TestRecord> = tests.iter().map(record).collect();
    for (test, conclusion) in tests.iter_mut().zip(family.conclude(&records)?) {
        test.verdict = Some(conclusion.verdict);
    }
    Ok(())
}

/// What one comparison came to, in a line.
pub(super) fn line(name: &str, tests: &[SequentialTest<'_>]) -> Result<String> {
    let mut text = format!("{name}:");
    let mut seconds = 0.0;
    for design in [Design::Turns, Design::Abba] {
        let mut pairs = 0;
        for test in tests.iter().filter(|test| test.design == design) {
            let Some(look) = test.look()? else { continue };
            let metric = test.hypothesis.metric.name().replace('_', " ");
            let _ = write!(text, " {metric} {}, {:.3}", test.verdict().name(), look.estimate.exp());
            if let (Some(low), Some(high)) = (look.interval.lower, look.interval.upper) {
                let _ = write!(text, " ({:.3} to {:.3})", low.exp(), high.exp());
            }
            text.push(';');
            pairs = pairs.max(look.pairs);
        }
        if pairs > 0 {
            let _ = write!(text, " {pairs} pairs;");
            let of_design = tests.iter().filter(|test| test.design == design);
            seconds += of_design.map(|test| test.seconds).fold(0.0, f64::max);
        }
    }
    Ok(format!("{text} {seconds:.1} s"))
}
