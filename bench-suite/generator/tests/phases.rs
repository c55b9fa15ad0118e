//! Phases with rules of their own, and one key that goes and comes back.

mod story;

use formats::tape::{Kind, Op};
use formats::workload::{Act, Mix, Phase, Popularity, Recipe, Rules, Victim};

use story::{MIX, Replay, Story, VICTIMS, churn, generate, tape, workload};

/// Phases with other rules than the first: what each takes and asks for.
#[test]
fn a_phase_has_rules_of_its_own() {
    let by = |remove| Rules { mix: MIX, remove, ..Rules::default() };
    for (first, then) in [
        (Victim::Uniform, Victim::Oldest),
        (Victim::Zipf(0.9), Victim::Newest),
        (Victim::Newest, Victim::Oldest),
        (Victim::Oldest, Victim::Newest),
    ] {
        let named = Phase { name: "later".into(), ..Phase::new(Act::Churn(3_000), by(then)) };
        let phases =
            vec![Phase::new(Act::Fill(100), by(first)), Phase::new(Act::Churn(3_000), by(first)), named];
        let tape =
            generate(Recipe { live: 100, keyspace: Some(150), capacity: None, roles: Vec::new(), phases });
        assert_eq!(tape.header().phases[2].name, "later");
        let mut replay = Replay::default();
        for (index, &op) in tape.thread(0).iter().enumerate() {
            let live = replay.live.len();
            let place = replay.play(index, op);
            if op.kind() == Kind::Remove && index >= 3_100 {
                assert_eq!(place, Some(if then == Victim::Oldest { 0 } else { live - 1 }), "{first:?}");
            }
        }
    }
}

#[test]
fn a_phase_has_a_mix_of_its_own() {
    let rules = |mix| Rules { mix, get: Popularity::Latest, ..Rules::default() };
    let walk = Mix { iterate: 100, ..Mix::default() };
    let phases = vec![
        Phase::new(Act::Fill(100), rules(MIX)),
        Phase::new(Act::Churn(200), rules(MIX)),
        Phase::new(Act::Churn(7), rules(walk)),
    ];
    let tape = generate(Recipe { live: 100, keyspace: None, capacity: None, roles: Vec::new(), phases });
    assert!(tape.thread(0)[300..].iter().all(|op| op.kind() == Kind::Iterate));
    assert_eq!(tape.header().executed.kinds[Kind::Iterate as usize], 7);
}

#[test]
fn one_key_goes_and_comes_back() {
    for remove in VICTIMS {
        for (threads, shared) in [(1, false), (3, false), (3, true)] {
            let mut story = churn(remove);
            story.keyspace = Some(150);
            story.phases = vec![Act::Fill(100), Act::SameKey(50), Act::Churn(500), Act::Drain(0)];
            let tape = generator::generate(&workload(story, threads, shared)).unwrap();
            let header = tape.header();
            assert_eq!(header.phases[1].ops.iter().sum::<u64>(), 100, "{remove:?}");
            for thread in 0..usize::from(threads) {
                let from = usize::try_from(header.phases[0].ops[thread]).unwrap();
                let count = usize::try_from(header.phases[1].ops[thread]).unwrap();
                let ops = &tape.thread(thread)[from..from + count];
                assert!(ops.iter().all(|op| op.key() == ops[0].key()), "{remove:?}");
                assert!(
                    ops.as_chunks::<2>()
                        .0
                        .iter()
                        .all(|pair| pair.map(Op::kind) == [Kind::Remove, Kind::Insert])
                );
            }
            if let Some(hits) = header.executed.hits {
                assert_eq!(
                    hits[Kind::Remove as usize],
                    header.executed.kinds[Kind::Remove as usize],
                    "{remove:?}"
                );
                assert_eq!(header.executed.end_live, Some(0));
            }
        }
    }
    let nothing = Story { phases: vec![Act::SameKey(3)], ..churn(Victim::Oldest) };
    assert_eq!(tape(nothing).header().executed.end_live, Some(1));
}
