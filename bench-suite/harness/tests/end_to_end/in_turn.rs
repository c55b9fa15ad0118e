//! Throughput of maps that take turns with the reference map.

use formats::observation::{InTurn, Reading};
use formats::run::Run;

use crate::sandbox::{CHURN, OWNED, Sandbox};

fn turns(run: &Run) -> Option<&InTurn> {
    match &run.observation()?.reading {
        Reading::Throughput(seen) => seen.turns.as_ref(),
        _ => None,
    }
}

#[test]
fn a_map_for_one_thread_takes_turns_with_the_reference_map() {
    let sandbox = Sandbox::with(&[CHURN, OWNED]);
    sandbox.run(
        "measure -w * -m std,hashbrown,slab,dashmap,single-writer -c throughput,heap --rounds 6 --in-turn",
        0,
    );
    let session = sandbox.session();
    let of = |workload: &str, map: &str| {
        let runs = session.runs.iter().filter(|run| run.pass.workload == workload && run.pass.map == map);
        runs.map(|run| (run.pass.round, turns(run))).collect::<Vec<_>>()
    };
    for map in ["std", "hashbrown", "slab", "dashmap"] {
        let mut offsets: Vec<(u32, u64)> = of("churn", map)
            .into_iter()
            .filter_map(|(round, turns)| Some((round, turns?)))
            .map(|(round, turns)| {
                assert_eq!((turns.beside.as_str(), turns.stretch), ("hashbrown", 5 * turns.cold), "{map}");
                assert!(turns.slices.iter().flatten().all(|(wall_ns, _)| *wall_ns > 0), "{map}");
                (round, turns.offset / turns.cold)
            })
            .collect();
        offsets.sort_unstable();
        assert_eq!(offsets, [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 0)], "{map}");
    }
    // One whose thread works while the other plays, and threads of the load: each has the machine to itself.
    for (workload, map) in [("churn", "single-writer"), ("owned", "dashmap")] {
        let alone = of(workload, map);
        assert!(alone.len() >= 6 && alone.iter().all(|(_, turns)| turns.is_none()), "{map}");
    }
}

#[test]
fn a_reference_map_that_fails_leaves_the_others_to_themselves() {
    let sandbox = Sandbox::with(&[CHURN]);
    let measure = "measure -w churn -m canary-crashing,std -c throughput --rounds 1 --in-turn --reference canary-crashing";
    sandbox.run(measure, 1);
    let session = sandbox.session();
    let failed = |map: &str| {
        let run = session.runs.iter().find(|run| run.pass.map == map).unwrap();
        (run.failure().is_some(), turns(run).is_some())
    };
    assert_eq!((failed("canary-crashing"), failed("std")), ((true, false), (false, false)));
}
