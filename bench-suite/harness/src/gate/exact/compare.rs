//! Two sides, figure by figure.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use formats::baseline::Figures;
use formats::gate::{Class, ExactFinding, Metric, NotCompared, Verdict};
use formats::policy::{ExactRule, Policy};
use verdict::exact::{self, Draw, Worse};

use super::ExactMeasurement;

/// The figures of one map under one workload.
type OfMap = BTreeMap<Metric, Vec<u64>>;

/// Compares the head with a base that was measured too, the base's own omissions included.
pub(crate) fn against(
    base: &ExactMeasurement,
    head: &ExactMeasurement,
    policy: &Policy,
) -> Result<(Vec<ExactFinding>, Vec<NotCompared>)> {
    let (findings, mut others) = compare(&base.figures, base.again.as_ref(), head, policy)?;
    others.extend(base.left_out.iter().filter(|row| !head.left_out.contains(row)).cloned());
    Ok((findings, others))
}

/// Compares the head with figures of a base, one by one. `again` is the base measured a second time, as the head is:
/// what a side does not repeat has no verdict, and neither has what another hash may have moved. What only one side
/// has, and what the head leaves out, is in the second list; it fails where the base has it.
pub(crate) fn compare(
    base: &Figures,
    again: Option<&Figures>,
    head: &ExactMeasurement,
    policy: &Policy,
) -> Result<(Vec<ExactFinding>, Vec<NotCompared>)> {
    let mut comparer = Comparer { policy, findings: Vec::new(), others: head.left_out.clone() };
    for pattern in &head.unknown {
        comparer.alone("", pattern, "the policy names it, and no program holds it", true);
    }
    for (workload, map) in pairs(base).union(&pairs(&head.figures)) {
        let of = |figures: &Figures| figures.get(*workload).and_then(|maps| maps.get(*map)).cloned();
        match (of(base), of(&head.figures)) {
            (Some(first), Some(heads)) => {
                let base = Played { side: "base", first, again: again.and_then(of) };
                let head = Played { side: "head", first: heads, again: head.again.as_ref().and_then(of) };
                comparer.map(workload, map, &base, &head)?;
            }
            (None, _) => comparer.alone(workload, map, "new: the base does not have it", false),
            (_, None) => comparer.alone(workload, map, "the base has it, the head does not", true),
        }
    }
    Ok((comparer.findings, comparer.others))
}

/// Every workload and map that has figures.
fn pairs(figures: &Figures) -> BTreeSet<(&str, &str)> {
    let mut pairs = BTreeSet::new();
    for (workload, maps) in figures {
        pairs.extend(maps.keys().map(|map| (workload.as_str(), map.as_str())));
    }
    pairs
}

/// A side that played once or twice.
struct Played {
    side: &'static str,
    first: OfMap,
    again: Option<OfMap>,
}

impl Played {
    /// A figure for each seed. A kind of event that nobody saw happened 0 times.
    fn value(&self, metric: Metric, seeds: usize) -> Option<Vec<u64>> {
        value(&self.first, metric, seeds)
    }

    /// The sentence that takes a figure out, if this side does not repeat it.
    fn unrepeated(&self, metric: Metric, seeds: usize, rule: ExactRule) -> Option<String> {
        let (first, again) = (self.value(metric, seeds)?, value(self.again.as_ref()?, metric, seeds)?);
        if close(metric, &first, &again, rule) { None } else { exact::unrepeated(self.side, &first, &again) }
    }
}

fn value(figures: &OfMap, metric: Metric, seeds: usize) -> Option<Vec<u64>> {
    let zeros = matches!(metric, Metric::Event(_)).then(|| vec![0; seeds]);
    figures.get(&metric).cloned().or(zeros)
}

/// Whether instructions repeat well enough: the same program was seen to differ by four in a hundred thousand. Every
/// other figure repeats exactly or not at all.
fn close(metric: Metric, first: &[u64], again: &[u64], rule: ExactRule) -> bool {
    let close = |(&first, &second): (&u64, &u64)| {
        first.abs_diff(second) as f64 <= first as f64 * rule.tolerance / 10.0
    };
    metric == Metric::Instructions && first.len() == again.len() && first.iter().zip(again).all(close)
}

/// Figures by which a hash is known, the surest first: another hash gives others for every seed.
const MARKS_OF_A_HASH: [Metric; 3] = [Metric::KeyComparisons, Metric::DeadSlots, Metric::ReusedSlots];

struct Comparer<'a> {
    policy: &'a Policy,
    findings: Vec<ExactFinding>,
    others: Vec<NotCompared>,
}

impl Comparer<'_> {
    fn alone(&mut self, workload: &str, map: &str, why: &str, fails: bool) {
        self.others.push(NotCompared { workload: workload.into(), map: map.into(), why: why.into(), fails });
    }

    fn map(&mut self, workload: &str, map: &str, base: &Played, head: &Played) -> Result<()> {
        let metrics: BTreeSet<Metric> = base.first.keys().chain(head.first.keys()).copied().collect();
        let another = self.another_hash(workload, map, base, head);
        let before = self.findings.len();
        for metric in metrics {
            let rule = self.policy.exact(workload, map, metric);
            if rule.class == Class::Off {
                continue;
            }
            let seeds = self.policy.seeds.len();
            let name = metric.name();
            match (base.value(metric, seeds), head.value(metric, seeds)) {
                (Some(_), Some(_)) => {
                    let found = self.figure(workload, map, (base, head), metric, another.as_deref());
                    self.findings.push(found.with_context(|| format!("{workload} {map} {name}"))?);
                }
                (None, _) => {
                    self.alone(workload, map, &format!("{name} is new: the base does not have it"), false);
                }
                (_, None) => {
                    // What decides nothing may go.
                    let fails = rule.class == Class::Gated;
                    self.alone(workload, map, &format!("the base has {name}, the head does not"), fails);
                }
            }
        }
        if let Some(why) = another
            && let Some(said) = told(&self.findings[before..])
        {
            self.alone(workload, map, &format!("{why}; {said}"), false);
        }
        Ok(())
    }

    /// One figure that both sides have.
    fn figure(
        &self,
        workload: &str,
        map: &str,
        (base, head): (&Played, &Played),
        metric: Metric,
        another_hash: Option<&str>,
    ) -> Result<ExactFinding> {
        let rule = self.policy.exact(workload, map, metric);
        let seeds = self.policy.seeds.len();
        let [of_base, of_head] = [base, head].map(|side| side.value(metric, seeds).unwrap_or_default());
        let worse = if metric.more_is_worse() { Worse::Up } else { Worse::Down };
        let draw = if another_hash.is_some() { Draw::Another } else { Draw::Same };
        let judged = exact::judge(&of_base, &of_head, worse, rule.tolerance, draw)?;
        let unrepeated = [base, head].iter().find_map(|side| side.unrepeated(metric, seeds, rule));
        let by_luck = || another_hash.filter(|_| judged.verdict.is_none()).map(ToString::to_string);
        let demoted = unrepeated.or_else(by_luck);
        let verdict = judged.verdict.filter(|_| demoted.is_none());
        let waiver = self.policy.waiver(workload, map, &metric.name());
        Ok(ExactFinding {
            workload: workload.into(),
            map: map.into(),
            metric,
            base: of_base,
            head: of_head,
            change: judged.change,
            luck: judged.luck.filter(|luck| luck.is_finite()),
            tolerance: rule.tolerance,
            class: rule.class,
            verdict,
            demoted,
            waiver: waiver.filter(|_| verdict == Some(Verdict::Regressed)).cloned(),
        })
    }

    /// By what it is seen that the sides have different hashes, if they have.
    fn another_hash(&self, workload: &str, map: &str, base: &Played, head: &Played) -> Option<String> {
        let seeds = self.policy.seeds.len();
        let both = |metric: &&Metric| [base, head].iter().all(|side| side.first.contains_key(*metric));
        let metric = *MARKS_OF_A_HASH.iter().find(both)?;
        let rule = self.policy.exact(workload, map, metric);
        let name = metric.name().replace('_', " ");
        if let Some(side) = [base, head].iter().find(|side| side.unrepeated(metric, seeds, rule).is_some()) {
            return Some(format!(
                "the hash of the {} is another in each process: its {name} do not repeat",
                side.side
            ));
        }
        let (of_base, of_head) = (base.value(metric, seeds)?, head.value(metric, seeds)?);
        let differ =
            of_base.len() == of_head.len() && of_base.iter().zip(&of_head).all(|(base, head)| base != head);
        // From one seed a draw cannot be told from a change, nor luck from its size.
        (differ && seeds > 1).then(|| format!("the hash is another one: {name} differ for every seed"))
    }
}

/// What is told only, and what is judged all the same; nothing where all is judged.
fn told(findings: &[ExactFinding]) -> Option<String> {
    let named = |judged: bool| {
        let names: Vec<String> = findings
            .iter()
            .filter(|one| one.verdict.is_some() == judged)
            .map(|one| one.metric.name().replace('_', " "))
            .collect();
        if names.is_empty() { "nothing".into() } else { names.join(", ") }
    };
    let any = findings.iter().any(|one| one.verdict.is_none());
    any.then(|| format!("told only, as luck may have moved them: {}; judged: {}", named(false), named(true)))
}

#[cfg(test)]
mod tests;
