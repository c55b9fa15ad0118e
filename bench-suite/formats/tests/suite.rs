//! Files of suites that make sense, and what is said of those that do not.

use std::fmt::Write;
use std::num::NonZeroU32;
use std::path::Path;

use formats::fault::Fault;
use formats::observation::Collector;
use formats::subject::{Fact, MapInfo, MapKind};
use formats::suite::{MapSelector, Rounds, Skip, Suite, Suites, WorkloadSelector};
use formats::workload::Workload;
use glob::Pattern;
use proptest::prelude::*;

const GOOD: &str = r#"
[[suite]]
name = "mine"
about = "What I look at, in a minute."
scale = 0.5
paced = true
workloads = ["fifo-*", { tags = ["article"], without = ["paced"] }]
maps = ["std", { kinds = ["shared"], facts = ["ordered"], without = ["own_threads"] }]
collectors = { throughput = { rounds = 5 }, stacks = { workloads = ["fifo-window"] } }

[[suite.skip]]
maps = ["std"]
workloads = ["fifo-window"]
collectors = ["heap", "slots"]
why = "It is known."

[[suite]]
name = "other"
about = "Everything."
"#;

fn parse(text: &str) -> Result<Suites, Fault> {
    Suites::parse(text, Path::new("suites.toml"))
}

fn good(text: &str) -> Suites {
    parse(text).unwrap_or_else(|fault| panic!("{fault}"))
}

fn workload(name: &str, more: &str) -> Workload {
    let text = format!(
        "name = \"{name}\"\nwhy = \"A test.\"\nlive = 10\nops = 10\nmix = {{ insert = 100 }}\n{more}"
    );
    Workload::parse(&text, Path::new("test.toml")).unwrap_or_else(|fault| panic!("{fault}"))
}

fn map(name: &str, kind: MapKind, facts: &[Fact]) -> MapInfo {
    MapInfo { kind, facts: facts.iter().copied().collect(), ..MapInfo::new(name, "1", "A map.") }
}

#[test]
fn every_field_means_what_it_says() {
    let suites = good(GOOD);
    let mine = suites.get("mine").unwrap();
    assert_eq!(
        (mine.about.as_str(), mine.scale, mine.paced),
        ("What I look at, in a minute.", Some(0.5), true)
    );

    let (fifo, lifo) = (workload("fifo-window", ""), workload("lifo", ""));
    let article = workload("chapter", "tags = [\"article\"]");
    let paced = workload("slow-chapter", "tags = [\"article\"]\npace = { per_second = 5 }");
    for (workload, has) in [(&fifo, true), (&lifo, false), (&article, true), (&paced, false)] {
        assert_eq!(mine.has_workload(workload), has, "{}", workload.name);
    }
    let scaled = Workload { name: "fifo-window@0.5".into(), ..fifo.clone() };
    assert!(mine.has_workload(&scaled));

    let std = map("std", MapKind::Single, &[]);
    let ordered = map("a", MapKind::Shared, &[Fact::Ordered]);
    for (map, has) in [
        (&std, true),
        (&ordered, true),
        (&MapInfo { canary: true, ..ordered.clone() }, false),
        (&map("b", MapKind::Single, &[Fact::Ordered]), false),
        (&map("c", MapKind::Shared, &[]), false),
        (&map("d", MapKind::Shared, &[Fact::Ordered, Fact::OwnThreads]), false),
    ] {
        assert_eq!(mine.has_map(map), has, "{}", map.name);
    }

    let often = |collector, workload| mine.rounds(collector, workload).map_or(0, NonZeroU32::get);
    assert_eq!((often(Collector::Throughput, &lifo), often(Collector::Heap, &lifo)), (5, 1));
    assert_eq!((often(Collector::Stacks, &scaled), often(Collector::Stacks, &lifo)), (1, 0));
    // A schedule says how many operations a second there are; how long they wait is what maps are compared by.
    assert_eq!((often(Collector::Throughput, &paced), often(Collector::Latency, &paced)), (1, 5));

    let skip = mine.skips(&scaled, &std, Collector::Heap).next().unwrap();
    assert_eq!((&*skip.why, skip.is_of_collectors()), ("It is known.", false));
    for (workload, map, collector) in [
        (&lifo, &std, Collector::Heap),
        (&fifo, &ordered, Collector::Heap),
        (&fifo, &std, Collector::Latency),
    ] {
        assert_eq!(mine.skips(workload, map, collector).count(), 0);
    }
}

#[test]
fn what_is_left_out_means_all_of_it_once() {
    let suites = good(GOOD);
    let everything = Suite { paced: false, ..Suite::of_everything("other", "Everything.") };
    assert_eq!(suites.get("other"), Some(&everything));
    assert_eq!(good(""), Suites::default());
}

#[test]
fn suites_of_ones_own_go_before_those_that_were_there() {
    let own =
        good("[[suite]]\nname = \"other\"\nabout = \"Mine.\"\n[[suite]]\nname = \"new\"\nabout = \"New.\"");
    let both = good(GOOD).and(own);
    let said: Vec<(&str, &str)> =
        both.iter().map(|suite| (suite.name.as_str(), suite.about.as_str())).collect();
    assert_eq!(said, [("mine", "What I look at, in a minute."), ("other", "Mine."), ("new", "New.")]);
}

/// A line of the good file in place of the one that begins the same.
fn with(line: &str) -> String {
    let key = line.split('=').next().unwrap();
    let at = GOOD.lines().position(|old| old.starts_with(key)).unwrap_or_else(|| panic!("no line `{key}`"));
    let lines = GOOD.lines().enumerate().map(|(index, old)| if index == at { line } else { old });
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn one_mistake_is_one_fault_with_line_field_and_remedy() {
    for (text, wants) in [
        (
            with("name = \"My suite\""),
            &["suites.toml:3: name: `My suite` is no name", "lower-case"] as &[&str],
        ),
        (with("name = \"other\""), &["suites.toml:18: name: there are two suites `other`"]),
        (with("about = \" \""), &["suites.toml:4: about: is empty; say what the suite is for"]),
        (
            with("scale = 0.0"),
            &["suites.toml:5: scale: 0 is out of range; allowed are factors above 0 up to 1000"],
        ),
        (with("scale = nan"), &["suites.toml:5: scale: NaN is out of range"]),
        (with("paced = 1"), &["suites.toml:6: paced: ", "is `1`; allowed is `true` or `false`"]),
        (with("workloads = []"), &["suites.toml:7: workloads: is empty; name at least one"]),
        (with("workloads = [\"[a\"]"), &["suites.toml:7: workloads: `[a` is no name and no glob"]),
        (with("workloads = [\"\"]"), &["suites.toml:7: workloads: `` is no name"]),
        (with("workloads = [3]"), &["suites.toml:7: workloads: ", "a name, a glob or a table"]),
        (
            with("workloads = \"fifo\""),
            &["suites.toml:7: workloads: ", "is \"fifo\"; allowed is a list in brackets"],
        ),
        (
            with("workloads = [{}]"),
            &["suites.toml:7: workloads: the table is empty; give it `tags` or `without`"],
        ),
        (with("workloads = [{ tag = \"a\" }]"), &["suites.toml:7: ", "`tag`", "`tags`", "`without`"]),
        (with("workloads = [{ tags = [\"A b\"] }]"), &["suites.toml:7: workloads: `A b` is no tag"]),
        (
            with("maps = [{}]"),
            &["suites.toml:8: maps: the table is empty; give it `kinds`, `facts` or `without`"],
        ),
        (
            with("maps = [{ kinds = [\"sharp\"] }]"),
            &["suites.toml:8: ", "`sharp`", "`shared`", "`slot_manager`"],
        ),
        (
            with("maps = [{ facts = [\"orderd\"] }]"),
            &["suites.toml:8: ", "`orderd`", "`ordered`", "`slow_remove`"],
        ),
        (
            with("maps = [{ name = \"a\" }]"),
            &["suites.toml:8: ", "`name`", "`kinds`", "`facts`", "`without`"],
        ),
        (with("collectors = { speed = {} }"), &["suites.toml:9: ", "`speed`", "`throughput`", "`stacks`"]),
        (
            with("collectors = { heap = { rounds = 2 } }"),
            &["suites.toml:9: rounds: is for throughput; every other collector looks once"],
        ),
        (
            with("collectors = { throughput = { rounds = 0 } }"),
            &["suites.toml:9: rounds: 0 is out of range; allowed are 1 to 1000"],
        ),
        (with("collectors = { throughput = { round = 5 } }"), &["suites.toml:9: ", "`round`", "`rounds`"]),
        (with("collectors = { heap = { workloads = [] } }"), &["suites.toml:9: workloads: is empty"]),
        (with("why = \"\""), &["suites.toml:15: why: is empty; say in a sentence why"]),
        (
            GOOD.replace("collectors = [\"heap\", \"slots\"]", "collectors = [\"heep\"]"),
            &["suites.toml:14: collectors: ", "`heep`", "`heap`"],
        ),
        (
            GOOD.replace("collectors = [\"heap\", \"slots\"]", "collectors = []"),
            &["suites.toml:14: collectors: is empty"],
        ),
        (GOOD.replace("why = \"It is known.\"\n", ""), &["suites.toml:11: why: is missing"]),
        (
            "[[suite]]\nname = \"a\"\nabout = \"A.\"\n[[suite.skip]]\nwhy = \"So.\"\n".into(),
            &["suites.toml:4: skip: leaves everything out; give it `workloads`, `maps` or `collectors`"],
        ),
        (
            with("paced = true").replace("paced", "pace"),
            &["suites.toml:6: pace: unknown field `pace`", "`paced`"],
        ),
        ("[[suite]]\nname = \"a\"\n".into(), &["suites.toml:1: about: is missing"]),
        ("[[suites]]\n".into(), &["suites.toml:1: ", "`suites`", "`suite`"]),
    ] {
        let said = match parse(&text) {
            Ok(suites) => panic!("accepted:\n{text}\n{suites:?}"),
            Err(fault) => fault.to_string(),
        };
        for want in wants {
            assert!(said.contains(want), "`{want}` is not said of\n{text}\n{said}");
        }
        assert!(!said.contains('\n'), "{said}");
    }
    let missing = Suites::read(Path::new("nowhere/suites.toml")).unwrap_err().to_string();
    assert!(missing.starts_with("nowhere/suites.toml: cannot be read: "), "{missing}");
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

/// A suite as a file has it.
fn written(suite: &Suite) -> String {
    let Suite { name, about, workloads, maps, collectors, paced, scale, skips } = suite;
    let list = |parts: Vec<String>| format!("[{}]", parts.join(", "));
    let words = |words: &[String]| list(words.iter().map(|word| format!("{word:?}")).collect());
    let some = |selectors: &[WorkloadSelector]| {
        let one = |selector: &WorkloadSelector| match selector {
            WorkloadSelector::Named(pattern) => format!("{:?}", pattern.as_str()),
            WorkloadSelector::Tagged { tags, without } => {
                format!("{{ tags = {}, without = {} }}", words(tags), words(without))
            }
        };
        list(selectors.iter().map(one).collect())
    };
    let some_maps = |selectors: &[MapSelector]| {
        let one = |selector: &MapSelector| match selector {
            MapSelector::Named(pattern) => format!("{:?}", pattern.as_str()),
            MapSelector::Stating { kinds, facts, without } => {
                format!("{{ kinds = {}, facts = {}, without = {} }}", json(kinds), json(facts), json(without))
            }
        };
        list(selectors.iter().map(one).collect())
    };
    let rounds = collectors.iter().map(|(collector, Rounds { rounds, workloads })| {
        format!("{} = {{ rounds = {rounds}, workloads = {} }}", collector.name(), some(workloads))
    });
    let scale = scale.map_or_else(String::new, |scale| format!("scale = {scale:?}\n"));
    let mut text = format!(
        "[[suite]]\nname = {name:?}\nabout = {about:?}\nworkloads = {}\nmaps = {}\ncollectors = {{ {} }}\n\
         paced = {paced}\n{scale}",
        some(workloads),
        some_maps(maps),
        rounds.collect::<Vec<_>>().join(", ")
    );
    for Skip { workloads, maps, collectors, why } in skips {
        let (workloads, maps, collectors) = (some(workloads), some_maps(maps), json(collectors));
        writeln!(
            text,
            "[[suite.skip]]\nworkloads = {workloads}\nmaps = {maps}\ncollectors = {collectors}\nwhy = {why:?}"
        )
        .unwrap();
    }
    text
}

fn word() -> impl Strategy<Value = String> {
    "[a-z0-9][a-z0-9-]{0,8}"
}

fn glob() -> impl Strategy<Value = Pattern> {
    "[a-z*?-]{1,8}".prop_filter_map("a glob", |text| Pattern::new(&text).ok())
}

fn some_workloads() -> impl Strategy<Value = Vec<WorkloadSelector>> {
    let words = || prop::collection::vec(word(), 0..3);
    let tagged = (words(), words()).prop_filter_map("not empty", |(tags, without)| {
        let empty = tags.is_empty() && without.is_empty();
        (!empty).then_some(WorkloadSelector::Tagged { tags, without })
    });
    prop::collection::vec(prop_oneof![glob().prop_map(WorkloadSelector::Named), tagged], 1..4)
}

fn some_maps() -> impl Strategy<Value = Vec<MapSelector>> {
    let kinds = prop::sample::subsequence(vec![MapKind::Single, MapKind::Shared, MapKind::Null], 0..3);
    let facts = || prop::sample::subsequence(vec![Fact::Ordered, Fact::SlowRemove, Fact::OwnThreads], 0..3);
    let stating = (kinds, facts(), facts()).prop_filter_map("not empty", |(kinds, facts, without)| {
        let empty = kinds.is_empty() && facts.is_empty() && without.is_empty();
        (!empty).then_some(MapSelector::Stating { kinds, facts, without })
    });
    prop::collection::vec(prop_oneof![glob().prop_map(MapSelector::Named), stating], 1..4)
}

fn rounds() -> impl Strategy<Value = (Collector, Rounds)> {
    (prop::sample::select(Collector::ALL.to_vec()), 1u32..=1000, some_workloads()).prop_map(
        |(collector, rounds, workloads)| {
            let rounds = if collector == Collector::Throughput { rounds } else { 1 };
            (collector, Rounds { rounds: NonZeroU32::new(rounds).unwrap(), workloads })
        },
    )
}

fn skip() -> impl Strategy<Value = Skip> {
    let collectors = prop::sample::subsequence(Collector::ALL.to_vec(), 1..9);
    (some_workloads(), some_maps(), collectors, "[A-Z][a-z, \"\\\\]{0,20}[.]")
        .prop_map(|(workloads, maps, collectors, why)| Skip { workloads, maps, collectors, why })
}

fn suite() -> impl Strategy<Value = Suite> {
    (
        (word(), "[A-Z][a-z, ]{0,20}[.]", any::<bool>()),
        prop::option::of(0.001..1000.0),
        (some_workloads(), some_maps()),
        prop::collection::vec(rounds(), 0..4),
        prop::collection::vec(skip(), 0..3),
    )
        .prop_map(|((name, about, paced), scale, (workloads, maps), rounds, skips)| Suite {
            name,
            about,
            workloads,
            maps,
            collectors: rounds.into_iter().collect(),
            paced,
            scale,
            skips,
        })
}

proptest! {
    #[test]
    fn what_is_written_is_what_is_read(suite in suite()) {
        let text = written(&suite);
        let read = parse(&text).map_err(|fault| TestCaseError::fail(format!("{fault}\n{text}")))?;
        prop_assert_eq!(read.iter().collect::<Vec<_>>(), [&suite]);
    }

    #[test]
    fn no_edit_of_a_good_file_makes_the_reader_panic(
        at in 0..GOOD.len(), cut in 0usize..9, insert in "[-0-9a-z={}\", \\[\\]\n_.é]{0,6}"
    ) {
        let end = (at + cut).min(GOOD.len());
        let text = [&GOOD[..at], &insert, &GOOD[end..]].concat();
        if let Err(fault) = parse(&text) {
            prop_assert!(!fault.problem.is_empty() && !fault.to_string().contains('\n'));
            prop_assert!(fault.line.is_none_or(|line| line <= text.lines().count() as u64 + 1));
        }
    }
}
