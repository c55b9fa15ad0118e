//! What each collector sees in a made-up session.

use formats::histogram::Latencies;
use formats::observation::{
    Allocations, Calls, ClassAllocations, Clock, Collector, Consistency, Contention, DecisionCount,
    EventCount, EventKind, EventSource, EventWindow, Events, Film, FilmRow, Follows, Heap, HeapProfile,
    HeapSample, HeapStacks, Instructions, KindInstructions, KindLatency, KindProbes, Latency, LatencyWindow,
    ListedEvent, PhaseAllocations, PhaseCalls, PhaseProbes, PhaseTimes, ProbeUnit, Probes, Reading, Slice,
    SlotSource, SlotWindow, Slots, SlowOp, Stacks, Taken, Throughput, Waits,
};
use formats::tape::Kind;

use super::tail::tail;
use super::{CHURN, LIVE};

/// How a reading is made up.
type Make = fn(&Play) -> Reading;

/// What is made up.
const MADE: [(Collector, Make); 13] = [
    (Collector::Throughput, |play| Reading::Throughput(Throughput { phases: play.times(1.0), turns: None })),
    (Collector::Latency, |play| Reading::Latency(play.latency())),
    (Collector::Slots, |play| Reading::Slots(play.slots())),
    (Collector::Heap, |play| Reading::Heap(play.heap())),
    (Collector::Allocations, |play| Reading::Allocations(play.allocations())),
    (Collector::Events, |play| Reading::Events(play.events())),
    (Collector::Calls, |play| Reading::Calls(play.calls())),
    (Collector::Probes, |play| Reading::Probes(play.probes())),
    (Collector::Instructions, |play| Reading::Instructions(play.instructions())),
    (Collector::Contention, |play| Reading::Contention(play.contention())),
    (Collector::Tail, |play| Reading::Tail(tail(play.seed, play.is_table))),
    (Collector::Stacks, |play| Reading::Stacks(play.stacks())),
    (Collector::HeapStacks, |play| Reading::HeapStacks(play.heap_stacks())),
];

/// One map playing one tape; every figure follows from the names and the round.
pub(super) struct Play {
    map: String,
    /// ns an operation.
    cost: f64,
    round: u64,
    windows: u64,
    /// Whether entries stand in a table that doubles, or in blocks of their own.
    is_table: bool,
    seed: u64,
}

impl Play {
    pub(super) fn new(map: &str, workload: u64, round: u64, windows: u64) -> Self {
        let seed =
            map.bytes().fold(workload + 7, |sum, byte| sum.wrapping_mul(131).wrapping_add(u64::from(byte)));
        let cost = match map {
            "null" => 2.4,
            "hashbrown" => 31.0,
            _ => 22.0 + (seed % 97) as f64 * 1.7,
        };
        let is_table = !matches!(map, "btree" | "skipmap" | "papaya" | "scc");
        Self { map: map.into(), cost, round, windows, is_table, seed }
    }

    /// A share between 0 and 1 that depends on `at`.
    fn chance(&self, at: u64) -> f64 {
        let mixed = (self.seed ^ self.round.wrapping_mul(77) ^ at.wrapping_mul(0x9E37_79B9))
            .wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed >> 40) as f64 / (1_u64 << 24) as f64
    }

    /// What a collector sees; nothing for one that is not made up here.
    pub(super) fn reading(&self, collector: Collector) -> Reading {
        let made = MADE.iter().find(|(of, _)| *of == collector);
        made.map_or_else(|| collector.nothing(), |(_, make)| make(self))
    }

    fn times(&self, factor: f64) -> Vec<PhaseTimes> {
        let phase = |name: &str, ops: u64, slices: u64| {
            let slice = |at: u64| {
                let ops = ops / slices;
                let noise = 1.0 + 0.04 * self.chance(at);
                let wall_ns = (ops as f64 * self.cost * factor * noise) as u64;
                Slice { ops, wall_ns, cpu_ns: wall_ns }
            };
            let slices: Vec<Slice> = (0..slices).map(slice).collect();
            PhaseTimes {
                phase: name.into(),
                wall_ns: slices.iter().map(|slice| slice.wall_ns).sum(),
                threads: vec![slices],
            }
        };
        vec![phase("fill", LIVE, 2), phase("churn", CHURN, 8)]
    }

    /// Where a window begins and how many operations are in it: the filling is the first.
    fn window(&self, at: u64) -> (u64, u64) {
        let ops = CHURN / self.windows.saturating_sub(1).max(1);
        if at == 0 { (0, LIVE) } else { (LIVE + ops * (at - 1), ops) }
    }

    fn durations(&self, at: u64, count: u64) -> Latencies {
        let mut latencies = Latencies::new();
        let mut left = count;
        for step in 0..40 {
            let times = if step == 39 { left } else { left * 2 / 5 };
            let ns = self.cost * (0.7 + 0.12 * f64::from(step) + 0.002 * f64::from(step).powi(4));
            latencies.record((ns * (1.0 + 0.1 * self.chance(at + step as u64))) as u64, times);
            left -= times;
        }
        let rehash = if self.is_table { 800_000.0 } else { 9_000.0 };
        latencies.record((rehash * (0.5 + self.chance(at))) as u64, 1);
        latencies.packed()
    }

    fn latency(&self) -> Latency {
        let kinds = [Kind::Insert, Kind::Remove, Kind::Get];
        let kind = |phase: &str, kind: Kind, ops| KindLatency {
            phase: phase.into(),
            phase_number: Some(u64::from(phase != "fill")),
            counts: phase != "fill",
            kind,
            role: None,
            service: self.durations(kind as u64, ops),
            response: None,
        };
        let mut all = vec![kind("fill", Kind::Insert, LIVE)];
        all.extend(kinds.map(|one| kind("churn", one, CHURN / 4)));
        let window = |at: u64| LatencyWindow {
            phase: if at == 0 { "fill" } else { "churn" }.into(),
            first_op: self.window(at).0,
            service: self.durations(1000 + at, self.window(at).1),
        };
        let slow = |at: u64| SlowOp {
            thread: 0,
            index: if at == 0 { 31_007 } else { 40_000 + at * 1000 + self.round },
            kind: Kind::Insert,
            ns: 900_000 - at * 10_000 + self.round,
        };
        Latency {
            clock: Clock { name: "tsc".into(), hz: 2e9, read_ns: 9.0, granularity_ns: 30.0 },
            times: self.times(1.3),
            kinds: all,
            windows: (0..self.windows).map(window).collect(),
            worst: (0..4).map(slow).collect(),
        }
    }

    fn slots(&self) -> Slots {
        if self.map == "null" {
            return Slots {
                windows: Vec::new(),
                distance: Vec::new(),
                distance_sampling: 1,
                moves: 0,
                shadow_bytes: 0,
                map_bytes: 0,
                unavailable: Some("it keeps nothing".into()),
                film: None,
            };
        }
        let window = |at: u64| {
            let (first_op, ops) = self.window(at);
            let fill = at == 0;
            let inserts = if fill { ops } else { ops / 2 };
            let grown = at > self.windows / 3;
            let capacity = if grown { 57_344 } else { 28_672 };
            let reuse = if fill {
                0.0
            } else if self.is_table {
                0.35 + 0.5 * self.chance(0) + 0.1 * self.chance(at)
            } else {
                0.02
            };
            let reused = (inserts as f64 * reuse) as u64;
            let recycled = if self.is_table { 0 } else { (inserts - reused) * 9 / 10 };
            SlotWindow {
                phase: if fill { "fill" } else { "churn" }.into(),
                first_op,
                ops,
                reused,
                recycled,
                fresh: inserts - reused - recycled,
                live: LIVE,
                dead: self.is_table.then_some(if fill {
                    0
                } else {
                    capacity * (20 + (at * 7 + self.seed) % 29) / 100
                }),
                capacity: self.is_table.then_some(capacity),
            }
        };
        Slots {
            windows: (0..self.windows).map(window).collect(),
            distance: (0..17).map(|at| ((at * at * (20 - at)) as f64 * self.chance(at)) as u64).collect(),
            distance_sampling: 16,
            moves: 3,
            shadow_bytes: 70_000,
            map_bytes: 1_114_128,
            unavailable: None,
            film: Some(self.film()),
        }
    }

    /// Slots that are filled from the left, left from the left, and die there.
    fn film(&self) -> Film {
        let source = if self.is_table { SlotSource::Map } else { SlotSource::Memory };
        let mut film = Film::new(source);
        for row in 0..Film::ROWS as u64 {
            let (dead, live) = (row * 20, 4096);
            let slots = [8192 - live - dead, live / 2, live / 2, 0, 0, dead];
            let levels = std::array::from_fn(|column| {
                let dies = (column as u64) < dead / 52;
                let live = if self.chance(row * 160 + column as u64) < 0.5 { 15 } else { 14 };
                [14, live, 13, 0, 0, if dies { 4 } else { 0 }]
            });
            let ops = (LIVE + CHURN) * (row + 1) / Film::ROWS as u64;
            film.push(FilmRow { ops, slots, moves: u64::from(row % 30 == 7), looks: 1 }, &levels);
        }
        film
    }

    fn heap(&self) -> Heap {
        let base = 100_000;
        let sample = |phase: &str, ops: u64, live: u64, bytes: u64| HeapSample {
            phase: phase.into(),
            ops,
            live,
            allocated: base + bytes,
            active: (base + bytes) / 4096 * 4096 + 8192,
            resident: base + bytes * 5 / 4,
            retained: 65_536,
            rss: 3_000_000 + bytes,
            gc_cycles: None,
        };
        let bytes = |ops: u64, live: u64| match (self.map.as_str(), self.is_table) {
            ("null", _) => 0,
            (_, false) => live * (30 + self.seed % 40) + 4096,
            (_, true) => {
                let buckets = ((live.max(1) * 8).div_ceil(7)).next_power_of_two();
                let doubled = ops > LIVE + CHURN / 3 && !self.seed.is_multiple_of(3);
                buckets * 17 * if doubled { 2 } else { 1 } + self.seed % 977
            }
        };
        let samples = (1..=self.windows * 3).map(|at| {
            let ops = (LIVE + CHURN) * at / (self.windows * 3);
            let live = ops.min(LIVE);
            sample(if ops <= LIVE { "fill" } else { "churn" }, ops, live, bytes(ops, live))
        });
        let end = LIVE + CHURN;
        Heap {
            before: sample("", 0, 0, 0),
            samples: samples.collect(),
            // A seventh of what a map that frees late holds.
            reclaimed: (self.map == "papaya")
                .then(|| Box::new(sample("", end, LIVE, bytes(end, LIVE) * 6 / 7))),
            drained: sample("", end, 0, if self.is_table { bytes(end, LIVE) } else { 4096 }),
            dropped: sample("", end, 0, 0),
            allocator: "jemalloc 5.3.1".into(),
            gc: None,
        }
    }

    fn allocations(&self) -> Allocations {
        let blocks = if self.is_table { 16 } else { CHURN / 2 };
        let class = |size: u64, allocations: u64| ClassAllocations {
            size,
            allocations,
            frees: allocations - 1,
            lifetimes: (0..20)
                .map(|at| if at == self.seed % 20 { allocations - 1 } else { at % 3 })
                .collect(),
        };
        Allocations {
            phases: vec![
                PhaseAllocations {
                    phase: "fill".into(),
                    ops: LIVE,
                    allocations: 14,
                    frees: 13,
                    bytes: 1_000_000,
                },
                PhaseAllocations {
                    phase: "churn".into(),
                    ops: CHURN,
                    allocations: blocks,
                    frees: blocks,
                    bytes: 9_000_000,
                },
            ],
            classes: vec![class(48, blocks), class(1 << (10 + self.seed % 9), 4), class(1 << 20, 2)],
            peak_bytes: 900_000 + self.seed % 700_000,
            end_bytes: 600_000 + self.seed % 300_000,
            waiting_bytes: (self.map == "papaya").then_some(70_000),
            drained_bytes: 4096,
            dropped_bytes: 0,
        }
    }

    fn events(&self) -> Events {
        let tables = if self.is_table { 3 + self.seed % 5 } else { 0 };
        let tells = self.map == "std";
        let kind = if tells { EventKind::SameSizeGrow } else { EventKind::TableAllocated };
        let window = |at: u64| EventWindow {
            phase: if at == 0 { "fill" } else { "churn" }.into(),
            first_op: self.window(at).0,
            ops: self.window(at).1,
            live: LIVE,
            counts: [(kind, u64::from(at < tables))].into_iter().filter(|(_, count)| *count > 0).collect(),
        };
        let windows: Vec<_> = (0..self.windows).map(window).collect();
        let count = tables.min(self.windows);
        let last_op = self.window(count.max(1) - 1).0;
        let seen = EventCount { kind, count, size: count * 4096, first_op: 0, last_op };
        let decision = |taken, count| DecisionCount {
            taken,
            growing: false,
            overflow: true,
            follows: Follows::Live,
            count,
        };
        Events {
            source: if tells { EventSource::Map } else { EventSource::Allocator },
            kinds: if count == 0 { Vec::new() } else { vec![seen] },
            windows,
            listed: (0..count).map(|at| ListedEvent { op: self.window(at).0, kind, size: 4096 }).collect(),
            dropped: 0,
            decisions: if tells {
                vec![decision(Taken::EndOfChain, LIVE), decision(Taken::FirstEmpty, CHURN / 2)]
            } else {
                Vec::new()
            },
        }
    }

    fn calls(&self) -> Calls {
        let hashed = u64::from(self.map != "btree");
        let phase = |name: &str, ops: u64, again: u64| PhaseCalls {
            phase: name.into(),
            ops,
            key_ops: ops,
            hashes: hashed * (ops + again),
            comparisons: ops + ops / (2 + self.seed % 7),
        };
        Calls { phases: vec![phase("fill", LIVE, LIVE), phase("churn", CHURN, self.seed % 5 * 1000)] }
    }

    fn probes(&self) -> Probes {
        let phase = |name: &str, ops, lengths: &[(u64, u64)]| PhaseProbes {
            phase: name.into(),
            ops,
            kinds: vec![KindProbes { kind: Kind::Insert, found: false, lengths: lengths.into() }],
        };
        let far = self.seed % 9 * 1000;
        Probes {
            unit: ProbeUnit::Group,
            phases: vec![
                phase("fill", LIVE, &[(1, LIVE)]),
                phase("churn", CHURN, &[(1, CHURN - far), (3 + self.seed % 4, far)]),
            ],
        }
    }

    fn instructions(&self) -> Instructions {
        let of = |kind, ops, each: u64| KindInstructions { kind, ops, instructions: ops * each };
        let each = 40 + self.seed % 90;
        let kinds = vec![
            of(Kind::Insert, CHURN / 2, each * 2),
            of(Kind::Remove, CHURN / 4, each),
            of(Kind::Get, CHURN / 4, each / 2),
        ];
        Instructions { kinds, around: CHURN * 19, counter: "callgrind-3.19.0".into(), beginning: None }
    }

    fn contention(&self) -> Contention {
        let wait_ns = self.seed % 97 * 1_000_000;
        let waits = Waits {
            acquisitions: CHURN,
            waits: CHURN / 9,
            wait_ns,
            longest_wait_ns: wait_ns / 7,
            retries: 3,
            deepest_queue: 2,
        };
        let consistency =
            Consistency { threads: 2, own_reads: 100, own_writes_missed: 7, ..Consistency::default() };
        Contention {
            threads: vec![waits; 2],
            tracker: self.seed.is_multiple_of(2).then_some(Waits { retries: 0, ..waits }),
            ops: CHURN,
            tracked: None,
            consistency: Some(consistency),
        }
    }

    fn heap_stacks(&self) -> HeapStacks {
        let map = &self.map;
        let of = |bytes: u64, deviation| HeapProfile {
            bytes,
            samples: bytes / 2048,
            deviation,
            folded: format!(
                "play::play;{map}::Map<K,V>::insert;{map}::raw::RawTable<T>::reserve_rehash {}\nthe map is made;{map}::new 4096\n",
                bytes - bytes / 90
            ),
        };
        let live = of(1_048_576 + self.seed % 97 * 1024, 20_480);
        HeapStacks {
            every_bytes: 2048,
            live,
            churned: of(524_288, 11_264),
            profile: "H4sIAAAAAAAA/wMAAAAAAAAAAAA=".into(),
        }
    }

    fn stacks(&self) -> Stacks {
        let (map, at) = (&self.map, self.seed % 40);
        let folded = format!(
            "play::play;{map}::Map<K,V>::insert {}\nplay::play;{map}::Map<K,V>::insert;{map}::raw::RawTable<T>::reserve_rehash {}\n\
             play::play;{map}::Map<K,V>::remove;{map}::raw::find {}\nplay::play;core::hash::BuildHasher::hash_one {}\nplay::play 11\n",
            40 + at,
            12 + at / 3,
            25 + at / 2,
            18
        );
        Stacks {
            hz: 99,
            samples: 106 + at + at / 3 + at / 2,
            outside: 2,
            cpu_ns: 1_300_000_000,
            plays: 3,
            folded,
            profile: "H4sIAAAAAAAA/wMAAAAAAAAAAAA=".into(),
        }
    }
}
