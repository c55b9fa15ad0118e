//! Fields that are lists: one workload, many points.

use std::path::Path;

use formats::fault::Fault;
use formats::workload::{Source, Values, Workload};

const GOOD: &str = "\
name = \"test\"
why = \"A test.\"
live = 1000
ops = 5000
mix = { insert = 45, remove = 45, get = 10 }
";

fn points(text: &str) -> Result<Vec<Workload>, Fault> {
    Workload::parse_points(text, Path::new("test.toml"))
}

fn named(text: &str) -> Vec<String> {
    let points = points(text).unwrap_or_else(|fault| panic!("{text}\n{fault}"));
    points.into_iter().map(|point| point.name).collect()
}

#[test]
fn each_value_of_a_list_is_a_point() {
    assert_eq!(named(GOOD), ["test"]);
    let sizes = GOOD.replace("live = 1000", "live = [100, 10_000]");
    assert_eq!(named(&sizes), ["test@live=100", "test@live=10000"]);
    let lives = points(&sizes).unwrap().into_iter().map(|point| match point.source {
        Source::Recipe(recipe) => recipe.live,
        source => panic!("{source:?}"),
    });
    assert_eq!(lives.collect::<Vec<_>>(), [100, 10_000]);
    let values = points(&format!("{GOOD}values = [\"u64\", {{ bytes = 64 }}, {{ boxed = 128 }}]")).unwrap();
    let made_of: Vec<Values> = values.iter().map(|point| point.values).collect();
    assert_eq!(made_of, [Values::U64, Values::Bytes(64), Values::boxed(128)]);
    assert_eq!(values[2].name, "test@values=boxed-128");
    assert!(values[0].has_tag("swept") && !points(GOOD).unwrap()[0].has_tag("swept"));
    // A list of one is a sweep of one point: what is said in the file stands in the name.
    assert_eq!(named(&GOOD.replace("1000", "[1000]")), ["test@live=1000"]);
}

#[test]
fn several_lists_are_every_pair() {
    let text = GOOD.replace("1000", "[10, 20]") + "threads = [1, 2]\nkeys_shared = true";
    assert_eq!(
        named(&text),
        [
            "test@live=10@threads=1",
            "test@live=10@threads=2",
            "test@live=20@threads=1",
            "test@live=20@threads=2"
        ]
    );
    let shared: Vec<bool> = points(&text).unwrap().iter().map(|point| point.keys_shared).collect();
    assert_eq!(shared, [false, true, false, true], "a thread that is alone shares nothing");
}

#[test]
fn a_list_that_makes_no_sense_is_refused() {
    let many = (1..=101).map(|live| live.to_string()).collect::<Vec<_>>().join(", ");
    for (text, want) in [
        (GOOD.replace("1000", "[]"), "test.toml:3: live: the list is empty"),
        (GOOD.replace("1000", "[1, 2, 1]"), "test.toml:3: live: value 3 of the list stands in it before"),
        (GOOD.replace("1000", "[1, 0]"), "test.toml:3: live: 0 is out of range; allowed are 1 to 100000000"),
        (GOOD.replace("1000", &format!("[{many}]")), "the lists come to 101 points; allowed are 1 to 100"),
        (format!("{GOOD}threads = [2, 300]"), "test.toml:6: threads: 300; allowed are 1 to 256"),
        (format!("{GOOD}values = [{{ bytes = 65 }}]"), "test.toml:6: values: bytes = 65; allowed is 64"),
        (
            GOOD.replace("1000", "[10, 20]").replace("ops = 5000", "phases = [{ churn = 5 }]"),
            "test.toml:3: live: a list goes with `ops`",
        ),
        (
            GOOD.replace("1000", "[10, 20]") + "keyspace = 15",
            "test.toml:6: keyspace: 15 keys cannot fill a map with 20 entries",
        ),
        (GOOD.replace("1000", "\"many\""), "test.toml:3: live: "),
    ] {
        let said = points(&text).expect_err(&text).to_string();
        assert!(said.contains(want), "`{want}` is not said of\n{text}\n{said}");
    }
    let swept = GOOD.replace("1000", "[1, 2]");
    let said = Workload::parse(&swept, Path::new("test.toml")).unwrap_err().to_string();
    assert_eq!(said, "test.toml: its lists come to 2 tapes; allowed is one");
}
