//! Operations that not every map has, and what the drawer knows of the entries after them.

mod story;

use formats::tape::{Keep, Kind, Op};
use formats::workload::{Act, Mix, Popularity, Victim};

use self::story::{HOTSPOT, Story, VICTIMS, churn, tape, workload};

fn counts(tape: &formats::tape::Tape, kind: Kind) -> (u64, u64) {
    let executed = &tape.header().executed;
    (executed.kinds[kind as usize], executed.hits.expect("owned keys")[kind as usize])
}

#[test]
fn after_a_sweep_the_entries_that_stayed_are_asked_for() {
    let mix = Mix { insert: 25, remove: 15, get: 30, update: 28, retain: 2, ..Mix::NONE };
    for remove in VICTIMS.into_iter().filter(|remove| !matches!(remove, Victim::Ttl(_))) {
        for (keep, get) in [(Keep::Share(900_000), HOTSPOT), (Keep::Younger(700), Popularity::Latest)] {
            let phases =
                vec![Act::Fill(500), Act::Churn(5_000), Act::Retain(Keep::Share(500_000)), Act::Churn(500)];
            let tape = tape(Story { mix, keep: Some(keep), get, phases, ..churn(remove) });
            for kind in [Kind::Get, Kind::Update, Kind::Remove] {
                let (asked, hit) = counts(&tape, kind);
                assert_eq!(asked, hit, "{kind:?} with {remove:?} and {keep:?}");
            }
            let (sweeps, swept) = counts(&tape, Kind::Retain);
            assert_eq!(sweeps, 100 + 1 + 10);
            assert!(swept > 90, "{swept} sweeps took something out");
        }
    }
}

#[test]
fn what_is_younger_stays_in_number() {
    let mix = Mix { insert: 99, retain: 1, ..Mix::NONE };
    let phases = vec![Act::Fill(1_000), Act::Churn(50_000)];
    let tape = tape(Story { mix, keep: Some(Keep::Younger(1_000)), phases, ..churn(Victim::Uniform) });
    let executed = &tape.header().executed;
    assert!((990..=1_100).contains(&executed.peak_live.unwrap()), "{:?}", executed.peak_live);
    assert!(executed.live[20..].iter().all(|live| (900..=1_100).contains(live)), "{:?}", executed.live);
}

#[test]
fn upserts_take_the_keys_of_the_keyspace_by_their_law() {
    let mix = Mix { upsert: 100, ..Mix::NONE };
    let of = |get, phases: Vec<Act>| {
        tape(Story { mix, get, keyspace: Some(2_000), phases, ..churn(Victim::Uniform) })
    };
    let uniform = of(Popularity::Uniform, vec![Act::Fill(1_000), Act::Churn(400)]);
    let (asked, hit) = counts(&uniform, Kind::Upsert);
    assert!(asked == 400 && (180..=280).contains(&hit), "{hit} of {asked}");
    let zipf = of(Popularity::Zipf(0.99), vec![Act::Churn(20_000)]);
    let mut asked = vec![0u32; 2_000];
    zipf.thread(0).iter().for_each(|op| asked[usize::try_from(op.key()).unwrap()] += 1);
    asked.sort_unstable_by_key(|count| std::cmp::Reverse(*count));
    // Zipf's law of 2,000 ranks with exponent 0.99 gives the first rank 12 %, the second 6 %.
    assert!((2_000..2_800).contains(&asked[0]) && (950..1_500).contains(&asked[1]), "{:?}", &asked[..3]);
    // What left comes back as itself.
    let back = of(Popularity::Uniform, vec![Act::Churn(4_000), Act::Drain(0), Act::Churn(4_000)]);
    let (asked, hit) = counts(&back, Kind::Upsert);
    assert!(back.header().distinct <= 2_000 && asked == 8_000 && hit > 3_500, "{hit}");
}

#[test]
fn the_map_chooses_which_entry_leaves_and_the_sum_of_what_went_in_is_told() {
    let mix = Mix { insert: 45, remove: 45, iterate: 5, len: 5, ..Mix::NONE };
    let phases = vec![Act::Fill(100), Act::Churn(1_000), Act::Drain(10)];
    let story = Story { mix, phases, ..churn(Victim::First) };
    let alone = tape(story.clone());
    let executed = &alone.header().executed;
    assert_eq!(counts(&alone, Kind::RemoveFirst), (450 + 90, 450 + 90));
    assert_eq!((executed.end_live, executed.answers.len()), (Some(10), 0));
    let inserts = (0u64..).zip(alone.thread(0)).filter(|(_, op)| op.kind() == Kind::Insert);
    assert_eq!(executed.stamps, Some(inserts.map(|(index, _)| index).sum()));
    assert!(!alone.thread(0).contains(&Op::new(Kind::Remove, 0)));
    let shared = generator::generate(&workload(story, 2, true)).unwrap();
    assert_eq!((shared.header().executed.stamps, shared.header().executed.hits), (None, None));
}
