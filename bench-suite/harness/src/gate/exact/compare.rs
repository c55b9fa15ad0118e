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
        assert_eq!(findings[0].change, Some(0.05));
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
    fn what_a_side_does_not_repeat_has_no_verdict() {
        let once: &[Row] = &[("a", Metric::Frees, &[5, 5])];
        let again = figures(&[("a", Metric::Frees, &[5, 6])]);
        let worse = measured(&[("a", Metric::Frees, &[50, 50])]);
        let (findings, _) = compare(&figures(once), Some(&again), &worse, &policy("")).unwrap();
        assert_eq!(findings[0].verdict, None);
        assert!(findings[0].demoted.as_ref().unwrap().contains("not deterministic: base itself gave 5"));
        // The head as well as the base.
        let unsteady = ExactMeasurement { again: Some(again), ..measured(once) };
        let (findings, _) = compare(&figures(once), None, &unsteady, &policy("")).unwrap();
        assert_eq!(findings[0].verdict, None);
        assert!(findings[0].demoted.as_ref().unwrap().contains("not deterministic: head itself gave 5"));
    }

    /// What a map with a hash shows: two figures that hang on it, and one that does not.
    fn hashed<'a>(comparisons: &'a [u64], dead: &'a [u64], frees: &'a [u64]) -> Vec<Row<'a>> {
        vec![
            ("a", Metric::Frees, frees),
            ("a", Metric::KeyComparisons, comparisons),
            ("a", Metric::DeadSlots, dead),
        ]
    }

    fn of_metric(findings: &[ExactFinding], metric: Metric) -> &ExactFinding {
        findings.iter().find(|one| one.metric == metric).unwrap()
    }

    #[test]
    fn what_only_another_hash_moved_is_told_and_the_rest_is_judged() {
        let base = hashed(&[9001, 9050], &[2146, 2151], &[10, 10]);
        let head = hashed(&[9030, 9012], &[2105, 2152], &[11, 11]);
        let (findings, others) = compared(&base, &head, &policy(""));
        for metric in [Metric::KeyComparisons, Metric::DeadSlots] {
            let told = of_metric(&findings, metric);
            assert_eq!(told.verdict, None, "{told:?}");
            assert!(told.demoted.as_ref().unwrap().contains("differ for every seed") && told.luck.is_some());
        }
        assert_eq!(of_metric(&findings, Metric::Frees).verdict, Some(Verdict::Regressed));
        assert_eq!(
            others[0].why,
            "the hash is another one: key comparisons differ for every seed; told only, as luck may have moved \
             them: key comparisons, dead slots; judged: frees"
        );
        // Far beyond luck is judged.
        let head = hashed(&[9030, 9012], &[4300, 4290], &[10, 10]);
        let (findings, _) = compared(&base, &head, &policy(""));
        assert_eq!(of_metric(&findings, Metric::DeadSlots).verdict, Some(Verdict::Regressed));
    }

    #[test]
    fn with_the_same_hash_one_more_dead_slot_is_one_too_many() {
        let base = hashed(&[9001, 9050], &[2146, 2151], &[10, 10]);
        let head = hashed(&[9001, 9050], &[2146, 2152], &[10, 10]);
        let (findings, others) = compared(&base, &head, &policy(""));
        let dead = of_metric(&findings, Metric::DeadSlots);
        assert_eq!((dead.verdict, dead.luck), (Some(Verdict::Regressed), None));
        assert_eq!(others, []);
    }

    #[test]
    fn a_hash_that_is_seeded_at_random_is_known_by_what_does_not_repeat() {
        let rows = hashed(&[9001, 9050], &[2146, 2151], &[10, 10]);
        let head = ExactMeasurement {
            again: Some(figures(&hashed(&[9002, 9050], &[2146, 2140], &[10, 10]))),
            ..measured(&hashed(&[9001, 9048], &[2146, 2160], &[10, 10]))
        };
        let (findings, others) = compare(&figures(&rows), None, &head, &policy("")).unwrap();
        let verdicts: Vec<_> = findings.iter().map(|one| (one.metric, one.verdict)).collect();
        assert_eq!(
            verdicts,
            [
                (Metric::Frees, Some(Verdict::Unchanged)),
                (Metric::KeyComparisons, None),
                (Metric::DeadSlots, None)
            ]
        );
        assert!(others[0].why.starts_with("the hash of the head is another in each process"), "{others:?}");
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
