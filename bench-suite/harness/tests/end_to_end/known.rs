//! What is known of these maps from reading their source must come out of the suite by itself.

use std::ops::RangeInclusive;

use formats::observation::{EventKind, Events, Heap, Reading, SlotWindow, Slots, Taken};
use formats::session::Session;

use crate::sandbox::Sandbox;

const FIFO_10K: &str = include_str!("../../../../workloads/fifo-10k.toml");
const LOAD_48: &str = include_str!("../../../../workloads/load-48.toml");
const LOAD_85: &str = include_str!("../../../../workloads/load-85.toml");
const LIFO_48: &str = include_str!("../../../../workloads/lifo-48.toml");

/// 96 % of what 128 buckets of Go's classic map hold: chains grow, and the map compacts itself.
const NEAR_GO_LIMIT: &str = r#"
name = "near-go-limit"
why = "A classic Go map at its limit."
live = 800
ops = 80_000
mix = { insert = 50, remove = 50 }
remove = "uniform"
"#;

fn measure(workload: &str, arguments: &str) -> Session {
    let sandbox = Sandbox::with(&[workload]);
    sandbox.run(&format!("measure --timeout 600 {arguments}"), 0);
    sandbox.session()
}

fn slots<'a>(session: &'a Session, map: &str) -> &'a Slots {
    let of_map = session.runs.iter().filter(|run| run.pass.map == map);
    let mut slots = of_map.filter_map(|run| match &run.observation()?.reading {
        Reading::Slots(slots) => Some(slots),
        _ => None,
    });
    slots.next_back().unwrap()
}

fn heap<'a>(session: &'a Session, map: &str) -> &'a Heap {
    let of_map = session.runs.iter().filter(|run| run.pass.map == map);
    let mut heap = of_map.filter_map(|run| match &run.observation()?.reading {
        Reading::Heap(heap) => Some(heap),
        _ => None,
    });
    heap.next_back().unwrap()
}

fn events<'a>(session: &'a Session, map: &str) -> &'a Events {
    let of_map = session.runs.iter().filter(|run| run.pass.map == map);
    let mut events = of_map.filter_map(|run| match &run.observation()?.reading {
        Reading::Events(events) => Some(events),
        _ => None,
    });
    events.next_back().unwrap()
}

fn count(events: &Events, kind: EventKind) -> u64 {
    events.kinds.iter().find(|seen| seen.kind == kind).map_or(0, |seen| seen.count)
}

/// Buckets of a hashbrown table at the end of the fill and at the end of the tape: 8 for 7 entries.
fn buckets(slots: &Slots) -> (u64, u64) {
    let at = |window: Option<&SlotWindow>| window.and_then(|window| window.capacity).unwrap() / 7 * 8;
    (at(slots.windows.iter().rfind(|window| window.phase == "fill")), at(slots.windows.last()))
}

/// Reused, recycled and fresh inserts of the churn.
fn landings(slots: &Slots) -> (u64, u64, u64) {
    let churn = slots.windows.iter().filter(|window| window.phase == "churn");
    churn.fold((0, 0, 0), |sum, w| (sum.0 + w.reused, sum.1 + w.recycled, sum.2 + w.fresh))
}

/// Bytes that the map held at each look during the churn.
fn held(heap: &Heap) -> Vec<u64> {
    let churn = heap.samples.iter().filter(|sample| sample.phase == "churn");
    churn.map(|sample| sample.allocated.saturating_sub(heap.before.allocated)).collect()
}

#[test]
fn hashbrown_doubles_at_a_constant_size_above_half_its_capacity() {
    for (workload, want) in [(FIFO_10K, (16_384, 32_768)), (LOAD_48, (32_768, 65_536))] {
        for map in ["hashbrown", "std"] {
            let session = measure(workload, &format!("-m {map} -c slots"));
            assert_eq!(buckets(slots(&session, map)), want, "{map}");
        }
    }
}

#[test]
fn hashbrown_does_not_grow_last_in_first_out() {
    let session = measure(LIFO_48, "-m hashbrown -c slots");
    let slots = slots(&session, "hashbrown");
    assert_eq!(buckets(slots), (32_768, 32_768));
    let (reused, recycled, fresh) = landings(slots);
    // A bucket is fresh once.
    assert!(reused > 0 && recycled == 0 && fresh <= 32_768 - 16_000, "{reused} {recycled} {fresh}");
}

#[test]
fn tombstones_reach_half_of_the_doubled_table_and_the_memory_never_comes_back() {
    let session = measure(LOAD_85, "-m hashbrown -c slots,heap");
    let slots = slots(&session, "hashbrown");
    assert_eq!(buckets(slots), (32_768, 65_536));
    let share = |window: &SlotWindow| window.dead.unwrap() * 1000 / window.capacity.unwrap();
    let most = slots.windows.iter().filter(|w| w.capacity.unwrap() > 0).map(share).max().unwrap();
    assert!((460..=500).contains(&most), "dead slots: {most} of 1000");

    let heap = heap(&session, "hashbrown");
    let full = heap.samples.iter().rfind(|sample| sample.phase == "fill").unwrap();
    let full = full.allocated - heap.before.allocated;
    // 16 bytes an entry, a control byte and 16 more at the end: 557,072 and 1,114,128, in jemalloc's classes.
    let (single, double): (RangeInclusive<u64>, _) = (557_072..=600_000, 1_114_128..=1_200_000);
    assert!(single.contains(&full), "{full} bytes");
    let held = held(heap);
    let doubled = held.iter().position(|bytes| double.contains(bytes)).expect("it doubles");
    assert!(held[doubled..].iter().all(|bytes| double.contains(bytes)), "{held:?}");
    assert!(
        double.contains(&(heap.drained.allocated - heap.before.allocated)),
        "an empty map keeps its table"
    );
}

#[test]
fn a_tree_stays_flat() {
    let session = measure(LOAD_85, "-m btree -c heap");
    let held = held(heap(&session, "btree"));
    let (least, most) = (held.iter().min().unwrap(), held.iter().max().unwrap());
    assert!(*least > 0 && most * 100 <= least * 120, "{least} to {most} bytes");
}

#[test]
fn dense_maps_and_slot_managers_reuse_every_slot() {
    let session = measure(LOAD_85, "-m indexmap-swap,slab,slotmap -c slots");
    for map in ["indexmap-swap", "slab", "slotmap"] {
        let (reused, recycled, fresh) = landings(slots(&session, map));
        assert!(reused == 560_000 && recycled == 0 && fresh == 0, "{map}: {reused} {recycled} {fresh}");
    }
}

#[test]
fn papaya_reuses_no_slot_and_gets_nearly_every_block_back_from_the_allocator() {
    let session = measure(LOAD_85, "-m papaya -c slots");
    let (reused, recycled, fresh) = landings(slots(&session, "papaya"));
    assert_eq!(reused, 0);
    assert!(recycled > 20 * fresh, "{recycled} recycled, {fresh} fresh");
}

#[test]
fn go_reuses_the_slots_of_deleted_entries_and_the_articles_rule_would_cost_rebuilds() {
    let session = measure(NEAR_GO_LIMIT, "-m go-classic,go-classic-no-reuse,go-swiss -c slots,events");
    for map in ["go-classic", "go-swiss"] {
        let (reused, recycled, fresh) = landings(slots(&session, map));
        assert!(reused > 4 * (recycled + fresh), "{map}: {reused} {recycled} {fresh}");
    }
    assert_eq!(landings(slots(&session, "go-classic-no-reuse")).0, 0);

    let [go, article] = ["go-classic", "go-classic-no-reuse"].map(|map| events(&session, map));
    let rebuilds = [go, article].map(|events| count(events, EventKind::SameSizeGrow));
    assert!(rebuilds[0] > 0 && rebuilds[1] > 10 * rebuilds[0], "{rebuilds:?}");
    let into_freed = |events: &Events| {
        let decisions = events.decisions.iter().filter(|one| one.taken == Taken::FirstEmpty);
        decisions.map(|one| one.count).sum::<u64>()
    };
    assert!(into_freed(go) > 0 && into_freed(article) == 0);
    assert!(count(events(&session, "go-swiss"), EventKind::Prune) > 0);
}

#[test]
fn the_allocator_shows_when_hashbrown_doubles_under_churn() {
    let session = measure(LOAD_85, "-m hashbrown -c events");
    let events = events(&session, "hashbrown");
    let after_fill = |op: u64| op >= 28_000;
    let made = events.listed.iter().filter(|event| event.kind == EventKind::TableAllocated);
    let made: Vec<_> = made.filter(|event| after_fill(event.op)).collect();
    assert!(matches!(made.as_slice(), [doubled] if doubled.size >= 1_114_128), "{made:?}");
}
