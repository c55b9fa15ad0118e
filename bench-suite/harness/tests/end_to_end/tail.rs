//! Canaries some of whose operations are slow for a known reason: it must be named, and their twin must not be accused.

use formats::observation::{EventKind, Reading, Tail};
use formats::session::Session;
use verdict::tail::{Cause, Judged, judge};

use crate::sandbox::{CHURN, Sandbox};

/// The operations of the load that stall: of each thousand the one with this number, the filling has 600.
fn stalling() -> impl Iterator<Item = u64> {
    (600..6600).filter(|index| index % 1000 == 499)
}

fn tail<'a>(session: &'a Session, map: &str) -> &'a Tail {
    let run = session.runs.iter().find(|run| run.pass.map == map).unwrap();
    match &run.observation().unwrap_or_else(|| panic!("{run:?}")).reading {
        Reading::Tail(tail) => tail,
        other => panic!("{other:?}"),
    }
}

/// They take some hundred µs: no machine is so loaded that 58 others of 6,000 take longer in two plays of three.
#[test]
fn each_cause_is_named_where_it_was_planted_and_its_twin_has_none() {
    let sandbox = Sandbox::with(&[CHURN]);
    let maps =
        ["rehash", "allocate", "fault", "wait"].map(|why| format!("canary-stalling:why={why}")).join(",");
    let said = sandbox.run(&format!("measure -w churn -m {maps},canary-stalling,hashbrown -c tail"), 0);
    let session = sandbox.session();
    for (map, cause) in [
        ("canary-stalling:why=rehash", Cause::Event(EventKind::TableAllocated)),
        ("canary-stalling:why=allocate", Cause::Allocator),
        ("canary-stalling:why=fault", Cause::Faults),
        ("canary-stalling:why=wait", Cause::Wait),
        ("canary-stalling", Cause::Map),
    ] {
        let judged = judge(tail(&session, map));
        for index in stalling() {
            let found: Option<&Judged> = judged.iter().find(|judged| judged.index == index);
            let found =
                found.unwrap_or_else(|| panic!("{map}: operation {index} is not among the slow ones"));
            assert_eq!(found.cause, cause, "{map}: {found:?} of {:?}", tail(&session, map).plays);
            assert!(found.recurs_in >= 2, "{map}: {found:?}");
        }
    }
    let sound = judge(tail(&session, "hashbrown"));
    assert!(sound.iter().all(|judged| !matches!(judged.cause, Cause::Wait | Cause::AllEntries)), "{sound:?}");
    let page = std::fs::read_to_string(sandbox.path(said.stdout.trim())).unwrap();
    assert!(
        page.contains("What made the slowest operations slow")
            && page.contains("Above the p99.9 of hashbrown: ")
    );
}
