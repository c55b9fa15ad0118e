//! Bounded caches: they play what has a bound and nothing else, what they find is checked and counted, and the faults of
//! the canaries are found.

use std::fs;

use formats::expectation::{Judgement, Outcome};
use report::headline;

use crate::sandbox::{CHURN, Sandbox};

/// Ten times as many keys as may live.
const CACHE: &str = r#"
name = "cache"
why = "A cache, small enough for a test."
asks = ["hits"]
bound = 300
keyspace = 3000
ops = 20000
mix = { fetch = 90, insert = 5, remove = 5 }
get = { zipf = 0.99 }

[[expect]]
figure   = "hits"
maps     = ["lru"]
at_least = "30 %"
reason   = "A tenth of the keys is asked for two times in three."
"#;

/// Two threads that ask for the same keys.
const SHARED_CACHE: &str = r#"
name = "shared-cache"
why = "Two threads before one cache."
threads = 2
keys_shared = true
bound = 300
keyspace = 3000
ops = 20000
mix = { fetch = 80, insert = 8, remove = 7, update = 5 }
get = { zipf = 0.99 }
"#;

#[test]
fn each_cache_is_checked_and_what_is_wrong_is_found() {
    let sandbox = Sandbox::with(&[CACHE, SHARED_CACHE]);
    let caches =
        "lru,hashlink-lru,quick_cache,quick_cache-sync,moka,canary-stale,canary-overfull,canary-tidy";
    let said = sandbox.run(&format!("verify -m {caches} --format json"), 1);
    let rows: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 8 + 2, "{}", said.stdout);
    for row in rows {
        let (map, answers) = (row["map"].as_str().unwrap(), row["answers"].as_str().unwrap());
        assert_eq!(row["checked"], "what was found, and the bound");
        match map {
            "canary-stale" => {
                assert!(answers.contains("of key ") && answers.contains("found value "), "{row}");
            }
            "canary-overfull" => assert!(answers.contains("338 entries left, must be at most 300"), "{row}"),
            _ => assert_eq!(answers, "right", "{row}"),
        }
    }
}

#[test]
fn caches_play_what_has_a_bound_and_nothing_else() {
    let sandbox = Sandbox::with(&[CACHE, CHURN]);
    let said = sandbox.run("measure -m lru,hashbrown -c throughput,slots,allocations --rounds 5", 0);
    assert!(said.stderr.contains("Expectations: 1 held."), "{}", said.stderr);
    let session = sandbox.session();
    let mut left_out: Vec<(&str, &str)> =
        session.manifest.left_out.iter().map(|left| (left.workload.as_str(), left.why.as_str())).collect();
    left_out.sort_unstable();
    left_out.dedup();
    let no_answers = "the map's answers do not tell how many entries live";
    assert_eq!(
        left_out,
        [
            ("cache", no_answers),
            ("cache", "the workload has a `bound`, and the map is no bounded cache"),
            ("churn", "the map is a bounded cache, and the workload has no `bound`"),
        ]
    );
    let folder = sandbox.only("");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let headlines = headline::read(read("data/headlines.csv").as_bytes()).unwrap();
    let hits = |map: &str| headlines.iter().find(|one| one.map == map).unwrap().hits;
    let rate = hits("lru").unwrap();
    assert!((0.3..0.7).contains(&rate) && hits("hashbrown").is_none(), "{rate}");
    let sentence = "Of the look-ups so many find their entry: lru: ";
    for file in ["index.html", "summary.md", "data/answer.json"] {
        assert!(read(file).contains(sentence), "{file}");
    }
    assert!(read("summary.md").contains("| reused | hits |"));
    let judged: Vec<Judgement> = serde_json::from_str(&read("data/expectations.json")).unwrap();
    assert!(judged.iter().all(|one| one.outcome == Outcome::Held && one.said.starts_with("hits is ")));
    sandbox.run("export reports/latest --form csv", 0);
    let found = read("data/cache/lru.hits.csv");
    assert!(found.starts_with("round,phase_index,asked,found\n0,0,0,0\n0,1,18000,"), "{found}");
}
