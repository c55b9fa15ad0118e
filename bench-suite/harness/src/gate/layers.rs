//! The two layers of a gate, each with what it needs: exact figures, and times.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use formats::gate::{Gate, NotCompared, Pair};
use formats::history::Ratio;
use formats::observation::Collector;
use formats::policy::Policy;
use formats::run::{Outcome, Run};
use formats::session::TapeInfo;
use formats::subject::{Demand, MapInfo};

use crate::catalogue::{self, Entry};
use crate::gate::kept::Kept;
use crate::gate::sides::{Against, Base};
use crate::gate::timing::{self, Arena, Broken, Comparison, Timed, Timing};
use crate::gate::{baseline, controls, exact, instructions};
use crate::interrupt::Interrupt;
use crate::programs::Programs;
use crate::turns::Toil;
use crate::{select, tapes};

/// Everything that is known before anything is measured.
pub(crate) struct Layers<'a> {
    /// The rule.
    pub(crate) policy: &'a Policy,
    /// Every workload there is.
    pub(crate) catalogue: &'a [Entry],
    /// What is judged.
    pub(crate) head: &'a Programs,
    /// What it is held against.
    pub(crate) base: &'a Base,
    /// How the sides were named.
    pub(crate) against: &'a Against,
    /// Where the committed figures are.
    pub(crate) file: PathBuf,
    /// Whether workloads or maps were named, so that only a part of the committed figures is meant.
    pub(crate) named: bool,
    /// Where chance starts.
    pub(crate) seed: u64,
    /// How long a child may take.
    pub(crate) time_limit: Duration,
    /// Whether the user asked to stop.
    pub(crate) interrupt: &'a Interrupt,
}

/// How times are compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// So often from fresh pairs and without controls, to prove the gate; else once, with controls.
    pub(crate) repeat: Option<usize>,
    /// Work that is added to the head.
    pub(crate) toil: Toil,
}

/// Tapes and their files, by name of the workload.
pub(crate) type TapeFiles = BTreeMap<String, (PathBuf, TapeInfo)>;

impl Layers<'_> {
    /// Compares exact figures; whether a pass failed.
    pub(crate) fn exact(&self, gate: &mut Gate, kept: &mut Kept) -> Result<bool> {
        let (policy, catalogue, interrupt) = (self.policy, self.catalogue, self.interrupt);
        let head = exact::measure(self.head, policy, catalogue, interrupt, 1)?;
        let Some(mut head) = head else { return Ok(false) };
        let mut broken = broken("head", &head.failed);
        let (findings, others) = match self.base {
            Base::Programs(programs) => {
                let of_base = self.against.of_base(policy);
                let base = exact::measure(programs, &of_base, catalogue, interrupt, 2)?;
                let Some(mut base) = base else { return Ok(false) };
                instructions::add(&mut head, self.head, policy, catalogue, interrupt)?;
                instructions::add(&mut base, programs, &of_base, catalogue, interrupt)?;
                let base = self.against.as_head(base, &policy.maps[0]);
                broken.extend(self::broken("base", &base.failed));
                exact::against(&base, &head, policy)?
            }
            Base::Stored(stored) if self.named => {
                baseline::compare(&stored.narrowed(&head.figures), &self.file, &head, policy)?
            }
            Base::Stored(stored) => baseline::compare(stored, &self.file, &head, policy)?,
        };
        gate.exact = findings;
        let failed = !broken.is_empty();
        // That the figures of what broke are missing goes without saying.
        let whole = |row: &NotCompared| !broken.iter().any(|known| is_of_same(known, row));
        let others: Vec<_> = others.into_iter().filter(whole).collect();
        gate.not_compared.extend(broken);
        gate.not_compared.extend(others);
        kept.passes(head)?;
        Ok(failed)
    }

    /// Compares times; whether a pass failed, and every pair.
    pub(crate) fn timing(&self, manner: Manner, gate: &mut Gate, kept: &Kept) -> Result<(bool, Vec<Pair>)> {
        let Base::Programs(base) = self.base else {
            let why = "times are never held against stored ones: name a base with --base or --base-program";
            let (workload, map) = (String::new(), String::new());
            gate.not_compared.push(NotCompared { workload, map, why: why.into(), fails: false });
            return Ok((false, Vec::new()));
        };
        let (tapes, comparisons) = self.comparisons()?;
        let arena = self.arena(base, &tapes);
        let mut pairs = Vec::new();
        let mut sink = |pair: &Pair| {
            pairs.push(pair.clone());
            kept.pair(pair)
        };
        let mut all = Vec::new();
        if let Some(times) = manner.repeat {
            for comparison in &comparisons {
                all.extend(timing::repeat(arena, comparison, times, manner.toil, &mut sink)?);
            }
        } else {
            let timing = Timing::new(arena, &comparisons)?;
            gate.controls = controls::run(&timing)?;
            if let Ok(family) = timing.family() {
                gate.rule.comparisons = number(family.tests());
                gate.rule.looks = family.plan().looks().iter().copied().map(number).collect();
            }
            let timed = timing.run(manner.toil, 0, &mut sink)?;
            gate.controls.push(controls::same_work(&timed));
            all.push(timed);
        }
        let mut failed = false;
        for Timed { findings, broken, not_compared, .. } in all {
            gate.timing.extend(findings);
            failed |= !broken.is_empty();
            gate.not_compared.extend(broken.into_iter().map(|Broken { workload, map, side, failure }| {
                NotCompared { workload, map, why: format!("{} failed: {failure}", side.name()), fails: true }
            }));
            gate.not_compared.extend(not_compared);
        }
        Ok((failed, pairs))
    }

    /// The times of the head over those of an old build, for the history. Nothing is judged by them here.
    pub(crate) fn anchor(&self, anchor: &Programs) -> Result<Vec<Ratio>> {
        let (tapes, comparisons) = self.comparisons()?;
        let mut pairs = Vec::new();
        let mut sink = |pair: &Pair| {
            pairs.push(pair.clone());
            Ok(())
        };
        eprintln!("churnmark: against the anchor:");
        Timing::new(self.arena(anchor, &tapes), &comparisons)?.run(Toil::default(), 0, &mut sink)?;
        Ok(verdict::history::ratios(&pairs))
    }

    fn arena<'a>(&'a self, base: &'a Programs, tapes: &'a TapeFiles) -> Arena<'a> {
        Arena {
            head: self.head,
            base,
            tapes,
            policy: self.policy,
            seed: self.seed,
            time_limit: self.time_limit,
            interrupt: self.interrupt,
        }
    }

    /// Every map of the head under every workload that it can play, and the tapes.
    pub(crate) fn comparisons(&self) -> Result<(TapeFiles, Vec<Comparison>)> {
        let entries = catalogue::choose(self.catalogue, &self.policy.workloads, None)?;
        let all = self.head.maps();
        let maps = select::pick("map", &self.policy.maps, &all)?;
        let mut comparisons = Vec::new();
        for entry in &entries {
            let workload = &entry.workload;
            let demand = Demand::from(workload);
            let plays = |map: &&&MapInfo| map.supports(&demand, Collector::Throughput).is_ok();
            comparisons.extend(maps.iter().filter(plays).map(|map| Comparison {
                workload: workload.name.clone(),
                map: map.name.clone(),
                base_map: self.against.base_map.clone().unwrap_or_else(|| map.name.clone()),
            }));
        }
        Ok((tapes::of(&entries)?, comparisons))
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Names the passes that failed, and gives a row for each map and workload of which one did: the first.
fn broken(side: &str, failed: &[Run]) -> Vec<NotCompared> {
    let mut rows: Vec<NotCompared> = Vec::new();
    for Run { pass, outcome, .. } in failed {
        let Outcome::Failed(failure) = outcome else { continue };
        eprintln!("churnmark: {side}: {pass}: {failure}");
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
