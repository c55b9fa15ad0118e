//! What the suites play.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use formats::run::Pass;
use formats::session::LeftOut;
use formats::subject::MapInfo;
use formats::suite::{MapSelector, Suites, WorkloadSelector};
use formats::workload::Workload;
use serde::Deserialize;

use crate::golden::golden;
use crate::sandbox::{CHURN, OWNED, SHARED, Said, Sandbox};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../workloads");

/// What `list --suite --format json` prints, as far as it is looked at here.
#[derive(Deserialize)]
struct Planned {
    passes: Vec<Pass>,
    left_out: Vec<LeftOut>,
}

impl Planned {
    fn by(sandbox: &Sandbox, arguments: &str) -> Self {
        // What is planned does not depend on whether this machine can count instructions.
        let tools = sandbox.path("tools");
        fs::create_dir_all(&tools).unwrap();
        fs::write(tools.join("valgrind"), "").unwrap();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(tools).chain(std::env::split_paths(&path)));
        let mut command = sandbox.churnmark(&format!("list {arguments} --format json"));
        let said = Said::of(command.env("PATH", path.unwrap()).output().unwrap(), 0);
        serde_json::from_str(&said.stdout).unwrap()
    }

    /// What plays a workload, for what, and how often.
    fn of<'a>(&'a self, workload: &str) -> BTreeSet<(&'a str, &'static str, u32)> {
        let of_workload = self.passes.iter().filter(|pass| pass.workload == workload);
        of_workload.map(|pass| (pass.map.as_str(), pass.collector.name(), pass.round)).collect()
    }

    /// Why something of this map is left out.
    fn reasons(&self, map: &str) -> BTreeSet<&str> {
        let of_map = self.left_out.iter().filter(|row| row.maps.iter().any(|name| name == map));
        of_map.map(|row| row.why.as_str()).collect()
    }
}

/// One line for each workload and each set of collectors: the maps that play it for them, and how often.
fn summary(passes: &[Pass]) -> String {
    let mut counts: BTreeMap<(&str, &str), BTreeMap<&str, u32>> = BTreeMap::new();
    for pass in passes {
        let collectors = counts.entry((&pass.workload, &pass.map)).or_default();
        *collectors.entry(pass.collector.name()).or_default() += 1;
    }
    let mut maps: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for ((workload, map), collectors) in counts {
        let often = |(name, count): (&str, u32)| match count {
            1 => name.to_string(),
            _ => format!("{name}*{count}"),
        };
        let collectors: Vec<String> = collectors.into_iter().map(often).collect();
        maps.entry((workload, collectors.join(" "))).or_default().push(map);
    }
    let mut text = String::new();
    for ((workload, collectors), maps) in maps {
        writeln!(text, "{workload} | {collectors} | {}", maps.join(" ")).unwrap();
    }
    text
}

#[test]
fn each_suite_plays_what_it_always_did() {
    let sandbox = Sandbox::with(&[]);
    for suite in ["smoke", "standard", "full", "article", "soak", "truth"] {
        let planned = Planned::by(&sandbox, &format!("--suite {suite} --workloads-in {SHIPPED}"));
        golden(&format!("plan-{suite}.txt"), &summary(&planned.passes));
        let paced = |row: &LeftOut| row.why.starts_with("it has a schedule");
        assert_eq!(planned.left_out.iter().any(paced), suite == "full", "{suite}");
    }
}

/// The shipped workloads, read as the suites know them.
fn shipped() -> Vec<Workload> {
    let files = fs::read_dir(SHIPPED).unwrap().map(|entry| entry.unwrap().path());
    let workloads = files.filter(|file| {
        file.extension().is_some_and(|extension| extension == "toml") && !file.ends_with("suites.toml")
    });
    workloads.flat_map(|file| Workload::read(&file).unwrap()).collect()
}

#[test]
fn the_suites_mean_workloads_and_maps_that_there_are() {
    let suites = Suites::read(&Path::new(SHIPPED).join("suites.toml")).unwrap();
    let workloads = shipped();
    let said = Sandbox::with(&[CHURN]).run("list --format json", 0);
    let all: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let maps: Vec<MapInfo> = serde_json::from_value(all["maps"].clone()).unwrap();
    for suite in suites.iter() {
        let of_suite =
            suite.workloads.iter().chain(suite.collectors.values().flat_map(|rounds| &rounds.workloads));
        for selector in of_suite.chain(suite.skips.iter().flat_map(|skip| &skip.workloads)) {
            assert!(
                workloads.iter().any(|workload| selector.selects(workload)),
                "{}: {selector}",
                suite.name
            );
            if let WorkloadSelector::Tagged { tags, without } = selector {
                for tag in tags.iter().chain(without) {
                    assert!(workloads.iter().any(|workload| workload.has_tag(tag)), "{}: {tag}", suite.name);
                }
            }
        }
        for selector in suite.maps.iter().chain(suite.skips.iter().flat_map(|skip| &skip.maps)) {
            let means_go = matches!(selector, MapSelector::Named(name) if name.as_str() == "go*");
            assert!(means_go || maps.iter().any(|map| selector.selects(map)), "{}: {selector:?}", suite.name);
        }
    }
}

#[test]
fn every_tag_is_explained_and_the_example_can_be_read() {
    let readme = fs::read_to_string(Path::new(SHIPPED).join("README.md")).unwrap();
    let example = readme.split("```toml\n").find(|block| block.starts_with("[[suite]]")).unwrap();
    let suites = Suites::parse(example.split("```").next().unwrap(), Path::new("README.md"));
    assert_eq!(suites.unwrap_or_else(|fault| panic!("{fault}")).iter().count(), 1);
    for workload in shipped() {
        for tag in workload.tags() {
            assert!(readme.contains(&format!("| `{tag}` |")), "{tag} of {}", workload.name);
        }
    }
}

#[test]
fn a_workload_plays_the_same_maps_whatever_it_is_called() {
    let two_names = |name: &str, other: &str| {
        let text = fs::read_to_string(Path::new(SHIPPED).join(format!("{name}.toml"))).unwrap();
        let renamed = text.replacen(&format!("\"{name}\""), &format!("\"{other}\""), 1);
        assert_ne!(text, renamed);
        [text, renamed]
    };
    // Names that begin with another letter than the suites' own.
    let names =
        [("steady-uniform", "web-carts"), ("contended-writes", "accounts"), ("lifo", "cart-sessions")];
    let texts: Vec<String> = names.iter().flat_map(|(name, other)| two_names(name, other)).collect();
    let sandbox = Sandbox::with(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    for suite in ["standard", "full"] {
        let planned = Planned::by(&sandbox, &format!("--suite {suite} -w *"));
        for (name, other) in names {
            let maps = |workload: &str| -> BTreeSet<(&str, &str, u32)> {
                // Profiles are taken of a few workloads, by name, and causes of slow operations looked for.
                let by_name = |collector: &str| ["stacks", "tail"].contains(&collector);
                planned.of(workload).into_iter().filter(|(_, collector, _)| !by_name(collector)).collect()
            };
            assert!(!maps(name).is_empty());
            assert_eq!(maps(name), maps(other), "{suite}: {name} and {other}");
        }
    }
}

const OWN: &str = r#"
[[suite]]
name = "mine"
about = "Threads, in seconds."
workloads = [{ tags = ["threads"] }]
maps = [{ facts = ["counts_locks"], without = ["own_threads"], kinds = ["shared"] }]
collectors = { throughput = { rounds = 2 }, stacks = { workloads = ["nothing"] } }

[[suite.skip]]
maps = ["optimistic"]
collectors = ["latency"]
why = "It is known."

[[suite]]
name = "smoke"
about = "Another smoke."
maps = ["std"]
"#;

#[test]
fn suites_of_ones_own_add_to_those_built_in_and_go_before_them() {
    let sandbox = Sandbox::with(&[CHURN, OWNED, SHARED]);
    fs::write(sandbox.path("workloads/suites.toml"), OWN).unwrap();
    let planned = Planned::by(&sandbox, "--suite mine");
    assert!(planned.of("churn").is_empty());
    let maps: BTreeSet<&str> = planned.passes.iter().map(|pass| pass.map.as_str()).collect();
    assert_eq!(maps, ["mutex-shards", "mutex-std", "optimistic", "rwlock-std"].into());
    let of = |map: &str| planned.of("owned").into_iter().filter(|(of, ..)| *of == map).count();
    // Two rounds of throughput, one each of latency, heap and contention.
    assert_eq!((of("mutex-std"), of("optimistic")), (5, 4));
    assert!(planned.reasons("optimistic").contains("It is known."), "{:?}", planned.left_out);
    let stacks = "suite mine has this collector for nothing only";
    assert!(planned.reasons("mutex-std").contains(stacks), "{:?}", planned.left_out);

    let smoke = Planned::by(&sandbox, "--suite smoke");
    assert!(smoke.passes.iter().all(|pass| pass.map == "std" && pass.workload == "churn"));

    // A file that is named counts instead of the folder's; those built in are always there.
    fs::write(sandbox.path("else.toml"), OWN.replace("\"mine\"", "\"else\"")).unwrap();
    let said = sandbox.run("list --suites else.toml", 0).stdout;
    let names = said.split("suite ").last().unwrap();
    for (name, listed) in [("else", true), ("mine", false), ("Another smoke.", true), ("standard", true)] {
        assert_eq!(names.contains(name), listed, "{name}: {names}");
    }
    sandbox
        .run("measure --suite mine --suites else.toml", 2)
        .complains(&["there is no suite `mine`", "else"]);
    sandbox.run("measure --suites nowhere.toml", 2).complains(&["nowhere.toml: cannot be read"]);
    fs::write(sandbox.path("workloads/suites.toml"), OWN.replace("about", "abuot")).unwrap();
    sandbox.run("measure --suite smoke", 2).complains(&["workloads/suites.toml:4: abuot: unknown field"]);
    assert!(sandbox.sessions("partial").is_empty() && sandbox.sessions("").is_empty());
}

#[test]
fn a_suite_is_shown_in_each_form() {
    let sandbox = Sandbox::with(&[CHURN]);
    let text = sandbox.run("list --suite smoke", 0).stdout;
    assert!(text.starts_with("smoke: whether everything works") && text.contains("left out:"), "{text}");
    let markdown = sandbox.run("list --suite smoke --format markdown", 0).stdout;
    assert!(markdown.contains("| passes of | throughput |") && markdown.contains("\n- "), "{markdown}");
    let json = sandbox.run("list --suite standard --format json", 0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let skip = &json["suite"]["skips"][0];
    assert_eq!(skip["maps"][0]["facts"], serde_json::json!(["slow_remove"]));
    assert_eq!(skip["workloads"][0]["tags"], serde_json::json!(["many-removes"]));
    assert_eq!(json["suite"]["collectors"]["throughput"]["rounds"], 5);
    let help = sandbox.run("measure --help", 0).stdout;
    let words: Vec<&str> = help.split_whitespace().collect();
    assert!(
        words.join(" ").contains("smoke, standard, full, article, soak, truth, or one of your own"),
        "{help}"
    );
}

/// A program that states of its map what `facts` says, in the JSON of a list.
fn stating(facts: &str) -> String {
    format!(
        r#"{{"schema":1,"program":"mine","collectors":["throughput","heap","slots","allocations","events","calls"],
        "maps":[{{"name":"mine","version":"1","about":"","kind":"shared",{facts}}}]}}"#
    )
    .replace('\n', "")
}

#[test]
fn a_map_from_outside_is_left_out_by_what_it_states() {
    let sandbox = Sandbox::with(&[CHURN, OWNED]);
    let plan = |facts: &str| {
        let text = format!("#!/bin/sh\necho '{}'\n", stating(facts));
        let program = sandbox.executable("mine", &text);
        Planned::by(&sandbox, &format!("--suite full -m mine --subject {}", program.display()))
    };
    let alone = |planned: &Planned| -> BTreeSet<&str> {
        planned.of("churn").into_iter().map(|(_, collector, _)| collector).collect()
    };
    let own_threads = plan(r#""facts":["own_threads","no_answers"],"keys":["u64"],"values":["u64"]"#);
    assert_eq!(alone(&own_threads), ["throughput"].into());
    for why in [
        "a thread of the map's own does a part of the work, which the collector does not see",
        "the map's answers do not tell how many entries live",
        "the map cannot be made with keys that count their calls",
        "the collector watches threads that wait for each other, the workload has one",
        "the collector follows one thread, the workload has 2",
        "no program that holds the map serves the collector",
    ] {
        assert!(own_threads.reasons("mine").contains(why), "{why}: {:?}", own_threads.left_out);
    }
    assert_eq!(alone(&plan(r#""canary":false"#)).len(), 6, "nothing that is not stated is held against it");

    let text = format!("#!/bin/sh\necho '{}'\n", stating(r#""facts":[],"keys":["uuid"]"#));
    let program = sandbox.executable("texts", &text);
    let said = sandbox.run(&format!("list --suite full -m mine --subject {}", program.display()), 2);
    assert!(said.stderr.contains("the map does not take keys of the kind u64"), "{}", said.stderr);
    let program =
        sandbox.executable("wrong", &format!("#!/bin/sh\necho '{}'\n", stating(r#""facts":["fast"]"#)));
    let said = sandbox.run(&format!("list --subject {}", program.display()), 2);
    said.complains(&["is no list of maps", "unknown variant `fast`", "`own_threads`"]);
}
