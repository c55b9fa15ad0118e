//! What a workload expects of maps, as written, and what is said of a mistake in it.

use std::path::Path;

use formats::expectation::{Bound, Expectation};
use formats::fault::Fault;
use formats::figure::Figure;
use formats::workload::Workload;

const GOOD: &str = "\
name = \"test\"
why = \"A test.\"
live = 1000
ops = 5000
mix = { insert = 50, remove = 50 }

[[expect]]
figure = \"bytes_per_entry\"
maps = [\"hashbrown\", \"go-*\"]
at_most = 40
reason = \"A promise.\"
";

fn parse(text: &str) -> Result<Vec<Expectation>, Fault> {
    Ok(Workload::parse(text, Path::new("test.toml"))?.expectations)
}

#[test]
fn bounds_are_numbers_or_amounts_or_factors() {
    let one = &parse(GOOD).unwrap()[0];
    assert_eq!((one.figure, one.bound), (Figure::BytesPerEntry, Bound::AtMost(40.0)));
    assert_eq!(one.written_maps().collect::<Vec<_>>(), ["hashbrown", "go-*"]);
    let bound = |figure: &str, line: &str| {
        let text = GOOD.replace("bytes_per_entry", figure).replace("at_most = 40", line);
        parse(&text).unwrap()[0].bound
    };
    assert_eq!(bound("p99.9", "at_most = \"50us\""), Bound::AtMost(50_000.0));
    assert_eq!(bound("reused", "at_least = \"99 %\""), Bound::AtLeast(0.99));
    assert_eq!(bound("peak / fresh", "at_least = 1.9"), Bound::AtLeast(1.9));
    assert_eq!(bound("p99.9", "at_most = 2\nof = \"std\""), Bound::AtMost(2.0));
    let twice =
        format!("{GOOD}\n[[expect]]\nfigure = \"dead\"\nmaps = [\"*\"]\nat_most = 0\nreason = \"None.\"\n");
    assert_eq!(parse(&twice).unwrap().len(), 2);
    let none: String = GOOD.split("\n[[expect]]").take(1).collect();
    assert_eq!(parse(&none).unwrap(), []);
}

#[test]
fn a_mistake_is_told_with_its_line_and_what_is_allowed() {
    for (from, to, said) in [
        (
            "\"bytes_per_entry\"",
            "\"bytes\"",
            "test.toml:8: figure: there is no figure `bytes`; there are throughput",
        ),
        (
            "at_most = 40",
            "at_most = \"40us\"",
            "test.toml:10: at_most: `40us` is no bound for bytes/entry; allowed",
        ),
        ("at_most = 40", "at_most = -1", "test.toml:10: at_most: `-1` is no bound for bytes/entry"),
        ("at_most = 40", "at_most = true", "test.toml:10: at_most: "),
        ("at_most = 40\n", "", "test.toml:7: expect: has no bound: give it `at_most` or `at_least`"),
        (
            "at_most = 40",
            "at_most = 1\nat_least = 1",
            "test.toml:11: at_least: and `at_most` exclude each other",
        ),
        (
            "at_most = 40",
            "at_most = \"2\"\nof = \"std\"",
            "test.toml:10: at_most: `2`: with `of` a bound is a factor",
        ),
        ("[\"hashbrown\", \"go-*\"]", "[]", "test.toml:9: maps: is empty; name at least one"),
        ("\"go-*\"", "\"go-[\"", "test.toml:9: maps: `go-[` is no name and no glob"),
        ("\"A promise.\"", "\" \"", "test.toml:11: reason: is empty; say in one sentence why it must hold"),
        ("reason = \"A promise.\"\n", "", "reason: is missing"),
        ("reason", "raison", "unknown field `raison`"),
    ] {
        let text = GOOD.replace(from, to);
        assert_ne!(text, GOOD, "{from}");
        let fault = parse(&text).unwrap_err().to_string();
        assert!(fault.contains(said), "{to}: {fault}");
    }
}
