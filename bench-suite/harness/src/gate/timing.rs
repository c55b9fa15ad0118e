//! Times of head and base, compared pair by pair until each question has its answer.
//!
//! ```text
//! comparisons × gated times = one family ─▶ each gets its share of alpha ─▶ pairs, looks ─▶ Holm ─▶ findings
//! ```
//!
//! The times of one comparison come from the same pairs: pairs are taken until the last of them is answered.

mod asked;
#[cfg(test)]
mod tests;
mod trial;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use formats::gate::{Class, Design, NotCompared, Pair, TimingFinding};
use formats::policy::Policy;
use formats::run::Failure;
use formats::session::TapeInfo;
use verdict::family::{Family, FamilyError};
use verdict::sequential::Plan;

use self::asked::ask;
pub(crate) use self::asked::{Asked, Question};
pub(crate) use self::trial::Trial;
use crate::interrupt::Interrupt;
use crate::programs::Programs;
use crate::turns::{Chance, Measured, Meeting, Met, Toil, Which};

/// Pairs of passes from which percentiles are told that nobody gates by.
const ADVISORY_PAIRS: usize = 4;

/// Where two sides meet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arena<'a> {
    /// What is judged.
    pub(crate) head: &'a Programs,
    /// What it is held against; may be the same.
    pub(crate) base: &'a Programs,
    /// The tapes and their files, by name of the workload.
    pub(crate) tapes: &'a BTreeMap<String, (PathBuf, TapeInfo)>,
    /// The rule.
    pub(crate) policy: &'a Policy,
    /// Where chance starts.
    pub(crate) seed: u64,
    /// How long a child may take.
    pub(crate) time_limit: Duration,
    /// Whether the user asked to stop.
    pub(crate) interrupt: &'a Interrupt,
}

/// Two maps to be compared on a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// The workload.
    pub(crate) workload: String,
    /// The map of the head.
    pub(crate) map: String,
    /// The map of the base: the same, unless two maps are set against each other.
    pub(crate) base_map: String,
}

/// Takes a pair as soon as it is measured.
pub(crate) type Sink<'a> = dyn FnMut(&Pair) -> Result<()> + 'a;

/// All questions of a gate about times.
#[derive(Debug)]
pub(crate) struct Timing<'a> {
    arena: Arena<'a>,
    asked: Vec<Asked<'a>>,
    not_compared: Vec<NotCompared>,
    family: Result<Family, FamilyError>,
}

/// What was found out about times.
#[derive(Debug, Default)]
pub(crate) struct Timed {
    /// One for each time of each comparison.
    pub(crate) findings: Vec<TimingFinding>,
    /// Comparisons that have none, because a side crashed, hung or answered wrongly.
    pub(crate) broken: Vec<Broken>,
    /// Comparisons that cannot be made.
    pub(crate) not_compared: Vec<NotCompared>,
    /// Processes whose answers were checked and found right.
    pub(crate) right: u64,
    /// Whether the user asked to stop before the end.
    pub(crate) interrupted: bool,
}

/// A comparison in which one side failed.
#[derive(Debug)]
pub(crate) struct Broken {
    /// The workload.
    pub(crate) workload: String,
    /// The map.
    pub(crate) map: String,
    /// The side.
    pub(crate) side: Which,
    /// How it failed.
    pub(crate) failure: Failure,
}

/// What one comparison came to.
#[derive(Debug)]
pub(crate) enum Came<'a> {
    /// Every pair could be used.
    Compared(Vec<Trial<'a>>),
    /// One side failed.
    Broken(Which, Failure),
    /// The user asked to stop.
    Interrupted,
}

impl<'a> Timing<'a> {
    /// Looks up everything that the comparisons need. Those that cannot be made are put aside with the reason.
    pub(crate) fn new(arena: Arena<'a>, comparisons: &'a [Comparison]) -> Result<Self> {
        let (mut asked, mut not_compared) = (Vec::new(), Vec::new());
        for comparison in comparisons {
            match ask(arena, comparison)? {
                Ok(one) => asked.push(one),
                Err(why) => not_compared.push(why),
            }
        }
        let gated = asked.iter().map(Asked::gated).sum();
        let family = Family::new(arena.policy.alpha, gated, arena.policy.max_pairs as usize);
        Ok(Self { arena, asked, not_compared, family })
    }

    /// The gated questions of all comparisons, which share `alpha`, and when each is looked at. None if no look
    /// could decide, or if there is no such question.
    pub(crate) const fn family(&self) -> Result<&Family, &FamilyError> {
        self.family.as_ref()
    }

    /// What is compared.
    pub(crate) fn asked(&self) -> &[Asked<'a>] {
        &self.asked
    }

    /// Compares everything; `toil` is added to the head. Nothing is compared if no look could ever decide.
    pub(crate) fn run(&self, toil: Toil, repetition: usize, sink: &mut Sink<'_>) -> Result<Timed> {
        let mut timed = Timed { not_compared: self.not_compared.clone(), ..Timed::default() };
        let family = match &self.family {
            Ok(family) => Some(family),
            Err(FamilyError::Empty) => None,
            Err(_) => return Ok(timed),
        };
        let mut done = Vec::new();
        for asked in &self.asked {
            let meeting = asked.meeting.with_toil(toil);
            let mut chance = Chance::new(self.arena.seed, &asked.to_string(), repetition);
            let mut count = |pair: &Pair| {
                timed.right += 2;
                sink(pair)
            };
            match self.compare(asked, &meeting, &mut chance, &mut count)? {
                Came::Compared(trials) => {
                    eprintln!("{}", trial::line(&asked.to_string(), &trials)?);
                    done.push((asked, trials));
                }
                Came::Broken(_, Failure::Unavailable { why }) => {
                    eprintln!("{asked}: cannot be compared: {why}");
                    timed.not_compared.push(asked.not_compared(why));
                }
                Came::Broken(side, failure) => {
                    eprintln!("{asked}: {} failed: {failure}", side.name());
                    let Comparison { workload, map, .. } = asked.comparison.clone();
                    timed.broken.push(Broken { workload, map, side, failure });
                }
                Came::Interrupted => {
                    timed.interrupted = true;
                    break;
                }
            }
        }
        if let Some(family) = family {
            trial::settle(&mut done, family)?;
        }
        for (asked, trials) in done {
            let Comparison { workload, map, .. } = asked.comparison;
            for trial in trials {
                let waiver = self.arena.policy.waiver(workload, map, trial.question().metric.name());
                timed.findings.extend(trial.finding(workload, map, waiver)?);
            }
        }
        Ok(timed)
    }

    /// The draws for one comparison, for one purpose.
    pub(crate) fn chance(&self, asked: &Asked<'_>, purpose: &str) -> Chance {
        Chance::new(self.arena.seed, &format!("{asked} {purpose}"), 0)
    }

    /// All that is asked of a comparison.
    fn compare<'b>(
        &self,
        asked: &'b Asked<'a>,
        meeting: &Meeting<'_>,
        chance: &mut Chance,
        sink: &mut Sink<'_>,
    ) -> Result<Came<'b>> {
        let mut trials = match self.times(asked, meeting, chance, sink)? {
            Came::Compared(trials) => trials,
            other => return Ok(other),
        };
        // Toil is added to whole chunks of operations: no single one is slower.
        if meeting.head.toil == Toil::default() {
            match self.percentiles(asked, meeting, chance, sink)? {
                Came::Compared(more) => trials.extend(more),
                other => return Ok(other),
            }
        }
        Ok(Came::Compared(trials))
    }

    /// What is asked of the times of a comparison.
    pub(crate) fn times<'b>(
        &self,
        asked: &'b Asked<'a>,
        meeting: &Meeting<'_>,
        chance: &mut Chance,
        sink: &mut Sink<'_>,
    ) -> Result<Came<'b>> {
        let trials = self.trials(&asked.times, asked.design)?;
        self.ask(
            trials,
            usize::MAX,
            || meeting.pairs(chance),
            |number, measured| sink(&asked.pair(asked.design, number, measured)),
        )
    }

    /// What is asked of single operations. Where nobody gates by the answer, few pairs do.
    fn percentiles<'b>(
        &self,
        asked: &'b Asked<'a>,
        meeting: &Meeting<'_>,
        chance: &mut Chance,
        sink: &mut Sink<'_>,
    ) -> Result<Came<'b>> {
        let trials = self.trials(&asked.percentiles, Design::Abba)?;
        let gated = trials.iter().any(|trial| trial.question().rule.class == Class::Gated);
        let most = if gated { usize::MAX } else { ADVISORY_PAIRS };
        self.ask(
            trials,
            most,
            || meeting.latencies(chance),
            |number, measured| sink(&asked.pair(Design::Abba, number, measured)),
        )
    }

    fn trials<'b>(&self, questions: &'b [Question], design: Design) -> Result<Vec<Trial<'b>>> {
        questions.iter().map(|question| Ok(Trial::new(question, design, self.plan(question)?))).collect()
    }

    /// Takes pairs until every question is answered, or the policy has no more time for them.
    fn ask<'b>(
        &self,
        mut trials: Vec<Trial<'b>>,
        most: usize,
        mut pairs: impl FnMut() -> Result<Met>,
        mut keep: impl FnMut(usize, Measured) -> Result<()>,
    ) -> Result<Came<'b>> {
        let started = Instant::now();
        let mut seen = 0;
        while seen < most && !decided(&trials) {
            if seen > 0 && started.elapsed().as_secs_f64() >= self.arena.policy.seconds {
                break;
            }
            let block = match pairs()? {
                Met::Measured(block) => block,
                Met::Broken(side, failure) => return Ok(Came::Broken(side, failure)),
                Met::Interrupted => return Ok(Came::Interrupted),
            };
            for measured in block.into_iter().take(most - seen) {
                // What was measured beside the pair that decided is of no use.
                if decided(&trials) {
                    break;
                }
                for trial in &mut trials {
                    trial.see(&measured)?;
                }
                keep(seen, measured)?;
                seen += 1;
            }
        }
        Ok(Came::Compared(trials))
    }

    /// When a question is looked at. One that nobody gates by has no part in the family.
    fn plan(&self, question: &Question) -> Result<Plan> {
        match (question.rule.class, &self.family) {
            (Class::Gated, Ok(family)) => Ok(family.plan().clone()),
            (Class::Gated, Err(error)) => Err((*error).into()),
            _ => Ok(Plan::new(self.arena.policy.alpha, self.arena.policy.max_pairs as usize)?),
        }
    }
}

/// Whether more pairs would change nothing: one regression decides the exit code, whatever the others would come to.
fn decided(trials: &[Trial<'_>]) -> bool {
    trials.iter().any(Trial::has_regressed) || trials.iter().all(|trial| !trial.is_open())
}

/// The same comparison judged `times` times from fresh pairs, each time as a family of its own.
pub(crate) fn repeat(
    arena: Arena<'_>,
    comparison: &Comparison,
    times: usize,
    toil: Toil,
    sink: &mut Sink<'_>,
) -> Result<Vec<Timed>> {
    let timing = Timing::new(arena, std::slice::from_ref(comparison))?;
    let mut all = Vec::new();
    for repetition in 0..times {
        all.push(timing.run(toil, repetition, sink)?);
        if all.last().is_some_and(|timed| timed.interrupted) {
            break;
        }
    }
    Ok(all)
}
