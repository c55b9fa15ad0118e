//! Two sides, figure by figure.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use formats::baseline::Figures;
use formats::gate::{Class, ExactFinding, Metric, NotCompared, Verdict};
use formats::policy::{ExactRule, Policy};
use verdict::exact::{self, ExactJudgement, Worse};

use super::Measured;

/// The figures of one map under one workload.
type OfMap = BTreeMap<Metric, Vec<u64>>;

/// Compares the head with a base that was measured too, the base's own omissions included.
pub(crate) fn against(
    base: &Measured,
    head: &Measured,
    policy: &Policy,
) -> Result<(Vec<ExactFinding>, Vec<NotCompared>)> {
    let (findings, mut others) = compare(&base.figures, base.again.as_ref(), head, policy)?;
    others.extend(base.left_out.iter().filter(|row| !head.left_out.contains(row)).cloned());
    Ok((findings, others))
}

/// Compares the head with figures of a base, one by one. `again` is the base measured a second time: what it does
/// not repeat has no verdict. What only one side has, and what the head leaves out, is in the second list; it
/// fails where the base has it.
pub(crate) fn compare(
    base: &Figures,
    again: Option<&Figures>,
    head: &Measured,
    policy: &Policy,
) -> Result<(Vec<ExactFinding>, Vec<NotCompared>)> {
    let mut comparison = Comparison { policy, findings: Vec::new(), others: head.left_out.clone() };
    for pattern in &head.unknown {
        comparison.alone("", pattern, "the policy names it, and no program holds it", true);
    }
    for (workload, map) in pairs(base).union(&pairs(&head.figures)) {
        let of = |figures: &Figures| figures.get(*workload).and_then(|maps| maps.get(*map)).cloned();
        match (of(base), of(&head.figures)) {
            (Some(base), Some(head)) => {
                comparison.map(workload, map, &base, again.and_then(of).as_ref(), &head)?;
            }
            (None, _) => comparison.alone(workload, map, "new: the base does not have it", false),
            (_, None) => comparison.alone(workload, map, "the base has it, the head does not", true),
        }
    }
    Ok((comparison.findings, comparison.others))
}

/// Every workload and map that has figures.
fn pairs(figures: &Figures) -> BTreeSet<(&str, &str)> {
    let mut pairs = BTreeSet::new();
    for (workload, maps) in figures {
        pairs.extend(maps.keys().map(|map| (workload.as_str(), map.as_str())));
    }
    pairs
}

struct Comparison<'a> {
    policy: &'a Policy,
    findings: Vec<ExactFinding>,
    others: Vec<NotCompared>,
}

impl Comparison<'_> {
    fn alone(&mut self, workload: &str, map: &str, why: &str, fails: bool) {
        self.others.push(NotCompared { workload: workload.into(), map: map.into(), why: why.into(), fails });
    }

    fn map(
        &mut self,
        workload: &str,
        map: &str,
        base: &OfMap,
        again: Option<&OfMap>,
        head: &OfMap,
    ) -> Result<()> {
        let metrics: BTreeSet<Metric> = base.keys().chain(head.keys()).copied().collect();
        for metric in metrics {
            let rule = self.policy.exact(workload, map, metric);
            if rule.class == Class::Off {
                continue;
            }
            let value = |side: &OfMap| value(side, metric, self.policy.seeds.len());
            let name = metric.name();
            match (value(base), value(head)) {
                (Some(base), Some(head)) => {
                    let again = again.and_then(value);
                    let judged = judge(metric, &base, again.as_deref(), &head, rule)
                        .with_context(|| format!("{workload} {map} {name}"))?;
                    let waiver = self.policy.waiver(workload, map, &name);
                    let waiver = waiver.filter(|_| judged.verdict == Verdict::Regressed).cloned();
                    self.findings.push(ExactFinding {
                        workload: workload.into(),
                        map: map.into(),
                        metric,
                        base,
                        head,
                        change: judged.change,
                        tolerance: rule.tolerance,
                        class: rule.class,
                        verdict: judged.demoted.is_none().then_some(judged.verdict),
                        demoted: judged.demoted,
                        waiver,
                    });
                }
                (None, _) => {
                    self.alone(workload, map, &format!("{name} is new: the base does not have it"), false)
                }
                (_, None) => {
                    // What decides nothing may go.
                    let fails = rule.class == Class::Gated;
                    self.alone(workload, map, &format!("the base has {name}, the head does not"), fails);
                }
            }
        }
        Ok(())
    }
}

/// A figure for each seed. A kind of event that nobody saw happened 0 times.
fn value(side: &OfMap, metric: Metric, seeds: usize) -> Option<Vec<u64>> {
    let zeros = matches!(metric, Metric::Event(_)).then(|| vec![0; seeds]);
    side.get(&metric).cloned().or(zeros)
}

fn judge(
    metric: Metric,
    base: &[u64],
    again: Option<&[u64]>,
    head: &[u64],
    rule: ExactRule,
) -> Result<ExactJudgement> {
    let worse = if metric.more_is_worse() { Worse::Up } else { Worse::Down };
    Ok(exact::judge(base, again, head, worse, rule.tolerance)?)
}
