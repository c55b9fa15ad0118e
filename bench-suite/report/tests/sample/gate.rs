//! A made-up gate: one figure of every status. No figure was measured.

use formats::gate::{
    Build, Conclusion, Control, ControlKind, Design, ExactFinding, Gate, Metric, NotCompared, Rule,
    TimeMetric, TimingFinding, Verdict, Waiver,
};
use formats::observation::{EventKind, SCHEMA};

/// A gate that found regressions, and one of everything else.
pub fn gate() -> Gate {
    Gate {
        schema: SCHEMA,
        started: "2026-01-02T03:04:05Z".into(),
        seconds: 74.2,
        head: side("HEAD", "89abcdef+", "ffeeddccbbaa99887766554433221100"),
        base: side("origin/main", "0123abcd", "00112233445566778899aabbccddeeff"),
        rule: Rule {
            alpha: 0.01,
            delta: 0.03,
            tolerance: 0.005,
            comparisons: 6,
            looks: vec![12, 14, 17, 21, 26, 32],
            slices: 256,
            discarded: 32,
            seeds: vec![1, 2, 3],
        },
        controls: controls(),
        exact: exact(),
        timing: timing(),
        not_compared: vec![
            NotCompared {
                workload: "sawtooth".into(),
                map: "my-map".into(),
                why: "the base does not have this map".into(),
                fails: false,
            },
            NotCompared {
                workload: String::new(),
                map: String::new(),
                why: "instructions were not counted: valgrind is not installed".into(),
                fails: false,
            },
        ],
        expectations: Vec::new(),
        conclusion: Conclusion::Regressed,
    }
}

/// A gate that says nothing but that all is well.
pub fn passed() -> Gate {
    let mut gate = gate();
    gate.exact.retain(|one| one.verdict == Some(Verdict::Unchanged));
    gate.timing.retain(|one| one.verdict == Verdict::Unchanged);
    gate.not_compared.clear();
    gate.conclusion = Conclusion::Passed;
    gate
}

/// Puts one name in the place of every name.
pub fn rename(gate: &mut Gate, name: &str) {
    for one in &mut gate.exact {
        (one.workload, one.map) = (name.into(), name.into());
        one.demoted = one.demoted.as_ref().map(|_| name.into());
    }
    for one in &mut gate.timing {
        (one.workload, one.map) = (name.into(), name.into());
    }
    for one in &mut gate.not_compared {
        (one.workload, one.map, one.why) = (name.into(), name.into(), name.into());
    }
    for one in &mut gate.controls {
        one.said = name.into();
    }
    (gate.base.name, gate.head.revision) = (name.into(), name.into());
}

fn side(name: &str, revision: &str, digest: &str) -> Build {
    let programs = vec![("churnmark-maps".into(), digest.into())];
    Build { name: name.into(), revision: revision.into(), programs }
}

fn controls() -> Vec<Control> {
    let passed = |kind, said: &str| Control { kind, passed: true, said: said.into() };
    vec![
        passed(ControlKind::SameWork, "both sides gave the same answers on 3 tapes"),
        passed(
            ControlKind::Negative,
            "the base against a copy of itself: 1.001 (0.994 to 1.007) in 12 pairs",
        ),
        passed(
            ControlKind::Positive,
            "the base with 5.2 % of work added: 1.051 (1.044 to 1.059) in 12 pairs",
        ),
        passed(ControlKind::EnoughPairs, "12 pairs can reject at the level of 6 comparisons"),
    ]
}

fn waiver() -> Waiver {
    Waiver { reason: "bigger groups buy shorter probes, #41".into(), until: "2026-03-31".into() }
}

fn exact() -> Vec<ExactFinding> {
    let figure = |map: &str, metric, base: [u64; 3], head: [u64; 3], change, verdict| ExactFinding {
        workload: "fifo-window".into(),
        map: map.into(),
        metric,
        base: base.into(),
        head: head.into(),
        change,
        luck: None,
        tolerance: metric.tolerance(),
        class: metric.class(),
        verdict: Some(verdict),
        demoted: None,
        waiver: None,
    };
    let same =
        |map, metric, count| figure(map, metric, [count; 3], [count; 3], Some(0.0), Verdict::Unchanged);
    let mut waived = figure(
        "go-classic",
        Metric::AllocatedBytes,
        [4_456_464; 3],
        [4_901_104, 4_901_104, 4_905_200],
        Some(0.1001),
        Verdict::Regressed,
    );
    waived.waiver = Some(waiver());
    let mut demoted = same("hashbrown", Metric::KeyComparisons, 0);
    demoted.verdict = None;
    demoted.base = vec![1_060_587, 1_060_601, 1_060_533];
    demoted.head = vec![1_060_599, 1_060_540, 1_060_571];
    demoted.demoted = Some("the base gave 1,060,587 and then 1,060,612".into());
    demoted.change = Some(-3.5e-6);
    let grow = Metric::Event(EventKind::SameSizeGrow);
    vec![
        same("hashbrown", Metric::Allocations, 17),
        same("hashbrown", Metric::PeakBytes, 1_114_128),
        demoted,
        same("go-swiss", Metric::Allocations, 211),
        figure(
            "go-swiss",
            Metric::PeakBytes,
            [1_240_000, 1_240_000, 1_240_512],
            [1_426_000, 1_426_000, 1_426_077],
            Some(0.1499),
            Verdict::Regressed,
        ),
        figure("go-swiss", grow, [0; 3], [2, 2, 3], None, Verdict::Regressed),
        figure(
            "go-swiss",
            Metric::RehashedEntries,
            [5_000_000; 3],
            [5_000_001; 3],
            Some(2e-7),
            Verdict::Regressed,
        ),
        figure(
            "go-swiss",
            Metric::Instructions,
            [28_596_574; 3],
            [29_791_911; 3],
            Some(0.0418),
            Verdict::Regressed,
        ),
        waived,
        figure("go-classic", Metric::ReusedSlots, [40_000; 3], [44_000; 3], Some(0.1), Verdict::Improved),
    ]
}

fn timing() -> Vec<TimingFinding> {
    let time = |map: &str, metric, ratio: f64, margin: f64, verdict| TimingFinding {
        workload: "fifo-window".into(),
        map: map.into(),
        metric,
        design: Design::Turns,
        pairs: 14,
        ratio,
        interval: Some((ratio - margin, ratio + margin)),
        p_slower: if verdict == Verdict::Regressed { 6.1e-5 } else { 0.41 },
        p_faster: if verdict == Verdict::Improved { 6.1e-5 } else { 0.73 },
        delta: 0.03,
        tolerance: 0.005,
        detectable: Some(margin * 1.4),
        seconds: 3.9,
        class: metric.class(),
        verdict,
        waiver: None,
    };
    let mut threads = time("sharded-hashmap", TimeMetric::Wall, 1.02, 0.14, Verdict::Inconclusive);
    threads.workload = "threads-owned".into();
    threads.design = Design::Abba;
    threads.interval = None;
    threads.delta = 0.1;
    vec![
        time("hashbrown", TimeMetric::MedianSlice, 1.001, 0.006, Verdict::Unchanged),
        time("hashbrown", TimeMetric::TotalCpu, 0.998, 0.008, Verdict::Unchanged),
        time("go-swiss", TimeMetric::MedianSlice, 1.004, 0.007, Verdict::Unchanged),
        time("go-swiss", TimeMetric::TotalCpu, 1.083, 0.021, Verdict::Regressed),
        time("go-swiss", TimeMetric::P99, 1.31, 0.25, Verdict::Regressed),
        time("go-classic", TimeMetric::TotalCpu, 0.94, 0.012, Verdict::Improved),
        threads,
    ]
}
