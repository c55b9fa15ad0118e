//! What the collectors see in maps whose behaviour is known beforehand.

use std::collections::BTreeMap;

use formats::answer::{Answer, Digest};
use formats::observation::{Allocations, Collector, Observation, Reading, Slots};
use formats::tape::{Executed, Header, Kind, Op, Tape};
use subject::entry::{Numbered, Value};
use subject::job::Job;
use subject::map::{Address, Map};
use subject::pass::single;
use subject::program::STEADY;
use subject::watch::ledger::{self, CountingAllocator, Ledger};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

// As in a program that counts: what the allocator hands out must not depend on how much time has passed.
// SAFETY: the name is jemalloc's own, for exactly this type, and no other symbol has it.
#[unsafe(export_name = "_rjem_malloc_conf")]
static SETTINGS: &[u8; STEADY.len()] = STEADY;

const LIVE: u64 = 1000;
const PAIRS: u64 = 20_000;

/// Fill, then remove the oldest and insert a new one, again and again.
fn fifo() -> Tape {
    let fill = (0..LIVE).map(|key| Op::new(Kind::Insert, key));
    let churn = (0..PAIRS).flat_map(|n| [Op::new(Kind::Remove, n), Op::new(Kind::Insert, LIVE + n)]);
    tape(&[("fill", fill.collect()), ("churn", churn.collect())])
}

/// Of several phases the first does not count.
fn tape(phases: &[(&str, Vec<Op>)]) -> Tape {
    let executed = Executed { peak_live: Some(LIVE), ..Executed::default() };
    Tape::of_one_thread(Header { executed, ..Header::default() }, phases)
}

fn observe<M: Map<u64, u64> + Default>(tape: Tape, collector: Collector) -> Observation {
    let job = Job { tape, collector, samples: 10, hz: 99, profile_ns: 1, turns: None, inject_work: 0 };
    single::<M, u64, u64>("test", &job).expect("one thread")
}

fn slots<M: Map<u64, u64> + Default>(tape: Tape) -> Slots {
    match observe::<M>(tape, Collector::Slots).reading {
        Reading::Slots(slots) => slots,
        other => panic!("{other:?}"),
    }
}

fn allocations<M: Map<u64, u64> + Default>(tape: Tape) -> Allocations {
    match observe::<M>(tape, Collector::Allocations).reading {
        Reading::Allocations(allocations) => allocations,
        other => panic!("{other:?}"),
    }
}

/// Reused, recycled and fresh inserts of the churn.
fn landings(slots: &Slots) -> (u64, u64, u64) {
    let churn = slots.windows.iter().filter(|window| window.phase == "churn");
    churn.fold((0, 0, 0), |sum, w| (sum.0 + w.reused, sum.1 + w.recycled, sum.2 + w.fresh))
}

/// Where a map keeps the values of its entries.
trait Storage: Default {
    fn put(&mut self, value: u64) -> usize;
    fn value(&self, slot: usize) -> &u64;
    fn take(&mut self, slot: usize) -> u64;
}

/// A map for tests: an index, and a storage that decides where values lie.
#[derive(Default)]
struct Indexed<S> {
    index: BTreeMap<u64, usize>,
    storage: S,
}

impl<S: Storage> Map<u64, u64> for Indexed<S> {
    fn insert(&mut self, key: &u64, value: u64) -> Answer {
        let old = self.index.remove(key).map(|slot| self.storage.take(slot));
        self.index.insert(*key, self.storage.put(value));
        old.into()
    }

    fn remove(&mut self, key: &u64) -> Answer {
        self.index.remove(key).map(|slot| self.storage.take(slot)).into()
    }

    fn get(&mut self, key: &u64) -> Answer {
        self.index.get(key).map(|slot| *self.storage.value(*slot)).into()
    }

    fn update(&mut self, _key: &u64, _value: u64) -> Answer {
        unreachable!("not on these tapes")
    }

    fn iterate(&mut self) -> Answer {
        unreachable!("not on these tapes")
    }

    fn clear(&mut self) -> Answer {
        unreachable!("not on these tapes")
    }

    fn len(&mut self) -> u64 {
        self.index.len() as u64
    }

    fn locate(&mut self, key: &u64) -> Option<Address> {
        self.index.get(key).map(|slot| std::ptr::from_ref(self.storage.value(*slot)).addr())
    }

    fn locate_all(&mut self, visit: &mut dyn FnMut(Address)) {
        for slot in self.index.values() {
            visit(std::ptr::from_ref(self.storage.value(*slot)).addr());
        }
    }
}

/// Takes the slot freed last.
#[derive(Default)]
struct FreeList {
    slots: Vec<u64>,
    free: Vec<usize>,
}

impl Storage for FreeList {
    fn put(&mut self, value: u64) -> usize {
        if let Some(slot) = self.free.pop() {
            self.slots[slot] = value;
            return slot;
        }
        self.slots.push(value);
        self.slots.len() - 1
    }

    fn value(&self, slot: usize) -> &u64 {
        &self.slots[slot]
    }

    fn take(&mut self, slot: usize) -> u64 {
        self.free.push(slot);
        self.slots[slot]
    }
}

/// Never takes a slot again, and never moves: room for all is made at once.
struct Append(Vec<u64>);

impl Default for Append {
    fn default() -> Self {
        Self(Vec::with_capacity(21_000))
    }
}

impl Storage for Append {
    fn put(&mut self, value: u64) -> usize {
        self.0.push(value);
        self.0.len() - 1
    }

    fn value(&self, slot: usize) -> &u64 {
        &self.0[slot]
    }

    fn take(&mut self, slot: usize) -> u64 {
        self.0[slot]
    }
}

/// A block of its own for each value.
#[derive(Default)]
struct Nodes {
    blocks: Vec<Option<Box<[u64; 20]>>>,
    free: Vec<usize>,
}

impl Storage for Nodes {
    fn put(&mut self, value: u64) -> usize {
        let block = Some(Box::new([value; 20]));
        if let Some(slot) = self.free.pop() {
            self.blocks[slot] = block;
            return slot;
        }
        self.blocks.push(block);
        self.blocks.len() - 1
    }

    fn value(&self, slot: usize) -> &u64 {
        &self.blocks[slot].as_ref().expect("live")[3]
    }

    fn take(&mut self, slot: usize) -> u64 {
        self.free.push(slot);
        self.blocks[slot].take().expect("live")[0]
    }
}

/// Like [`Nodes`], and keeps the blocks of removed entries for ever.
#[derive(Default)]
struct Leaky(Nodes);

impl Storage for Leaky {
    fn put(&mut self, value: u64) -> usize {
        self.0.put(value)
    }

    fn value(&self, slot: usize) -> &u64 {
        self.0.value(slot)
    }

    fn take(&mut self, slot: usize) -> u64 {
        self.0.free.push(slot);
        Box::leak(self.0.blocks[slot].take().expect("live"))[0]
    }
}

#[test]
fn a_free_list_reuses_every_slot_at_once() {
    let slots = slots::<Indexed<FreeList>>(fifo());
    assert_eq!(landings(&slots), (PAIRS, 0, 0));
    assert_eq!(slots.distance, [PAIRS], "each slot is taken by the next operation");
    assert_eq!(slots.distance_sampling, 1);
}

#[test]
fn an_append_only_array_reuses_nothing() {
    assert_eq!(landings(&slots::<Indexed<Append>>(fifo())), (0, 0, PAIRS));
}

#[test]
fn blocks_come_back_from_the_allocator() {
    assert_eq!(landings(&slots::<Indexed<Nodes>>(fifo())), (0, PAIRS, 0));
}

#[test]
fn leaked_blocks_do_not_come_back() {
    assert_eq!(landings(&slots::<Indexed<Leaky>>(fifo())), (0, 0, PAIRS));
}

#[test]
fn entries_that_a_table_carried_along_have_lived_where_they_went() {
    // The array of slots moves while it grows; the oldest entries were relocated into it and never written to
    // again, and yet their places are used places once they are removed.
    let fill = (0..LIVE).map(|key| Op::new(Kind::Insert, key)).collect();
    let refill: Vec<Op> = (0..LIVE)
        .map(|key| Op::new(Kind::Remove, key))
        .chain((LIVE..2 * LIVE).map(|key| Op::new(Kind::Insert, key)))
        .collect();
    let slots = slots::<Indexed<FreeList>>(tape(&[("fill", fill), ("churn", refill)]));
    assert!(slots.moves > 0);
    assert_eq!(landings(&slots), (LIVE, 0, 0));
}

#[test]
fn shadow_memory_is_small() {
    let slots = slots::<Indexed<FreeList>>(fifo());
    assert!(slots.map_bytes > 0);
    assert!(slots.shadow_bytes < 100_000, "{} bytes for {LIVE} entries", slots.shadow_bytes);
}

/// Whether a block of jemalloc's can grow where it is depends on what lies behind it.
#[test]
fn a_block_that_grows_counts_as_another_one_wherever_it_comes_to_lie() {
    const FROM: u32 = 14;
    const TO: u32 = 22;
    ledger::install(Ledger::with_lifetimes());
    ledger::with(Ledger::reopen);
    let mut bytes: Vec<u8> = Vec::with_capacity(1 << FROM);
    let mut moves = 0;
    for log in FROM + 1..=TO {
        let before = bytes.as_ptr();
        bytes.reserve_exact(1 << log);
        moves += u32::from(bytes.as_ptr() != before);
    }
    ledger::with(Ledger::close);
    drop(bytes);
    let classes = ledger::remove().classes();
    let seen: Vec<_> = classes.iter().map(|class| (class.size, class.allocations, class.frees)).collect();
    let wanted: Vec<_> = (FROM..=TO).map(|log| (1_u64 << log, 1, u64::from(log < TO))).collect();
    assert_eq!(seen, wanted, "{moves} of {} moved", TO - FROM);
}

#[test]
fn blocks_are_counted_by_phase_size_and_lifetime() {
    let seen = allocations::<Indexed<Nodes>>(fifo());
    let class = seen.classes.iter().find(|class| class.size == 160).expect("20 words are 160 bytes");
    assert_eq!(class.allocations, LIVE + PAIRS);
    assert_eq!(class.frees, PAIRS);
    let churn = seen.phases.iter().find(|phase| phase.phase == "churn").expect("it has a churn");
    assert_eq!(churn.ops, 2 * PAIRS);
    assert!(churn.allocations >= PAIRS && churn.bytes >= 160 * PAIRS);
    assert_eq!(seen.dropped_bytes, 0);
    assert!(seen.peak_bytes >= 160 * LIVE && seen.end_bytes >= 160 * LIVE);
}

#[test]
fn a_leak_is_seen_and_its_twin_is_not_blamed() {
    assert_eq!(allocations::<Indexed<Leaky>>(fifo()).dropped_bytes, (LIVE + PAIRS) * 160);
    assert_eq!(allocations::<Indexed<Nodes>>(fifo()).dropped_bytes, 0);
}

#[test]
fn lifetimes_are_the_distance_from_insert_to_remove() {
    let seen = allocations::<Indexed<Nodes>>(fifo());
    let class = seen.classes.iter().find(|class| class.size == 160).expect("20 words are 160 bytes");
    // Entry n is inserted at LIVE + 2(n - LIVE) + 1 and removed at LIVE + 2n: 2 LIVE - 1 operations later.
    assert_eq!(class.lifetimes[(2 * LIVE - 1).ilog2() as usize], PAIRS - LIVE + first_fill_in_bin());
}

/// Entries of the fill that live 1024 to 2047 operations: entry n lives from n to LIVE + 2n.
fn first_fill_in_bin() -> u64 {
    (0..LIVE).filter(|n| (1024..2048).contains(&(LIVE + n))).count() as u64
}

#[test]
fn counts_of_a_tape_are_the_same_on_every_run() {
    assert_eq!(allocations::<Indexed<Nodes>>(fifo()), allocations::<Indexed<Nodes>>(fifo()));
}

/// The sum of folded stacks that end in a call of this name, or of all.
fn sum(folded: &str, last: &str) -> u64 {
    let lines = folded.lines().map(|line| line.rsplit_once(' ').expect("a stack and its bytes"));
    lines
        .filter(|(stack, _)| stack.ends_with(last))
        .map(|(_, bytes)| bytes.parse::<u64>().expect("bytes"))
        .sum()
}

#[test]
fn sampled_stacks_sum_to_the_bytes_that_are_counted() {
    let stacks = |observation: Observation| match observation.reading {
        Reading::HeapStacks(stacks) => stacks,
        other => panic!("{other:?}"),
    };
    let seen = stacks(observe::<Indexed<Leaky>>(fifo(), Collector::HeapStacks));
    let counted = allocations::<Indexed<Leaky>>(fifo());
    assert_eq!(seen.live.bytes, counted.end_bytes);
    assert!(
        sum(&seen.live.folded, "").abs_diff(seen.live.bytes) <= 3 * seen.live.deviation,
        "{:?}",
        seen.live
    );
    let all: u64 = counted.phases.iter().map(|phase| phase.bytes).sum();
    assert!(seen.live.bytes + seen.churned.bytes >= all, "a block that grows where it is counts anew");
    assert_eq!(
        stacks(observe::<Indexed<Leaky>>(fifo(), Collector::HeapStacks)),
        seen,
        "the same on every run"
    );
    // What does not leak holds its live entries only.
    let sound = stacks(observe::<Indexed<Nodes>>(fifo(), Collector::HeapStacks));
    assert!(sum(&seen.live.folded, "") > 10 * sum(&sound.live.folded, ""), "{sound:?}");
}

#[test]
fn answers_are_folded_as_the_map_gives_them() {
    let observation = observe::<Indexed<FreeList>>(fifo(), Collector::Latency);
    let mut want = Digest::default();
    let mut stamps = BTreeMap::new();
    for (index, op) in (0..).zip(fifo().thread(0)) {
        let answer = match op.kind() {
            Kind::Insert => stamps.insert(op.key(), index),
            _ => stamps.remove(&op.key()),
        };
        want.fold(index, answer.into());
    }
    assert_eq!(observation.answers.digests, [want]);
    assert_eq!(observation.answers.balance, LIVE.cast_signed());
    assert_eq!(observation.answers.end_len, LIVE);
}

#[test]
fn every_operation_is_timed_once() {
    let Reading::Latency(latency) = observe::<Indexed<FreeList>>(fifo(), Collector::Latency).reading else {
        panic!("a latency pass reads latencies");
    };
    let count = |phase: &str, kind| {
        let of = latency.kinds.iter().filter(|known| known.phase == phase && known.kind == kind);
        of.map(|known| known.service.count()).sum::<u64>()
    };
    assert_eq!(count("fill", Kind::Insert), LIVE);
    assert_eq!(count("churn", Kind::Insert), PAIRS);
    assert_eq!(count("churn", Kind::Remove), PAIRS);
    assert_eq!(latency.windows.iter().map(|w| w.service.count()).sum::<u64>(), LIVE + 2 * PAIRS);
    let kinds: BTreeMap<u64, Kind> = (0..).zip(fifo().thread(0).iter().map(|op| op.kind())).collect();
    assert!(latency.worst.is_sorted_by_key(|slow| std::cmp::Reverse(slow.ns)));
    assert!(latency.worst.iter().all(|slow| kinds[&slow.index] == slow.kind));
}

#[test]
fn phases_of_one_name_stay_apart() {
    let fill = || (0..LIVE).map(|key| Op::new(Kind::Insert, key)).collect::<Vec<_>>();
    let drain = || (0..LIVE).map(|key| Op::new(Kind::Remove, key)).collect::<Vec<_>>();
    let teeth =
        [("fill", fill()), ("drain", drain()), ("fill", fill()), ("drain", drain()), ("fill", fill())];
    let Reading::Latency(latency) = observe::<Indexed<FreeList>>(tape(&teeth), Collector::Latency).reading
    else {
        panic!("a latency pass reads latencies");
    };
    let seen: Vec<_> = latency
        .kinds
        .iter()
        .map(|kind| (&*kind.phase, kind.phase_number, kind.counts, kind.kind, kind.service.count()))
        .collect();
    let (insert, remove) = (Kind::Insert, Kind::Remove);
    let want = [
        ("fill", Some(0), false, insert, LIVE),
        ("drain", Some(1), true, remove, LIVE),
        ("fill", Some(2), true, insert, LIVE),
        ("drain", Some(3), true, remove, LIVE),
        ("fill", Some(4), true, insert, LIVE),
    ];
    assert_eq!(seen, want);
}

#[test]
fn keys_and_values_are_what_they_say() {
    assert_eq!(<Box<str>>::make(1, 24).len(), 24);
    assert_ne!(<Box<str>>::make(1, 24), <Box<str>>::make(2, 24));
    assert_eq!(<[u64; 8]>::make(7, 64).stamp(), 7);
    assert_eq!(<Box<[u8]>>::make(7, 1024).stamp(), 7);
    assert_eq!(<Box<[u8]>>::make(7, 1024).len(), 1024);
}

#[test]
fn the_slowest_operations_of_the_load_are_looked_at_and_all_of_it_is_counted() {
    let Reading::Tail(seen) = observe::<Indexed<FreeList>>(fifo(), Collector::Tail).reading else {
        panic!("tail")
    };
    // One operation of a thousand is kept, and no fewer than 64.
    assert_eq!(seen.plays.iter().map(|play| play.kept).collect::<Vec<_>>(), [64; 3]);
    assert!(seen.plays.iter().all(|play| (39_000..40_000).contains(&play.ops)), "{:?}", seen.plays);
    assert!(seen.slow.iter().all(|slow| (LIVE..LIVE + 2 * PAIRS).contains(&slow.index)));
    let ops: BTreeMap<Kind, u64> = seen.usual.iter().map(|usual| (usual.kind, usual.ops)).collect();
    assert_eq!(ops, BTreeMap::from([(Kind::Insert, PAIRS), (Kind::Remove, PAIRS)]));
    // The tree gets a node every few inserts and gives one back every few removes; no operation gets many.
    assert!(seen.usual.iter().all(|usual| usual.by_calls[0] > PAIRS / 2 && usual.by_calls.len() > 1));
}
