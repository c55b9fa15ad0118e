//! The commit that made a map slower, found in a repository whose commits differ in known work alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::sandbox::{CHURN, Said, Sandbox, subject};

/// What is built of a commit: the real program, with the work of that commit added.
const BUILD: &str =
    "test ! -e broken && mkdir -p \"$CARGO_TARGET_DIR\" && cp program \"$CARGO_TARGET_DIR/mine\"";

/// Work in which the operations of a map are lost.
const MUCH: &str = "--toil 40000";

/// A sandbox that is a repository with a commit, tagged with its title, for each of these: the work that its
/// program adds, or nothing where it does not build.
fn repository(commits: &[(&str, Option<&str>)]) -> Sandbox {
    let sandbox = Sandbox::with(&[CHURN]);
    fs::create_dir(sandbox.path("target")).unwrap();
    fs::write(sandbox.path("target/CACHEDIR.TAG"), "").unwrap();
    fs::write(sandbox.path("target/mine"), "").unwrap();
    git(&sandbox, "init --quiet");
    for (title, toil) in commits {
        match toil {
            Some(toil) => {
                let more = format!("[ \"$1\" = list ] || set -- \"$@\" {toil}");
                fs::write(sandbox.path("program"), format!("#!/bin/sh\n{more}\nexec \"$REAL\" \"$@\"\n"))
                    .unwrap();
                let executable = Command::new("chmod").arg("+x").arg(sandbox.path("program")).status();
                assert!(executable.unwrap().success());
            }
            None => fs::write(sandbox.path("broken"), "").unwrap(),
        }
        git(&sandbox, "add --all program workloads");
        if toil.is_none() {
            git(&sandbox, "add broken");
            fs::remove_file(sandbox.path("broken")).unwrap();
        }
        git(&sandbox, &format!("commit --quiet --allow-empty --message {title}"));
        git(&sandbox, &format!("tag {title}"));
        if toil.is_none() {
            git(&sandbox, "rm --quiet --cached broken");
        }
    }
    sandbox
}

fn git(sandbox: &Sandbox, arguments: &str) {
    let mut command =
        sandbox.program(Path::new("git"), "-c user.name=nobody -c user.email=nobody@example.org");
    // The same commits on every run: what was built of them stays of use.
    command.env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z").env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z");
    let output = command.args(arguments.split_whitespace()).output().unwrap();
    assert!(output.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

fn bisect(sandbox: &Sandbox, arguments: &str, code: i32) -> Said {
    let mut command = sandbox.churnmark("bisect -w churn -m std --subject target/mine --base-build");
    command.arg(BUILD).args(arguments.split_whitespace()).env("REAL", subject(""));
    Said::of(command.output().unwrap(), code)
}

#[test]
fn the_first_slower_commit_is_found_beside_one_that_does_not_build() {
    let sandbox = repository(&[
        ("good", Some("")),
        ("same", Some("--toil 0")),
        ("broken", None),
        ("still", Some("")),
        ("culprit", Some(MUCH)),
        ("later", Some(MUCH)),
    ]);
    let said = bisect(&sandbox, "good..later --seed 2", 0);
    let (first, rest) = said.stdout.split_once('\n').unwrap();
    assert!(first.ends_with(" culprit"), "{}{}", said.stdout, said.stderr);
    assert!(rest.starts_with("  is the first that is ") && rest.ends_with(" % slower\n"), "{rest}");
    let skipped: Vec<&str> = said.stderr.lines().filter(|line| line.contains("skipped: ")).collect();
    assert!(skipped.len() == 1 && skipped[0].contains("has no programs"), "{}", said.stderr);
}

#[test]
fn a_range_without_a_slower_end_says_so() {
    let sandbox = repository(&[("slow", Some(MUCH)), ("quick", Some(""))]);
    let said = bisect(&sandbox, "slow..quick", 1);
    assert!(said.stdout.starts_with("quick is not slower than slow: improved, 0."), "{}", said.stdout);
}

#[test]
fn what_is_no_range_is_refused() {
    let sandbox = repository(&[("one", Some("")), ("two", Some("--toil 0"))]);
    bisect(&sandbox, "two..one", 2).complains(&["there is no commit in two..one"]);
    bisect(&sandbox, "one..three", 2).complains(&["there is no commit `three` here"]);
    for wrong in ["one", "one..", "..two", "one...two"] {
        let said = bisect(&sandbox, wrong, 2);
        assert!(said.stderr.contains("a range of commits is written GOOD..BAD"), "{}", said.stderr);
    }
}
