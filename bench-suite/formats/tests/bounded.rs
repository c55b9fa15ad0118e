//! Workloads whose entries are bounded: what they can ask for, and what contradicts a bound.

use std::path::Path;

use formats::fault::Fault;
use formats::subject::Demand;
use formats::workload::{Act, Source, Workload};

fn parse(rest: &str) -> Result<Workload, Fault> {
    Workload::parse(&format!("name = \"test\"\nwhy = \"A test.\"\n{rest}"), Path::new("test.toml"))
}

const CACHE: &str = "bound = 100\nkeyspace = 1000\n";

#[test]
fn a_bound_is_read_and_asked_of_a_map() {
    let workload = parse(&format!("{CACHE}ops = 50\nmix = {{ fetch = 80, insert = 20 }}")).unwrap();
    assert_eq!((workload.bound, Demand::from(&workload).is_bounded), (Some(100), true));
    let Source::Recipe(recipe) = workload.source else { panic!("a recipe") };
    let acts: Vec<Act> = recipe.phases.iter().map(|phase| phase.act).collect();
    assert_eq!((acts, recipe.keyspace), (vec![Act::Fill(100), Act::Churn(50)], Some(1000)));
    let plain = parse("live = 9\nops = 9\nmix = { get = 100 }").unwrap();
    assert_eq!((plain.bound, Demand::from(&plain).is_bounded), (None, false));
}

#[test]
fn what_a_bounded_cache_cannot_be_asked_is_refused() {
    let fetch = "ops = 9\nmix = { fetch = 100 }\n";
    let with = |more: &str| format!("{CACHE}{fetch}{more}");
    let mixed = |mix: &str| format!("{CACHE}ops = 9\nmix = {{ {mix} }}\n");
    for (rest, want) in [
        ("bound = 0\nkeyspace = 9\n", "test.toml:3: bound: 0 is out of range; allowed are 1 to"),
        (
            "bound = 9\nthreads = 20\nkeyspace = 99\n",
            "test.toml:3: bound: 9 is out of range; allowed are 20 to",
        ),
        ("bound = 9\nops = 9\nmix = { fetch = 100 }\n", "keyspace"),
        (&with("live = 5"), "test.toml:7: live: and `bound` exclude each other"),
        (&with("remove = \"oldest\""), "test.toml:7: remove: and `bound` exclude each other"),
        (&with("capacity = 5"), "test.toml:7: capacity: and `bound` exclude each other"),
        (&with("get = \"latest\""), "test.toml:6: mix: get: with `bound` keys are of `keyspace`"),
        (
            &mixed("fetch = 99, iterate = 1"),
            "test.toml:6: mix: iterate: with `bound` its answer could not be checked",
        ),
        (
            &mixed("fetch = 99, clear = 1"),
            "allowed are `fetch`, `get`, `get_absent`, `insert`, `remove`, `update`",
        ),
        (&mixed("fetch = 99, len = 1"), "mix: len: "),
        (
            &format!("{CACHE}phases = [{{ fill = 9 }}, {{ drain = 1 }}]"),
            "test.toml:5: phases: drain: a bounded cache plays phases of `fill` and `churn`",
        ),
        (
            &format!(
                "{CACHE}phases = [{{ fill = 9 }}, {{ churn = 9, mix = {{ fetch = 100 }}, remove = \"newest\" }}]"
            ),
            "test.toml:5: phases: remove: a bounded cache decides which entries live",
        ),
        (
            &format!("{CACHE}phases = [{{ fill = 9 }}, {{ churn = 9, mix = {{ get = 99, len = 1 }} }}]"),
            "test.toml:5: phases: len: with `bound`",
        ),
        ("bound = 9\nscript = \"put 1\"\n", "test.toml:4: script: and `bound` exclude each other"),
        (
            "live = 9\nops = 9\nmix = { fetch = 100 }\n",
            "test.toml:5: mix: fetch: is asked of bounded caches; say with `bound` how many entries they hold",
        ),
    ] {
        let said = parse(rest).unwrap_err().to_string();
        assert!(said.contains(want) && said.lines().count() == 1, "`{want}` is not said of\n{rest}\n{said}");
    }
}

#[test]
fn a_recording_has_a_bound_or_a_cache_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.toml");
    std::fs::write(folder.path().join("t.csv"), "1\n2\n").unwrap();
    let read = |bound: &str, capacity: &str| {
        let text = format!(
            "name = \"t\"\nwhy = \"A test.\"\n{bound}[trace]\nfile = \"t.csv\"\nformat = \"keys\"\n{capacity}"
        );
        std::fs::write(&file, text).unwrap();
        Workload::read(&file).map_err(|fault| fault.to_string())
    };
    assert_eq!(read("bound = 5\n", "").unwrap()[0].bound, Some(5));
    assert_eq!(read("", "capacity = 5\n").unwrap()[0].bound, None);
    assert!(
        read("bound = 5\n", "capacity = 5\n")
            .unwrap_err()
            .contains("t.toml:7: capacity: and `bound` exclude")
    );
    let neither = read("", "").unwrap_err();
    assert!(neither.contains("or with `bound` how many a bounded cache does"), "{neither}");
}
