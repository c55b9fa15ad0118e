//! The film of the slots says what became of them, for maps of which it is known.

use formats::observation::{Collector, Film, Reading, STATES, SlotSource, SlotState, Slots};
use formats::tape::{Executed, Header, Kind, Op, Tape};
use maps::canary::{freed_last, fresh};
use maps::{btree, go_classic, go_classic_no_reuse, go_swiss, hashbrown_foldhash, std_hash};
use subject::job::Job;
use subject::map::Map;
use subject::pass::{probed_single, single};
use subject::program::STEADY;
use subject::watch::ledger::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

// As in a program that counts: what the allocator hands out must not depend on how much time has passed.
// SAFETY: the name is jemalloc's own, for exactly this type, and no other symbol has it.
#[unsafe(export_name = "_rjem_malloc_conf")]
static SETTINGS: &[u8; STEADY.len()] = STEADY;

/// Entries that live, of 1,024 slots in a Swiss table.
const LIVE: u64 = 800;

/// A fill, then the oldest goes and a new one comes.
fn fifo(pairs: u64) -> Vec<Op> {
    let fill = (0..LIVE).map(|key| Op::new(Kind::Insert, key));
    let churn = (0..pairs).flat_map(|key| [Op::new(Kind::Remove, key), Op::new(Kind::Insert, LIVE + key)]);
    fill.chain(churn).collect()
}

fn job(ops: Vec<Op>) -> Job {
    let executed = Executed { peak_live: Some(LIVE), ..Executed::default() };
    let tape = Tape::of_one_thread(Header { executed, ..Header::default() }, &[("all", ops)]);
    Job { tape, collector: Collector::Slots, samples: 10, hz: 99, profile_ns: 1, turns: None, inject_work: 0 }
}

fn seen(reading: Reading) -> Slots {
    match reading {
        Reading::Slots(slots) => slots,
        other => panic!("{other:?}"),
    }
}

fn film<M: Map<u64, u64> + Default>(ops: Vec<Op>) -> Film {
    let slots = seen(single::<M, u64, u64>("test", &job(ops)).expect("one thread").reading);
    slots.film.expect("entries were located")
}

/// Of a port, which tells of what it does.
fn port<M: Map<u64, u64> + Default>(ops: Vec<Op>) -> Film {
    let slots = seen(probed_single::<M, u64, u64>("test", &job(ops)).expect("one thread").reading);
    slots.film.expect("entries were located")
}

/// Slots in a state, over all rows.
fn all(film: &Film, state: SlotState) -> u64 {
    film.rows.iter().map(|row| row.of(state)).sum()
}

/// Whether each row holds as many entries as live then.
fn holds_what_lives(film: &Film) {
    for row in &film.rows {
        let live = [SlotState::Live, SlotState::Reused, SlotState::Moved].map(|state| row.of(state));
        let lives = if row.ops <= LIVE { row.ops } else { LIVE - (row.ops - LIVE) % 2 };
        assert_eq!(live.iter().sum::<u64>(), lives, "after {} operations: {row:?}", row.ops);
    }
}

#[test]
fn a_map_that_never_uses_a_slot_again_is_told_from_its_twin() {
    let [canary, twin] =
        [film::<fresh::Adapter<u64, u64>>(fifo(5000)), film::<freed_last::Adapter<u64, u64>>(fifo(5000))];
    for film in [&canary, &twin] {
        holds_what_lives(film);
        assert_eq!(film.source, SlotSource::Memory);
    }
    let last = |film: &Film, state| film.rows.last().unwrap().of(state);
    assert_eq!([all(&canary, SlotState::Reused), last(&canary, SlotState::Emptied)], [0, 5000]);
    assert_eq!([last(&twin, SlotState::Reused), last(&twin, SlotState::Emptied)], [LIVE, 0]);
    // Where the canary's live entries are, the band, moves to the right as far as the slots grow.
    let of = |row: usize, column: usize| canary.levels(row, column);
    let is_band = |levels: [u8; STATES]| levels[SlotState::Live as usize] == 15;
    let end = Film::ROWS - 1;
    assert!(!is_band(of(end, 0)) && of(end, 0)[SlotState::Emptied as usize] == 15, "{:?}", of(end, 0));
    assert!((0..Film::COLUMNS).any(|column| is_band(of(end, column))));
}

#[test]
fn the_ports_tell_their_slots_exactly() {
    for film in
        [port::<go_classic::Probed<u64, u64>>(fifo(20_000)), port::<go_swiss::Probed<u64, u64>>(fifo(20_000))]
    {
        assert_eq!(film.source, SlotSource::Map);
        holds_what_lives(&film);
        let moved = film.rows.iter().any(|row| row.moves > 0 && row.of(SlotState::Moved) > 0);
        assert!(moved && all(&film, SlotState::Reused) > 0 && all(&film, SlotState::Unused) > 0);
        assert!(film.rows.iter().all(|row| row.all() % 8 == 0), "groups and buckets are of eight");
    }
    // Go's classic map has no dead slots; by the article's rule each delete leaves one.
    let [go, article] = [
        port::<go_classic::Probed<u64, u64>>(fifo(300)),
        port::<go_classic_no_reuse::Probed<u64, u64>>(fifo(300)),
    ];
    assert_eq!(all(&go, SlotState::Dead), 0);
    assert_eq!(all(&article, SlotState::Reused), 0);
    assert!(all(&article, SlotState::Dead) > 0);
}

#[test]
fn tables_whose_control_bytes_are_read_show_their_dead_slots() {
    if !cfg!(target_feature = "sse2") {
        return;
    }
    let of_each = [
        film::<hashbrown_foldhash::Adapter<u64, u64>>(fifo(20_000)),
        film::<std_hash::Adapter<u64, u64>>(fifo(20_000)),
    ];
    for film in of_each {
        assert_eq!(film.source, SlotSource::Map);
        holds_what_lives(&film);
        assert!(all(&film, SlotState::Dead) > 0 && all(&film, SlotState::Moved) > 0);
        assert!(film.rows.iter().all(|row| row.all().is_power_of_two()));
    }
}

#[test]
fn a_map_that_shifts_its_entries_is_looked_through() {
    let film = film::<btree::Adapter<u64, u64>>(fifo(5000));
    assert_eq!(film.source, SlotSource::Memory);
    // The first surprise comes before a look: from the second row of the churn on nothing is missed.
    for row in film.rows.iter().filter(|row| row.ops > 2 * LIVE) {
        let live = [SlotState::Live, SlotState::Reused, SlotState::Moved].map(|state| row.of(state));
        assert_eq!(live.iter().sum::<u64>(), LIVE - (row.ops - LIVE) % 2, "{row:?}");
    }
}

#[test]
fn films_are_the_same_on_every_run_and_small_for_any_tape() {
    let again = || {
        [
            film::<hashbrown_foldhash::Adapter<u64, u64>>(fifo(30_000)),
            port::<go_classic::Probed<u64, u64>>(fifo(30_000)),
            port::<go_swiss::Probed<u64, u64>>(fifo(30_000)),
        ]
    };
    let first = again();
    for _ in 0..2 {
        for (map, (film, same)) in
            ["hashbrown", "go-classic", "go-swiss"].iter().zip(first.iter().zip(&again()))
        {
            assert!(film == same, "{map} differs");
        }
    }
    for film in first {
        let kept = serde_json::to_string(&film).unwrap();
        assert!(film.rows.len() == Film::ROWS && kept.len() <= Film::MOST_BYTES, "{}", kept.len());
    }
}
