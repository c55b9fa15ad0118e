//! What is asked about one comparison, with everything at hand that its pairs need.

use std::fmt;

use anyhow::{Context, Result};
use formats::gate::{Class, Design, NotCompared, Pair, TimeMetric};
use formats::observation::Collector;
use formats::policy::TimeRule;
use formats::subject::Demand;
use verdict::sequential::Thresholds;

use super::{Arena, Comparison, Measured, Meeting, Toil};
use crate::programs::Programs;
use crate::turns::Player;

/// One comparison, ready to be measured.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    /// What is compared.
    pub(crate) comparison: &'a Comparison,
    /// The two sides.
    pub(crate) meeting: Meeting<'a>,
    /// How they are set against each other.
    pub(crate) design: Design,
    /// Questions that pairs of throughput answer.
    pub(crate) times: Vec<Question>,
    /// Questions that pairs of latency answer.
    pub(crate) percentiles: Vec<Question>,
}

/// What is to be found out about one time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    /// The time.
    pub(crate) metric: TimeMetric,
    /// What holds for it.
    pub(crate) rule: TimeRule,
    /// The same in logarithms.
    pub(crate) thresholds: Thresholds,
    /// Whether a regression is accepted: it then decides nothing.
    pub(crate) waived: bool,
}

/// Looks up what a comparison needs, or says why it cannot be made.
pub(super) fn ask<'a>(
    arena: Arena<'a>,
    comparison: &'a Comparison,
) -> Result<Result<Asked<'a>, NotCompared>> {
    let (file, tape) = arena.tapes.get(&comparison.workload).context("every comparison has a tape")?;
    let demand = Demand::from(&tape.header);
    let threads = demand.threads;
    let cannot = |why: String, fails| Ok(Err(not_compared(comparison, why, fails)));
    if tape.header.pace.per_second().is_some() {
        return cannot("it has a timetable: how long it takes is no matter of the map".into(), false);
    }
    let base = match player(arena.base, &comparison.base_map, &demand) {
        Ok(base) => base,
        Err(why) => return cannot(format!("the base has nothing to compare with: {why}"), false),
    };
    let head = match player(arena.head, &comparison.map, &demand) {
        Ok(head) => head,
        Err(why) => return cannot(format!("the head cannot play what the base plays: {why}"), true),
    };
    let policy = arena.policy;
    let meeting = Meeting {
        head,
        base,
        tape,
        file,
        slices: policy.slices,
        discarded: policy.discarded,
        time: arena.time_limit,
        interrupt: arena.interrupt,
    };
    let questions = |metrics: &[TimeMetric]| -> Result<Vec<Question>> {
        let question = |&metric: &TimeMetric| -> Result<Question> {
            let rule = policy.time(&comparison.workload, &comparison.map, metric, threads);
            let thresholds = Thresholds::new(rule.tolerance.ln_1p(), rule.delta.ln_1p())
                .with_context(|| format!("the policy for {} on {comparison}", metric.name()))?;
            let (workload, map) = (&comparison.workload, &comparison.map);
            let waived = policy.waiver(workload, map, metric.name()).is_some();
            Ok(Question { metric, rule, thresholds, waived })
        };
        let all = metrics.iter().map(question).collect::<Result<Vec<_>>>()?;
        Ok(all.into_iter().filter(|question| question.rule.class != Class::Off).collect())
    };
    let design = meeting.design();
    let times = questions(match design {
        Design::Turns => &[TimeMetric::MedianSlice, TimeMetric::TotalCpu],
        Design::Abba => &[TimeMetric::Wall, TimeMetric::TotalCpu],
    })?;
    let percentiles = questions(&[TimeMetric::P99, TimeMetric::P999])?;
    Ok(Ok(Asked { comparison, meeting, design, times, percentiles }))
}

fn player<'a>(programs: &'a Programs, map: &'a str, demand: &Demand) -> Result<Player<'a>, String> {
    let program = programs.serving(map, Collector::Throughput);
    let info = programs.maps().into_iter().find(|known| known.name == map);
    let (Some(program), Some(info)) = (program, info) else {
        return Err(format!("no program of it plays `{map}` for times"));
    };
    info.supports(demand, Collector::Throughput).map_err(|why| why.to_string())?;
    Ok(Player { program: &program.path, map, kind: info.kind, toil: Toil::default() })
}

fn not_compared(comparison: &Comparison, why: String, fails: bool) -> NotCompared {
    NotCompared { workload: comparison.workload.clone(), map: comparison.map.clone(), why, fails }
}

impl Asked<'_> {
    /// How many of its questions are gated.
    pub(super) fn gated(&self) -> usize {
        let all = self.times.iter().chain(&self.percentiles);
        all.filter(|question| question.rule.class == Class::Gated).count()
    }

    /// The row for a comparison that turned out to be impossible.
    pub(super) fn not_compared(&self, why: String) -> NotCompared {
        not_compared(self.comparison, why, false)
    }

    /// A pair as it is kept.
    pub(super) fn pair(&self, design: Design, number: usize, measured: Measured) -> Pair {
        Pair {
            workload: self.comparison.workload.clone(),
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

impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.comparison.fmt(f)
    }
}
