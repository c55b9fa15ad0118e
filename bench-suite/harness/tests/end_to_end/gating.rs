//! The gate from outside: planted faults, commits that are built, and everything that a gate leaves behind.

mod another_hash;
mod base;
mod files;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use formats::gate::{Class, Conclusion, ExactFinding, GATE_FILE, Gate, Metric, Verdict};

use crate::sandbox::{CHURN, Said, Sandbox, subject};

/// Seconds of work for exact figures, and times that decide nothing.
const POLICY: &str = r#"
workloads = ["churn"]
maps = ["hashbrown"]
exact_scale = 1
seeds = [1]
slices = 16
max_pairs = 8
alpha = 0.2

[[rule]]
metric = "instructions"
class = "off"

[[rule]]
metric = "median_slice"
class = "advisory"

[[rule]]
metric = "total_cpu"
class = "advisory"
"#;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with(&[CHURN]);
    fs::create_dir_all(sandbox.path("reports/baseline")).unwrap();
    fs::write(sandbox.path("reports/baseline/policy.toml"), POLICY).unwrap();
    programs(&sandbox, "");
    sandbox
}

/// As few pairs of each design as there can be: for what does not look at times.
fn with_few_pairs(sandbox: &Sandbox) {
    let policy = format!("seconds = 0.000001\n{POLICY}");
    fs::write(sandbox.path("reports/baseline/policy.toml"), policy).unwrap();
}

/// Writes programs that start the real ones, which are so large that their digest takes seconds; `before` runs
/// before the real one, `$real`, does.
fn programs(sandbox: &Sandbox, before: &str) {
    for ending in ["", "-counted"] {
        let real = subject(ending);
        let text = format!("#!/bin/sh\nreal={}\n{before}\nexec $real \"$@\"\n", real.display());
        sandbox.executable(&format!("mine{ending}"), &text);
    }
}

/// Writes programs in which `fault` plays under the name of `map`: a head that somebody broke.
fn broken(sandbox: &Sandbox, map: &str, fault: &str) {
    for ending in ["", "-counted"] {
        let real = subject(ending);
        let text = format!(
            "#!/bin/sh\nfor word; do shift; [ \"$word\" = {map} ] && word={fault}; set -- \"$@\" \"$word\"; done\n\
             {} \"$@\" | sed 's/\"map\":\"{fault}\"/\"map\":\"{map}\"/'\n",
            real.display()
        );
        sandbox.executable(&format!("broken{ending}"), &text);
    }
}

/// `gate` with a broken head.
fn of_broken(arguments: &str) -> String {
    let sides = "--subject broken --subject broken-counted --base-program mine --base-program mine-counted";
    format!("gate {sides} {arguments}")
}

/// `gate` with the real programs on both sides.
fn ours(arguments: &str) -> String {
    let sides = "--subject mine --subject mine-counted --base-program mine --base-program mine-counted";
    format!("gate {sides} {arguments}")
}

/// A gate that ends so: what it said, to its last line, and what it kept.
fn gate(sandbox: &Sandbox, arguments: &str, conclusion: Conclusion) -> (Said, Gate) {
    ended(sandbox, sandbox.churnmark(arguments), conclusion)
}

fn ended(sandbox: &Sandbox, mut command: Command, conclusion: Conclusion) -> (Said, Gate) {
    let said = Said::of(command.output().unwrap(), conclusion.code().into());
    let verdict = format!("GATE: {} (exit {}): ", conclusion.word(), conclusion.code());
    assert!(last(&said.stdout).starts_with(&verdict), "{}{}", said.stdout, said.stderr);
    let kept = Gate::read(&newest(sandbox).join(GATE_FILE)).unwrap();
    assert_eq!(kept.conclusion, conclusion);
    (said, kept)
}

fn last(text: &str) -> &str {
    text.lines().next_back().unwrap_or_default()
}

/// The folder of the gate that ended last; none is half done.
fn newest(sandbox: &Sandbox) -> PathBuf {
    assert_eq!(sandbox.sessions("partial"), [] as [PathBuf; 0]);
    let made = |folder: &PathBuf| fs::metadata(folder.join(GATE_FILE)).and_then(|file| file.modified()).ok();
    sandbox.sessions("").into_iter().filter(|folder| made(folder).is_some()).max_by_key(made).unwrap()
}

fn finding(gate: &Gate, metric: Metric) -> &ExactFinding {
    gate.exact.iter().find(|one| one.metric == metric).unwrap_or_else(|| panic!("{metric:?} is not there"))
}

fn all_unchanged(gate: &Gate) -> bool {
    let gated = || gate.exact.iter().filter(|one| one.class == Class::Gated);
    gated().count() > 0 && gated().all(|one| one.verdict == Some(Verdict::Unchanged) && one.base == one.head)
}

#[test]
fn a_table_eight_times_too_large_is_caught_and_its_twin_passes() {
    let sandbox = sandbox();
    broken(&sandbox, "hashbrown", "canary-oversized");
    let (said, found) = gate(&sandbox, &of_broken("--layer exact"), Conclusion::Regressed);
    let verdict = last(&said.stdout);
    assert!(verdict.contains("hashbrown on churn@1: ") && verdict.contains("peak bytes +"), "{verdict}");
    let peak = finding(&found, Metric::PeakBytes);
    assert_eq!(peak.verdict, Some(Verdict::Regressed));
    assert!(peak.head[0] > 3 * peak.base[0], "{peak:?}");
    // A larger table seldom has to be built anew: who looks at the work alone is glad of it.
    let rehashed = finding(&found, Metric::RehashedEntries);
    assert_eq!(rehashed.verdict, Some(Verdict::Improved), "{rehashed:?}");

    let (said, found) = gate(&sandbox, &ours("--layer exact"), Conclusion::Passed);
    assert!(all_unchanged(&found), "{}", said.stdout);
    assert!(finding(&found, Metric::PeakBytes).base == peak.base, "the same base gives the same figures");
}

/// Two teeth after the first: what rebuilds its table does so while it is filled again.
const TEETH: &str = r#"
name = "teeth"
why = "A map that is filled again and again."
live = 7000
phases = [{ fill = 7000 }, { drain = 70 }]
repeat = 3
"#;

#[test]
fn work_in_later_fillings_is_caught() {
    let sandbox = Sandbox::with(&[TEETH]);
    fs::create_dir_all(sandbox.path("reports/baseline")).unwrap();
    let policy = "workloads = [\"teeth\"]\nmaps = [\"hashbrown\"]\nslices = 16\nmax_pairs = 8\nalpha = 0.2\n\
                  [[rule]]\nmetric = \"median_slice\"\nclass = \"off\"\n[[rule]]\nmetric = \"p99*\"\nclass = \"off\"\n";
    fs::write(sandbox.path("reports/baseline/policy.toml"), policy).unwrap();
    programs(&sandbox, "");
    // A sixth more time in all: many times the noise of a ratio. The gate's controls are not asked here.
    let ask = "--layer timing --repeat 1 -m canary-slow-rehash --base-map canary-even-rehash";
    let (said, found) = gate(&sandbox, &ours(ask), Conclusion::Regressed);
    let verdict = last(&said.stdout);
    assert!(verdict.contains("canary-slow-rehash on teeth: total CPU 1."), "{verdict}");
    assert_eq!(found.timing.len(), 1, "{}", said.stdout);
}

#[test]
fn a_leak_is_told_by_what_is_left() {
    let sandbox = sandbox();
    broken(&sandbox, "hashbrown", "canary-leaky");
    let (said, found) = gate(&sandbox, &of_broken("--layer exact"), Conclusion::Regressed);
    for metric in [Metric::DroppedBytes, Metric::DrainedBytes] {
        let left = finding(&found, metric);
        assert_eq!(left.verdict, Some(Verdict::Regressed), "{}", said.stdout);
        assert!(left.head[0] > left.base[0], "{left:?}");
    }
    assert_eq!(finding(&found, Metric::DroppedBytes).base, [0]);
}

#[test]
fn a_map_that_fails_has_no_verdict() {
    let sandbox = sandbox();
    for (map, why) in [("canary-wrong", "wrong answer"), ("canary-crashing", "crashed: ")] {
        for layer in ["exact", "timing"] {
            let ask = ours(&format!("--layer {layer} -m {map} --base-map hashbrown"));
            let (said, found) = gate(&sandbox, &ask, Conclusion::Failed);
            let verdict = last(&said.stdout);
            assert!([map, "head", why].iter().all(|part| verdict.contains(part)), "{layer}: {verdict}");
            assert!(said.stderr.contains(why), "{}", said.stderr);
            assert!(found.exact.is_empty() && found.timing.is_empty(), "{}", said.stdout);
            let rows = found.not_compared.iter().filter(|row| row.map == map && row.fails);
            assert_eq!(rows.count(), 1, "{}", said.stdout);
        }
    }
}

#[test]
fn committed_figures_are_never_compared_with_times() {
    let sandbox = sandbox();
    sandbox
        .run("gate --subject mine", 5)
        .complains(&["there is no baseline; make one: churnmark baseline update --reason"]);
    assert_eq!(sandbox.sessions(""), [sandbox.path("reports/baseline")], "nothing was measured");
    sandbox.run("baseline update --reason first", 0);
    let (said, found) = gate(&sandbox, "gate", Conclusion::Passed);
    assert!(
        said.stdout.contains("times are never compared with stored ones: name a base"),
        "{}",
        said.stdout
    );
    assert!(all_unchanged(&found) && found.timing.is_empty() && found.controls.is_empty());
    assert!(found.base.programs.is_empty() && found.base.name.ends_with("exact.json"));
}

#[test]
fn through_make_the_last_line_still_has_the_code() {
    let sandbox = sandbox();
    broken(&sandbox, "hashbrown", "canary-oversized");
    let ask = of_broken("--layer exact");
    let churnmark = env!("CARGO_BIN_EXE_churnmark");
    fs::write(sandbox.path("Makefile"), format!("gate:\n\t@{churnmark} {ask}\n")).unwrap();
    let mut make = sandbox.program(Path::new("make"), "gate");
    // A make that runs the tests must not speak with this one.
    make.env_remove("MAKEFLAGS").env_remove("MAKELEVEL").env_remove("MFLAGS");
    let said = Said::of(make.output().unwrap(), 2);
    assert!(last(&said.stdout).starts_with("GATE: REGRESSED (exit 3): "), "{}", said.stdout);
}

#[test]
fn a_map_of_ones_own_is_gated_alike() {
    let build = "cargo build --manifest-path bench-suite/own-map/Cargo.toml --target-dir target";
    let churnmark = Path::new(env!("CARGO_BIN_EXE_churnmark"));
    let programs = ["sorted-vec", "sorted-vec-counted"].map(|name| churnmark.with_file_name(name));
    for program in &programs {
        assert!(program.is_file(), "{} is missing: {build}", program.display());
    }
    let sandbox = sandbox();
    let named = |option: &str| programs.clone().map(|path| format!("{option} {}", path.display())).join(" ");
    let ask = format!("gate --layer exact -m sorted-vec {} {}", named("--subject"), named("--base-program"));
    let (said, found) = gate(&sandbox, &ask, Conclusion::Passed);
    assert!(all_unchanged(&found), "{}", said.stdout);
    assert!(finding(&found, Metric::KeyComparisons).base[0] > 0);
    assert_eq!(found.head.programs, found.base.programs);
}

/// Nobody wrote a policy, and one program is named: the one that counts stands beside it, and the folder has no usual
/// workload.
#[test]
fn one_program_and_no_policy_suffice() {
    let sandbox = sandbox();
    fs::remove_file(sandbox.path("reports/baseline/policy.toml")).unwrap();
    let arguments = "gate --subject mine --base-program mine -m hashbrown --layer exact";
    let (said, found) = gate(&sandbox, arguments, Conclusion::Passed);
    assert!(all_unchanged(&found), "{}", said.stdout);
    assert_eq!(finding(&found, Metric::PeakBytes).workload, "churn@0.05");
    let names: Vec<&str> = found.head.programs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["mine", "mine-counted"]);
}
