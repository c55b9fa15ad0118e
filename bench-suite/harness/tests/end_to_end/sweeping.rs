//! One workload, many points: each is a tape and a row; what has no room is left out and the others play.

use crate::sandbox::Sandbox;

const SIZES: &str = r#"
name = "sizes"
why = "Small sizes."
live = [50, 100, 400]
ops = 2000
mix = { insert = 40, remove = 40, get = 20 }
"#;

/// Values of a MiB: a hundred of them fit anywhere, a hundred million nowhere.
const TOO_LARGE: &str = r#"
name = "large"
why = "One point is too large for any machine."
live = [10, 100_000_000]
ops = 200
values = { boxed = 1048576 }
mix = { insert = 50, remove = 50 }
"#;

fn shows(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
}

fn names(sandbox: &Sandbox) -> Vec<String> {
    sandbox.session().manifest.tapes.into_keys().collect()
}

#[test]
fn each_point_is_a_tape_and_a_row() {
    let sandbox = Sandbox::with(&[SIZES]);
    let listed = sandbox.run("list", 0).stdout;
    assert!(listed.contains("sizes@live=50 ") && listed.contains("sizes@live=400 "), "{listed}");
    shows(&sandbox.run("tape sizes@live=5*", 0).stdout, &["sizes@live=50  2050 operations"]);
    shows(
        &sandbox.run("verify -w sizes -m std", 0).stdout,
        &["sizes@live=50 ", "sizes@live=100 ", "sizes@live=400 "],
    );
    sandbox.run("tape sizes@live=7", 2).complains(&["there is no workload `sizes@live=7`"]);
    let said = sandbox.run("measure -w sizes -m std,btree -c throughput,heap --rounds 1 --scale 0.5", 0);
    let points = ["sizes@live=100@0.5", "sizes@live=400@0.5", "sizes@live=50@0.5"];
    assert_eq!(names(&sandbox), points);
    let session = sandbox.session();
    assert_eq!(session.manifest.tapes[points[1]].point.live, Some(200), "what lives, not what was written");
    assert!(session.runs.iter().all(|run| run.failure().is_none()));
    shows(&said.stderr, &["sizes, time an operation takes:", "25 live", "200 live"]);
    let folder = sandbox.only("");
    let page = std::fs::read_to_string(folder.join("index.html")).unwrap();
    assert!(page.contains("id=\"sweep1-cost\"") && page.contains("id=\"sweep1-bytes\""));
    let csv = std::fs::read_to_string(folder.join("data/sweeps.csv")).unwrap();
    assert_eq!(csv.lines().count(), 7, "{csv}");
    sandbox.run("export --form csv", 0);
    assert!(folder.join("data/sizes@live=3D50@0.5/btree.heap.csv").is_file());
}

#[test]
fn a_point_without_room_is_left_out_and_the_others_play() {
    let sandbox = Sandbox::with(&[TOO_LARGE]);
    let said = sandbox.run("measure -w large -m std -c throughput --rounds 1", 0);
    shows(&said.stderr, &["left out: large@live=100000000: needs 9765", "GiB of memory at least, and "]);
    assert_eq!(names(&sandbox), ["large@live=10"]);
    let left_out = sandbox.session().manifest.left_out;
    assert_eq!(
        (left_out[0].workload.as_str(), &*left_out[0].maps),
        ("large@live=100000000", &["std".into()][..])
    );
    let said = sandbox.run("measure -w large@live=1*0 -m std -c throughput --rounds 1", 0);
    shows(&said.stderr, &["left out: large@live=100000000"]);
    let said = sandbox.run("verify -w large@live=100000000 -m std", 2).stderr;
    shows(&said, &["there is nothing to play"]);
}
