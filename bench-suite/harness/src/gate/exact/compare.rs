//! Two sides, figure by figure.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use formats::baseline::Figures;
use formats::gate::{Class, ExactFinding, Metric, NotCompared, Verdict};
use formats::policy::{ExactRule, Policy};
use verdict::exact::{self, ExactJudgement, Worse};

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

/// Compares the head with figures of a base, one by one. `again` is the base measured a second time: what it does
/// not repeat has no verdict. What only one side has, and what the head leaves out, is in the second list; it
/// fails where the base has it.
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
            (Some(base), Some(head)) => {
                comparer.map(workload, map, &base, again.and_then(of).as_ref(), &head)?;
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

struct Comparer<'a> {
    policy: &'a Policy,
    findings: Vec<ExactFinding>,
    others: Vec<NotCompared>,
}

impl Comparer<'_> {
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
                    let again = again.and_then(value).filter(|again| !repeats(metric, &base, again, rule));
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
                    self.alone(workload, map, &format!("{name} is new: the base does not have it"), false);
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

/// Whether the base repeated its instructions well enough: the same program was seen to differ by four in a hundred
/// thousand. Every other figure repeats exactly or not at all.
fn repeats(metric: Metric, base: &[u64], again: &[u64], rule: ExactRule) -> bool {
    let close = |(&first, &second): (&u64, &u64)| {
        first.abs_diff(second) as f64 <= first as f64 * rule.tolerance / 10.0
    };
    metric == Metric::Instructions && base.len() == again.len() && base.iter().zip(again).all(close)
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

#[cfg(test)]
mod tests {
    use formats::baseline::Fingerprint;
    use formats::observation::EventKind;

    use super::*;

    const GROW: Metric = Metric::Event(EventKind::Grow);

    fn figures(rows: &[(&str, Metric, &[u64])]) -> Figures {
        let mut figures = Figures::new();
        for &(map, metric, values) in rows {
            let maps = figures.entry("w@0.05".into()).or_default();
            maps.entry(map.into()).or_default().insert(metric, values.into());
        }
        figures
    }

    fn measured(rows: &[(&str, Metric, &[u64])]) -> ExactMeasurement {
        ExactMeasurement {
            figures: figures(rows),
            again: None,
            fingerprint: Fingerprint::default(),
            left_out: Vec::new(),
            unknown: Vec::new(),
            failed: Vec::new(),
            runs: Vec::new(),
            tapes: BTreeMap::new(),
        }
    }

    fn policy(text: &str) -> Policy {
        let today = jiff::civil::date(2026, 6, 1);
        Policy::parse(&format!("seeds = [1, 2]\n{text}"), "policy.toml".as_ref(), today).unwrap()
    }

    type Row<'a> = (&'a str, Metric, &'a [u64]);

    fn compared(base: &[Row], head: &[Row], policy: &Policy) -> (Vec<ExactFinding>, Vec<NotCompared>) {
        compare(&figures(base), None, &measured(head), policy).unwrap()
    }

    #[test]
    fn one_more_allocation_regresses_and_one_less_improves() {
        let base: &[Row] = &[("a", Metric::Allocations, &[10, 10]), ("b", Metric::Allocations, &[10, 10])];
        let head: &[Row] = &[("a", Metric::Allocations, &[10, 11]), ("b", Metric::Allocations, &[9, 10])];
        let (findings, others) = compared(base, head, &policy(""));
        let verdicts: Vec<_> = findings.iter().map(|finding| finding.verdict).collect();
        assert_eq!(verdicts, [Some(Verdict::Regressed), Some(Verdict::Improved)]);
        assert_eq!(findings[0].change, Some(0.1));
        assert_eq!(others, []);
    }

    #[test]
    fn fewer_slots_used_again_are_worse() {
        let (findings, _) = compared(
            &[("a", Metric::ReusedSlots, &[10, 10])],
            &[("a", Metric::ReusedSlots, &[10, 9])],
            &policy(""),
        );
        assert_eq!(findings[0].verdict, Some(Verdict::Regressed));
    }

    #[test]
    fn the_policy_tolerates_passes_by_and_waives() {
        let base: &[Row] = &[
            ("a", Metric::PeakBytes, &[1000, 1000]),
            ("b", Metric::PeakBytes, &[1000, 1000]),
            ("c", Metric::PeakBytes, &[1000, 1000]),
        ];
        let head: &[Row] = &[
            ("a", Metric::PeakBytes, &[1040, 1000]),
            ("b", Metric::PeakBytes, &[1040, 1000]),
            ("c", Metric::PeakBytes, &[1040, 1000]),
        ];
        let text = "
            [[rule]]
            map = \"a\"
            metric = \"peak_bytes\"
            tolerance = 0.05
            [[rule]]
            map = \"b\"
            metric = \"*_bytes\"
            class = \"off\"
            [[waiver]]
            workload = \"w\"
            map = \"c\"
            reason = \"known\"
            until = \"2026-06-01\"
        ";
        let (findings, _) = compared(base, head, &policy(text));
        let seen: Vec<_> = findings
            .iter()
            .map(|finding| (finding.map.as_str(), finding.verdict, finding.waiver.is_some()))
            .collect();
        assert_eq!(seen, [("a", Some(Verdict::Unchanged), false), ("c", Some(Verdict::Regressed), true)]);
    }

    #[test]
    fn what_the_base_does_not_repeat_has_no_verdict() {
        let base: &[Row] = &[("a", Metric::Frees, &[5, 5])];
        let again = figures(&[("a", Metric::Frees, &[5, 6])]);
        let head = measured(&[("a", Metric::Frees, &[50, 50])]);
        let (findings, _) = compare(&figures(base), Some(&again), &head, &policy("")).unwrap();
        assert_eq!(findings[0].verdict, None);
        assert!(findings[0].demoted.as_ref().unwrap().contains("not deterministic"));
    }

    #[test]
    fn instructions_need_not_repeat_to_the_last_one() {
        let base: &[Row] = &[("a", Metric::Instructions, &[62_922_107])];
        let head = measured(base);
        let compared = |again: u64| {
            let again = figures(&[("a", Metric::Instructions, &[again])]);
            let (findings, _) = compare(&figures(base), Some(&again), &head, &policy("")).unwrap();
            (findings[0].verdict, findings[0].class)
        };
        assert_eq!(compared(62_924_597), (Some(Verdict::Unchanged), Class::Advisory));
        assert_eq!(compared(63_922_107), (None, Class::Advisory));
    }

    #[test]
    fn an_event_that_one_side_never_saw_happened_no_time() {
        let base: &[Row] = &[("a", Metric::Frees, &[1, 1])];
        let head: &[Row] = &[("a", Metric::Frees, &[1, 1]), ("a", GROW, &[0, 2])];
        let (findings, _) = compared(base, head, &policy(""));
        assert_eq!((findings[1].metric, findings[1].base.as_slice()), (GROW, [0, 0].as_slice()));
        assert_eq!((findings[1].verdict, findings[1].change), (Some(Verdict::Regressed), None));
        let (findings, _) = compared(head, base, &policy(""));
        assert_eq!(findings[1].verdict, Some(Verdict::Improved));
    }

    #[test]
    fn what_is_gone_fails_and_what_is_new_is_said() {
        let base: &[Row] = &[
            ("a", Metric::Frees, &[1, 1]),
            ("a", Metric::DeadSlots, &[1, 1]),
            ("b", Metric::Frees, &[1, 1]),
        ];
        let head: &[Row] = &[
            ("a", Metric::Frees, &[1, 1]),
            ("a", Metric::PeakBytes, &[1, 1]),
            ("c", Metric::Frees, &[1, 1]),
        ];
        let (findings, others) = compared(base, head, &policy(""));
        assert_eq!(findings.len(), 1);
        let others: Vec<_> =
            others.iter().map(|row| (row.map.as_str(), row.why.as_str(), row.fails)).collect();
        assert_eq!(
            others,
            [
                ("a", "peak_bytes is new: the base does not have it", false),
                ("a", "the base has dead_slots, the head does not", true),
                ("b", "the base has it, the head does not", true),
                ("c", "new: the base does not have it", false),
            ]
        );
        let mut head = measured(base);
        head.unknown.push("stdd".into());
        let (_, others) = compare(&figures(base), None, &head, &policy("")).unwrap();
        assert_eq!((others[0].map.as_str(), others[0].fails), ("stdd", true));
    }

    #[test]
    fn other_seeds_are_no_comparison() {
        let base: &[Row] = &[("a", Metric::Frees, &[1])];
        let head = measured(&[("a", Metric::Frees, &[1, 1])]);
        let error = compare(&figures(base), None, &head, &policy("")).unwrap_err();
        assert!(format!("{error:#}").contains("w@0.05 a frees: base has figures of 1 seeds"), "{error:#}");
    }
}
