//! One gate and its two layers: exact figures, and times.

use std::path::PathBuf;

use anyhow::Result;
use formats::gate::{Class, ExactFinding, Gate, NotCompared, Pair};
use formats::history::Ratio;
use formats::observation::Collector;
use formats::run::{Outcome, Run};
use formats::subject::{Demand, MapInfo};

use crate::catalogue::{self, Entry};
use crate::gate::session::GateSession;
use crate::gate::sides::{Base, Sides};
use crate::gate::timing::{Builds, Comparison, FailedComparison, Timing, TimingResults};
use crate::gate::{committed, controls, exact, expected, instructions};
use crate::programs::Programs;
use crate::stderr::tell;
use crate::tapes::TapeFiles;
use crate::turns::{InjectedWork, PairContext};
use crate::{pick, tapes};

/// Everything that is known before anything is measured.
pub(crate) struct GateRun<'a> {
    /// The policy and what else all comparisons have in common.
    pub(crate) context: PairContext<'a>,
    /// Every workload there is.
    pub(crate) catalogue: &'a [Entry],
    /// What is judged.
    pub(crate) head: &'a Programs,
    /// What it is compared with.
    pub(crate) base: &'a Base,
    /// How the sides were named.
    pub(crate) sides: &'a Sides,
    /// Where the committed figures are.
    pub(crate) baseline_file: PathBuf,
    /// Whether workloads or maps were named, so that only a part of the committed figures is meant.
    pub(crate) narrowed: bool,
}

/// How times are compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimingOptions {
    /// So often, from fresh pairs and without controls, to validate the gate; else once, with controls.
    pub(crate) repeat: Option<usize>,
    /// Work that is injected into the head.
    pub(crate) injected: InjectedWork,
}

impl GateRun<'_> {
    /// Compares exact figures; whether a pass failed.
    pub(crate) fn exact(&self, gate: &mut Gate, session: &mut GateSession) -> Result<bool> {
        let (PairContext { policy, interrupt, .. }, catalogue) = (self.context, self.catalogue);
        let head = exact::measure(self.head, policy, catalogue, interrupt, 2)?;
        let Some(mut head) = head else { return Ok(false) };
        let mut failed = failed("head", &head.failed);
        let (findings, mut others) = match self.base {
            Base::Programs(programs) => {
                let of_base = self.sides.of_base(policy);
                let base = exact::measure(programs, &of_base, catalogue, interrupt, 2)?;
                let Some(mut base) = base else { return Ok(false) };
                instructions::add(&mut head, self.head, policy, catalogue, interrupt)?;
                instructions::add(&mut base, programs, &of_base, catalogue, interrupt)?;
                let base = self.sides.as_head(base, &policy.maps[0]);
                failed.extend(self::failed("base", &base.failed));
                exact::against(&base, &head, policy)?
            }
            Base::Stored(stored) if self.narrowed => {
                committed::compare(&stored.narrowed(&head.figures), &self.baseline_file, &head, policy)?
            }
            Base::Stored(stored) => committed::compare(stored, &self.baseline_file, &head, policy)?,
            Base::Nothing => return Ok(false),
        };
        gate.exact = findings;
        if self.sides.base_map.is_some() {
            told(&mut gate.exact, &mut others, &policy.maps[0]);
        }
        let any_failed = !failed.is_empty();
        // That the figures of what failed are missing goes without saying.
        let whole = |row: &NotCompared| !failed.iter().any(|known| is_of_same(known, row));
        let others: Vec<_> = others.into_iter().filter(whole).collect();
        gate.not_compared.extend(failed);
        gate.not_compared.extend(others);
        session.passes(&head.runs, head.tapes)?;
        Ok(any_failed)
    }

    /// Judges what the workloads expect of the head; whether a pass failed.
    pub(crate) fn expected(&self, gate: &mut Gate, session: &mut GateSession) -> Result<bool> {
        let PairContext { policy, interrupt, .. } = self.context;
        let played = expected::play(self.head, policy, self.catalogue, interrupt)?;
        let Some(played) = played.filter(|played| !played.runs.is_empty()) else { return Ok(false) };
        session.passes(&played.runs, played.tapes)?;
        let faults: Vec<Run> = played.runs.iter().filter(|run| run.failure().is_some()).cloned().collect();
        gate.not_compared.extend(failed("head", &faults));
        gate.expectations = session.judged(played.runs);
        Ok(!faults.is_empty())
    }

    /// Compares times; whether a pass failed, and every pair.
    pub(crate) fn timing(
        &self,
        options: TimingOptions,
        gate: &mut Gate,
        session: &mut GateSession,
    ) -> Result<(bool, Vec<Pair>)> {
        let Base::Programs(base) = self.base else {
            let why = "times are never compared with stored ones: name a base with --base or --base-program";
            let (workload, map) = (String::new(), String::new());
            gate.not_compared.push(NotCompared { workload, map, why: why.into(), fails: false });
            return Ok((false, Vec::new()));
        };
        let (tapes, comparisons) = self.comparisons()?;
        let builds = Builds { head: self.head, base, tapes: &tapes };
        let (mut all, mut pairs) = (Vec::new(), Vec::new());
        if let Some(times) = options.repeat {
            // Each comparison is a family of its own.
            for comparison in &comparisons {
                let timing = Timing::new(self.context, builds, std::slice::from_ref(comparison))?;
                session.comparisons(timing.record(), &tapes)?;
                all.extend(timing.repeat(times, options.injected, &mut keep(session, &mut pairs))?);
            }
        } else {
            let timing = Timing::new(self.context, builds, &comparisons)?;
            session.comparisons(timing.record(), &tapes)?;
            gate.controls = controls::run(&timing)?;
            if let Ok(family) = timing.family() {
                gate.rule.comparisons = number(family.tests());
                gate.rule.looks = family.plan().looks().iter().copied().map(number).collect();
            }
            let results = timing.run(options.injected, 0, &mut keep(session, &mut pairs))?;
            gate.controls.push(controls::same_work(&results));
            all.push(results);
        }
        let mut any_failed = false;
        for TimingResults { findings, failed, not_compared, .. } in all {
            gate.timing.extend(findings);
            any_failed |= !failed.is_empty();
            gate.not_compared.extend(failed.into_iter().map(row));
            gate.not_compared.extend(not_compared);
        }
        Ok((any_failed, pairs))
    }

    /// The times of the head over those of an old build, for the history. Nothing is judged by them here.
    pub(crate) fn anchor(&self, anchor: &Programs) -> Result<Vec<Ratio>> {
        let (tapes, comparisons) = self.comparisons()?;
        let mut pairs = Vec::new();
        let mut sink = |pair: &Pair| {
            pairs.push(pair.clone());
            Ok(())
        };
        tell!("churnmark: against the anchor:");
        let builds = Builds { head: self.head, base: anchor, tapes: &tapes };
        Timing::new(self.context, builds, &comparisons)?.run(InjectedWork::default(), 0, &mut sink)?;
        Ok(verdict::history::ratios(&pairs))
    }

    /// Every map of the head under every workload that it can play, and the tapes.
    pub(crate) fn comparisons(&self) -> Result<(TapeFiles, Vec<Comparison>)> {
        let entries = catalogue::choose(self.catalogue, &self.context.policy.workloads, None)?;
        let all = self.head.maps();
        let maps = pick::pick("map", &self.context.policy.maps, &all)?;
        let mut comparisons = Vec::new();
        for entry in &entries {
            let workload = &entry.workload;
            let demand = Demand::from(workload);
            let plays = |map: &&&MapInfo| map.supports(&demand, Collector::Throughput).is_ok();
            comparisons.extend(maps.iter().filter(plays).map(|map| Comparison {
                workload: workload.name.clone(),
                map: map.name.clone(),
                base_map: self.sides.base_map.clone().unwrap_or_else(|| map.name.clone()),
            }));
        }
        Ok((tapes::of(&entries)?, comparisons))
    }
}

/// Of two maps the exact figures decide nothing: one does other work than the other.
fn told(findings: &mut [ExactFinding], others: &mut Vec<NotCompared>, map: &str) {
    for finding in findings {
        finding.class = Class::Advisory;
        finding.waiver = None;
    }
    for row in others.iter_mut() {
        row.fails = false;
    }
    let why = "exact figures of two maps are told and decide nothing; their times do".into();
    others.insert(0, NotCompared { workload: String::new(), map: map.into(), why, fails: false });
}

/// Keeps every pair in the session and in a list.
fn keep<'a>(session: &'a GateSession, pairs: &'a mut Vec<Pair>) -> impl FnMut(&Pair) -> Result<()> + 'a {
    |pair| {
        pairs.push(pair.clone());
        session.pair(pair)
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn row(failed: FailedComparison) -> NotCompared {
    let FailedComparison { workload, map, side, failure } = failed;
    let why = format!("{} failed: {}", side.name(), failure.with_last_words());
    NotCompared { workload, map, why, fails: true }
}

/// Names the passes that failed, and gives a row for each map and workload of which one did: the first.
fn failed(side: &str, failed: &[Run]) -> Vec<NotCompared> {
    let mut rows: Vec<NotCompared> = Vec::new();
    for Run { pass, outcome, .. } in failed {
        let Outcome::Failed(failure) = outcome else { continue };
        let failure = failure.with_last_words();
        tell!("churnmark: {side}: {pass}: {failure}");
        let workload = exact::unseeded(&pass.workload).map_or(pass.workload.as_str(), |(plain, _)| plain);
        let why = format!("{side} failed in {}: {failure}", pass.collector.name());
        let row = NotCompared { workload: workload.into(), map: pass.map.clone(), why, fails: true };
        if !rows.iter().any(|known| is_of_same(known, &row)) {
            rows.push(row);
        }
    }
    rows
}

fn is_of_same(one: &NotCompared, other: &NotCompared) -> bool {
    (&one.workload, &one.map) == (&other.workload, &other.map)
}
