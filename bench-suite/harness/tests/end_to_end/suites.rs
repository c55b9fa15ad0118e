//! What the suites play.

use std::collections::BTreeMap;
use std::fmt::Write;

use formats::run::Pass;
use serde::Deserialize;

use crate::golden::golden;
use crate::sandbox::Sandbox;

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../workloads");

/// What `list --suite --format json` prints, as far as it is looked at here.
#[derive(Deserialize)]
struct Planned {
    passes: Vec<Pass>,
}

fn planned(arguments: &str) -> Planned {
    let said = Sandbox::with(&[]).run(&format!("list {arguments} --format json"), 0);
    serde_json::from_str(&said.stdout).unwrap()
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
    for suite in ["smoke", "standard", "full", "article", "soak", "truth"] {
        let planned = planned(&format!("--suite {suite} --workloads-in {SHIPPED}"));
        golden(&format!("plan-{suite}.txt"), &summary(&planned.passes));
    }
}
