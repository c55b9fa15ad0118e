//! Threads with roles: each does what its role says, and nothing of what another's says.

mod story;

use std::num::NonZeroU16;

use formats::tape::{Kind, RoleMark, Tape};
use formats::workload::{Act, Mix, Order, Popularity, Recipe, Role, Victim};

use story::{Story, churn, workload};

const READ: Mix = Mix { get: 100, ..Mix::NONE };
const WRITE: Mix = Mix { insert: 50, remove: 50, ..Mix::NONE };

fn role(name: &str, threads: u16, mix: Mix, get: Popularity) -> Role {
    let threads = NonZeroU16::new(threads).unwrap();
    Role { name: name.into(), threads, mix, order: Order::Paired, get }
}

fn beside(remove: Victim, shared: bool, roles: Vec<Role>) -> Tape {
    let phases = vec![Act::Fill(1_000), Act::Churn(8_000), Act::Drain(100)];
    let threads = roles.iter().map(|role| role.threads.get()).sum();
    let recipe = Recipe { roles, ..Recipe::from(Story { phases, ..churn(remove) }) };
    generator::generate(&workload(recipe, threads, shared)).unwrap()
}

/// Kinds that a thread plays while it churns.
fn churned(tape: &Tape, thread: usize) -> Vec<Kind> {
    let [fill, churn, _] = &tape.header().phases[..] else { panic!("three phases") };
    let [from, count] = [fill, churn].map(|phase| usize::try_from(phase.ops[thread]).unwrap());
    let mut kinds: Vec<Kind> = tape.thread(thread)[from..from + count].iter().map(|op| op.kind()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

#[test]
fn readers_read_and_writers_write() {
    for shared in [false, true] {
        let latest = role("readers", 2, READ, Popularity::Latest);
        let tape =
            beside(Victim::Uniform, shared, vec![latest, role("writers", 1, WRITE, Popularity::Uniform)]);
        let header = tape.header();
        let marks =
            [("readers", 2), ("writers", 1)].map(|(name, threads)| RoleMark { name: name.into(), threads });
        assert_eq!(header.roles, marks);
        let of: Vec<&str> = (0..3).filter_map(|thread| Some(&*header.role_of(thread)?.name)).collect();
        assert_eq!(of, ["readers", "readers", "writers"]);
        assert_eq!(header.role_of(3), None);
        assert_eq!([0, 1].map(|thread| churned(&tape, thread)), [[Kind::Get], [Kind::Get]]);
        assert_eq!(churned(&tape, 2), [Kind::Insert, Kind::Remove]);
        assert_eq!(header.phases[1].ops.iter().sum::<u64>(), 8_000);
        if let Some(hits) = header.executed.hits {
            assert_eq!(hits[Kind::Get as usize], header.executed.kinds[Kind::Get as usize], "all gets hit");
        }
    }
}

/// How often the key that is asked for most often is asked for by the first threads.
fn most(tape: &Tape, threads: usize) -> usize {
    let mut keys: Vec<u64> = (0..threads)
        .flat_map(|thread| tape.thread(thread))
        .filter(|op| op.kind() == Kind::Get)
        .map(|op| op.key())
        .collect();
    keys.sort_unstable();
    keys.chunk_by(|a, b| a == b).map(<[u64]>::len).max().unwrap_or(0)
}

#[test]
fn each_role_asks_by_its_own_law() {
    let roles = |get| vec![role("readers", 1, READ, get), role("others", 1, READ, Popularity::Uniform)];
    for shared in [false, true] {
        let skewed = beside(Victim::Oldest, shared, roles(Popularity::Zipf(1.2)));
        let even = beside(Victim::Oldest, shared, roles(Popularity::Uniform));
        assert!(most(&skewed, 1) > 10 * most(&even, 1), "{} and {}", most(&skewed, 1), most(&even, 1));
        let others = |tape: &Tape| most(tape, 2).saturating_sub(most(tape, 1));
        assert!(others(&skewed) < most(&skewed, 1) / 10, "the law of the others is theirs");
    }
}

#[test]
fn one_thread_fills_what_another_empties() {
    let only = |kind: fn(&mut Mix) -> &mut u8| {
        let mut mix = Mix::NONE;
        *kind(&mut mix) = 100;
        mix
    };
    let inserts = role("in", 1, only(|mix| &mut mix.insert), Popularity::Uniform);
    let removes = role("out", 1, only(|mix| &mut mix.remove), Popularity::Uniform);
    let tape = beside(Victim::Oldest, true, vec![inserts, removes]);
    assert_eq!([churned(&tape, 0), churned(&tape, 1)], [[Kind::Insert], [Kind::Remove]]);
    let executed = &tape.header().executed;
    assert_eq!(executed.kinds[0] - executed.kinds[1], 100, "as many are left as were to be");
}
