//! What a recipe promises, held against its tape by a slow and obvious replay.

use std::collections::{BTreeMap, HashMap, HashSet};

use formats::answer::{Answer, Digest};
use formats::tape::{KINDS, Keep, Kind, by_kind};
use formats::workload::{Act, Mix, Order, Popularity, Victim, Workload};
use proptest::prelude::*;

use story::{HOTSPOT, POPULARITIES, Replay, Story, VICTIMS, churn, tape, workload};

mod golden;
mod story;

#[test]
fn the_fillings_that_come_first_do_not_count_unless_they_are_all_there_is() {
    use Act::{Churn, Clear, Drain, Fill};
    let counts = |phases: &[Act], threads: u16| {
        let recipe = Story { phases: phases.into(), ..churn(Victim::Oldest) };
        let tape = generator::generate(&workload(recipe, threads, false)).unwrap();
        tape.header().phases.iter().map(|phase| phase.counts).collect::<Vec<_>>()
    };
    for threads in [1, 3] {
        assert_eq!(counts(&[Fill(100), Churn(50)], threads), [false, true]);
        assert_eq!(counts(&[Fill(100), Drain(10), Fill(100), Churn(9)], threads), [false, true, true, true]);
        assert_eq!(counts(&[Fill(50), Fill(100), Drain(0)], threads), [false, false, true]);
        assert_eq!(counts(&[Fill(100)], threads), [true]);
        assert_eq!(counts(&[Fill(50), Fill(100)], threads), [true, true]);
        assert_eq!(counts(&[Churn(50), Fill(200)], threads), [true, true]);
        // A drain that finds nothing to take out is no load.
        assert_eq!(counts(&[Fill(100), Drain(100)], threads), [true, true]);
    }
    assert_eq!(counts(&[Fill(100), Clear], 1), [false, true]);
}

#[test]
fn tapes_of_fixed_recipes_never_change() {
    let mut tapes = BTreeMap::new();
    let mut add = |name: String, workload: Workload| {
        let tape = generator::generate(&workload).unwrap();
        tapes.insert(name.to_lowercase(), golden::digests(&tape));
    };
    for remove in VICTIMS {
        for get in POPULARITIES {
            for order in [Order::Paired, Order::Random] {
                let name = format!("{remove:?} {get:?} {order:?}");
                add(name, workload(Story { order, get, ..churn(remove) }, 1, false));
            }
        }
        let bounded = Story { keyspace: Some(150), ..churn(remove) };
        add(format!("{remove:?} keyspace"), workload(bounded.clone(), 1, false));
        add(format!("{remove:?} keyspace owned"), workload(bounded, 3, false));
        add(format!("{remove:?} owned"), workload(churn(remove), 3, false));
        add(format!("{remove:?} shared"), workload(churn(remove), 3, true));
        let phases = vec![Act::Fill(500), Act::Drain(7), Act::Churn(999), Act::Clear, Act::Churn(999)];
        add(format!("{remove:?} phases"), workload(Story { phases, ..churn(remove) }, 1, false));
    }
    golden::check("recipes.txt", &tapes, true);
}

#[test]
fn the_oldest_and_the_newest_are_found() {
    for (victim, is_victim) in [
        (Victim::Oldest, (|place, _| place == 0) as fn(usize, usize) -> bool),
        (Victim::Newest, |place, live| place == live - 1),
    ] {
        let mut replay = Replay::default();
        for (index, &op) in tape(churn(victim)).thread(0).iter().enumerate() {
            let live = replay.live.len();
            let place = replay.play(index, op);
            if op.kind() == Kind::Remove {
                assert!(is_victim(place.unwrap(), live), "{victim:?}: {place:?} of {live}");
            }
        }
    }
}

#[test]
fn every_entry_lives_exactly_its_time() {
    for get in POPULARITIES {
        let tape = tape(Story { get, ..churn(Victim::Ttl(300)) });
        let fill = 100;
        let inserted: HashMap<u64, usize> = tape
            .thread(0)
            .iter()
            .enumerate()
            .filter(|(_, op)| op.kind() == Kind::Insert)
            .map(|(i, op)| (op.key(), i))
            .collect();
        let mut removed = 0;
        for (index, op) in tape.thread(0).iter().enumerate().filter(|(_, op)| op.kind() == Kind::Remove) {
            removed += 1;
            let born = inserted[&op.key()];
            // Entries of the filling are of all ages: they leave at even distances.
            let due = if born < fill { fill + born * 300 / 100 } else { born + 300 };
            assert_eq!(index, due);
        }
        let due = inserted.values().filter(|&&born| born >= fill && born + 300 < tape.len()).count();
        assert_eq!(removed, fill + due);
        assert!(due > 300);
    }
}

#[test]
fn paired_kinds_are_exactly_the_mix_and_the_live_size_stands() {
    for victim in [Victim::Oldest, Victim::Newest, Victim::Uniform, Victim::Zipf(1.0)] {
        let tape = tape(churn(victim));
        let executed = &tape.header().executed;
        assert_eq!(executed.kinds, by_kind(&[100 + 1_200, 1_200, 450, 150]));
        assert_eq!(executed.hits, Some(by_kind(&[0, 1_200, 300, 150])));
        assert_eq!((executed.peak_live, executed.end_live), (Some(100), Some(100)));
        assert!(executed.live[10..].iter().all(|live| (99..=100).contains(live)));
    }
}

/// How often each place, in the order of inserts from the newest on, is asked for.
fn asked_by_age(get: Popularity, remove: Victim) -> Vec<u64> {
    let mut asked = vec![0; 100];
    let mut replay = Replay::default();
    let phases = vec![Act::Fill(100), Act::Churn(40_000)];
    for (index, &op) in tape(Story { get, phases, ..churn(remove) }).thread(0).iter().enumerate() {
        let live = replay.live.len();
        if let (Kind::Get, Some(place)) = (op.kind(), replay.play(index, op)) {
            asked[live - 1 - place] += 1;
        }
    }
    asked
}

#[test]
fn the_latest_are_asked_for_most() {
    for remove in [Victim::Oldest, Victim::Newest] {
        let asked = asked_by_age(Popularity::Latest, remove);
        let total: u64 = asked.iter().sum();
        let harmonic: f64 = (1..=100).map(|rank| f64::from(rank).powf(-0.99)).sum();
        for rank in [1u32, 2, 10] {
            let due = total as f64 * f64::from(rank).powf(-0.99) / harmonic;
            let seen = asked[rank as usize - 1] as f64;
            assert!((seen - due).abs() < 5.0 * due.sqrt(), "{remove:?}: {seen} of {due} at {rank}");
        }
    }
    // Holes push the others back a little, but the order stands.
    let asked = asked_by_age(Popularity::Latest, Victim::Uniform);
    assert!(asked[0] > asked[1] && asked[1] > asked[9] && asked[9] > asked[99], "{asked:?}");
}

#[test]
fn uniform_is_uniform() {
    for remove in [Victim::Oldest, Victim::Newest, Victim::Uniform] {
        let asked = asked_by_age(Popularity::Uniform, remove);
        let due = asked.iter().sum::<u64>() as f64 / 100.0;
        let square: f64 = asked[..98].iter().map(|&seen| (seen as f64 - due).powi(2) / due).sum();
        assert!(square < 160.0, "{remove:?}: chi-square of {square} with 97 degrees of freedom");
    }
}

/// With a set that stands still, a place is a key.
fn asked_by_key(get: Popularity) -> Vec<u64> {
    let mix = Mix { get: 100, ..Mix::default() };
    let recipe =
        Story { get, mix, phases: vec![Act::Fill(100), Act::Churn(50_000)], ..churn(Victim::Oldest) };
    let mut asked = vec![0; 100];
    for op in tape(recipe).thread(0).iter().filter(|op| op.kind() == Kind::Get) {
        asked[usize::try_from(op.key()).unwrap()] += 1;
    }
    asked.sort_unstable_by(|a, b| b.cmp(a));
    asked
}

#[test]
fn places_have_the_popularity_they_should() {
    let hot: u64 = asked_by_key(HOTSPOT)[..20].iter().sum();
    assert!((39_500..40_500).contains(&hot), "{hot} gets of 50,000 in the hot fifth");
    let asked = asked_by_key(Popularity::Zipf(1.1));
    let harmonic: f64 = (1..=100).map(|rank| f64::from(rank).powf(-1.1)).sum();
    let due = 50_000.0 / harmonic;
    assert!((asked[0] as f64 - due).abs() < 5.0 * due.sqrt(), "{} of {due}", asked[0]);
}

/// In first-in first-out churn the places stay: what a popular place holds changes, its share does not.
#[test]
fn the_successor_of_a_popular_entry_is_as_popular() {
    let recipe = Story {
        get: Popularity::Zipf(1.1),
        phases: vec![Act::Fill(100), Act::Churn(100_000)],
        ..churn(Victim::Oldest)
    };
    let mut asked = vec![0u64; 100];
    for op in tape(recipe).thread(0).iter().filter(|op| op.kind() == Kind::Get) {
        // The n-th key takes the place of the one 100 before it.
        asked[usize::try_from(op.key() % 100).unwrap()] += 1;
    }
    asked.sort_unstable_by(|a, b| b.cmp(a));
    let share = asked[0] as f64 / asked.iter().sum::<u64>() as f64;
    assert!((0.15..0.25).contains(&share), "{share}");
}

#[test]
fn removed_keys_of_a_keyspace_come_back() {
    let tape = tape(Story { keyspace: Some(150), ..churn(Victim::Uniform) });
    assert_eq!(tape.header().distinct, 150);
    assert_eq!(tape.header().executed.hits.unwrap()[0], 0, "no insert hits a live key");
    // When every key lives, an insert replaces a value.
    let grow = Mix { insert: 60, remove: 40, ..Mix::default() };
    let tape = self::tape(Story { keyspace: Some(150), mix: grow, ..churn(Victim::Uniform) });
    assert_eq!(tape.header().distinct, 150);
    assert!(tape.header().executed.hits.unwrap()[0] > 0);
    assert_eq!(tape.header().executed.peak_live, Some(150));
}

#[test]
fn threads_that_share_keys_meet() {
    let tape = generator::generate(&workload(churn(Victim::Uniform), 2, true)).unwrap();
    assert_eq!(tape.header().distinct, 200);
    let keys = |thread| {
        tape.thread(thread).iter().map(|op| op.key()).filter(|&key| key < 200).collect::<HashSet<_>>()
    };
    assert!(keys(0).intersection(&keys(1)).count() > 190);
    assert!(tape.header().executed.answers.is_empty());
}

/// Shares of what takes many entries out at once, and which ones a retain keeps.
fn sweep(single: bool) -> impl Strategy<Value = (u8, u8, Keep)> {
    let keep = prop_oneof![(0..=Keep::ALL).prop_map(Keep::Share), (1..500u64).prop_map(Keep::Younger)];
    let most = if single { 3u8 } else { 0 };
    (0..=most, 0..=most, keep)
}

fn any_recipe() -> impl Strategy<Value = (Story, u16, bool)> {
    let victim = prop_oneof![
        Just(Victim::Oldest),
        Just(Victim::Newest),
        Just(Victim::Uniform),
        Just(Victim::Zipf(1.2)),
        (1u64..200).prop_map(Victim::Ttl),
    ];
    let popularity = (0..4usize).prop_map(|index| POPULARITIES[index]);
    let order = prop_oneof![Just(Order::Paired), Just(Order::Random)];
    let phase = |single| {
        (0u64..120, 0..if single { 9 } else { 6 }).prop_map(|(count, kind)| match kind {
            0 => Act::Fill(count),
            1 => Act::Churn(count * 5),
            2 => Act::Drain(count),
            3 => Act::SameKey(count),
            4 => Act::Shrink,
            5 => Act::Reserve(count),
            6 => Act::Iterate,
            7 => Act::Copy { reserve: count > 60 },
            _ => Act::Clear,
        })
    };
    (1u16..4, any::<bool>()).prop_flat_map(move |(threads, shared)| {
        let single = threads == 1;
        let phases = proptest::collection::vec(phase(single), 1..8);
        let keyspace = proptest::option::of(130u64..300);
        let walk = if single { 3u8 } else { 0 };
        (
            victim.clone(),
            popularity.clone(),
            order.clone(),
            phases,
            keyspace,
            0..=40u8,
            0..=walk,
            sweep(single),
        )
            .prop_map(
                move |(remove, get, order, mut phases, keyspace, writes, iterate, (clear, retain, keep))| {
                    let retain = if matches!(remove, Victim::Ttl(_)) { 0 } else { retain };
                    let upsert = if keyspace.is_some() && get != Popularity::Latest { writes / 8 } else { 0 };
                    if retain > 0 {
                        phases.push(Act::Retain(keep));
                    }
                    let removes = if matches!(remove, Victim::Ttl(_)) { 0 } else { writes };
                    let len = if single { iterate } else { 0 };
                    let rest = 100 - writes - removes - 2 * iterate - clear - retain - upsert;
                    let mix = Mix {
                        insert: writes,
                        remove: removes,
                        get: rest / 2 - rest / 8,
                        get_absent: rest / 4,
                        update: rest - rest / 2 - rest / 4,
                        iterate,
                        clear,
                        upsert,
                        len,
                        retain,
                        shrink: iterate - len,
                        hold: rest / 8,
                        fetch: 0,
                    };
                    (
                        Story { mix, order, remove, get, keyspace, keep: Some(keep), phases },
                        threads,
                        shared && !single,
                    )
                },
            )
    })
}

proptest! {
    #[test]
    fn any_recipe_keeps_its_promises((recipe, threads, shared) in any_recipe()) {
        let tape = generator::generate(&workload(recipe.clone(), threads, shared)).unwrap();
        let header = tape.header();
        let mut inserted = HashSet::new();
        let mut others = HashSet::new();
        let mut owned = 0;
        let mut digests = Vec::new();
        let mut kinds = [0u64; KINDS];
        let mut hits = [0u64; KINDS];
        for thread in 0..tape.threads() {
            let mut map: HashMap<u64, u64> = HashMap::new();
            let mut digest = Digest::default();
            let mut own = HashSet::new();
            for (index, op) in (0u64..).zip(tape.thread(thread)) {
                kinds[op.kind() as usize] += 1;
                let live = map.len() as u64;
                let found = map.get(&op.key()).copied();
                let keyed = op.kind().names_key();
                if keyed {
                    others.insert(op.key());
                }
                let answer = match op.kind() {
                    Kind::Insert | Kind::Upsert => {
                        inserted.insert(op.key());
                        own.insert(op.key());
                        map.insert(op.key(), index).into()
                    }
                    Kind::Remove => map.remove(&op.key()).into(),
                    Kind::Get | Kind::Hold => found.into(),
                    Kind::Update => {
                        if found.is_some() {
                            map.insert(op.key(), index);
                        }
                        found.into()
                    }
                    Kind::Iterate => Answer::of(map.values().fold(0, |sum, stamp| sum.wrapping_add(*stamp))),
                    Kind::Clear => {
                        map.clear();
                        Answer::of(live)
                    }
                    Kind::Len | Kind::Copy => Answer::of(live),
                    Kind::Retain => {
                        let kept = Keep::of_argument(op.key()).at(index);
                        map.retain(|_, stamp| kept.keeps(*stamp));
                        Answer::of(live - map.len() as u64)
                    }
                    Kind::Shrink | Kind::Reserve | Kind::Release => Answer::ABSENT,
                    Kind::RemoveFirst | Kind::Fetch => unreachable!("no recipe of these asks for it"),
                };
                let hit = match op.kind() {
                    _ if keyed => found.is_some(),
                    Kind::Retain => answer.number() > 0,
                    Kind::Shrink | Kind::Reserve | Kind::Release => false,
                    _ => live > 0,
                };
                hits[op.kind() as usize] += u64::from(hit);
                digest.fold(index, answer);
            }
            owned += own.len();
            digests.push(digest);
        }
        prop_assert_eq!(header.executed.kinds, kinds);
        if shared {
            prop_assert!(header.executed.answers.is_empty() && header.executed.hits.is_none());
        } else {
            prop_assert_eq!(owned, inserted.len(), "no key belongs to two threads");
            prop_assert_eq!(&header.executed.answers, &digests);
            prop_assert_eq!(header.executed.hits, Some(hits));
        }
        // Numbers below `distinct` are inserted somewhere, the others nowhere.
        prop_assert!(inserted.len() as u64 == header.distinct && inserted.iter().all(|key| *key < header.distinct));
        prop_assert!(others.iter().all(|key| inserted.contains(key) || *key >= header.distinct));
        if let Some(keyspace) = recipe.keyspace {
            prop_assert!(header.distinct <= keyspace);
        }
        prop_assert_eq!(tape.clone(), generator::generate(&workload(recipe, threads, shared)).unwrap());
    }
}
