//! What each map of the list states about itself is what it does.

use formats::entry::{Keys, Values};
use formats::observation::{Collector, EventSource, Observation, Reading};
use formats::subject::{Demand, Extras, Fact, Incompatible, MapInfo, MapKind};
use formats::tape::{Executed, Header, Kind, Op, PhaseMark, Tape};
use maps::list::maps;
use subject::job::{Job, Unsupported};
use subject::map::{Map, Shared};
use subject::program::Listed;
use subject::watch::ledger::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const ENTRIES: u64 = 64;
const ALONE: Demand = Demand {
    threads: 1,
    keys_shared: false,
    keys: Keys::U64,
    values: Values::U64,
    extras: Extras::NONE,
    is_bounded: false,
};
const TOGETHER: Demand = Demand { threads: 2, ..ALONE };

/// Each thread fills the map with keys of its own, takes every other out, and looks the rest up.
fn tape(demand: &Demand) -> Tape {
    let thread = |thread: u64| {
        let keys = thread * ENTRIES..(thread + 1) * ENTRIES;
        let inserts = keys.clone().map(|key| Op::new(Kind::Insert, key));
        let removes = keys.clone().step_by(2).map(|key| Op::new(Kind::Remove, key));
        let gets = keys.skip(1).step_by(2).map(|key| Op::new(Kind::Get, key));
        inserts.chain(removes).chain(gets).collect::<Vec<_>>()
    };
    let threads: Vec<Vec<Op>> = (0..demand.threads as u64).map(thread).collect();
    let ops = threads.iter().map(|ops| ops.len() as u64).collect();
    let header = Header {
        workload: "facts".into(),
        seed: 1,
        keys: demand.keys,
        values: demand.values,
        keys_shared: demand.keys_shared,
        distinct: demand.threads as u64 * ENTRIES,
        bound: demand.is_bounded.then_some(ENTRIES / 4),
        phases: vec![PhaseMark { name: "churn".into(), ops, counts: true, pace: None }],
        executed: Executed { peak_live: Some(ENTRIES), ..Executed::default() },
        ..Header::default()
    };
    Tape::new(header, threads.concat())
}

fn play(map: &Listed, demand: &Demand, collector: Collector) -> Result<Observation, Unsupported> {
    let tape = tape(demand);
    map.play_job(&Job { tape, collector, samples: 10, hz: 99, profile_ns: 1, turns: None, inject_work: 0 })
}

/// The maps that do what they say.
fn honest() -> impl Iterator<Item = Listed> {
    maps().into_iter().filter(|map| !map.info.canary)
}

/// Those of them that keep what they are given.
fn keeping() -> impl Iterator<Item = Listed> {
    honest().filter(|map| !map.info.kind.is_bounded())
}

#[test]
fn a_map_plays_what_it_says_it_can_play() {
    let shared = Demand { keys_shared: true, ..TOGETHER };
    let shapes = [
        (Keys::U64, Values::Bytes(64)),
        (Keys::U64, Values::boxed(32)),
        (Keys::Uuid, Values::U64),
        (Keys::String(24), Values::boxed(32)),
        (Keys::U32, Values::Bytes(64)),
    ];
    let mut cases: Vec<(Demand, Collector)> = Vec::new();
    // Latency, contention and stacks take their time, and whatever plays for throughput plays for them.
    let quick = [
        Collector::Throughput,
        Collector::Slots,
        Collector::Heap,
        Collector::Allocations,
        Collector::Events,
        Collector::Calls,
    ];
    let bounded = [ALONE, TOGETHER, shared].map(|demand| Demand { is_bounded: true, ..demand });
    for demand in [ALONE, TOGETHER, shared].into_iter().chain(bounded) {
        cases.extend(quick.map(|collector| (demand, collector)));
    }
    for (keys, values) in shapes {
        let demand = Demand { keys, values, ..ALONE };
        cases.extend([(demand, Collector::Throughput), (demand, Collector::Calls)]);
    }
    // It calibrates its clock each time.
    cases.extend([(ALONE, Collector::Tail), (bounded[0], Collector::Tail)]);
    for map in honest() {
        for (demand, collector) in &cases {
            let name = &map.info.name;
            match (map.info.supports(demand, *collector), play(&map, demand, *collector)) {
                (Ok(()), Ok(_)) | (Err(_), Err(_)) => {}
                (said, done) => panic!("{name}: {demand:?} {collector:?}: says {said:?} and {done:?}"),
            }
        }
    }
}

#[test]
fn a_map_of_ones_own_says_what_it_takes() {
    let info = || MapInfo::new("mine", "1", "A map of one's own.");
    let threads = Listed::shared::<maps::single_writer::Adapter<u64, u64>>(info());
    assert_eq!((threads.info.kind, threads.info.states(Fact::OwnThreads)), (MapKind::Shared, true));
    let alone = Listed::single::<maps::btree::Adapter<u64, u64>>(info());
    assert_eq!((alone.info.kind, alone.info.states(Fact::OwnThreads)), (MapKind::Single, false));
    let texts = Demand { keys: Keys::String(24), ..ALONE };
    for map in [threads, alone] {
        assert!(map.info.supports(&ALONE, Collector::Latency).is_ok());
        assert!(map.info.supports(&texts, Collector::Latency).is_err());
        assert!(matches!(play(&map, &texts, Collector::Latency), Err(Unsupported::Entries { .. })));
        assert_eq!(map.info.supports(&ALONE, Collector::Calls), Err(Incompatible::PlainKeys));
        assert!(matches!(play(&map, &ALONE, Collector::Calls), Err(Unsupported::Keys { .. })));
    }
}

#[test]
fn those_that_tell_of_their_events_are_those_that_say_so() {
    for map in honest().filter(|map| map.info.supports(&ALONE, Collector::Events).is_ok()) {
        let Reading::Events(events) = play(&map, &ALONE, Collector::Events).expect("it says so").reading
        else {
            panic!("events")
        };
        let tells = events.source == EventSource::Map;
        assert_eq!(map.info.states(Fact::TellsEvents), tells, "{}", map.info.name);
    }
}

/// A thread that is alone waits for no lock.
#[test]
fn those_whose_locks_count_and_those_that_hand_writes_over_are_those_that_say_so() {
    let writes = ENTRIES + ENTRIES / 2;
    for map in keeping() {
        let Reading::Contention(seen) =
            play(&map, &ALONE, Collector::Contention).expect("one can ask").reading
        else {
            panic!("contention")
        };
        let (counts, waits) =
            (!seen.threads.is_empty(), seen.threads.iter().map(|thread| thread.waits).sum::<u64>());
        assert_eq!(map.info.states(Fact::CountsLocks), counts, "{}", map.info.name);
        assert_eq!(map.info.states(Fact::HandsOverWrites), waits == writes, "{}: {waits}", map.info.name);
    }
}

#[test]
fn the_answers_tell_how_many_entries_live_unless_a_map_says_no() {
    for map in keeping().filter(|map| map.info.kind != MapKind::Null) {
        let answers = play(&map, &ALONE, Collector::Throughput).expect("every map plays alone").answers;
        assert_eq!(answers.end_len, ENTRIES / 2, "{}: all that entered and was not taken", map.info.name);
        let tell = answers.balance.cast_unsigned() == answers.end_len;
        assert_eq!(map.info.states(Fact::NoAnswers), !tell, "{}", map.info.name);
    }
}

/// Entries that lie elsewhere once the one that came first has gone; the keys rise.
fn moved(map: &mut impl Map<u64, u64>) -> usize {
    const ENTRIES: u64 = 1000;
    for key in 0..ENTRIES {
        map.insert(&key, key);
    }
    let before: Vec<_> = (1..ENTRIES).map(|key| map.locate(&key)).collect();
    map.remove(&0);
    let after: Vec<_> = (1..ENTRIES).map(|key| map.locate(&key)).collect();
    before.iter().zip(&after).filter(|(before, after)| before != after).count()
}

/// Threads that began while the map was made. Those without a name have that of the thread that began them.
fn own_threads<S: Shared<u64, u64>>() -> usize {
    let tasks = || {
        let name = std::fs::read_to_string("/proc/thread-self/comm").expect("a thread has a name");
        let tasks = std::fs::read_dir("/proc/self/task").expect("a process has threads");
        let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
        names.filter(|other| *other == name).count()
    };
    let before = tasks();
    let map = S::default();
    let began = tasks() - before;
    drop(map);
    began
}

macro_rules! behaviour {
    (single $($module:ident)::+) => {
        Some((moved(&mut maps::$($module)::+::Adapter::<u64, u64>::default()), 0))
    };
    (shared $($module:ident)::+) => {{
        type Adapter = maps::$($module)::+::Adapter<u64, u64>;
        Some((moved(&mut Adapter::default().handle()), own_threads::<Adapter>()))
    }};
    (locked $($module:ident)::+) => { behaviour!(shared $($module)::+) };
    (eventual $($module:ident)::+) => { behaviour!(shared $($module)::+) };
    (shared_cache $($module:ident)::+) => {
        Some((0, own_threads::<maps::$($module)::+::Adapter<u64, u64>>()))
    };
    ($keyless:ident $($module:ident)::+) => { None };
}

macro_rules! behaviours {
    ($($kind:ident $($module:ident)::+;)*) => { [$(behaviour!($kind $($module)::+)),*] };
}

#[test]
fn removes_that_move_the_rest_and_threads_of_its_own_are_stated() {
    let behaviours: Vec<Option<(usize, usize)>> = maps::for_each_map!(behaviours).into();
    assert_eq!(honest().count(), behaviours.len());
    for (Listed { info, .. }, behaviour) in honest().zip(behaviours) {
        let (moved, threads) = behaviour.unwrap_or((0, 0));
        assert_eq!(info.states(Fact::SlowRemove), moved > 500, "{}: {moved} moved", info.name);
        assert_eq!(info.states(Fact::OwnThreads), threads > 0, "{}: {threads} threads", info.name);
    }
}
