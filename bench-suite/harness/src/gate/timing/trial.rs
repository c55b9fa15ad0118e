//! One question on its way to a verdict.

use std::fmt::Write;

use anyhow::{Context, Result};
use formats::gate::{Class, Design, TimingFinding, Verdict, Waiver};
use verdict::family::{Family, Record};
use verdict::power;
use verdict::sequential::{self, Look, Next, Plan};

use super::asked::{Asked, Question};
use crate::turns::Measured;

/// The chance with which a slowdown that is said to be detectable is found.
const FOUND: f64 = 0.9;

/// The pairs of one question, and what was said of them at the planned looks.
#[derive(Debug)]
pub(crate) struct Trial<'a> {
    question: &'a Question,
    design: Design,
    plan: Plan,
    log_ratios: Vec<f64>,
    looks: Vec<Look>,
    verdict: Option<Verdict>,
    seconds: f64,
}

impl<'a> Trial<'a> {
    /// A question that is looked at by this plan.
    pub(super) fn new(question: &'a Question, design: Design, plan: Plan) -> Self {
        Self {
            question,
            design,
            plan,
            log_ratios: Vec::new(),
            looks: Vec::new(),
            verdict: None,
            seconds: 0.0,
        }
    }

    /// What is asked.
    pub(crate) const fn question(&self) -> &'a Question {
        self.question
    }

    /// Whether it wants more pairs.
    pub(crate) const fn is_open(&self) -> bool {
        self.verdict.is_none()
    }

    /// Whether it is a regression that decides the exit code.
    pub(crate) fn has_regressed(&self) -> bool {
        let decides = self.question.rule.class == Class::Gated && !self.question.waived;
        decides && self.verdict == Some(Verdict::Regressed)
    }

    /// What was said so far.
    pub(crate) fn verdict(&self) -> Verdict {
        self.verdict.unwrap_or(Verdict::Inconclusive)
    }

    /// Takes one more pair, and looks if that was planned. An answered question hears no more.
    pub(super) fn see(&mut self, measured: &Measured) -> Result<()> {
        if !self.is_open() {
            return Ok(());
        }
        let metric = self.question.metric;
        let log_ratio = measured.log_ratios.iter().find(|(known, _)| *known == metric);
        self.log_ratios.push(log_ratio.with_context(|| format!("a pair has no {}", metric.name()))?.1);
        self.seconds += measured.seconds;
        if self.plan.looks().contains(&self.log_ratios.len()) {
            let step = sequential::judge(&self.log_ratios, &self.plan, &self.question.thresholds)?;
            self.looks.push(step.look);
            if let Next::Stop(verdict) = step.next {
                self.verdict = Some(verdict);
            }
        }
        Ok(())
    }

    /// All pairs so far, described; nothing if there are none.
    pub(crate) fn look(&self) -> Result<Option<Look>> {
        Ok(sequential::describe(&self.log_ratios, &self.plan, &self.question.thresholds)?)
    }

    /// The smallest slowdown that this question's plan finds nine times in ten where pairs are as noisy as these;
    /// relative. Nothing if there are too few to tell.
    pub(crate) fn detectable(&self) -> Option<f64> {
        let deviation = deviation(&self.log_ratios)?;
        let smallest = power::minimum_detectable(&self.plan, &self.question.thresholds, deviation, FOUND);
        smallest.is_finite().then(|| smallest.exp_m1())
    }

    /// What is kept of it; nothing if it has no pairs.
    pub(super) fn finding(
        &self,
        workload: &str,
        map: &str,
        waiver: Option<&Waiver>,
    ) -> Result<Option<TimingFinding>> {
        let Question { metric, rule, .. } = *self.question;
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

/// The standard deviation of a sample; nothing for fewer than two.
fn deviation(sample: &[f64]) -> Option<f64> {
    let n = sample.len();
    let mean = sample.iter().sum::<f64>() / n as f64;
    let squares: f64 = sample.iter().map(|value| (value - mean).powi(2)).sum();
    (n > 1).then(|| (squares / (n - 1) as f64).sqrt())
}

/// Looks at all gated questions together once they have stopped: what was rejected leaves its share of alpha to
/// the others.
pub(super) fn settle(done: &mut [(&Asked<'_>, Vec<Trial<'_>>)], family: &Family) -> Result<()> {
    let gated = |trial: &&mut Trial<'_>| trial.question.rule.class == Class::Gated;
    let mut trials: Vec<&mut Trial<'_>> =
        done.iter_mut().flat_map(|(_, trials)| trials).filter(gated).collect();
    let record =
        |trial: &&mut Trial<'_>| Record { thresholds: trial.question.thresholds, looks: trial.looks.clone() };
    let records: Vec<Record> = trials.iter().map(record).collect();
    for (trial, conclusion) in trials.iter_mut().zip(family.conclude(&records)?) {
        trial.verdict = Some(conclusion.verdict);
    }
    Ok(())
}

/// What one comparison came to, in a line.
pub(super) fn line(name: &str, trials: &[Trial<'_>]) -> Result<String> {
    let mut text = format!("{name}:");
    let mut seconds = 0.0;
    for design in [Design::Turns, Design::Abba] {
        let mut pairs = 0;
        for trial in trials.iter().filter(|trial| trial.design == design) {
            let Some(look) = trial.look()? else { continue };
            let metric = trial.question.metric.name().replace('_', " ");
            let _ = write!(text, " {metric} {}, {:.3}", trial.verdict().name(), look.estimate.exp());
            if let (Some(low), Some(high)) = (look.interval.lower, look.interval.upper) {
                let _ = write!(text, " ({:.3} to {:.3})", low.exp(), high.exp());
            }
            text.push(';');
            pairs = pairs.max(look.pairs);
        }
        if pairs > 0 {
            let _ = write!(text, " {pairs} pairs;");
            let of_design = trials.iter().filter(|trial| trial.design == design);
            seconds += of_design.map(|trial| trial.seconds).fold(0.0, f64::max);
        }
    }
    Ok(format!("{text} {seconds:.1} s"))
}
