//! Who allocated what a map holds: the call that leaks leads, and its twin has none.

use formats::observation::{Collector, Heap, HeapProfile, HeapStacks, Reading};
use formats::session::Session;

use crate::sandbox::{CHURN, Sandbox};

fn reading<'a>(session: &'a Session, map: &str, collector: Collector) -> &'a Reading {
    let mut runs = session.runs.iter().filter(|run| run.pass.map == map && run.pass.collector == collector);
    &runs.next().unwrap().observation().unwrap().reading
}

fn stacks<'a>(session: &'a Session, map: &str) -> &'a HeapStacks {
    reading(session, map, Collector::HeapStacks).try_into().unwrap()
}

/// The stack with the most bytes, and the bytes of all.
fn leading(profile: &HeapProfile) -> (&str, u64) {
    let lines = profile.folded.lines().map(|line| line.rsplit_once(' ').unwrap());
    let lines: Vec<(&str, u64)> = lines.map(|(stack, bytes)| (stack, bytes.parse().unwrap())).collect();
    let most = lines.iter().max_by_key(|(_, bytes)| *bytes).unwrap();
    (most.0, lines.iter().map(|(_, bytes)| bytes).sum())
}

#[test]
fn a_leak_leads_and_what_is_held_is_what_the_heap_holds() {
    let sandbox = Sandbox::with(&[CHURN]);
    let said =
        sandbox.run("measure -w churn -m canary-leaky,hashbrown,btree -c heap,heap_stacks,allocations", 0);
    let session = sandbox.session();
    let (stack, _) = leading(&stacks(&session, "canary-leaky").live);
    assert!(stack.contains(";maps::canary::planted::leak"), "{stack}");
    for map in ["hashbrown", "btree"] {
        let seen = stacks(&session, map);
        assert!(!seen.live.folded.contains("leak") && !seen.live.folded.contains("of an entry"), "{seen:?}");
        let heap: &Heap = reading(&session, map, Collector::Heap).try_into().unwrap();
        let held = heap.samples.last().unwrap().allocated - heap.before.allocated;
        assert_eq!(seen.live.bytes, held, "{map}");
    }
    let (_, sum) = leading(&stacks(&session, "canary-leaky").live);
    let live = &stacks(&session, "canary-leaky").live;
    assert!(sum.abs_diff(live.bytes) <= 3 * live.deviation, "{sum} of {live:?}");

    let page = std::fs::read_to_string(sandbox.path(said.stdout.trim())).unwrap();
    assert!(page.contains("Heap by stack") && page.contains("held when the tape ends"));
    for ending in ["heap.folded", "heap.svg", "heap.pb.gz", "churned.folded", "churned.svg"] {
        let name = format!("flamegraphs/{}/churn/btree.{ending}", session.manifest.id);
        assert!(sandbox.path(&name).is_file(), "{name}");
        assert!(page.contains(&format!("churn/btree.{ending}")), "no link to {name}");
    }
}

#[test]
fn boxes_of_entries_are_called_so() {
    let boxed = CHURN.replace("live = 600", "live = 600\nvalues = { boxed = 256 }");
    let texts =
        CHURN.replace("\"churn\"", "\"texts\"").replace("live = 600", "live = 600\nkeys = { string = 64 }");
    let sandbox = Sandbox::with(&[&boxed, &texts]);
    sandbox.run("measure -w * -m hashbrown -c heap_stacks", 0);
    let session = sandbox.session();
    let of = |workload: &str| {
        let run = session.runs.iter().find(|run| run.pass.workload == workload).unwrap();
        <&HeapStacks>::try_from(&run.observation().unwrap().reading).unwrap()
    };
    for (workload, name) in [("churn", "value of an entry"), ("texts", "key of an entry")] {
        for profile in [&of(workload).live, &of(workload).churned] {
            let (stack, _) = leading(profile);
            assert!(stack.ends_with(name), "{workload}: {}", profile.folded);
        }
    }
}
