//! Policies that make sense, and what is said of those that do not.

use std::fmt::Write;
use std::path::Path;

use formats::fault::Fault;
use formats::gate::{Class, Metric, TimeMetric};
use formats::policy::{ExactRule, Policy};
use jiff::civil::{Date, date};
use proptest::prelude::*;

const TODAY: Date = date(2026, 6, 1);

fn parse(text: &str) -> Result<Policy, Fault> {
    Policy::parse(text, Path::new("policy.toml"), TODAY)
}

fn refused(text: &str) -> String {
    match parse(text) {
        Ok(policy) => panic!("accepted:\n{text}\n{policy:?}"),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn an_empty_policy_is_the_usual_one() {
    assert_eq!(parse(""), Ok(Policy::default()));
}

#[test]
fn every_field_can_be_written() {
    let policy = parse(
        r#"
        workloads = ["fifo-*"]
        maps = ["std", "go-*"]
        exact_scale = 1
        seeds = [7]
        alpha = 0.05
        delta = 0.1
        tolerance = 0
        threads_delta = 0.2
        max_pairs = 20
        seconds = 5
        slices = 64
        discarded = 3
        on_inconclusive = "fail"
        on_improvement = "fail"

        [[rule]]
        map = "std"
        metric = "*_bytes"
        tolerance = 0.02

        [[rule]]
        workload = "sawtooth"
        metric = "p99"
        class = "gated"
        delta = 0.3

        [[waiver]]
        map = "std"
        metric = "event.grow"
        reason = "  It grows earlier since 1.2. "
        until = 2026-06-01
        "#,
    )
    .unwrap();
    assert_eq!((policy.workloads.as_slice(), policy.maps.len()), (["fifo-*".to_string()].as_slice(), 2));
    assert_eq!((policy.exact_scale, policy.seeds.as_slice()), (1.0, [7].as_slice()));
    assert_eq!((policy.alpha, policy.delta, policy.tolerance, policy.threads_delta), (0.05, 0.1, 0.0, 0.2));
    assert_eq!((policy.max_pairs, policy.seconds, policy.slices, policy.discarded), (20, 5.0, 64, 3));
    assert!(policy.inconclusive_fails && policy.improved_fails);
    let exact = |map| policy.exact("fifo-window@0.05", map, Metric::PeakBytes);
    assert_eq!(exact("std"), ExactRule { class: Class::Gated, tolerance: 0.02 });
    assert_eq!(exact("slab"), ExactRule { class: Class::Gated, tolerance: Metric::PeakBytes.tolerance() });
    let p99 = policy.time("sawtooth", "slab", TimeMetric::P99, 1);
    assert_eq!((p99.class, p99.delta, p99.tolerance), (Class::Gated, 0.3, 0.0));
    let waiver = policy.waiver("lifo", "std", "event.grow").unwrap();
    assert_eq!(
        (waiver.reason.as_str(), waiver.until.as_str()),
        ("It grows earlier since 1.2.", "2026-06-01")
    );
    assert_eq!(policy.waiver("lifo", "std", "event.split"), None);
}

#[test]
fn few_slices_leave_few_to_discard() {
    assert_eq!(parse("slices = 16").unwrap().discarded, 2);
    assert_eq!(parse("slices = 2000").unwrap().discarded, Policy::default().discarded);
}

#[test]
fn one_mistake_is_one_fault_with_line_field_and_remedy() {
    let rule = |text: &str| format!("[[rule]]\n{text}");
    let waiver = |text: &str| format!("[[waiver]]\n{text}");
    for (text, wants) in [
        ("speed = 3".into(), &["policy.toml:1: speed: ", "unknown field `speed`", "`alpha`"] as &[&str]),
        ("\nalpha = 0.21".into(), &["policy.toml:2: alpha: 0.21 is out of range", "above 0 up to 0.2"]),
        ("alpha = 0".into(), &["alpha: 0 is out of range"]),
        ("alpha = nan".into(), &["alpha: NaN is out of range"]),
        ("alpha = \"low\"".into(), &["policy.toml:1: alpha: is \"low\"; allowed is a number"]),
        ("delta = 0.005".into(), &["delta: 0.005 is out of range", "above the tolerance (0.005)"]),
        ("tolerance = 0.04".into(), &["policy.toml: delta: (left out) 0.03", "above the tolerance (0.04)"]),
        ("tolerance = -0.1".into(), &["tolerance: -0.1 is out of range; allowed are 0 to 0.5"]),
        ("threads_delta = inf".into(), &["threads_delta: inf is out of range"]),
        ("seeds = []".into(), &["policy.toml:1: seeds: []; allowed are 1 to 64 different numbers"]),
        ("seeds = [1, 2, 1]".into(), &["seeds: [1, 2, 1]; "]),
        ("seeds = [9223372036854775808]".into(), &["numbers up to 9223372036854775807"]),
        ("seeds = [-1]".into(), &["policy.toml:1: seeds: ", "-1"]),
        ("max_pairs = 0".into(), &["max_pairs: 0 is out of range; allowed are 1 to 1000"]),
        ("seconds = 0".into(), &["seconds: 0 is out of range; allowed are seconds above 0 up to 3600"]),
        ("slices = 1".into(), &["slices: 1 is out of range; allowed are 2 to 100000"]),
        (
            "slices = 9\ndiscarded = 9".into(),
            &["policy.toml:2: discarded: 9 is out of range; allowed are 0 to 8"],
        ),
        (
            "exact_scale = 0".into(),
            &["exact_scale: 0 is out of range; allowed are factors above 0 up to 1000"],
        ),
        ("workloads = []".into(), &["policy.toml:1: workloads: is empty"]),
        ("maps = [\"std\",\n\"[\"]".into(), &["policy.toml:2: maps: `[` is no name and no glob"]),
        ("maps = [\"\"]".into(), &["maps: `` is no name and no glob; `*` means all"]),
        (
            "on_inconclusive = \"warn\"".into(),
            &["policy.toml:1: on_inconclusive: ", "`warn`", "`pass`", "`fail`"],
        ),
        (rule("class = \"loud\""), &["policy.toml:2: class: ", "`loud`", "`gated`", "`advisory`", "`off`"]),
        (rule("map = \"std\""), &["policy.toml:1: rule: says nothing", "`class`"]),
        (rule("metrik = \"p99\""), &["policy.toml:2: metrik: ", "`metric`"]),
        (
            rule("metric = \"peak_byte\"\nclass = \"off\""),
            &["policy.toml:2: metric: there is no metric `peak_byte`; there is peak_bytes"],
        ),
        (rule("metric = \"zzz*\"\nclass = \"off\""), &["there is no metric `zzz*`", "allocations", "p999"]),
        (rule("metric = \"frees\"\ndelta = 0.1"), &["policy.toml:3: delta: is for times"]),
        (rule("tolerance = 0.03"), &["policy.toml:1: rule: leaves times with a delta of 0.03", "0.03"]),
        (
            rule("metric = \"p99\"\ndelta = 0.3\ntolerance = 0.2\n[[rule]]\nmetric = \"p*\"\ndelta = 0.1"),
            &[
                "policy.toml:5: rule: leaves times with a delta of 0.1, which is not above their tolerance of 0.2",
            ],
        ),
        (waiver("until = \"2026-12-31\""), &["policy.toml:1: reason: is missing"]),
        (waiver("reason = \" \"\nuntil = \"2026-12-31\""), &["policy.toml:2: reason: is empty"]),
        (waiver("reason = \"r\""), &["policy.toml:1: until: is missing"]),
        (waiver("reason = \"r\"\nuntil = \"2026-02-30\""), &["policy.toml:3: until: `2026-02-30` is no day"]),
        (waiver("reason = \"r\"\nuntil = \"soon\""), &["until: `soon` is no day; allowed", "\"2026-12-31\""]),
        (waiver("reason = \"r\"\nuntil = \"20261231\""), &["until: `20261231` is no day"]),
        (
            waiver("reason = \"r\"\nuntil = 2026-12-31T10:00:00Z"),
            &["until: `2026-12-31T10:00:00Z` is no day"],
        ),
        (waiver("reason = \"r\"\nuntil = 3"), &["policy.toml:3: until: `3` is no day"]),
        (
            waiver("map = \"go-*\"\nmetric = \"frees\"\nreason = \"known\"\nuntil = \"2026-05-31\""),
            &[
                "policy.toml:5: until: the waiver for frees of go-* under * (\"known\") held until 2026-05-31",
                "today is 2026-06-01",
                "renew it with a later day, or remove it",
            ],
        ),
        ("alpha = ".into(), &["policy.toml:1: "]),
        ("alpha = 0.1\nalpha = 0.1".into(), &["policy.toml:2: ", "duplicate key"]),
    ] {
        let said = refused(&text);
        for want in wants {
            assert!(said.contains(want), "`{want}` is not in `{said}` for\n{text}");
        }
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn rules_that_never_meet_may_differ() {
    let noisy = "[[rule]]\nmap = \"a\"\nmetric = \"p99\"\ndelta = 0.3\ntolerance = 0.2\n";
    let calm = "[[rule]]\nmap = \"b*\"\nmetric = \"p99\"\ndelta = 0.1\n";
    let policy = parse(&format!("{noisy}{calm}")).unwrap();
    let rules = ["a", "bb"].map(|map| policy.time("w", map, TimeMetric::P99, 1));
    assert_eq!(rules.map(|rule| (rule.delta, rule.tolerance)), [(0.3, 0.2), (0.1, 0.005)]);
}

#[test]
fn a_missing_policy_is_named() {
    let fault = Policy::read(Path::new("nowhere/policy.toml"), TODAY).unwrap_err();
    assert!(fault.to_string().starts_with("nowhere/policy.toml: cannot be read: "), "{fault}");
}

/// The policy as a person would write it.
fn written(policy: &Policy) -> String {
    let mut text = format!(
        "workloads = {:?}\nmaps = {:?}\nexact_scale = {:?}\nseeds = {:?}\nalpha = {:?}\ndelta = {:?}\n\
         tolerance = {:?}\nthreads_delta = {:?}\nmax_pairs = {}\nseconds = {:?}\nslices = {}\ndiscarded = {}\n\
         on_inconclusive = {:?}\non_improvement = {:?}\n",
        policy.workloads,
        policy.maps,
        policy.exact_scale,
        policy.seeds,
        policy.alpha,
        policy.delta,
        policy.tolerance,
        policy.threads_delta,
        policy.max_pairs,
        policy.seconds,
        policy.slices,
        policy.discarded,
        if policy.inconclusive_fails { "fail" } else { "pass" },
        if policy.improved_fails { "fail" } else { "pass" },
    );
    let scope = |text: &mut String, scope: &formats::policy::Scope| {
        let [workload, map, metric] = [&scope.workload, &scope.map, &scope.metric].map(glob::Pattern::as_str);
        writeln!(text, "workload = {workload:?}\nmap = {map:?}\nmetric = {metric:?}").unwrap();
    };
    for rule in &policy.rules {
        text += "[[rule]]\n";
        scope(&mut text, &rule.scope);
        for (name, value) in [("delta", rule.delta), ("tolerance", rule.tolerance)] {
            if let Some(value) = value {
                writeln!(text, "{name} = {value:?}").unwrap();
            }
        }
        if let Some(class) = rule.class {
            writeln!(text, "class = {:?}", format!("{class:?}").to_lowercase()).unwrap();
        }
    }
    for waiver in &policy.waivers {
        text += "[[waiver]]\n";
        scope(&mut text, &waiver.scope);
        writeln!(text, "reason = {:?}\nuntil = {:?}", waiver.waiver.reason, waiver.waiver.until).unwrap();
    }
    text
}

fn scopes() -> impl Strategy<Value = (String, String, String)> {
    let metrics: Vec<String> =
        Metric::all().map(Metric::name).chain(["*".into(), "event.*".into()]).collect();
    ("[a-z*]{1,6}", "[a-z?]{1,6}", proptest::sample::select(metrics))
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        alpha in 0.0001..0.2,
        tolerance in 0.0..0.1,
        delta in 0.11..1.0,
        slices in 2_u32..1000,
        seeds in proptest::collection::btree_set(0..u64::MAX / 2, 1..5),
        fails in any::<(bool, bool)>(),
        rules in proptest::collection::vec((scopes(), 0.0..0.1), 0..4),
        waivers in proptest::collection::vec((scopes(), "[a-z][a-z ]{0,20}[a-z]", 0..20_000), 0..4),
    ) {
        // Text for the rules and waivers, a value for the rest: the first reading makes the one, the second
        // reads what the first one means.
        let mut text = String::new();
        for ((workload, map, metric), tolerance) in &rules {
            writeln!(text, "[[rule]]\nworkload = {workload:?}\nmap = {map:?}\nmetric = {metric:?}").unwrap();
            writeln!(text, "class = \"advisory\"\ntolerance = {tolerance:?}").unwrap();
        }
        for ((workload, map, metric), reason, days) in &waivers {
            let until = TODAY.checked_add(jiff::Span::new().days(*days)).unwrap();
            writeln!(text, "[[waiver]]\nworkload = {workload:?}\nmap = {map:?}\nmetric = {metric:?}").unwrap();
            writeln!(text, "reason = {reason:?}\nuntil = \"{until}\"").unwrap();
        }
        // Patterns such as `***` are none.
        let globs = rules.iter().map(|(scope, _)| scope).chain(waivers.iter().map(|(scope, ..)| scope));
        prop_assume!(globs.flat_map(|(workload, map, _)| [workload, map]).all(|text| glob::Pattern::new(text).is_ok()));
        let policy = Policy {
            alpha,
            tolerance,
            delta,
            threads_delta: delta * 2.0,
            slices,
            discarded: slices / 3,
            seeds: seeds.into_iter().collect(),
            inconclusive_fails: fails.0,
            improved_fails: fails.1,
            ..parse(&format!("delta = 0.2\n{text}")).unwrap()
        };
        prop_assert_eq!(parse(&written(&policy)), Ok(policy));
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_value_makes_it_panic(
        lines in proptest::collection::vec((
            proptest::sample::select(&[
                "workloads", "maps", "exact_scale", "seeds", "alpha", "delta", "tolerance", "threads_delta", "max_pairs",
                "seconds", "slices", "discarded", "on_inconclusive", "[[rule]]\nmetric", "[[rule]]\ntolerance",
                "[[rule]]\ndelta", "[[waiver]]\nreason", "until", "class", "map",
            ]),
            proptest::sample::select(&[
                "0", "-1", "1", "1e308", "-0.0", "nan", "inf", "9223372036854775807", "4294967296", "\"\"", "\"*\"",
                "\"[\"", "\"\u{0416}*\"", "\"gated\"", "\"pass\"", "[]", "[1]", "[\"*\"]", "{}", "2026-12-31", "07:32:00",
                "\"2026-12-31\"", "\"-9999-01-01\"", "true",
            ]),
        ), 0..6)
    ) {
        let lines: Vec<String> = lines.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        let text = lines.join("\n");
        if let Ok(policy) = parse(&text) {
            prop_assert!(policy.alpha > 0.0 && policy.alpha < 0.5 && policy.discarded < policy.slices);
            for metric in TimeMetric::ALL {
                let rule = policy.time("w", "m", metric, 1);
                prop_assert!(rule.delta > rule.tolerance);
            }
        }
    }
}
