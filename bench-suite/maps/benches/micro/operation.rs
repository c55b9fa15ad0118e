//! What is played: the steps that are timed, and those around them that are not.

use std::time::{Duration, Instant};

use formats::tape::{Header, Kind, Op, PhaseMark, Tape};
use subject::entry::Place;
use subject::map::Map;
use subject::play::play;
use subject::prepare::{Beside, Prepared, Step, keyed as with_keys, placed as with_places};
use subject::tally::Tally;
use subject::watch::untimed::Untimed;

/// Entries that live while an operation is timed, or come to live.
pub(crate) const LIVE: u64 = 10_000;

/// An operation on many keys.
pub(crate) struct Operation<K> {
    /// Its name, and that of criterion's group.
    pub(crate) name: &'static str,
    /// What criterion divides the time by.
    pub(crate) elements: u64,
    fill: Vec<Step<K>>,
    timed: Vec<Step<K>>,
    /// Makes the map what it was.
    undo: Vec<Step<K>>,
}

impl<K> Operation<K> {
    /// Fills the map, and plays the timed steps so many times.
    pub(crate) fn time<M: Map<K, u64>>(&self, map: &mut M, times: u64) -> Duration {
        let mut tally = Tally::default();
        let mut boundary = |_: subject::watch::Boundary<'_>| {};
        let mut watch = Untimed { boundary: &mut boundary, inject_work: 0 };
        let mut run =
            |map: &mut M, steps: &[Step<K>]| play(map, steps, &mut Beside::default(), &mut tally, &mut watch);
        run(map, &self.fill);
        let mut time = Duration::ZERO;
        for _ in 0..times {
            let start = Instant::now();
            run(map, &self.timed);
            time += start.elapsed();
            run(map, &self.undo);
        }
        time
    }
}

/// The operations on keys.
pub(crate) fn keyed() -> Vec<Operation<u64>> {
    all(|tape| with_keys(tape, 8))
}

/// The same on the places of a slot manager.
pub(crate) fn placed() -> Vec<Operation<Place>> {
    all(|tape| with_places(tape, 8))
}

/// Keys in an order that is not that of their numbers, so that no map is asked in the order in which it was filled.
fn keys(from: u64) -> impl Iterator<Item = u64> + Clone {
    // 7919 is prime, so each number comes once.
    (0..LIVE).map(move |at| from + at * 7919 % LIVE)
}

fn all<K: Clone>(prepare: impl Fn(&Tape) -> Prepared<K>) -> Vec<Operation<K>> {
    let ops = |kind: Kind, keys: &mut dyn Iterator<Item = u64>| {
        keys.map(|key| Op::new(kind, key)).collect::<Vec<_>>()
    };
    let fill = || ops(Kind::Insert, &mut (0..LIVE));
    let empty = || ops(Kind::Remove, &mut keys(0));
    // The oldest goes, a new one comes; and back.
    let turn = |gone: u64, new: u64| {
        let pair = move |at| [Op::new(Kind::Remove, gone + at), Op::new(Kind::Insert, new + at)];
        (0..LIVE).flat_map(pair)
    };
    let churn = || turn(0, LIVE).chain(turn(LIVE, 0)).collect::<Vec<_>>();
    let iterate = || vec![Op::new(Kind::Iterate, 0)];
    let of = |name: &'static str, elements, parts: [Vec<Op>; 3]| {
        let ends = [0, parts[0].len(), parts[0].len() + parts[1].len()];
        let header = Header {
            workload: name.to_owned(),
            distinct: 2 * LIVE,
            phases: vec![PhaseMark {
                name: name.to_owned(),
                ops: vec![parts.iter().map(|part| part.len() as u64).sum()],
                counts: true,
                pace: None,
            }],
            ..Header::default()
        };
        let steps = prepare(&Tape::new(header, parts.concat())).threads.swap_remove(0);
        let [fill, timed, undo] =
            [&steps[..ends[1]], &steps[ends[1]..ends[2]], &steps[ends[2]..]].map(<[_]>::to_vec);
        Operation { name, elements, fill, timed, undo }
    };
    vec![
        of("insert", LIVE, [Vec::new(), ops(Kind::Insert, &mut keys(0)), empty()]),
        of("remove", LIVE, [fill(), empty(), fill()]),
        of("get", LIVE, [fill(), ops(Kind::Get, &mut keys(0)), Vec::new()]),
        of("miss", LIVE, [fill(), ops(Kind::Get, &mut keys(2 * LIVE)), Vec::new()]),
        of("churn", 4 * LIVE, [fill(), churn(), Vec::new()]),
        of("iterate", LIVE, [fill(), iterate(), Vec::new()]),
    ]
}
