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
    let base: &[Row] =
        &[("a", Metric::Frees, &[1, 1]), ("a", Metric::DeadSlots, &[1, 1]), ("b", Metric::Frees, &[1, 1])];
    let head: &[Row] =
        &[("a", Metric::Frees, &[1, 1]), ("a", Metric::PeakBytes, &[1, 1]), ("c", Metric::Frees, &[1, 1])];
    let (findings, others) = compared(base, head, &policy(""));
    assert_eq!(findings.len(), 1);
    let others: Vec<_> = others.iter().map(|row| (row.map.as_str(), row.why.as_str(), row.fails)).collect();
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
