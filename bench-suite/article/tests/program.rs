//! The program from outside: what it lists it can do, and what it cannot do it says.

use std::process::{Command, Output};

use formats::evidence::Evidence;

fn article(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_churnmark-article")).args(arguments).output().unwrap()
}

#[test]
fn a_listed_experiment_gives_evidence() {
    let list = String::from_utf8(article(&["experiment", "list"]).stdout).unwrap();
    assert!(list.lines().any(|name| name == "bucket"), "{list}");
    let output = article(&["experiment", "bucket"]);
    assert!(output.status.success());
    let evidence = String::from_utf8(output.stdout).unwrap();
    assert!(!evidence.is_empty());
    for line in evidence.lines() {
        let one = Evidence::parse(line).unwrap();
        assert!(one.experiment == "bucket" && !one.figures.is_empty(), "{line}");
    }
}

#[test]
fn what_it_cannot_do_it_says_in_one_line() {
    let refused = |arguments: &[&str], why: &str| {
        let output = article(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.lines().count() == 1 && error.contains(why), "{arguments:?}: {error}");
    };
    refused(&["experiment", "buckets"], "there is no experiment `buckets`");
    refused(&["inspect", "--map", "go-classic", "put 0..x"], "`x` is no key");
}
