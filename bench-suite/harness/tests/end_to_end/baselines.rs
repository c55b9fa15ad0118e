//! The committed exact figures and the policy: made, shown, renewed, and refused when they cannot be used.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use formats::baseline::Baseline;
use formats::gate::Metric;
use formats::observation::SCHEMA;

use crate::sandbox::{CHURN, OWNED, Sandbox, subject};

const POLICY: &str = r#"
workloads = ["churn", "owned"]
maps = ["std", "slab"]
exact_scale = 1
seeds = [1, 2]
"#;

/// Compares the programs built with the command with the baseline.
const CHECK: &str = "gate --layer exact";
const UPDATE: &str = "baseline update --reason first";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with(&[CHURN, OWNED]);
    fs::create_dir_all(sandbox.path("reports/baseline")).unwrap();
    fs::write(sandbox.path("reports/baseline/policy.toml"), POLICY).unwrap();
    sandbox
}

fn file(sandbox: &Sandbox) -> PathBuf {
    sandbox.path("reports/baseline/exact.json")
}

#[test]
fn a_baseline_is_made_shown_and_renewed() {
    let sandbox = sandbox();
    let said = sandbox.run(UPDATE, 0);
    assert!(
        said.stderr.contains("left out: owned@1: exact figures are those of one thread, the workload has 2")
    );
    let first = Baseline::read(&file(&sandbox)).unwrap();
    assert_eq!((first.seeds.as_slice(), first.updates.len()), ([1, 2].as_slice(), 1));
    assert_eq!(first.fingerprint.tapes["churn@1"].len(), 2);
    let maps = &first.figures["churn@1"];
    assert_eq!(maps.keys().collect::<Vec<_>>(), ["slab", "std"]);
    // 2400 inserts at most land in slots; nothing of a dropped map is left.
    let std = &maps["std"];
    assert_eq!(std[&Metric::DroppedBytes], [0, 0]);
    assert!(std[&Metric::ReusedSlots].iter().all(|reused| (1..=3000).contains(reused)), "{std:?}");
    assert!(std[&Metric::RehashedEntries].iter().all(|entries| *entries > 0), "{std:?}");
    assert!(!std.contains_key(&Metric::Instructions));

    let shown = sandbox.run("baseline show", 0).stdout;
    for part in ["jemalloc", "rustc 1.", "churn@1", "peak_bytes", "first"] {
        assert!(shown.contains(part), "{shown}");
    }
    assert_eq!(
        sandbox.run("baseline show --format json", 0).stdout,
        fs::read_to_string(file(&sandbox)).unwrap()
    );

    let said = sandbox.run("baseline update --reason again", 0);
    assert!(said.stderr.contains("nothing moved; reports/baseline/exact.json stays"), "{}", said.stderr);
    assert_eq!(Baseline::read(&file(&sandbox)).unwrap(), first);

    // A program is given as to the gate: the one that counts comes along.
    let said = sandbox.run(&format!("baseline update --reason own --subject {}", subject("").display()), 0);
    assert!(said.stderr.contains("nothing moved"), "{}", said.stderr);

    fs::write(sandbox.path("workloads/churn.toml"), CHURN.replace("live = 600", "live = 900")).unwrap();
    let said = sandbox.run("baseline update --reason larger", 0).stdout;
    let peak = |baseline: &Baseline| baseline.figures["churn@1"]["std"][&Metric::PeakBytes].clone();
    let second = Baseline::read(&file(&sandbox)).unwrap();
    let reasons: Vec<&str> = second.updates.iter().map(|update| update.reason.as_str()).collect();
    assert_eq!(reasons, ["first", "larger"]);
    let [old, new] = [&first, &second].map(|baseline| peak(baseline)[0].to_string());
    let moved = |line: &str| line.contains("peak_bytes") && line.contains(&old) && line.contains(&new);
    assert!(said.lines().any(moved), "{old} {new}\n{said}");
}

#[test]
fn a_pass_that_fails_leaves_the_baseline_alone() {
    let sandbox = sandbox();
    sandbox.run(UPDATE, 0);
    let before = fs::read(file(&sandbox)).unwrap();
    fs::write(sandbox.path("wrong.toml"), POLICY.replace("\"slab\"", "\"canary-wrong\"")).unwrap();
    let said = sandbox.run("baseline update --reason worse --policy wrong.toml", 1);
    assert!(said.stderr.contains("passes failed; the baseline stays as it was"), "{}", said.stderr);
    assert_eq!(fs::read(file(&sandbox)).unwrap(), before);
}

#[test]
fn an_update_needs_a_reason_and_something_to_measure() {
    let sandbox = sandbox();
    assert!(sandbox.run("baseline update", 2).stderr.contains("--reason"));
    let mut blank = sandbox.churnmark("baseline update --reason");
    let said = crate::sandbox::Said::of(blank.arg(" ").output().unwrap(), 2);
    said.complains(&["--reason is empty; say in a sentence why the figures may move"]);
    fs::write(sandbox.path("p.toml"), POLICY.replace("slab", "slabb")).unwrap();
    let said = sandbox.run("baseline update --reason r --policy p.toml", 2);
    assert!(said.stderr.contains("the policy names maps that no program holds: slabb"), "{}", said.stderr);
    fs::write(sandbox.path("p.toml"), POLICY.replace("\"churn\", ", "")).unwrap();
    let said = sandbox.run("baseline update --reason r --policy p.toml", 2);
    assert!(said.stderr.contains("there is no figure to keep"), "{}", said.stderr);
    assert!(!file(&sandbox).exists());
}

#[test]
fn a_baseline_that_cannot_be_used_has_its_own_code() {
    let sandbox = sandbox();
    let refused = |parts: &[&str]| {
        sandbox.run(CHECK, 5).complains(parts);
        sandbox.run("baseline show", 5).complains(parts);
    };
    refused(&[
        "reports/baseline/exact.json: there is no baseline; make one: churnmark baseline update --reason",
    ]);
    sandbox.run(UPDATE, 0);
    let text = fs::read_to_string(file(&sandbox)).unwrap();
    let put = |text: &str| fs::write(file(&sandbox), text).unwrap();
    let restore = "restore it (git checkout)";
    put("");
    refused(&["exact.json: is empty", restore]);
    put(&text[..text.len() - 40]);
    refused(&["exact.json:", ": is cut off", restore]);
    put(&text.replace("\"seeds\": [1, 2]", "\"seeds\": [1, two]"));
    refused(&["exact.json:", "expected", restore]);
    put(&text.replace("\"seeds\": [1, 2]", "\"seeds\": [1, 3]"));
    refused(&["exact.json: was edited by hand or merged", restore]);
    put(&text.replace(&format!("\"schema\": {SCHEMA}"), "\"schema\": 9"));
    let newer = format!("exact.json: has schema 9; this program reads up to {SCHEMA}: use a newer churnmark");
    refused(&[&newer]);
    // Its reasons would be lost.
    sandbox.run(UPDATE, 5).complains(&["has schema 9"]);
    sandbox.run("baseline show --baseline other.json", 5).complains(&["other.json: there is no baseline"]);
    let folders = fs::read_dir(sandbox.path("reports")).unwrap().count();
    assert_eq!(folders, 1, "that of the baseline: nothing was measured");
}

/// The baseline with something else in it, sealed anew.
fn forged(sandbox: &Sandbox, forge: impl FnOnce(&mut Baseline)) {
    let mut baseline = Baseline::read(&file(sandbox)).unwrap();
    forge(&mut baseline);
    baseline.write(&file(sandbox)).unwrap();
}

#[test]
fn a_baseline_made_under_other_conditions_says_which() {
    let sandbox = sandbox();
    sandbox.run(UPDATE, 0);
    forged(&sandbox, |baseline| {
        baseline.fingerprint.compiler = "rustc 1.0.0".into();
        baseline.fingerprint.maps.insert("slab".into(), "0.0.1".into());
    });
    sandbox.run(CHECK, 5).complains(&[
        "exact.json: cannot be compared with: compiler `rustc 1.0.0` there, `rustc 1.",
        "version of slab `0.0.1` there",
        "churnmark baseline update --reason",
    ]);
}

#[test]
fn a_figure_that_moves_is_told_from_one_that_does_not() {
    let sandbox = sandbox();
    sandbox.run(UPDATE, 0);
    let said = sandbox.run(CHECK, 0);
    assert!(said.stdout.contains("PASSED"), "{}", said.stdout);
    let frees = |baseline: &mut Baseline, by: i64| {
        let frees = baseline.figures.get_mut("churn@1").unwrap().get_mut("std").unwrap();
        for one in frees.get_mut(&Metric::Frees).unwrap() {
            *one = one.checked_add_signed(by).unwrap();
        }
    };
    forged(&sandbox, |baseline| frees(baseline, 1));
    let said = sandbox.run(CHECK, 0);
    assert!(said.stdout.contains("improved"), "{}", said.stdout);
    forged(&sandbox, |baseline| frees(baseline, -2));
    let said = sandbox.run(CHECK, 3);
    assert!(said.stdout.contains("REGRESSED") && said.stdout.contains("frees"), "{}", said.stdout);
    // A map that the baseline has must still play.
    fs::write(sandbox.path("only-slab.toml"), POLICY.replace("\"std\", ", "")).unwrap();
    let said = sandbox.run(&format!("{CHECK} --policy only-slab.toml"), 5);
    assert!(said.stdout.contains("the base has it, the head does not"), "{}", said.stdout);
    // Two threads have no exact figures, so that nothing is compared.
    fs::write(sandbox.path("threads.toml"), POLICY.replace("\"churn\", ", "")).unwrap();
    forged(&sandbox, |baseline| baseline.figures.clear());
    let said = sandbox.run(&format!("{CHECK} --policy threads.toml"), 5);
    assert!(said.stdout.contains("NOTHING COMPARED"), "{}", said.stdout);
}

#[test]
fn a_policy_that_makes_no_sense_is_refused_with_its_line() {
    let sandbox = sandbox();
    for (more, parts) in [
        (
            "[[rule]]\nmetric = \"alocations\"\nclass = \"off\"",
            ["policy.toml:7: metric: ", "there is no metric `alocations`; there is allocations"],
        ),
        (
            "[[waiver]]\nmap = \"std\"\nreason = \"known since spring\"\nuntil = \"2020-01-31\"",
            [
                "policy.toml:9: until: the waiver for * of std under * (\"known since spring\") held until 2020-01-31",
                "renew it",
            ],
        ),
        ("speed = 1", ["policy.toml:6: speed: ", "unknown field `speed`"]),
    ] {
        fs::write(sandbox.path("reports/baseline/policy.toml"), format!("{POLICY}{more}\n")).unwrap();
        sandbox.run(UPDATE, 2).complains(&parts);
        sandbox.run(CHECK, 2).complains(&parts);
    }
    sandbox
        .run("baseline update --reason r --policy nowhere.toml", 2)
        .complains(&["nowhere.toml: cannot be read"]);
}

#[test]
fn what_is_built_here_agrees_with_what_is_committed() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let sandbox = Sandbox::with(&[]);
    fs::create_dir(sandbox.path("reports")).unwrap();
    symlink(repository.join("reports/baseline"), sandbox.path("reports/baseline")).unwrap();
    let said = sandbox.run(&format!("{CHECK} --workloads-in {}", repository.join("workloads").display()), 0);
    assert!(said.stdout.contains("GATE: PASSED"), "{}", said.stdout);
}
