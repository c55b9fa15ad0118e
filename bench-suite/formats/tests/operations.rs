//! What not every map can be asked for, as a workload says it.

use std::path::Path;

use formats::fault::Fault;
use formats::subject::{Demand, Extra};
use formats::tape::Keep;
use formats::workload::{Act, Recipe, Source, Victim, Workload};

fn parse(rest: &str) -> Result<Workload, Fault> {
    Workload::parse(
        &format!("name = \"test\"\nwhy = \"A test.\"\nlive = 1000\n{rest}"),
        Path::new("test.toml"),
    )
}

fn recipe(rest: &str) -> Recipe {
    match parse(rest).unwrap_or_else(|fault| panic!("{rest}: {fault}")).source {
        Source::Recipe(recipe) => recipe,
        source => panic!("{source:?}"),
    }
}

fn asks(rest: &str) -> Vec<Extra> {
    Demand::from(&parse(rest).unwrap_or_else(|fault| panic!("{rest}: {fault}"))).extras.iter().collect()
}

#[test]
fn each_operation_is_read_and_asked_of_a_map() {
    let swept = recipe("ops = 9\nmix = { insert = 98, retain = 1, len = 1 }\nretain = { younger = 700 }");
    assert_eq!(swept.phases[1].rules.keep, Some(Keep::Younger(700)));
    let phases = "phases = [\"iterate\", \"shrink\", { reserve = 7 }, { retain = 0.25 }, { retain = 0 }, { fill = 1 }, \"copy\", { copy = { reserve = true } }]";
    let acts: Vec<Act> = recipe(phases).phases.iter().map(|phase| phase.act).collect();
    let copies = [false, true].map(|reserve| Act::Copy { reserve });
    let sweeps = [Act::Retain(Keep::Share(250_000)), Act::Retain(Keep::Share(0))];
    assert_eq!(
        acts,
        [
            Act::Iterate,
            Act::Shrink,
            Act::Reserve(7),
            sweeps[0],
            sweeps[1],
            Act::Fill(1),
            copies[0],
            copies[1]
        ]
    );
    let first = recipe("remove = \"first\"\nphases = [{ fill = 9 }, { drain = 0 }]\ncapacity = 4096");
    assert_eq!((first.phases[1].rules.remove, first.capacity), (Victim::First, Some(4096)));
    for (rest, want) in [
        ("ops = 9\nmix = { insert = 50, remove = 50 }", &[] as &[Extra]),
        ("ops = 9\nmix = { insert = 98, retain = 1, len = 1 }\nretain = 0.5", &[Extra::Len, Extra::Retain]),
        ("ops = 9\nmix = { upsert = 99, shrink = 1 }\nkeyspace = 5000", &[Extra::Upsert, Extra::Shrink]),
        ("remove = \"first\"\nphases = [{ fill = 9 }, { drain = 0 }]", &[Extra::RemoveFirst]),
        ("ops = 9\nmix = { get = 98, hold = 1, len = 1 }\nhold = 5", &[Extra::Len, Extra::Hold]),
        ("ops = 9\nmix = { get = 98, hold = 1, insert = 1 }\nhold = 5", &[Extra::Hold, Extra::HoldWriting]),
        ("phases = [{ fill = 9 }, \"copy\"]", &[Extra::Copy]),
        ("phases = [{ fill = 9 }, { copy = { reserve = true } }]", &[Extra::Capacity, Extra::Copy]),
        ("capacity = 9\nphases = [{ fill = 9 }, { reserve = 9 }]", &[Extra::Reserve, Extra::Capacity]),
    ] {
        assert_eq!(asks(rest), want, "{rest}");
    }
}

#[test]
fn what_contradicts_itself_is_refused() {
    let first = |rest: &str| format!("remove = \"first\"\n{rest}");
    for (rest, wants) in [
        (
            "ops = 9\nmix = { insert = 99, retain = 1 }",
            &["test.toml:5: mix: retain: ", "`retain = 0.5`"] as &[&str],
        ),
        ("ops = 9\nmix = { get = 100 }\nretain = 1", &["test.toml:6", "retain = 1; allowed are a share"]),
        ("ops = 9\nmix = { get = 100 }\nretain = { younger = 0 }", &["younger = 0; allowed are 1 to"]),
        ("ops = 9\nmix = { get = 100 }\nretain = \"all\"", &["test.toml:6", "`{ younger = n }`"]),
        ("ops = 9\nmix = { get = 99, hold = 1 }", &["test.toml:5: mix: hold: ", "`hold = 1000`"]),
        ("ops = 9\nmix = { get = 99, hold = 1 }\nhold = 0", &["test.toml:6: hold: 0 is out of range"]),
        ("ops = 9\nmix = { upsert = 100 }", &["test.toml:5: mix: upsert: ", "`keyspace`"]),
        (
            "ops = 9\nmix = { upsert = 100 }\nkeyspace = 5000\nget = \"latest\"",
            &["mix: upsert: ", "none is the latest"],
        ),
        (
            "ops = 9\ncapacity = 0\nmix = { get = 100 }",
            &["test.toml:5: capacity: 0 is out of range; allowed are 1 to"],
        ),
        ("phases = [{ fill = 9 }, { copy = { room = true } }]", &["test.toml:4: phases", "room", "reserve"]),
        ("threads = 2\nphases = [{ fill = 9 }, \"copy\"]", &["phases: copy sees ", "`keys_shared = true`"]),
        ("phases = [{ reserve = 0 }]", &["phases: reserve = 0; allowed are 1 to"]),
        ("phases = [{ fill = 9 }, { retain = 2.5 }]", &["test.toml:4: phases", "retain = 2.5"]),
        ("remove = { ttl = 2000 }\nphases = [{ fill = 9 }, { retain = 0.5 }]", &["remove: ", "one by one"]),
        (
            &first("ops = 9\nmix = { insert = 50, remove = 40, get = 10 }"),
            &["test.toml:4: remove: first: ", "`get`"],
        ),
        (
            &first("ops = 9\nmix = { insert = 50, remove = 50 }\nkeyspace = 9000"),
            &["remove: first: ", "`keyspace`"],
        ),
        (
            &first("phases = [{ fill = 9 }, { same_key = 3 }]"),
            &["remove: first: ", "`same_key`", "`get_absent`"],
        ),
        (&first("phases = [{ fill = 9 }, \"clear\"]"), &["remove: first: ", "`clear`"]),
        ("phases = [{ fill = 9 }, { drain = 0, remove = \"first\" }]", &["phases: remove: ", "outside"]),
        (
            "threads = 2\nphases = [{ fill = 9 }, { retain = 0.5 }]",
            &["phases: retain sees ", "`keys_shared = true`"],
        ),
        (
            "threads = 2\nops = 9\nmix = { insert = 90, len = 10 }",
            &["mix: len sees ", "`keys_shared = true`"],
        ),
    ] {
        let said = parse(rest).expect_err(rest).to_string();
        for want in wants {
            assert!(said.contains(want), "{rest}: {said}");
        }
    }
}

#[test]
fn threads_that_share_keys_may_see_all_entries() {
    for rest in [
        "ops = 9\nmix = { insert = 45, remove = 45, get = 8, clear = 1, iterate = 1 }",
        "ops = 9\nmix = { insert = 49, remove = 49, len = 1, retain = 1 }\nretain = 0.5",
        "remove = \"first\"\nphases = [{ fill = 900 }, { drain = 0 }, \"iterate\"]",
    ] {
        let workload = parse(&format!("threads = 2\nkeys_shared = true\n{rest}"));
        assert!(workload.is_ok(), "{rest}: {workload:?}");
    }
}
