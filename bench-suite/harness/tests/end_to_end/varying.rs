//! Maps that are made otherwise: by name, by the list of a workload, and with what is allowed where it cannot be.

use formats::run::Pass;

use crate::sandbox::{CHURN, SHARED, Sandbox};

const AXES: &str = r#"
name = "axes"
why = "Small enough for a test."
maps = ["dashmap:shards=4", "std:allocator=system"]
live = 60
ops = 600
mix = { insert = 40, remove = 40, get = 20 }
"#;

#[test]
fn every_variant_answers_as_its_map_does() {
    let sandbox = Sandbox::with(&[CHURN, SHARED]);
    let variants = "hashbrown:hasher=ahash,hashbrown:hasher=fx,hashbrown:hasher=sip,hashbrown:hasher=foldhash,\
                    dashmap:shards=2,papaya:resize=blocking,papaya:allocator=mimalloc:resize=blocking,\
                    btree:allocator=system,slab:huge_pages=never";
    let said = sandbox.run(&format!("verify -m {variants}"), 0).stdout;
    let right = said.lines().filter(|line| line.ends_with(" right")).count();
    assert_eq!(right, 9 + 3, "nine play alone, three of them with threads:\n{said}");
    let all = sandbox.run("list", 0).stdout;
    for axis in ["shards ", "hasher ", "resize ", "jemalloc, mimalloc, system", "huge_pages "] {
        assert!(all.contains(axis), "`{axis}` is not in\n{all}");
    }
}

#[test]
fn what_cannot_be_is_refused_with_what_can() {
    let sandbox = Sandbox::with(&[CHURN]);
    for (map, said) in [
        ("dashmap:shard=2", "`dashmap` has no axis `shard`; it has shards, allocator, huge_pages"),
        ("dashmap:shards=3", "`dashmap` cannot have shards = 3; allowed are 2, 4, 8, "),
        (
            "hashbrown:allocator=tcmalloc",
            "cannot have allocator = tcmalloc; allowed are jemalloc, mimalloc, system",
        ),
        ("*:shard=2", "no map that `*` names can be so; there is "),
        ("nomap:shards=2", "there is no map `nomap`"),
    ] {
        sandbox.run(&format!("verify -m {map}"), 2).complains(&[said]);
    }
}

#[test]
fn a_variant_is_a_row_beside_its_map() {
    let sandbox = Sandbox::with(&[CHURN]);
    let maps = "hashbrown,hashbrown:allocator=mimalloc,hashbrown:hasher=fx";
    sandbox.run(&format!("measure -m {maps},std -c throughput,heap --rounds 1"), 0);
    let session = sandbox.session();
    assert!(session.runs.iter().all(|run| run.failure().is_none()));
    let left_out = &session.manifest.left_out[0];
    assert_eq!(
        (left_out.maps.as_slice(), left_out.collectors.len()),
        (&["hashbrown:allocator=mimalloc".into()][..], 1)
    );
    assert_eq!(left_out.why, "the collector reads what jemalloc tells, and the map is on another allocator");
    let programs: Vec<&str> = session.manifest.programs.iter().map(|program| program.name.as_str()).collect();
    assert_eq!(programs, ["churnmark-maps", "churnmark-maps-counted", "churnmark-maps-mimalloc"]);
    let page = std::fs::read_to_string(sandbox.only("").join("index.html")).unwrap();
    let place = |map: &str| page.find(&format!(">{map}</th>")).unwrap_or_else(|| panic!("{map} is no row"));
    let [std, base, first, second] =
        ["std", "hashbrown", "hashbrown:allocator=mimalloc", "hashbrown:hasher=fx"].map(place);
    assert!(std < base && base < first.min(second), "variants stand behind their map");
}

#[test]
fn a_workload_names_maps_that_play_it() {
    let sandbox = Sandbox::with(&[AXES, CHURN]);
    let planned = sandbox.run("list --suite standard -w axes,churn --format json", 0).stdout;
    let planned: serde_json::Value = serde_json::from_str(&planned).unwrap();
    let passes: Vec<Pass> = serde_json::from_value(planned["passes"].clone()).unwrap();
    let plays =
        |map: &str, workload: &str| passes.iter().any(|pass| pass.map == map && pass.workload == workload);
    assert!(
        plays("dashmap:shards=4", "axes") && plays("std:allocator=system", "axes") && plays("std", "axes")
    );
    assert!(plays("std", "churn") && !plays("dashmap:shards=4", "churn"));
    let named = sandbox.run("list --suite standard -w axes -m btree --format json", 0).stdout;
    assert!(named.contains("\"btree\"") && !named.contains("dashmap"), "what is named goes before: {named}");
}
