//! The commit that made a map slower, found in a repository whose commits differ in known work alone.

use std::fs;

use crate::sandbox::{CHURN, Said, Sandbox, subject};

/// Builds a commit: the real program, with the work of that commit added.
const BUILD: &str =
    "#!/bin/sh\ntest ! -e broken && mkdir -p $CARGO_TARGET_DIR && cp program $CARGO_TARGET_DIR/mine\n";

/// Work in which the operations of a map are lost.
const MUCH: &str = "--inject-work 40000";

/// A sandbox that is a repository with a commit, tagged with its title, for each of these: the work that its
/// program adds, or nothing where it does not build.
fn repository(commits: &[(&str, Option<&str>)]) -> Sandbox {
    let sandbox = Sandbox::with(&[CHURN]);
    fs::create_dir(sandbox.path("target")).unwrap();
    fs::write(sandbox.path("target/CACHEDIR.TAG"), "").unwrap();
    fs::write(sandbox.path("target/mine"), "").unwrap();
    sandbox.git("init --quiet");
    sandbox.executable("build", BUILD);
    for (title, work) in commits {
        let adding =
            work.map_or_else(String::new, |work| format!("[ \"$1\" = list ] || set -- \"$@\" {work}\n"));
        sandbox.executable("program", &format!("#!/bin/sh\n{adding}exec {} \"$@\"\n", subject("").display()));
        sandbox.git("add --all build program workloads");
        if adding.is_empty() {
            fs::write(sandbox.path("broken"), "").unwrap();
            sandbox.git("add broken");
        }
        sandbox.git(&format!("commit --quiet --allow-empty --message {title}"));
        sandbox.git(&format!("tag {title}"));
        if adding.is_empty() {
            sandbox.git("rm --quiet broken");
        }
    }
    sandbox
}

fn arguments(map: &str, range: &str) -> String {
    format!("bisect {range} -w churn -m {map} --subject target/mine --base-build ./build")
}

#[test]
fn the_first_slower_commit_is_found_beside_one_that_does_not_build() {
    let sandbox = repository(&[
        ("good", Some("--inject-work 0")),
        ("same", Some("--inject-work 1")),
        ("broken", None),
        ("still", Some("--inject-work 0")),
        ("culprit", Some(MUCH)),
        ("later", Some(MUCH)),
    ]);
    let said = sandbox.run(&arguments("std", "good..later"), 0);
    let (first, rest) = said.stdout.split_once('\n').unwrap();
    assert!(first.ends_with(" culprit"), "{}{}", said.stdout, said.stderr);
    assert!(rest.starts_with("  is the first that is ") && rest.ends_with(" % slower\n"), "{rest}");
    let skipped: Vec<&str> = said.stderr.lines().filter(|line| line.contains("skipped: ")).collect();
    assert!(skipped.len() == 1 && skipped[0].contains("has no programs"), "{}", said.stderr);
}

#[test]
fn a_range_without_a_slower_end_says_so() {
    let sandbox = repository(&[("slow", Some(MUCH)), ("quick", Some("--inject-work 0"))]);
    let said = sandbox.run(&arguments("std", "slow..quick"), 1);
    assert!(said.stdout.starts_with("quick is not slower than slow: improved, 0."), "{}", said.stdout);
}

#[test]
fn what_is_no_range_is_refused() {
    let sandbox = repository(&[("one", Some("--inject-work 0")), ("two", Some("--inject-work 1"))]);
    sandbox.run(&arguments("std", "two..one"), 2).complains(&["there is no commit in two..one"]);
    sandbox.run(&arguments("std", "one..three"), 2).complains(&["there is no commit `three` here"]);
    for wrong in ["one", "one..", "..two", "one...two"] {
        let said = sandbox.run(&arguments("std", wrong), 2);
        assert!(said.stderr.contains("a range of commits is written GOOD..BAD"), "{}", said.stderr);
    }
}

#[test]
fn ctrl_c_ends_every_child() {
    let sandbox = repository(&[("good", Some("--inject-work 0")), ("later", Some("--inject-work 1"))]);
    let mut bisecting =
        sandbox.start(&format!("{} --timeout 3600", arguments("canary-hanging", "good..later")));
    let tapes = sandbox.path("tapes");
    let children = || {
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let line = |process: fs::DirEntry| fs::read(process.path().join("cmdline")).unwrap_or_default();
        let plays = |line: &Vec<u8>| String::from_utf8_lossy(line).contains(tapes.to_str().unwrap());
        processes.map(line).filter(plays).count()
    };
    bisecting.wait_until(|| (children() >= 2).then_some(()));
    bisecting.signal(rustix::process::Signal::INT);
    Said::of(bisecting.wait(), 130);
    assert_eq!(children(), 0);
}
