//! What the collectors see in the ports of Go's maps is what the ports themselves say.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::rc::Rc;

use formats::answer::Answer;
use formats::observation::{Collector, EventKind, EventSource, Events, Reading};
use formats::tape::{Executed, Header, Kind, Op, Tape};
use go_maps::classic::{Hmap, NoReuse, Policy, Reuse};
use go_maps::hash::Aes;
use go_maps::marks::Marks;
use go_maps::probe::{Event, Probe};
use go_maps::seed::Seeds;
use go_maps::swiss;
use maps::{
    go::SEED, go_classic, go_classic_no_reuse, go_hash_trie, go_swiss, go_sync_map, hashbrown_foldhash,
};
use subject::entry::Numbered;
use subject::job::Job;
use subject::map::{Map, Shared};
use subject::pass::{probed_shared, probed_single, single};
use subject::watch::ledger::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Near the load limit of 128 buckets: the classic map rebuilds itself every now and then.
const LIVE: u64 = 800;
const PAIRS: u64 = 40_000;

/// A fill, then a random entry goes and a new one comes.
fn ops(live: u64, pairs: u64) -> Vec<Op> {
    let mut random = Seeds::new(1);
    let mut held: Vec<u64> = (0..live).collect();
    let mut ops: Vec<Op> = held.iter().map(|key| Op::new(Kind::Insert, *key)).collect();
    for key in live..live + pairs {
        let victim = usize::try_from(random.next_u64() % live).expect("few entries");
        ops.push(Op::new(Kind::Remove, std::mem::replace(&mut held[victim], key)));
        ops.push(Op::new(Kind::Insert, key));
    }
    ops
}

fn job(ops: Vec<Op>, collector: Collector) -> Job {
    let executed = Executed { peak_live: Some(LIVE), ..Executed::default() };
    let tape = Tape::of_one_thread(Header { executed, ..Header::default() }, &[("all", ops)]);
    Job { tape, collector, samples: 10, hz: 99, profile_ns: 1, turns: None, inject_work: 0 }
}

/// Marks slots, and keeps what else is told.
#[derive(Default)]
struct Seen {
    marks: Marks,
    events: RefCell<Vec<Event>>,
}

impl Probe for Seen {
    fn see(&self, event: Event) {
        self.marks.see(event);
        self.events.borrow_mut().push(event);
    }
}

/// Plays into the port itself.
fn direct(ops: &[Op], mut step: impl FnMut(u64, bool)) {
    for op in ops {
        step(Numbered::make(op.key(), 8), op.kind() == Kind::Insert);
    }
}

fn classic<R: Policy>() -> Rc<Seen> {
    let seen = Rc::new(Seen::default());
    let mut map: Hmap<u64, u64, Aes, R, _> = Hmap::make(0, Aes::seeded(SEED), SEED, Rc::clone(&seen));
    direct(&ops(LIVE, PAIRS), |key, put| {
        black_box(if put { map.insert(key, 0) } else { map.remove(&key) });
    });
    seen
}

fn swiss() -> Rc<Seen> {
    let seen = Rc::new(Seen::default());
    let mut map = swiss::Map::make(0, Aes::seeded(SEED), SEED, Rc::clone(&seen));
    direct(&ops(LIVE, PAIRS), |key, put| {
        black_box(if put { map.insert(key, 0_u64) } else { map.remove(&key) });
    });
    seen
}

fn events<M: Map<u64, u64> + Default>() -> Events {
    let observation = probed_single::<M, u64, u64>("test", &job(ops(LIVE, PAIRS), Collector::Events));
    told(observation.expect("one thread").reading)
}

fn events_shared<S: Shared<u64, u64>>() -> Events {
    let observation = probed_shared::<S, u64, u64>("test", &job(ops(LIVE, PAIRS), Collector::Events));
    told(observation.expect("one thread").reading)
}

fn told(reading: Reading) -> Events {
    match reading {
        Reading::Events(events) => events,
        other => panic!("{other:?}"),
    }
}

/// Inserts that the `slots` collector saw landing in a reused slot.
fn reused<M: Map<u64, u64> + Default>() -> u64 {
    let observation = probed_single::<M, u64, u64>("test", &job(ops(LIVE, PAIRS), Collector::Slots));
    match observation.expect("one thread").reading {
        Reading::Slots(slots) => slots.windows.iter().map(|window| window.reused).sum(),
        other => panic!("{other:?}"),
    }
}

/// Whether an event is of some kind.
type Fits = fn(&Event) -> bool;

fn count(events: &Events, kind: EventKind) -> u64 {
    events.kinds.iter().find(|seen| seen.kind == kind).map_or(0, |seen| seen.count)
}

#[test]
fn reuse_seen_by_address_is_reuse_seen_by_slot() {
    assert_eq!(reused::<go_classic::Probed<u64, u64>>(), classic::<Reuse>().marks.reused());
    assert_eq!(reused::<go_swiss::Probed<u64, u64>>(), swiss().marks.reused());
    assert_eq!(reused::<go_classic_no_reuse::Probed<u64, u64>>(), 0);
    assert_eq!(classic::<NoReuse>().marks.reused(), 0);
}

#[test]
fn the_collector_counts_what_the_port_tells() {
    for (events, seen) in [
        (events::<go_classic::Probed<u64, u64>>(), classic::<Reuse>()),
        (events::<go_classic_no_reuse::Probed<u64, u64>>(), classic::<NoReuse>()),
        (events::<go_swiss::Probed<u64, u64>>(), swiss()),
    ] {
        let seen = seen.events.borrow();
        let of = |fits: Fits| seen.iter().filter(|event| fits(event)).count() as u64;
        assert_eq!(events.source, EventSource::Map);
        let kinds: [(EventKind, Fits); 6] = [
            (EventKind::Grow, |event| matches!(event, Event::Grow { .. })),
            (EventKind::SameSizeGrow, |event| matches!(event, Event::SameSizeGrow { .. })),
            (EventKind::Evacuate, |event| matches!(event, Event::Evacuate { .. })),
            (EventKind::Prune, |event| matches!(event, Event::Prune { .. })),
            (EventKind::Delete, |event| matches!(event, Event::Delete { .. })),
            (EventKind::Move, |event| matches!(event, Event::Move { .. })),
        ];
        for (kind, fits) in kinds {
            assert_eq!(count(&events, kind), of(fits), "{}", kind.name());
        }
        let decided: u64 = events.decisions.iter().map(|decision| decision.count).sum();
        assert_eq!(decided, LIVE + PAIRS, "one decision for each new entry");
        assert_eq!(decided, of(|event| matches!(event, Event::Insert(_))));
    }
    let classic = events::<go_classic::Probed<u64, u64>>();
    assert!(count(&classic, EventKind::SameSizeGrow) > 0, "it compacts itself");
    assert!(count(&events::<go_swiss::Probed<u64, u64>>(), EventKind::Prune) > 0, "it prunes");
}

#[test]
fn counts_windows_and_list_agree() {
    let shared =
        [events_shared::<go_sync_map::Probed<u64, u64>>(), events_shared::<go_hash_trie::Probed<u64, u64>>()];
    for events in shared.into_iter().chain([events::<go_classic::Probed<u64, u64>>()]) {
        let listable: u64 =
            events.kinds.iter().filter(|seen| !seen.kind.is_of_one_entry()).map(|s| s.count).sum();
        assert_eq!(events.listed.len() as u64 + events.dropped, listable);
        assert!(events.listed.is_sorted_by_key(|event| event.op));
        for seen in &events.kinds {
            let windows = events.windows.iter().filter_map(|window| window.counts.get(&seen.kind));
            assert_eq!(windows.sum::<u64>(), seen.count, "{}", seen.kind.name());
            assert!(seen.first_op <= seen.last_op && seen.last_op < LIVE + 2 * PAIRS);
        }
        assert_eq!(events.windows.iter().map(|window| window.ops).sum::<u64>(), LIVE + 2 * PAIRS);
    }
}

#[test]
fn the_shared_ports_tell_what_they_are_made_of() {
    let sync_map = events_shared::<go_sync_map::Probed<u64, u64>>();
    assert!(count(&sync_map, EventKind::Promotion) > 0 && count(&sync_map, EventKind::DirtyRebuild) > 0);
    assert!(count(&sync_map, EventKind::Miss) > 0);
    let trie = events_shared::<go_hash_trie::Probed<u64, u64>>();
    assert!(count(&trie, EventKind::TrieNode) > count(&trie, EventKind::TrieNodeRemoved));
}

#[test]
fn the_same_tape_gives_the_same_events() {
    assert_eq!(events::<go_classic::Probed<u64, u64>>(), events::<go_classic::Probed<u64, u64>>());
}

/// Counts its dead slots and sweeps them when there are a hundred.
#[derive(Default)]
struct Sweeper {
    entries: BTreeMap<u64, u64>,
    dead: u64,
}

impl Map<u64, u64> for Sweeper {
    fn insert(&mut self, key: &u64, value: u64) -> Answer {
        if self.dead == 100 {
            self.dead = 0;
        }
        self.entries.insert(*key, value).into()
    }

    fn remove(&mut self, key: &u64) -> Answer {
        self.dead += 1;
        self.entries.remove(key).into()
    }

    fn get(&mut self, key: &u64) -> Answer {
        self.entries.get(key).copied().into()
    }

    fn update(&mut self, _key: &u64, _value: u64) -> Answer {
        unreachable!("not on this tape")
    }

    fn iterate(&mut self) -> Answer {
        unreachable!("not on this tape")
    }

    fn clear(&mut self) -> Answer {
        unreachable!("not on this tape")
    }

    fn len(&mut self) -> u64 {
        self.entries.len() as u64
    }

    fn capacity(&mut self) -> Option<u64> {
        Some(2_000 - self.dead)
    }
}

fn of_allocator<M: Map<u64, u64> + Default>(live: u64, pairs: u64) -> Events {
    let job = job(ops(live, pairs), Collector::Events);
    let events = told(single::<M, u64, u64>("test", &job).expect("one thread").reading);
    assert_eq!(events.source, EventSource::Allocator);
    assert!(events.decisions.is_empty());
    events
}

#[test]
fn of_any_other_map_the_allocator_tells() {
    // 1,700 entries are more than half of what 2,048 buckets hold: dead slots make the table double.
    let events = of_allocator::<hashbrown_foldhash::Adapter<u64, u64>>(1_700, 20_000);
    let last = events.listed.iter().rfind(|event| event.kind == EventKind::TableAllocated);
    let last = last.expect("it has a table");
    assert!(last.op >= 1_700 && last.size >= 4_096 * 17, "{last:?}");
    assert_eq!(count(&events, EventKind::TableAllocated), count(&events, EventKind::TableFreed) + 1);
}

#[test]
fn a_capacity_that_rises_without_a_new_table_is_a_rehash_in_place() {
    let events = of_allocator::<Sweeper>(1_000, 20_050);
    let [seen] = events.kinds.as_slice() else { panic!("{:?}", events.kinds) };
    assert_eq!((seen.kind, seen.count, seen.size), (EventKind::RehashInPlace, 200, 200 * 100));
    // The hundredth remove, and the insert after it.
    assert_eq!(seen.first_op, 1_000 + 199);
}
