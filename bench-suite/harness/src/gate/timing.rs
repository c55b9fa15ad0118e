//! Times of head and base, compared pair by pair until each hypothesis has its verdict.
//!
//! ```text
//! comparisons × gated times = one family ─▶ each gets its share of alpha ─▶ pairs, looks ─▶ Holm ─▶ findings
//! ```
//!
//! The times of one comparison come from the same pairs: pairs are taken until the last of its tests has stopped.

mod prepared;
mod sequential_test;
#[cfg(test)]
mod tests;

use std::time::Instant;

use anyhow::Result;
use formats::gate::{Class, Design, NotCompared, Pair, TimingFinding};
use formats::run::Failure;
use formats::session::TimedComparison;
use verdict::family::{Family, FamilyError};
use verdict::sequential::Plan;

use self::prepared::Prepared;
pub(crate) use self::prepared::{Hypothesis, PreparedComparison};
pub(crate) use self::sequential_test::SequentialTest;
use crate::programs::Programs;
use crate::stderr::tell;
use crate::tapes::TapeFiles;
use crate::turns::{InjectedWork, MeasuredPair, PairContext, PairOutcome, PairRunner, Randomization, Side};

/// Pairs of passes from which percentiles are told that nobody gates by.
const ADVISORY_PAIRS: usize = 4;

/// Two builds, and the tapes that both play.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Builds<'a> {
    /// What is judged.
    pub(crate) head: &'a Programs,
    /// What it is compared with; may be the same.
    pub(crate) base: &'a Programs,
    /// The tapes.
    pub(crate) tapes: &'a TapeFiles,
}

/// Two maps to be compared on a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// The workload.
    pub(crate) workload: String,
    /// The map of the head.
    pub(crate) map: String,
    /// The map of the base: the same, unless two maps are compared.
    pub(crate) base_map: String,
}

/// Takes a pair as soon as it is measured.
pub(crate) type Sink<'a> = dyn FnMut(&Pair) -> Result<()> + 'a;

/// All comparisons of times that a gate makes.
#[derive(Debug)]
pub(crate) struct Timing<'a> {
    context: PairContext<'a>,
    comparisons: Vec<PreparedComparison<'a>>,
    not_compared: Vec<NotCompared>,
    family: Result<Family, FamilyError>,
}

/// What was found out about times.
#[derive(Debug, Default)]
pub(crate) struct TimingResults {
    /// One for each time of each comparison.
    pub(crate) findings: Vec<TimingFinding>,
    /// Comparisons that have none, because a side crashed, hung or answered wrongly.
    pub(crate) failed: Vec<FailedComparison>,
    /// Comparisons that cannot be made.
    pub(crate) not_compared: Vec<NotCompared>,
    /// Processes whose answers were checked and found right.
    pub(crate) right: u64,
    /// Whether the user asked to stop before the end.
    pub(crate) interrupted: bool,
}

/// A comparison in which one side failed.
#[derive(Debug)]
pub(crate) struct FailedComparison {
    /// The workload.
    pub(crate) workload: String,
    /// The map.
    pub(crate) map: String,
    /// The side.
    pub(crate) side: Side,
    /// How it failed.
    pub(crate) failure: Failure,
}

/// What one comparison came to.
#[derive(Debug)]
pub(crate) enum ComparisonOutcome<'a> {
    /// Every pair could be used.
    Tested(Vec<SequentialTest<'a>>),
    /// One side failed.
    Failed(Side, Failure),
    /// The user asked to stop.
    Interrupted,
}

impl<'a> Timing<'a> {
    /// Looks up everything that the comparisons need. Those that cannot be made are put aside with the reason.
    pub(crate) fn new(
        context: PairContext<'a>,
        builds: Builds<'a>,
        comparisons: &'a [Comparison],
    ) -> Result<Self> {
        let (mut prepared, mut not_compared) = (Vec::new(), Vec::new());
        for comparison in comparisons {
            match prepared::prepare(context, builds, comparison)? {
                Prepared::Ready(one) => prepared.push(*one),
                Prepared::NotCompared(row) => not_compared.push(row),
            }
        }
        let gated = prepared.iter().map(PreparedComparison::gated).sum();
        let family = Family::new(context.policy.alpha, gated, context.policy.max_pairs as usize);
        Ok(Self { context, comparisons: prepared, not_compared, family })
    }

    /// The gated hypotheses of all comparisons, which share `alpha`, and when each is looked at. None if no look
    /// could decide, or if there is no such hypothesis.
    pub(crate) const fn family(&self) -> Result<&Family, &FamilyError> {
        self.family.as_ref()
    }

    /// What is compared.
    pub(crate) fn comparisons(&self) -> &[PreparedComparison<'a>] {
        &self.comparisons
    }

    /// What is compared, as a session records it.
    pub(crate) fn record(&self) -> Vec<TimedComparison> {
        let record = |one: &PreparedComparison<'_>| {
            let Comparison { workload, map, base_map } = one.comparison.clone();
            TimedComparison { workload, map, base_map, design: one.design }
        };
        self.comparisons.iter().map(record).collect()
    }

    /// Compares everything, with `work` injected into the head. Nothing is compared if no look could ever decide.
    pub(crate) fn run(
        &self,
        work: InjectedWork,
        repetition: usize,
        sink: &mut Sink<'_>,
    ) -> Result<TimingResults> {
        let mut results =
            TimingResults { not_compared: self.not_compared.clone(), ..TimingResults::default() };
        let family = match &self.family {
            Ok(family) => Some(family),
            Err(FamilyError::Empty) => None,
            Err(_) => return Ok(results),
        };
        let mut done = Vec::new();
        for one in &self.comparisons {
            let runner = one.runner.injecting(work);
            let mut draws = Randomization::new(self.context.seed, &one.to_string(), repetition);
            let mut count = |pair: &Pair| {
                results.right += 2;
                sink(pair)
            };
            match self.compare(one, &runner, &mut draws, &mut count)? {
                ComparisonOutcome::Tested(tests) => {
                    tell!("{}", sequential_test::line(&one.to_string(), &tests)?);
                    done.push((one, tests));
                }
                ComparisonOutcome::Failed(_, Failure::Unavailable { why }) => {
                    tell!("{one}: cannot be compared: {why}");
                    results.not_compared.push(one.not_compared(why));
                }
                ComparisonOutcome::Failed(side, failure) => {
                    tell!("{one}: {} failed: {}", side.name(), failure.with_last_words());
                    let Comparison { workload, map, .. } = one.comparison.clone();
                    results.failed.push(FailedComparison { workload, map, side, failure });
                }
                ComparisonOutcome::Interrupted => {
                    results.interrupted = true;
                    break;
                }
            }
        }
        if let Some(family) = family {
            sequential_test::conclude_family(&mut done, family)?;
        }
        for (one, tests) in done {
            let Comparison { workload, map, .. } = one.comparison;
            for test in tests {
                let waiver = self.context.policy.waiver(workload, map, test.hypothesis().metric.name());
                results.findings.extend(test.finding(workload, map, waiver)?);
            }
        }
        Ok(results)
    }

    /// Compares everything so often, each time from fresh pairs.
    pub(crate) fn repeat(
        &self,
        times: usize,
        work: InjectedWork,
        sink: &mut Sink<'_>,
    ) -> Result<Vec<TimingResults>> {
        let mut all = Vec::new();
        for repetition in 0..times {
            all.push(self.run(work, repetition, sink)?);
            if all.last().is_some_and(|results| results.interrupted) {
                break;
            }
        }
        Ok(all)
    }

    /// The random draws for one comparison, for one purpose.
    pub(crate) fn draws(&self, one: &PreparedComparison<'_>, purpose: &str) -> Randomization {
        Randomization::new(self.context.seed, &format!("{one} {purpose}"), 0)
    }

    /// Tests all hypotheses of a comparison.
    fn compare<'b>(
        &self,
        one: &'b PreparedComparison<'a>,
        runner: &PairRunner<'_>,
        draws: &mut Randomization,
        sink: &mut Sink<'_>,
    ) -> Result<ComparisonOutcome<'b>> {
        let mut tests = match self.times(one, runner, draws, sink)? {
            ComparisonOutcome::Tested(tests) => tests,
            other => return Ok(other),
        };
        // Work is injected after whole chunks of operations: no single one is slower.
        if runner.head.injected == InjectedWork::default() {
            match self.percentiles(one, runner, draws, sink)? {
                ComparisonOutcome::Tested(more) => tests.extend(more),
                other => return Ok(other),
            }
        }
        Ok(ComparisonOutcome::Tested(tests))
    }

    /// Tests the hypotheses about the times of a comparison.
    pub(crate) fn times<'b>(
        &self,
        one: &'b PreparedComparison<'a>,
        runner: &PairRunner<'_>,
        draws: &mut Randomization,
        sink: &mut Sink<'_>,
    ) -> Result<ComparisonOutcome<'b>> {
        let tests = self.tests(&one.times, one.design)?;
        self.test(
            tests,
            usize::MAX,
            || runner.pairs(draws),
            |number, measured| sink(&one.pair(one.design, number, measured)),
        )
    }

    /// Tests the hypotheses about single operations. Where nobody gates by them, few pairs do.
    fn percentiles<'b>(
        &self,
        one: &'b PreparedComparison<'a>,
        runner: &PairRunner<'_>,
        draws: &mut Randomization,
        sink: &mut Sink<'_>,
    ) -> Result<ComparisonOutcome<'b>> {
        let tests = self.tests(&one.percentiles, Design::Abba)?;
        let gated = tests.iter().any(SequentialTest::is_gated);
        let most = if gated { usize::MAX } else { ADVISORY_PAIRS };
        self.test(
            tests,
            most,
            || runner.latencies(draws),
            |number, measured| sink(&one.pair(Design::Abba, number, measured)),
        )
    }

    fn tests<'b>(&self, hypotheses: &'b [Hypothesis], design: Design) -> Result<Vec<SequentialTest<'b>>> {
        hypotheses
            .iter()
            .map(|hypothesis| Ok(SequentialTest::new(hypothesis, design, self.plan(hypothesis)?)))
            .collect()
    }

    /// Takes pairs until every test has stopped, or the policy has no more time for them.
    fn test<'b>(
        &self,
        mut tests: Vec<SequentialTest<'b>>,
        most: usize,
        mut pairs: impl FnMut() -> Result<PairOutcome>,
        mut keep: impl FnMut(usize, MeasuredPair) -> Result<()>,
    ) -> Result<ComparisonOutcome<'b>> {
        let started = Instant::now();
        let mut taken = 0;
        while taken < most && !decided(&tests) {
            if taken > 0 && started.elapsed().as_secs_f64() >= self.context.policy.seconds {
                break;
            }
            let block = match pairs()? {
                PairOutcome::Measured(block) => block,
                PairOutcome::Failed(side, failure) => return Ok(ComparisonOutcome::Failed(side, failure)),
                PairOutcome::Interrupted => return Ok(ComparisonOutcome::Interrupted),
            };
            for measured in block.into_iter().take(most - taken) {
                // What was measured beside the pair that decided is of no use.
                if decided(&tests) {
                    break;
                }
                for test in &mut tests {
                    test.add(&measured)?;
                }
                keep(taken, measured)?;
                taken += 1;
            }
        }
        Ok(ComparisonOutcome::Tested(tests))
    }

    /// When a hypothesis is looked at. One that nobody gates by has no part in the family.
    fn plan(&self, hypothesis: &Hypothesis) -> Result<Plan> {
        match (hypothesis.rule.class, &self.family) {
            (Class::Gated, Ok(family)) => Ok(family.plan().clone()),
            (Class::Gated, Err(error)) => Err((*error).into()),
            _ => Ok(Plan::new(self.context.policy.alpha, self.context.policy.max_pairs as usize)?),
        }
    }
}

/// Whether more pairs would change nothing: one regression decides the exit code, whatever the others would come to.
fn decided(tests: &[SequentialTest<'_>]) -> bool {
    tests.iter().any(SequentialTest::has_regressed) || tests.iter().all(|test| !test.is_open())
}
