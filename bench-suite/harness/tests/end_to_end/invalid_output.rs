//! Programs that do not keep to the rules: every way of it is one row that says what was wrong.

use formats::observation::SCHEMA;

use crate::sandbox::{CHURN, Sandbox, failure};

/// Plays the real map `std` and alters what it prints.
const SCRIPT: &str = r#"
std() { "$real" play --tape "$tape" --map std --collector throughput; }
tape=$3
case $map in
  fine) std | sed 's/"map":"std"/"map":"fine"/' ;;
  silent) ;;
  noise) echo 'hello there' ;;
  binary) printf '\377\376\n' ;;
  twice) std; std ;;
  cut) std | head -c 100 ;;
  flood) exec yes ;;
  other-map) std ;;
  newer) std | sed 's/"schema":[0-9]*/"schema":99/; s/"map":"std"/"map":"newer"/' ;;
  lossy) std | sed 's/"map":"std"/"map":"lossy"/; s/"ops":[0-9]*/"ops":1/' ;;
  nil) std | sed 's/"schema":[0-9]*/"schema":0/; s/"map":"std"/"map":"nil"/' ;;
  years) std | sed 's/"map":"std"/"map":"years"/; s/"wall_ns":[0-9]*/"wall_ns":10000000000000000/g' ;;
  instant) std | sed 's/"map":"std"/"map":"instant"/; s/"wall_ns":[0-9]*/"wall_ns":1/g' ;;
  digests) std | sed 's/"map":"std"/"map":"digests"/; s/"digests":\[/"digests":["0123456789abcdef",/' ;;
  balance) std | sed 's/"map":"std"/"map":"balance"/; s/"balance":[0-9]*/"balance":-9223372036854775808/' ;;
  usage) echo 'no such option' >&2; exit 2 ;;
  unfit) echo 'some noise' >&2; echo 'keys are too long for it' >&2; exit 3 ;;
  segv) kill -SEGV $$ ;;
  stubborn) trap '' TERM INT HUP; while :; do sleep 1; done ;;
esac
"#;

const MAPS: [&str; 18] = [
    "fine",
    "silent",
    "noise",
    "binary",
    "twice",
    "cut",
    "flood",
    "other-map",
    "newer",
    "lossy",
    "nil",
    "years",
    "instant",
    "digests",
    "balance",
    "usage",
    "unfit",
    "segv",
];

#[test]
fn every_way_to_break_the_rules_is_one_row() {
    let sandbox = Sandbox::with(&[CHURN]);
    let script = sandbox.script(&MAPS, SCRIPT);
    sandbox.run(
        &format!(
            "measure -w churn --subject {} -m {} -c throughput --rounds 1 --timeout 20 --reference fine",
            script.display(),
            MAPS.join(",")
        ),
        1,
    );
    let session = sandbox.session();
    assert_eq!(session.runs.len(), MAPS.len());
    let fine: Vec<&str> = session
        .runs
        .iter()
        .filter(|run| run.observation().is_some())
        .map(|run| run.pass.map.as_str())
        .collect();
    assert_eq!(fine, ["fine"]);
    let newer = format!("invalid output: it speaks schema 99; this churnmark reads up to {SCHEMA}");
    let starts = [
        ("silent", "invalid output: it printed nothing"),
        ("noise", "invalid output: it printed no observation: "),
        ("binary", "invalid output: it printed no UTF-8: "),
        ("twice", "invalid output: it printed 2 lines; an observation is one"),
        ("cut", "invalid output: it printed no observation: "),
        ("flood", "invalid output: it printed more than 67108864 bytes"),
        ("other-map", "invalid output: it observed map `std` instead of `other-map`"),
        ("newer", &*newer),
        ("lossy", "invalid output: its throughput figures do not fit the tape: "),
        ("nil", "invalid output: it speaks schema 0;"),
        ("years", "invalid output: its phases took 20000000000000000 ns, and it lived for less than"),
        (
            "instant",
            "invalid output: 600 operations in 1 ns, in phase fill, are more than any processor does",
        ),
        ("digests", "invalid output: it gave 2 digests for the answers of 1 threads"),
        ("balance", "wrong answer: -9223372036854775808 entries left, must be 6"),
        ("usage", "crashed: exit code 2"),
        ("unfit", "unavailable: keys are too long for it"),
        ("segv", "crashed: signal 11"),
    ];
    for (map, start) in starts {
        let failure = failure(&session, map);
        assert!(failure.starts_with(start), "{map}: {failure}");
    }
}

#[test]
fn a_program_that_does_not_want_to_end_is_one_row() {
    let sandbox = Sandbox::with(&[CHURN]);
    let script = sandbox.script(&["stubborn"], SCRIPT);
    let subject = format!("--subject {} -m stubborn", script.display());
    sandbox.run(&format!("measure -w churn {subject} -c throughput --rounds 1 --timeout 2"), 1);
    assert_eq!(failure(&sandbox.session(), "stubborn"), "timed out: killed after 2 s");
}
