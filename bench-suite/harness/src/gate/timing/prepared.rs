//! One comparison with everything at hand that its pairs need.

use std::fmt;

use anyhow::{Context, Result};
use formats::gate::{Class, Design, NotCompared, Pair, TimeMetric};
use formats::observation::Collector;
use formats::policy::TimeRule;
use formats::subject::Demand;
use verdict::sequential::Thresholds;

use super::{Builds, Comparison};
use crate::programs::Programs;
use crate::turns::{Contestant, InjectedWork, MeasuredPair, PairContext, PairRunner};

/// One comparison, ready to be measured.
#[derive(Debug)]
pub(crate) struct PreparedComparison<'a> {
    /// What is compared.
    pub(crate) comparison: &'a Comparison,
    /// Runs its pairs.
    pub(crate) runner: PairRunner<'a>,
    /// How they are run.
    pub(crate) design: Design,
    /// Hypotheses that pairs of throughput test.
    pub(crate) times: Vec<Hypothesis>,
    /// Hypotheses that pairs of latency test.
    pub(crate) percentiles: Vec<Hypothesis>,
}

/// What is tested of one time: whether it differs by more than the policy allows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hypothesis {
    /// The time.
    pub(crate) metric: TimeMetric,
    /// What the policy says of it.
    pub(crate) rule: TimeRule,
    /// The same in logarithms.
    pub(crate) thresholds: Thresholds,
    /// Whether a regression is accepted: it then decides nothing.
    pub(crate) waived: bool,
}

/// A comparison that can be made, or why it cannot.
pub(super) enum Prepared<'a> {
    /// It can.
    Ready(Box<PreparedComparison<'a>>),
    /// It cannot.
    NotCompared(NotCompared),
}

/// Looks up what a comparison needs.
pub(super) fn prepare<'a>(
    context: PairContext<'a>,
    builds: Builds<'a>,
    comparison: &'a Comparison,
) -> Result<Prepared<'a>> {
    let (file, tape) = builds.tapes.get(&comparison.workload).context("every comparison has a tape")?;
    let demand = Demand::from(&tape.header);
    let threads = demand.threads;
    let cannot = |why: String, fails| Ok(Prepared::NotCompared(not_compared(comparison, why, fails)));
    if tape.header.is_paced() {
        return cannot("it has a schedule: how long it takes is no matter of the map".into(), false);
    }
    let base = match contestant(builds.base, &comparison.base_map, &demand) {
        Ok(base) => base,
        Err(why) => return cannot(format!("the base has nothing to compare with: {why}"), false),
    };
    let head = match contestant(builds.head, &comparison.map, &demand) {
        Ok(head) => head,
        Err(why) => return cannot(format!("the head cannot play what the base plays: {why}"), true),
    };
    let runner = PairRunner { head, base, tape, file, context };
    let design = runner.design();
    let hypotheses = |metrics: &[TimeMetric]| -> Result<Vec<Hypothesis>> {
        let all = metrics.iter().map(|metric| hypothesis(context, comparison, *metric, threads));
        let all = all.collect::<Result<Vec<_>>>()?;
        Ok(all.into_iter().filter(|hypothesis| hypothesis.rule.class != Class::Off).collect())
    };
    let times = hypotheses(match design {
        Design::Turns => &[TimeMetric::MedianSlice, TimeMetric::TotalCpu],
        Design::Abba => &[TimeMetric::Wall, TimeMetric::TotalCpu],
    })?;
    let percentiles = hypotheses(&[TimeMetric::P99, TimeMetric::P999])?;
    Ok(Prepared::Ready(Box::new(PreparedComparison { comparison, runner, design, times, percentiles })))
}

fn hypothesis(
    context: PairContext<'_>,
    comparison: &Comparison,
    metric: TimeMetric,
    threads: usize,
) -> Result<Hypothesis> {
    let Comparison { workload, map, .. } = comparison;
    let rule = context.policy.time(workload, map, metric, threads);
    let thresholds = Thresholds::new(rule.tolerance.ln_1p(), rule.delta.ln_1p())
        .with_context(|| format!("the policy for {} on {comparison}", metric.name()))?;
    let waived = context.policy.waiver(workload, map, metric.name()).is_some();
    Ok(Hypothesis { metric, rule, thresholds, waived })
}

fn contestant<'a>(programs: &'a Programs, map: &'a str, demand: &Demand) -> Result<Contestant<'a>, String> {
    let program = programs.serving(map, Collector::Throughput);
    let info = programs.maps().into_iter().find(|known| known.name == map);
    let (Some(program), Some(info)) = (program, info) else {
        return Err(format!("no program of it plays `{map}` for times"));
    };
    info.supports(demand, Collector::Throughput).map_err(|why| why.to_string())?;
    Ok(Contestant { program: &program.path, map, kind: info.kind, injected: InjectedWork::default() })
}

fn not_compared(comparison: &Comparison, why: String, fails: bool) -> NotCompared {
    NotCompared { workload: comparison.workload.clone(), map: comparison.map.clone(), why, fails }
}

impl PreparedComparison<'_> {
    /// How many of its hypotheses are gated.
    pub(super) fn gated(&self) -> usize {
        let all = self.times.iter().chain(&self.percentiles);
        all.filter(|hypothesis| hypothesis.rule.class == Class::Gated).count()
    }

    /// Whether one of its times is gated.
    pub(crate) fn gated_times(&self) -> bool {
        self.times.iter().any(|hypothesis| hypothesis.rule.class == Class::Gated)
    }

    /// The row for a comparison that turned out to be impossible.
    pub(super) fn not_compared(&self, why: String) -> NotCompared {
        not_compared(self.comparison, why, false)
    }

    /// A pair as it is kept.
    pub(super) fn pair(&self, design: Design, number: usize, measured: MeasuredPair) -> Pair {
        Pair {
            workload: self.comparison.workload.clone(),
            tape: self.runner.tape.id,
            map: self.comparison.map.clone(),
            design,
            number: u32::try_from(number).unwrap_or(u32::MAX),
            base_first: measured.base_first,
            log_ratios: measured.log_ratios,
            seconds: measured.seconds,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.workload, self.map)?;
        if self.base_map != self.map {
            write!(f, " against {}", self.base_map)?;
        }
        Ok(())
    }
}

impl fmt::Display for PreparedComparison<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.comparison.fmt(f)
    }
}
