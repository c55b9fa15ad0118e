//! What the passes that count memory say is the map's: exactly nothing of their own, boxes that are there in whole, and
//! what only waits to be freed told apart.

use std::path::{Path, PathBuf};
use std::process::Command;

use formats::entry::{Keys, Sizes, Values};
use formats::observation::{Allocations, Heap, Observation, Reading};
use formats::tape::{Executed, Header, Kind, Op, PhaseMark, Tape, by_kind};
use tempfile::TempDir;

/// Each thread plays the same phases of so many operations with keys of its own: inserts, gets, removes.
fn tape(header: Header, threads: u64, phases: &[u64]) -> Tape {
    let ops: u64 = phases.iter().sum();
    let thread = |thread: u64| {
        (0..ops).map(move |n| match n % 4 {
            0 | 1 => Op::new(Kind::Insert, thread * ops + n),
            2 => Op::new(Kind::Get, thread * ops + n - 1),
            _ => Op::new(Kind::Remove, thread * ops + n - 2),
        })
    };
    let mark = |(number, &ops): (usize, &u64)| PhaseMark {
        name: format!("step {number} of many"),
        ops: vec![ops; usize::try_from(threads).unwrap()],
        counts: true,
        pace: None,
    };
    let phases = phases.iter().enumerate().map(mark).collect();
    let executed = Executed { kinds: by_kind(&[ops / 2, ops / 4, ops / 4]), ..Executed::default() };
    Tape::new(
        Header { distinct: threads * ops, phases, executed, ..header },
        (0..threads).flat_map(thread).collect(),
    )
}

struct Player(TempDir);

impl Player {
    fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    fn write(&self, tape: &Tape) -> PathBuf {
        let place = self.0.path().join(tape.id().to_string());
        tape.write(&place).expect("a file in a folder of our own");
        place
    }

    fn play(tape: &Path, map: &str, collector: &str, samples: u64) -> Reading {
        let program = match collector {
            "heap" => env!("CARGO_BIN_EXE_churnmark-maps"),
            _ => env!("CARGO_BIN_EXE_churnmark-maps-counted"),
        };
        let output = Command::new(program)
            .args([
                "play",
                "--collector",
                collector,
                "--map",
                map,
                "--samples",
                &samples.to_string(),
                "--tape",
            ])
            .arg(tape)
            .output()
            .expect("the program was built for this test");
        assert!(output.status.success(), "{map}: {}", String::from_utf8_lossy(&output.stderr));
        let seen: Observation = serde_json::from_slice(&output.stdout).expect("an observation");
        seen.reading
    }

    fn heap(&self, tape: &Tape, map: &str, samples: u64) -> Heap {
        match Self::play(&self.write(tape), map, "heap", samples) {
            Reading::Heap(heap) => heap,
            other => panic!("{other:?}"),
        }
    }

    fn allocations(&self, tape: &Tape, map: &str) -> Allocations {
        match Self::play(&self.write(tape), map, "allocations", 100) {
            Reading::Allocations(seen) => seen,
            other => panic!("{other:?}"),
        }
    }
}

/// Bytes held at every sample, then drained and dropped.
fn held(heap: &Heap) -> Vec<i128> {
    let less = |bytes: u64| i128::from(bytes) - i128::from(heap.before.allocated);
    heap.samples.iter().chain([&heap.drained, &heap.dropped]).map(|sample| less(sample.allocated)).collect()
}

fn values(values: Values) -> Header {
    Header { values, ..Header::default() }
}

#[test]
fn no_map_holds_no_byte() {
    let player = Player::new();
    let many = vec![24; 500];
    let text = Header { keys: Keys::String(24), ..Header::default() };
    for (header, threads, phases, samples) in [
        (Header::default(), 1, &[200_000][..], 1),
        (Header::default(), 1, &[200_000], 1000),
        (Header::default(), 1, &many, 200),
        (values(Values::boxed(3000)), 1, &[8_000, 16_000], 200),
        (text, 4, &[40_000], 200),
        (values(Values::boxed(64)), 4, &many, 200),
        (Header { keys_shared: true, ..Header::default() }, 16, &[20_000, 20_000], 200),
        (values(Values::boxed(5_000)), 16, &[4_000, 4_000], 200),
    ] {
        let tape = tape(header, threads, phases);
        let heap = player.heap(&tape, "null", samples);
        let held = held(&heap);
        assert!(heap.samples.len() >= phases.len());
        let in_flight = match tape.header().values {
            // What other threads are just handing over at a sample in between.
            Values::Boxed(Sizes::Same(bytes)) => i128::from((threads - 1) * u64::from(bytes) * 5 / 4),
            _ => 0,
        };
        let [between @ .., full, drained, dropped] = &held[..] else { panic!("{held:?}") };
        let load = format!("{threads} threads, {} phases: {held:?}", phases.len());
        assert!(between.iter().all(|held| (0..=in_flight).contains(held)), "{load}");
        assert_eq!([full, drained, dropped], [&0; 3], "{load}");
        assert_eq!(heap.waiting(), None);
        let names: Vec<&str> = heap.samples.iter().map(|sample| &*sample.phase).collect();
        assert_eq!(names[names.len() - 1], tape.header().phases.last().unwrap().name);
        if threads == 1 && tape.header().values == Values::U64 {
            let seen = player.allocations(&tape, "null");
            assert!(
                seen.phases.iter().all(|phase| (phase.allocations, phase.frees, phase.bytes) == (0, 0, 0))
            );
            assert_eq!(seen.classes, []);
            let bytes = [seen.peak_bytes, seen.end_bytes, seen.drained_bytes, seen.dropped_bytes];
            assert_eq!((bytes, seen.waiting_bytes), ([0; 4], None));
        }
    }
}

#[test]
fn a_value_that_no_map_keeps_is_all_that_an_operation_allocates() {
    let player = Player::new();
    let seen = player.allocations(&tape(values(Values::boxed(3000)), 1, &[8_000]), "null");
    let [phase] = &seen.phases[..] else { panic!("{seen:?}") };
    assert_eq!((phase.allocations, phase.frees), (4_000, 4_000));
    assert_eq!([seen.end_bytes, seen.drained_bytes, seen.dropped_bytes], [0; 3]);
}

#[test]
fn every_byte_of_a_box_is_resident() {
    const BOX: u32 = 1 << 20;
    let inserts = (0..64).map(|key| Op::new(Kind::Insert, key)).collect();
    let tape = Tape::of_one_thread(values(Values::boxed(BOX)), &[("fill", inserts)]);
    let heap = Player::new().heap(&tape, "hashbrown", 10);
    let full = heap.samples.last().unwrap();
    let (resident, allocated) = (full.rss - heap.before.rss, full.allocated - heap.before.allocated);
    assert!(allocated >= 64 << 20);
    // Pages beside them are few; what is counted of pages lags behind by some for each processor.
    assert!((allocated - (4 << 20)..allocated + (8 << 20)).contains(&resident), "{resident} of {allocated}");
}

#[test]
fn what_waits_to_be_freed_is_told_apart_and_freed() {
    const BOX: u64 = 1 << 16;
    let player = Player::new();
    // 16 live in the end, of 4,000 that were.
    let ops = (0..4_000).flat_map(|key: u64| {
        let leaving = key.checked_sub(16).map(|left| Op::new(Kind::Remove, left));
        leaving.into_iter().chain([Op::new(Kind::Insert, key)])
    });
    let header = values(Values::boxed(u32::try_from(BOX).unwrap()));
    let churn = Tape::of_one_thread(header, &[("churn", ops.collect())]);
    for (map, waits) in [
        ("hashbrown", false),
        ("dashmap", false),
        ("papaya", true),
        ("scc", true),
        ("crossbeam-skiplist", true),
        ("go-sync-map", true),
        ("go-hash-trie", true),
    ] {
        let heap = player.heap(&churn, map, 100);
        let less = |bytes: u64| bytes.saturating_sub(heap.before.allocated);
        let end = less(heap.samples.last().unwrap().allocated);
        assert_eq!(heap.waiting().is_some(), waits, "{map}");
        // Of these two only the entry waits: its value is dropped when it is removed.
        let entries_only = matches!(map, "scc" | "crossbeam-skiplist");
        let waits_long = heap.waiting().is_some_and(|waiting| waiting > 4 * BOX);
        assert_eq!(waits_long, waits && !entries_only, "{map}: {:?}", heap.waiting());
        let own = end - heap.waiting().unwrap_or(0);
        assert!((16 * BOX..20 * BOX + (1 << 18)).contains(&own), "{map}: {own} of {end}");
        assert!(less(heap.drained.allocated) < BOX, "{map}: {:?}", heap.drained);
        assert!(less(heap.dropped.allocated) < BOX, "{map}: {:?}", heap.dropped);

        let seen = player.allocations(&churn, map);
        assert_eq!(seen.waiting_bytes.is_some(), waits, "{map}");
        let own = seen.end_bytes - seen.waiting_bytes.unwrap_or(0);
        assert!((16 * BOX..20 * BOX + (1 << 18)).contains(&own), "{map}: {own} of {}", seen.end_bytes);
        assert!(seen.drained_bytes < BOX && seen.dropped_bytes < BOX, "{map}: {seen:?}");
    }
}

#[test]
fn threads_leave_nothing_behind_that_waits() {
    let player = Player::new();
    let mut threads = tape(values(Values::boxed(4096)), 4, &[20_000]);
    for map in ["papaya", "scc", "crossbeam-skiplist", "go-sync-map", "go-hash-trie"] {
        let heap = player.heap(&threads, map, 20);
        let end = heap.samples.last().unwrap();
        let own = end.allocated - heap.before.allocated - heap.waiting().unwrap();
        // A half of what was inserted lives: 20,000 boxes.
        assert!((20_000 * 4096..20_000 * 4096 + (16 << 20)).contains(&own), "{map}: {own}");
        let dropped = heap.dropped.allocated.saturating_sub(heap.before.allocated);
        assert!(dropped < 1 << 16, "{map}: {dropped}");
    }
    threads = tape(Header::default(), 2, &[1000]);
    assert_eq!(player.heap(&threads, "mutex-std", 20).waiting(), None);
}
